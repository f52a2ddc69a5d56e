/** A simulation's wires as raw samples, ten of each line per block, as converters and PIO leave them in memory. */
import { Block } from '../../modules/capture/block.js';
import { Simulation } from '../../simulator/simulation.js';

/** As in capture.h. */
const ANALOG_CHANNELS_MAX = 12;
const BLOCK_SAMPLES = 10;

export class RawBlocks {
  readonly analogChannels: number;
  readonly digitalChannels: number;
  /** The digital lines at the end of the block before. */
  levels = 0;
  private readonly simulation: Simulation;
  private readonly block: Block;
  private readonly samples = new Uint16Array(BLOCK_SAMPLES * (ANALOG_CHANNELS_MAX + 1));
  private sample = 0;

  /** Of a scenario from block `skip` on. */
  constructor(scenario: string, seed: number, skip: number) {
    this.simulation = new Simulation(scenario, seed);
    const { analog, digital } = this.simulation.configuration;
    this.analogChannels = analog.length;
    this.digitalChannels = digital.length;
    this.block = new Block(analog.length, digital.length);
    const { wires } = this.simulation.world;
    const sampleInto = wires.sampleInto.bind(wires);
    wires.sampleInto = (accumulator) => {
      this.take(wires.loops.map(({ counts }) => counts), wires.levels);
      sampleInto(accumulator);
    };
    for (let i = 0; i < skip; i++) this.advance();
  }

  /** Puts the next block at `at`. */
  next(into: Buffer, at: number): void {
    this.advance();
    this.samples.forEach((value, i) => {
      into.writeUInt16LE(value, at + 2 * i);
    });
  }

  private advance(): void {
    this.sample = 0;
    this.simulation.nextBlock(this.block);
  }

  private take(counts: readonly number[], levels: readonly number[]): void {
    this.samples.set(counts, this.sample * ANALOG_CHANNELS_MAX);
    this.levels = levels.reduce((bits, level, i) => bits | (level << i), 0);
    this.samples[BLOCK_SAMPLES * ANALOG_CHANNELS_MAX + this.sample++] = this.levels;
  }
}
