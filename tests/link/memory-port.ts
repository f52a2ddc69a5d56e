/** A port that is two queues in memory, and a log that is a list of frames. */
import type { Port } from '../../modules/board.js';
import { RECORD_HEAD_BYTES } from '../../modules/limits.js';
import type { FrameSource } from '../../modules/link/board-link.js';

export class MemoryPort implements Port {
  readonly carrier: Port['carrier'];
  /** Everything sent, one entry per call. */
  readonly sent: Uint8Array[] = [];
  hasRoom = true;
  private readonly arriving: Uint8Array[] = [];

  constructor(carrier: Port['carrier']) {
    this.carrier = carrier;
  }

  /** Hands bytes to the board: one entry per call of `receive`. */
  arrive(bytes: Uint8Array): void {
    this.arriving.push(bytes);
  }

  trySend(bytes: Uint8Array, length: number): boolean {
    if (!this.hasRoom) return false;
    this.sent.push(bytes.slice(0, length));
    return true;
  }

  receive(into: Uint8Array): number {
    const bytes = this.arriving.shift();
    if (bytes === undefined) return 0;
    if (bytes.length > into.length) this.arriving.unshift(bytes.subarray(into.length));
    const taken = bytes.subarray(0, into.length);
    into.set(taken);
    return taken.length;
  }
}

export class MemorySource implements FrameSource {
  tail = 1;
  head = 1;
  readonly frames = new Map<number, Uint8Array>();

  append(frame: Uint8Array): void {
    this.frames.set(this.head++, frame);
  }

  read(sequence: number, record: Uint8Array): number {
    const frame = sequence >= this.tail ? this.frames.get(sequence) : undefined;
    if (frame === undefined) return 0;
    record.set(frame, RECORD_HEAD_BYTES);
    return frame.length;
  }
}
