/** A simulation's wires as raw samples, ten of each line per block, as converters and PIO leave them in memory. */
import { Block } from '../../modules/capture/block.js';
import { Simulation } from '../../simulator/simulation.js';

/** As in capture.h. */
const ANALOG_CHANNELS = 8;
const DIGITAL_CHANNELS = 8;
const BLOCK_SAMPLES = 10;
const BLOCK_BYTES = BLOCK_SAMPLES * (2 * ANALOG_CHANNELS + 1);

export class RawBlocks {
  /** The digital lines as they are now. */
  readonly levels: readonly number[];
  private readonly simulation: Simulation;
  private readonly block: Block;
  private readonly bytes = Buffer.alloc(BLOCK_BYTES);
  private sample = 0;

  /** Of a scenario from block `skip` on. */
  constructor(scenario: string, seed: number, skip: number) {
    this.simulation = new Simulation(scenario, seed);
    const { analog, digital } = this.simulation.configuration;
    if (analog.length !== ANALOG_CHANNELS || digital.length !== DIGITAL_CHANNELS)
      throw new Error(`the image captures ${ANALOG_CHANNELS} analog and ${DIGITAL_CHANNELS} digital channels`);
    this.block = new Block(analog.length, digital.length);
    const { wires } = this.simulation.world;
    this.levels = wires.levels;
    const sampleInto = wires.sampleInto.bind(wires);
    wires.sampleInto = (accumulator) => {
      this.take(wires.loops.map(({ counts }) => counts));
      sampleInto(accumulator);
    };
    for (let i = 0; i < skip; i++) this.advance();
  }

  /** Puts the next block at `at`. */
  next(into: Buffer, at: number): void {
    this.advance();
    this.bytes.copy(into, at);
  }

  private advance(): void {
    this.sample = 0;
    this.simulation.nextBlock(this.block);
  }

  private take(counts: readonly number[]): void {
    const { bytes, sample, levels } = this;
    counts.forEach((value, i) => {
      bytes.writeUInt16LE(value, 2 * (sample * ANALOG_CHANNELS + i));
    });
    bytes[2 * BLOCK_SAMPLES * ANALOG_CHANNELS + sample] = levels.reduce((bits, level, i) => bits | (level << i), 0);
    this.sample++;
  }
}
