/** A simulation's wires as raw samples, ten of each line per block, as converters and PIO leave them in memory. */
import { Simulation } from '../../simulator/simulation.js';
import type { SampleSink } from '../../simulator/wires.js';

/** As in capture.h. */
const ANALOG_CHANNELS = 8;
const DIGITAL_CHANNELS = 8;
const BLOCK_SAMPLES = 10;
const DIGITAL_AT = 2 * BLOCK_SAMPLES * ANALOG_CHANNELS;
export const RAW_BLOCK_BYTES = DIGITAL_AT + BLOCK_SAMPLES;

export class RawBlocks implements SampleSink {
  /** The digital lines as they were last. */
  readonly levels: readonly number[];
  private readonly simulation: Simulation;
  private readonly bytes = Buffer.alloc(RAW_BLOCK_BYTES);
  private sample = 0;

  /** Of a scenario from block `skip` on. */
  constructor(scenario: string, seed: number, skip: number) {
    this.simulation = new Simulation(scenario, seed);
    const { analog, digital } = this.simulation.configuration;
    if (analog.length !== ANALOG_CHANNELS || digital.length !== DIGITAL_CHANNELS)
      throw new Error(`the image captures ${ANALOG_CHANNELS} analog and ${DIGITAL_CHANNELS} digital channels`);
    this.levels = this.simulation.world.wires.levels;
    for (let i = 0; i < skip; i++) this.advance();
  }

  /** Puts the next block at `at`. */
  next(into: Buffer, at: number): void {
    this.advance();
    this.bytes.copy(into, at);
  }

  addAnalog(channel: number, counts: number): void {
    this.bytes.writeUInt16LE(counts, 2 * (this.sample * ANALOG_CHANNELS + channel));
  }

  addDigital(channel: number, level: number): void {
    this.bytes[DIGITAL_AT + this.sample] |= level << channel;
  }

  endSample(): void {
    this.sample++;
  }

  private advance(): void {
    this.bytes.fill(0, DIGITAL_AT);
    this.sample = 0;
    for (let i = 0; i < BLOCK_SAMPLES; i++) this.simulation.nextSample(this);
  }
}
