/**
 * Wires that count: every sample of every input says which sample it is, so that a block shows whether one of its samples
 * was lost, doubled or taken from another input. The counts' periods (251, 1000, 500, 13 ms) fit into no ring.
 */
import { Accumulator } from '../../modules/capture/accumulate.js';
import { Block } from '../../modules/capture/block.js';
import type { Alarm } from '../../simulator/rp2040/clock.js';
import { Mcp3208 } from '../../simulator/rp2040/mcp3208.js';
import type { BlockRecord, TestBoard } from './test-board.js';

export const ANALOG_INPUTS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
export const DIGITAL_INPUTS = [0, 1, 2, 3, 4, 5, 6, 7];
const FIRST_CHIP_INPUT = 8;
const PULSE_INPUT = 11;
const PULSE_PIN = 11;

const SAMPLES = 10;
const MS = 1e6;
/** Lines change in the middle between two samples. */
const CHANGE_NS = 0.5 * MS;
const PULSE_FROM_NS = 0.05 * MS;
const PULSE_EVERY_NS = 0.06 * MS;

const levels = (sample: number) => sample % 251;
const chipCounts = (sample: number, input: number) => (sample % 1000) * 4 + input;
const converterCounts = (sample: number, input: number) => (sample % 500) * 8 + input;
/** Pulses of the millisecond after a sample. */
const pulses = (sample: number) => (sample < 0 ? 0 : (7 * sample + 3) % 13);

export class CountingWires {
  readonly converter: Mcp3208;
  /** When the chip's converter began its first conversion: the capture's start. */
  startNs = -1;
  private readonly board: TestBoard;
  private readonly analogInputs: readonly number[];
  private readonly alarm: Alarm;
  private sample = 0;
  private pulseMs = 0;
  private isPulseHigh = false;
  private pulsesLeft = 0;
  private readonly pulseAlarm: Alarm;
  private readonly accumulator: Accumulator;
  private readonly expected: Block;
  private blocks = 0;
  private firstTimeUs = 0;

  /** The analog inputs must hold one of the chip's own: its first conversion is the start. */
  constructor(board: TestBoard, analogInputs: readonly number[] = ANALOG_INPUTS) {
    this.board = board;
    this.analogInputs = analogInputs;
    this.accumulator = new Accumulator(analogInputs.length, DIGITAL_INPUTS.length, SAMPLES);
    this.expected = new Block(analogInputs.length, DIGITAL_INPUTS.length);
    const { chip } = board;
    this.alarm = chip.clock.createAlarm(() => this.change());
    this.pulseAlarm = chip.clock.createAlarm(() => this.pulse());
    this.converter = new Mcp3208(chip, { cs: 17, sck: 18, mosi: 19, miso: 16 });
    this.converter.read = (input, atNs) => converterCounts(this.sampleAt(atNs), input);
    chip.adc.read = (input, atNs) => {
      if (this.startNs < 0) this.start(atNs);
      return chipCounts(this.sampleAt(atNs), input);
    };
    this.setLevels(levels(0));
    chip.gpio(PULSE_PIN).set(false);
  }

  /** Compares a block with what the reference makes of the same samples; the first difference, or null. */
  check(block: BlockRecord): string | null {
    if (this.blocks === 0) this.firstTimeUs = block.timeUs;
    this.blocks += block.lost;
    this.accumulate(this.blocks * SAMPLES);
    const timeUs = this.firstTimeUs + this.blocks * SAMPLES * 1000;
    const isFresh = block.lost > 0 || this.expected.sequence === 0;
    const what = `block ${this.blocks}`;
    if (block.sequence !== this.blocks) return `${what}: sequence ${block.sequence}`;
    if (block.timeUs !== timeUs) return `${what}: time ${block.timeUs} us, not ${timeUs}`;
    if (block.isFresh !== isFresh) return `${what}: isFresh ${block.isFresh}`;
    for (const kind of ['analog', 'digital'] as const) {
      const place = block[kind].findIndex((value, i) => value !== this.expected[kind][i]);
      if (place >= 0 || block[kind].length !== this.expected[kind].length) {
        return `${what}, ${kind} channel ${Math.floor(place / 5)}: ${block[kind]}\nnot ${this.expected[kind]}`;
      }
    }
    this.blocks++;
    return null;
  }

  private accumulate(firstSample: number): void {
    const { accumulator } = this;
    for (let n = firstSample; n < firstSample + SAMPLES; n++) {
      this.analogInputs.forEach((input, i) => {
        accumulator.addAnalog(i, this.countsOf(input, n));
      });
      for (const input of DIGITAL_INPUTS) accumulator.addDigital(input, (levels(n) >> input) & 1);
      accumulator.endSample();
    }
    accumulator.take(this.expected, 0);
  }

  private countsOf(input: number, sample: number): number {
    if (input === PULSE_INPUT) return pulses(sample - 1);
    return input < FIRST_CHIP_INPUT ? converterCounts(sample, input) : chipCounts(sample, input - FIRST_CHIP_INPUT);
  }

  private sampleAt(atNs: number): number {
    return Math.floor((atNs - this.startNs) / MS + 0.01);
  }

  private start(atNs: number): void {
    this.startNs = atNs;
    this.alarm.scheduleAt(atNs + CHANGE_NS);
    this.beginPulses();
  }

  private change(): void {
    this.sample++;
    this.setLevels(levels(this.sample));
    this.alarm.scheduleAt(this.startNs + this.sample * MS + CHANGE_NS);
  }

  private setLevels(value: number): void {
    for (const pin of DIGITAL_INPUTS) this.board.chip.gpio(pin).set((value >> pin) & 1);
  }

  private beginPulses(): void {
    while (pulses(this.pulseMs) === 0) this.pulseMs++;
    this.pulsesLeft = pulses(this.pulseMs);
    this.pulseAlarm.scheduleAt(this.startNs + this.pulseMs * MS + PULSE_FROM_NS);
  }

  private pulse(): void {
    this.isPulseHigh = !this.isPulseHigh;
    this.board.chip.gpio(PULSE_PIN).set(this.isPulseHigh);
    if (!this.isPulseHigh) this.pulsesLeft--;
    if (this.pulsesLeft > 0) {
      this.pulseAlarm.schedule(PULSE_EVERY_NS / 2);
      return;
    }
    this.pulseMs++;
    this.beginPulses();
  }
}
