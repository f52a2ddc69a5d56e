/**
 * Frames out of a file: a CBOR sequence (RFC 8742) of tagged COSE_Sign1. After bytes that are no frame it goes on at the
 * next bytes that have a frame's shape. Memory: one frame and one piece.
 */
import { ENVELOPE_SHORT, FRAME_BYTES_LIMIT, FRAME_START, parseEnvelope } from './envelope.js';

export interface FrameScannerHandlers {
  /** Bytes with the shape of a frame, and where in the file they begin. True when they are one: it verifies. */
  onFrame(bytes: Uint8Array, at: number): boolean;
  /** Bytes `from` to `to` - 1 are no frame. `isCut`: the file ends within what may have been one. */
  onUnreadable(from: number, to: number, isCut: boolean): void;
}

export class FrameScanner {
  private readonly handlers: FrameScannerHandlers;
  private pending: Uint8Array = new Uint8Array(0);
  /** Where in the file `pending` begins. */
  private base = 0;
  private unreadableFrom = -1;
  private isCut = false;

  constructor(handlers: FrameScannerHandlers) {
    this.handlers = handlers;
  }

  push(piece: Uint8Array): void {
    this.scan(Buffer.concat([this.pending, piece]), false);
  }

  /** The file has ended. */
  end(): void {
    this.scan(this.pending, true);
    this.endUnreadable(this.base, this.isCut);
  }

  private scan(bytes: Uint8Array, isLast: boolean): void {
    let at = 0;
    while (at < bytes.length) {
      const envelope = parseEnvelope(bytes, at, bytes.length);
      if (typeof envelope !== 'string') {
        this.endUnreadable(this.base + at, false);
        const isFrame = this.handlers.onFrame(bytes.subarray(at, envelope.end), this.base + at);
        at = isFrame ? envelope.end : frameWithin(bytes, at + 1, envelope.end);
        continue;
      }
      const isShort = envelope === ENVELOPE_SHORT && bytes.length - at < FRAME_BYTES_LIMIT;
      if (isShort && !isLast) break;
      if (this.unreadableFrom < 0) {
        this.unreadableFrom = this.base + at;
        this.isCut = isShort;
      }
      at = nextStart(bytes, at + 1);
    }
    this.pending = Uint8Array.from(bytes.subarray(at));
    this.base += at;
  }

  private endUnreadable(to: number, isCut: boolean): void {
    if (this.unreadableFrom < 0) return;
    this.handlers.onUnreadable(this.unreadableFrom, to, isCut);
    this.unreadableFrom = -1;
  }
}

/** Where a whole frame begins between `at` and `end`: a frame that was cut has swallowed it. Else `end`. */
function frameWithin(bytes: Uint8Array, at: number, end: number): number {
  for (let i = nextStart(bytes, at); i < end; i = nextStart(bytes, i + 1))
    if (typeof parseEnvelope(bytes, i, bytes.length) !== 'string') return i;
  return end;
}

/** Where the next frame could begin, at or after `at`; the end when nowhere. */
function nextStart(bytes: Uint8Array, at: number): number {
  for (let i = at; i < bytes.length; i++) {
    if (bytes[i] === FRAME_START[0] && (i + 1 === bytes.length || bytes[i + 1] === FRAME_START[1])) return i;
  }
  return bytes.length;
}
