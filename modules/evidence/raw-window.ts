/**
 * Which samples around an incident are evidence: `before` of them before its onset and `after` from it on; around its
 * opening where the onset is no longer in the ring. A stretch too long for its slot is cut at both ends alike, so that
 * the onset stays in it. What is missing of the window is told with it. 8 bytes a recording.
 */
import type { RawMemory } from '../board.js';
import type { Block } from '../capture/block.js';
import type { Configuration } from '../config/configuration.js';
import { EVIDENCE_RECORDINGS_MAX, EVIDENCE_SLOTS } from '../limits.js';

/** A window that does not fit is tried again with an eighth less. */
const CUTS = 8;

/** The windows of all recordings. */
export class RawWindow {
  /** Period of a sample, in microseconds. */
  readonly sampleUs: number;
  /** Samples of a window. */
  readonly samples: number;
  private readonly memory: RawMemory | null;
  private readonly blockSamples: number;
  private readonly before: number;
  private readonly after: number;
  /** The sample that each recording's window lies around. */
  private readonly middles = new Float64Array(EVIDENCE_RECORDINGS_MAX);
  /** The last sample of what `hold` held. */
  private end = 0;

  /** `memory` is null where the configuration asks for what the host has not: all of it is lost then, and counted. */
  constructor(c: Configuration, memory: RawMemory | null) {
    this.memory = memory;
    this.blockSamples = c.blockSamples;
    this.sampleUs = c.blockUs / c.blockSamples;
    this.before = samplesOf(c.rawBeforeMs, this.sampleUs);
    this.after = samplesOf(c.rawAfterMs, this.sampleUs);
    this.samples = this.before + this.after;
  }

  /** Of an incident that opened in `block`. */
  begin(recording: number, onsetUs: number, block: Block): void {
    const { before, after, blockSamples, memory } = this;
    const next = (block.sequence + 1) * blockSamples;
    const onset = next - Math.round((block.timeUs - onsetUs) / this.sampleUs);
    const depth = memory === null ? 0 : (memory.depth - EVIDENCE_SLOTS) * blockSamples;
    const held = onset + after > next ? onset + after : next;
    this.middles[recording] = onset - before >= held - depth ? onset : next - blockSamples;
  }

  /** The block that completes a recording's window. */
  dueOf(recording: number): number {
    return Math.floor((this.middles[recording] + this.after - 1) / this.blockSamples);
  }

  /** Nothing of a recording's window is left in the ring. */
  isOverwritten(recording: number, block: Block): boolean {
    return this.memory === null || block.sequence - this.dueOf(recording) >= this.memory.depth;
  }

  /** Packs a channel of a recording's window into a slot; how many samples, 0 when none are left. */
  hold(slot: number, channel: number, recording: number): number {
    const { memory, middles, before, after } = this;
    if (memory === null) return 0;
    for (let part = CUTS; part > 0; part--) {
      const first = middles[recording] - Math.floor((before * part) / CUTS);
      this.end = middles[recording] + Math.floor((after * part) / CUTS) - 1;
      if (this.end < first) break;
      const samples = memory.hold(slot, channel, this.end, this.end - first + 1);
      if (samples >= 0) return samples;
    }
    return 0;
  }

  /** When the first of the samples begins that were held last, in microseconds of the board's clock. */
  fromUs(samples: number, block: Block): number {
    const first = this.end - samples + 1;
    return block.timeUs - ((block.sequence + 1) * this.blockSamples - first) * this.sampleUs;
  }
}

function samplesOf(ms: number | undefined, sampleUs: number): number {
  return ms === undefined ? 0 : Math.floor((ms * 1000) / sampleUs);
}

/** Null where the configuration asks for no samples. */
export function openRawWindow(c: Configuration, memory: RawMemory | undefined): RawWindow | null {
  const samples =
    samplesOf(c.rawBeforeMs, c.blockUs / c.blockSamples) + samplesOf(c.rawAfterMs, c.blockUs / c.blockSamples);
  return samples > 0 ? new RawWindow(c, memory ?? null) : null;
}
