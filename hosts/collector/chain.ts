/**
 * The chain of one device's frames: sequence numbers without a hole, each frame naming the hash of the one before it
 * (label 7). Frames are judged in the order in which they are given. Memory: the last digests, DIGESTS_KEPT_MAX unless fewer are wanted.
 */
import { type FrameError, frameError } from './frame-error.js';
import type { Frame } from './verify.js';

const DIGESTS_KEPT_MAX = 8192;
const HOLES_MAX = 1024;
const REFUSED_MAX = 4096;

interface Hole {
  first: number;
  last: number;
}

/** What adding a frame brought to light. */
export interface ChainNews {
  /** False for a frame already seen. */
  readonly isNew: boolean;
  readonly errors: readonly FrameError[];
}

export class Chain {
  readonly keyId: string;
  /** First sequence number seen; undefined before the first frame. */
  start: number | undefined;
  /** Largest sequence number seen, plus 1. */
  head = 0;
  private readonly digests = new Map<number, string>();
  /** Hashes that frames name for a frame not yet seen, by the sequence number of that frame. */
  private readonly named = new Map<number, string>();
  private holes: Hole[] = [];
  private readonly reported = new Set<number>();
  private lastAdded = 0;
  private readonly digestsKept: number;

  /** `digestsKept`: how many frames' hashes are remembered. */
  constructor(keyId: string, digestsKept = DIGESTS_KEPT_MAX) {
    this.keyId = keyId;
    this.digestsKept = digestsKept;
  }

  add(frame: Frame): ChainNews {
    const { sequence, digest } = frame;
    const known = this.digests.get(sequence);
    if (known === digest) return { isNew: false, errors: [] };
    if (known !== undefined) {
      const reason = 'a second, different frame has this sequence number';
      return { isNew: false, errors: [frameError(reason, sequence, this.keyId)] };
    }
    const errors: FrameError[] = [];
    if (!this.place(sequence, errors)) return { isNew: false, errors };
    this.checkHashes(frame, errors);
    this.remember(this.digests, sequence, digest);
    this.lastAdded = sequence;
    return { isNew: true, errors };
  }

  /** True when another frame with this sequence number was seen. */
  isContradictedBy({ sequence, digest }: Frame): boolean {
    const known = this.digests.get(sequence);
    return known !== undefined && known !== digest;
  }

  /** A frame that claimed `sequence` was refused and reported: it is not reported again as missing. */
  noteReported(sequence: number): void {
    if (this.reported.size < REFUSED_MAX) this.reported.add(sequence);
  }

  /** Frames first to last are lost and reported. The chain goes on after them. */
  skip(first: number, last: number): void {
    if (this.start === undefined) this.start = first;
    if (last >= this.head) this.head = last + 1;
    for (const sequence of this.named.keys()) if (sequence >= first && sequence <= last) this.named.delete(sequence);
  }

  /** What is still missing, from frame `from` on, when no more frames come. */
  end(from: number): FrameError[] {
    const errors: FrameError[] = [];
    if (this.start !== undefined && from < this.start) this.holes.unshift({ first: from, last: this.start - 1 });
    const reported = [...this.reported].sort((a, b) => a - b);
    for (const { first, last } of this.holes) {
      let next = first;
      for (const sequence of reported) {
        if (sequence < next || sequence > last) continue;
        if (sequence > next) errors.push(this.missing(next, sequence - 1));
        next = sequence + 1;
      }
      if (next <= last) errors.push(this.missing(next, last));
    }
    return errors;
  }

  private missing(first: number, last: number): FrameError {
    return { reason: 'missing', first, last, keyId: this.keyId };
  }

  /** Puts the sequence number in its place; false for one from before what is remembered. */
  private place(sequence: number, errors: FrameError[]): boolean {
    if (this.start === undefined) {
      this.start = sequence;
      this.head = sequence + 1;
      return true;
    }
    if (sequence >= this.head) {
      if (sequence > this.head) this.openHole(this.head, sequence - 1, errors);
      this.head = sequence + 1;
      return true;
    }
    if (sequence < this.start) {
      if (sequence + 1 < this.start) this.openHole(sequence + 1, this.start - 1, errors);
      this.start = sequence;
    } else if (!this.fillHole(sequence)) return false;
    errors.push(frameError(`out of place: it stands after frame ${this.lastAdded}`, sequence, this.keyId));
    return true;
  }

  /** A hole too many is reported at once rather than remembered. */
  private openHole(first: number, last: number, errors: FrameError[]): void {
    if (this.holes.length < HOLES_MAX) this.holes.push({ first, last });
    else errors.push(this.missing(first, last));
  }

  private fillHole(sequence: number): boolean {
    const hole = this.holes.find(({ first, last }) => first <= sequence && sequence <= last);
    if (hole === undefined) return false;
    const parts = [
      { first: hole.first, last: sequence - 1 },
      { first: sequence + 1, last: hole.last },
    ];
    this.holes = [...this.holes.filter((h) => h !== hole), ...parts.filter(({ first, last }) => first <= last)];
    this.holes.sort((a, b) => a.first - b.first);
    return true;
  }

  private checkHashes(frame: Frame, errors: FrameError[]): void {
    const { sequence, previous, digest } = frame;
    const before = this.digests.get(sequence - 1);
    if (previous === undefined && sequence > 1)
      errors.push(frameError('it names no previous frame, as only frame 1 may', sequence, this.keyId));
    else if (previous !== undefined && sequence <= 1)
      errors.push(frameError('it is the first ever, yet names a previous frame', sequence, this.keyId));
    else if (before !== undefined && previous !== before)
      errors.push(
        frameError(`its hash of the previous frame is not that of frame ${sequence - 1}`, sequence, this.keyId),
      );
    if (before === undefined && previous !== undefined) this.remember(this.named, sequence - 1, previous);
    const named = this.named.get(sequence);
    if (named !== undefined && named !== digest)
      errors.push(
        frameError(`its hash of the previous frame is not that of frame ${sequence}`, sequence + 1, this.keyId),
      );
    this.named.delete(sequence);
  }

  private remember(map: Map<number, string>, sequence: number, digest: string): void {
    map.set(sequence, digest);
    if (map.size > this.digestsKept) map.delete(map.keys().next().value as number);
  }
}
