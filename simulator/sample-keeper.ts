/** Hands samples on, and keeps those of a block beside it. */
import type { SampledBlock } from '../modules/capture/sampled-block.js';
import { NO_SAMPLE } from '../modules/capture/sampled-block.js';
import type { SampleSink } from './wires.js';

export class SampleKeeper implements SampleSink {
  private readonly sink: SampleSink;
  private readonly samples: Uint16Array;
  private readonly analog: number;
  private readonly blockSamples: number;
  private sample = 0;

  /** For one block, from its first sample on. */
  constructor(sink: SampleSink, { samples }: SampledBlock, analogChannels: number, blockSamples: number) {
    this.sink = sink;
    this.samples = samples.fill(0);
    this.analog = analogChannels;
    this.blockSamples = blockSamples;
  }

  addAnalog(channel: number, counts: number): void {
    this.samples[channel * this.blockSamples + this.sample] = Math.min(Math.max(counts, 0), NO_SAMPLE - 1);
    this.sink.addAnalog(channel, counts);
  }

  addDigital(channel: number, level: number): void {
    this.samples[this.analog * this.blockSamples + channel] |= level << this.sample;
    this.sink.addDigital(channel, level);
  }

  endSample(): void {
    this.sample++;
    this.sink.endSample();
  }
}
