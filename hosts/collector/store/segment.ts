/**
 * One segment of the store: frames of one device as received, a CBOR sequence (RFC 8742), appended and never changed; and
 * beside it an index (segment-index.ts), which is written behind and made again from the frames where it falls short.
 */
import {
  closeSync,
  existsSync,
  fstatSync,
  fsync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  writeSync,
} from 'node:fs';
import { KIND_KEY } from '../../../modules/frame/kinds.js';
import { FrameScanner } from '../frame-scanner.js';
import { digestOf, type Frame } from '../verify.js';
import { decodeRecords, encodeRecord, INDEX_RECORD_BYTES, type IndexRecord } from './segment-index.js';

const PIECE_BYTES = 1 << 20;
/** Records of the index that wait in memory, at most. */
const RECORDS_WAITING_MAX = 64;
export const SEGMENT_ENDING = '.cbor';
export const INDEX_ENDING = '.index';

/** What opening a segment brought to light. */
export interface Recovery {
  readonly records: readonly IndexRecord[];
  /** Frames that the index did not know. */
  readonly indexed: number;
  /** Bytes cut from the end: a frame half written. */
  readonly cut: number;
  /** Bytes that are no frame of this device and stand between frames; they are left as they are. */
  readonly foreign: number;
}

export class Segment {
  readonly path: string;
  /** Smallest and largest sequence number; Infinity and -1 while it is empty. */
  firstSequence = Number.POSITIVE_INFINITY;
  lastSequence = -1;
  /** Bytes of whole frames: where the next one goes. */
  bytes = 0;
  private readonly indexPath: string;
  private readonly isReadOnly: boolean;
  private file: number | undefined;
  private waiting: IndexRecord[] = [];
  /** Records of the index on disk that hold. */
  private indexed = 0;
  /** Records by sequence number, once one was looked for. */
  private bySequence: Map<number, IndexRecord> | undefined;
  private isUnsynced = false;
  private isTorn = false;

  /** `path`: ends in SEGMENT_ENDING. `isReadOnly`: nothing is cut, nothing written. */
  constructor(path: string, isReadOnly: boolean) {
    this.path = path;
    this.isReadOnly = isReadOnly;
    this.indexPath = path.slice(0, -SEGMENT_ENDING.length) + INDEX_ENDING;
  }

  /**
   * Reads what is there. `take`: verifies a frame of this device, undefined when it is none; key frames are always shown
   * to it, so that it can follow them. `isLast`: it may end in a frame half written, which is cut.
   */
  recover(take: (bytes: Uint8Array) => Frame | undefined, isLast: boolean): Recovery {
    const file = this.open();
    const size = fstatSync(file).size;
    const known = this.trustedRecords(file, size);
    const from = known.length === 0 ? 0 : known[known.length - 1].offset + known[known.length - 1].length;
    for (const record of known) if (record.kind === KIND_KEY) take(this.read(record));
    const found = this.scan(file, from, size, take);
    const records = [...known, ...found.records];
    this.bytes = isLast ? found.end : size;
    const cut = isLast ? size - found.end : 0;
    if (cut > 0 && !this.isReadOnly) ftruncateSync(file, found.end);
    for (const { sequence } of records) this.note(sequence);
    this.indexed = known.length;
    this.waiting = found.records;
    this.flushIndex();
    return { records, indexed: found.records.length, cut, foreign: found.foreign - (isLast ? 0 : found.end - size) };
  }

  /** Appends a frame; throws what the system says, and then the segment is as it was before. */
  append(frame: Frame, receivedMs: number): void {
    const file = this.open();
    if (this.isTorn) this.mend(file);
    const { bytes } = frame;
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at, this.bytes + at);
    } catch (error) {
      this.isTorn = true;
      this.mend(file);
      throw error;
    }
    const { sequence, kind, digest } = frame;
    const record = { sequence, kind, digest, receivedMs, offset: this.bytes, length: bytes.length };
    this.waiting.push(record);
    this.bySequence?.set(sequence, record);
    this.bytes += bytes.length;
    this.isUnsynced = true;
    this.note(sequence);
    if (this.waiting.length >= RECORDS_WAITING_MAX) this.flushIndex();
  }

  /** Every record, in the order of the frames. */
  records(): IndexRecord[] {
    return [...this.storedRecords(this.bytes).slice(0, this.indexed), ...this.waiting];
  }

  find(sequence: number): IndexRecord | undefined {
    this.bySequence ??= new Map(this.records().map((record) => [record.sequence, record]));
    return this.bySequence.get(sequence);
  }

  read({ offset, length }: IndexRecord): Uint8Array {
    const bytes = new Uint8Array(length);
    readSync(this.open(), bytes, 0, length, offset);
    return bytes;
  }

  /** Hands what was appended to the disk, without waiting; `onError` hears what the system says. */
  sync(onError: (error: Error) => void): void {
    this.flushIndex();
    if (!this.isUnsynced || this.file === undefined) return;
    this.isUnsynced = false;
    const { file } = this;
    fsync(file, (error) => {
      // A file closed meanwhile was synced before it was closed.
      if (error !== null && error.code !== 'EBADF') onError(error);
    });
  }

  /** Until the frames are on the disk. */
  syncNow(): void {
    if (this.isUnsynced) fsyncSync(this.open());
    this.isUnsynced = false;
  }

  /** Gives the file back to the system; it is opened again when it is needed. */
  close(): void {
    this.flushIndex();
    this.bySequence = undefined;
    if (this.file === undefined) return;
    this.syncNow();
    closeSync(this.file);
    this.file = undefined;
  }

  get isOpen(): boolean {
    return this.file !== undefined;
  }

  /** Opens the file, which is made where there is none; throws what the system says. */
  open(): number {
    const flags = this.isReadOnly ? 'r' : existsSync(this.path) ? 'r+' : 'wx+';
    this.file ??= openSync(this.path, flags);
    return this.file;
  }

  private note(sequence: number): void {
    if (sequence < this.firstSequence) this.firstSequence = sequence;
    if (sequence > this.lastSequence) this.lastSequence = sequence;
  }

  private mend(file: number): void {
    ftruncateSync(file, this.bytes);
    this.isTorn = false;
  }

  private storedRecords(segmentBytes: number): IndexRecord[] {
    return existsSync(this.indexPath) ? decodeRecords(readFileSync(this.indexPath), segmentBytes) : [];
  }

  /** Records of the index on disk; none when the last one's frame is not where it says. */
  private trustedRecords(file: number, size: number): IndexRecord[] {
    const records = this.storedRecords(size);
    const last = records.at(-1);
    if (last === undefined) return [];
    const frame = new Uint8Array(last.length);
    readSync(file, frame, 0, last.length, last.offset);
    return digestOf(frame) === last.digest ? records : [];
  }

  /** Frames of this device from byte `from` on, verified: what stands there was not seen being written. */
  private scan(file: number, from: number, size: number, take: (bytes: Uint8Array) => Frame | undefined) {
    const records: IndexRecord[] = [];
    let end = from;
    let foreign = 0;
    const scanner = new FrameScanner({
      onFrame: (bytes, at) => {
        const frame = take(bytes);
        if (frame === undefined) return false;
        const { sequence, kind, digest } = frame;
        const offset = from + at;
        foreign += offset - end;
        end = offset + bytes.length;
        records.push({ sequence, kind, digest, receivedMs: 0, offset, length: bytes.length });
        return true;
      },
      onUnreadable: () => {},
    });
    const piece = new Uint8Array(PIECE_BYTES);
    for (let at = from; at < size; ) {
      const bytes = readSync(file, piece, 0, piece.length, at);
      if (bytes === 0) break;
      scanner.push(piece.subarray(0, bytes));
      at += bytes;
    }
    scanner.end();
    return { records, end, foreign };
  }

  /** Writes the records that wait. An index that cannot be written stays behind; the next start makes up for it. */
  private flushIndex(): void {
    const { waiting } = this;
    if (waiting.length === 0 || this.isReadOnly) return;
    const bytes = Buffer.concat(waiting.map(encodeRecord));
    try {
      const index = openSync(this.indexPath, existsSync(this.indexPath) ? 'r+' : 'w');
      try {
        const at = this.indexed * INDEX_RECORD_BYTES;
        ftruncateSync(index, at);
        for (let done = 0; done < bytes.length; ) done += writeSync(index, bytes, done, bytes.length - done, at + done);
      } finally {
        closeSync(index);
      }
      this.indexed += waiting.length;
      this.waiting = [];
    } catch {
      // The disk is full: the records wait on.
    }
  }
}
