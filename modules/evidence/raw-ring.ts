/**
 * The last samples of every line: a ring of whole blocks, and the packing of a stretch of one channel. The reference of
 * hosts/native/raw.c. 8 bytes a block, 2 a sample of an analog channel, 2 a block of a contact.
 *
 * Sample n of the capture is sample n % S of block floor(n / S), S samples a block. A block is in the ring when the
 * number beside its place is its own: gaps and restarts leave older blocks behind that nobody takes for newer ones.
 *
 * Packed, of an analog channel, each sample: varint(1 + zigzag(sample - the last one, 0 before the first)), or
 * varint(0) where there is none. Of a contact: varint(state) of the first sample, then for each change
 * varint(3 * samples since the change before, or the first sample, + new state); states: 0 no sample, 1 low, 2 high.
 * Varint, zigzag: rings.ts.
 */
import { NO_LEVELS, NO_SAMPLE } from '../capture/sampled-block.js';
import { EVIDENCE_PART_BYTES_MAX, EVIDENCE_RAW_RING_BYTES } from '../limits.js';

const SEQUENCE_BYTES = 8;
/** Of a packed sample, or change. */
const ITEM_BYTES_MAX = 3;
const STATES = 3;

/** The ring, and the packer of what it holds. */
export class RawRing {
  /** Blocks. */
  readonly depth: number;
  private readonly analog: number;
  private readonly blockSamples: number;
  /** Values of a block. */
  private readonly width: number;
  private readonly sequences: Float64Array;
  private readonly values: Uint16Array;
  /** Where the packer is. */
  private at = 0;

  constructor(analogChannels: number, digitalChannels: number, blockSamples: number) {
    this.analog = analogChannels;
    this.blockSamples = blockSamples;
    this.width = analogChannels * blockSamples + digitalChannels;
    this.depth = Math.floor(EVIDENCE_RAW_RING_BYTES / (SEQUENCE_BYTES + 2 * this.width));
    this.sequences = new Float64Array(this.depth).fill(-1);
    this.values = new Uint16Array(this.depth * this.width);
  }

  /** The samples of a block, as SampledBlock has them. */
  record(sequence: number, samples: Uint16Array): void {
    const { values, width } = this;
    const place = sequence % this.depth;
    const at = place * width;
    this.sequences[place] = sequence;
    for (let i = 0; i < width; i++) values[at + i] = samples[i];
  }

  /** Where a block's values begin; -1: it is not in the ring. */
  private placeOf(sequence: number): number {
    const place = sequence % this.depth;
    return sequence >= 0 && this.sequences[place] === sequence ? place * this.width : -1;
  }

  /** The first sample from `first` to `end` whose block is in the ring; behind `end`: there is none. */
  firstKept(first: number, end: number): number {
    const { blockSamples } = this;
    let kept = first < 0 ? 0 : first;
    while (kept <= end && this.placeOf(Math.floor(kept / blockSamples)) < 0)
      kept += blockSamples - (kept % blockSamples);
    return kept;
  }

  /**
   * Packs a channel's samples `first` to `end` to into[at] and after; how many bytes, -1 when it takes more than
   * EVIDENCE_PART_BYTES_MAX.
   */
  pack(channel: number, first: number, end: number, into: Uint8Array, at: number): number {
    this.at = at;
    const fits =
      channel < this.analog ? this.packAnalog(channel, first, end, into) : this.packContact(channel, first, end, into);
    return fits ? this.at - at : -1;
  }

  private packAnalog(channel: number, first: number, end: number, into: Uint8Array): boolean {
    const { values, blockSamples } = this;
    const lastAt = this.at + EVIDENCE_PART_BYTES_MAX - ITEM_BYTES_MAX;
    let before = 0;
    let sequence = Math.floor(first / blockSamples);
    let place = this.placeOf(sequence);
    let next = first - sequence * blockSamples;
    for (let i = first; i <= end; i++) {
      if (this.at > lastAt) return false;
      const value = place < 0 ? NO_SAMPLE : values[place + channel * blockSamples + next];
      if (value === NO_SAMPLE) this.varint(0, into);
      else {
        this.varint(value < before ? 2 * (before - value) : 2 * (value - before) + 1, into);
        before = value;
      }
      if (++next < blockSamples) continue;
      next = 0;
      place = this.placeOf(++sequence);
    }
    return true;
  }

  private packContact(channel: number, first: number, end: number, into: Uint8Array): boolean {
    const { values, analog, blockSamples } = this;
    const lastAt = this.at + EVIDENCE_PART_BYTES_MAX - ITEM_BYTES_MAX;
    const contact = analog * blockSamples + channel - analog;
    let state = -1;
    let changed = first;
    let sequence = Math.floor(first / blockSamples);
    let place = this.placeOf(sequence);
    let next = first - sequence * blockSamples;
    for (let i = first; i <= end; i++) {
      const levels = place < 0 ? NO_LEVELS : values[place + contact];
      const now = levels === NO_LEVELS ? 0 : 1 + ((levels >> next) & 1);
      if (now !== state) {
        if (this.at > lastAt) return false;
        this.varint(state < 0 ? now : STATES * (i - changed) + now, into);
        state = now;
        changed = i;
      }
      if (++next < blockSamples) continue;
      next = 0;
      place = this.placeOf(++sequence);
    }
    return true;
  }

  private varint(value: number, into: Uint8Array): void {
    let rest = value;
    for (; rest > 127; rest >>= 7) into[this.at++] = (rest & 127) | 128;
    into[this.at++] = rest;
  }
}
