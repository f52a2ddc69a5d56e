/**
 * Fragments to frames: data messages [2, sequence, offset, total, bytes] of one peer. Memory: PARTIAL_FRAMES_MAX frames
 * under way, each at most FRAME_BYTES_LIMIT bytes and its coverage; the oldest gives way.
 */
import { FRAME_BYTES_LIMIT } from './envelope.js';
import type { DataMessage } from './link-message.js';

const PARTIAL_FRAMES_MAX = 8;

interface Partial {
  readonly bytes: Uint8Array;
  /** 1 where the byte has come. */
  readonly isThere: Uint8Array;
  missing: number;
}

export class Assembler {
  /** Fragments refused: outside the frame that they belong to, or of a frame too long. */
  refused = 0;
  private readonly partials = new Map<number, Partial>();

  /** The frame that `message` completes; undefined when more must come. */
  take(message: DataMessage): Uint8Array | undefined {
    const { sequence, offset, total, bytes } = message;
    if (total > FRAME_BYTES_LIMIT || bytes.length === 0 || offset + bytes.length > total) {
      this.refused++;
      return undefined;
    }
    if (bytes.length === total) {
      this.partials.delete(sequence);
      return bytes;
    }
    const partial = this.partialOf(sequence, total);
    for (let i = 0; i < bytes.length; i++) {
      partial.missing -= partial.isThere[offset + i] === 0 ? 1 : 0;
      partial.isThere[offset + i] = 1;
      partial.bytes[offset + i] = bytes[i];
    }
    if (partial.missing > 0) return undefined;
    this.partials.delete(sequence);
    return partial.bytes;
  }

  private partialOf(sequence: number, total: number): Partial {
    const known = this.partials.get(sequence);
    if (known !== undefined && known.bytes.length === total) return known;
    const partial = { bytes: new Uint8Array(total), isThere: new Uint8Array(total), missing: total };
    this.partials.delete(sequence);
    this.partials.set(sequence, partial);
    if (this.partials.size > PARTIAL_FRAMES_MAX) this.partials.delete(this.partials.keys().next().value as number);
    return partial;
  }
}
