/**
 * A block that still has its samples, for hosts that keep raw evidence: 2 bytes a sample of an analog channel, 2 bytes
 * a contact. The layout is that of the ring (evidence/raw-ring.ts) and of the bench's block streams.
 */
import { Block } from './block.js';

/** An analog channel that was not sampled; so counts end at 65534. */
export const NO_SAMPLE = 65535;
/** A contact that was not sampled. */
export const NO_LEVELS = 65535;

/** A block and its samples; reused from one read to the next. */
export class SampledBlock extends Block {
  /** Of each analog channel `blockSamples` counts, then of each contact the levels, bit n that of sample n. */
  readonly samples: Uint16Array;

  constructor(analogChannels: number, digitalChannels: number, blockSamples: number) {
    super(analogChannels, digitalChannels);
    this.samples = new Uint16Array(analogChannels * blockSamples + digitalChannels);
  }
}
