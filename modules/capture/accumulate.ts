/**
 * Samples to blocks: the reference that every board's native capture equals to the bit.
 * Per analog channel count, min, max, sum and sum of squares; per digital channel level, edges, samples high and the
 * place of the first and last edge. An edge is a sample that differs from the one before it, also across blocks.
 */
import {
  ANALOG_COUNT,
  ANALOG_FIELDS,
  ANALOG_MAX,
  ANALOG_MIN,
  ANALOG_SUM,
  ANALOG_SUM_SQUARES,
  type Block,
  DIGITAL_EDGES,
  DIGITAL_FIELDS,
  DIGITAL_FIRST_EDGE,
  DIGITAL_HIGH,
  DIGITAL_LAST_EDGE,
  DIGITAL_LEVEL,
} from './block.js';

/** Gathers samples until a block is full. */
export class Accumulator {
  private readonly blockSamples: number;
  private sample = 0;
  private sequence = 0;
  private isFresh = 1;
  private readonly analog: number[] = [];
  private readonly digital: number[] = [];

  constructor(analogChannels: number, digitalChannels: number, blockSamples: number) {
    this.blockSamples = blockSamples;
    for (let i = 0; i < analogChannels * ANALOG_FIELDS; i++) this.analog.push(0);
    for (let i = 0; i < digitalChannels * DIGITAL_FIELDS; i++) this.digital.push(-1);
    this.restart();
  }

  /** One sample of an analog channel, in converter counts. */
  addAnalog(channel: number, counts: number): void {
    const a = this.analog;
    const at = channel * ANALOG_FIELDS;
    const n = a[at + ANALOG_COUNT];
    if (n === 0 || counts < a[at + ANALOG_MIN]) a[at + ANALOG_MIN] = counts;
    if (n === 0 || counts > a[at + ANALOG_MAX]) a[at + ANALOG_MAX] = counts;
    a[at + ANALOG_COUNT] = n + 1;
    a[at + ANALOG_SUM] += counts;
    a[at + ANALOG_SUM_SQUARES] += counts * counts;
  }

  /** One sample of a digital channel, 0 or 1. */
  addDigital(channel: number, level: number): void {
    const d = this.digital;
    const at = channel * DIGITAL_FIELDS;
    const before = d[at + DIGITAL_LEVEL];
    if (before >= 0 && before !== level) {
      if (d[at + DIGITAL_EDGES] === 0) d[at + DIGITAL_FIRST_EDGE] = this.sample;
      d[at + DIGITAL_LAST_EDGE] = this.sample;
      d[at + DIGITAL_EDGES]++;
    }
    d[at + DIGITAL_LEVEL] = level;
    d[at + DIGITAL_HIGH] += level;
  }

  /** All channels have had their sample of this instant. */
  endSample(): void {
    this.sample++;
  }

  isFull(): boolean {
    return this.sample >= this.blockSamples;
  }

  /** Hands over the block that ends at `timeUs` and begins the next one. */
  take(block: Block, timeUs: number): void {
    block.sequence = this.sequence++;
    block.timeUs = timeUs;
    block.lost = 0;
    block.isFresh = this.isFresh;
    const { analog, digital } = block;
    for (let i = 0; i < this.analog.length; i++) analog[i] = this.analog[i];
    for (let i = 0; i < this.digital.length; i++) digital[i] = this.digital[i];
    this.isFresh = 0;
    this.restart();
  }

  private restart(): void {
    this.sample = 0;
    const a = this.analog;
    for (let i = 0; i < a.length; i++) a[i] = 0;
    const d = this.digital;
    for (let at = 0; at < d.length; at += DIGITAL_FIELDS) {
      d[at + DIGITAL_EDGES] = 0;
      d[at + DIGITAL_HIGH] = 0;
      d[at + DIGITAL_FIRST_EDGE] = -1;
      d[at + DIGITAL_LAST_EDGE] = -1;
    }
  }
}
