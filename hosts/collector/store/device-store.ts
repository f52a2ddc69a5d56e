/** The frames of one device: segments in the order in which they were filled, and what is known to be lost. */
import { closeSync, existsSync, fsyncSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { followKey } from '../key-succession.js';
import type { KeySet } from '../keys.js';
import { makeDirectory } from '../make-directory.js';
import { Runs } from '../runs.js';
import { type Frame, isRefusal, verifyFrame } from '../verify.js';
import { Losses } from './losses.js';
import { SEGMENT_ENDING, Segment } from './segment.js';
import type { IndexRecord } from './segment-index.js';

const LOSSES_FILE = 'losses.jsonl';
const NUMBER_DIGITS = 6;
/** NUMBER-DATE.cbor: the number orders them, the day tells people where to look. */
const SEGMENT_NAME = /^(\d{6,})-(\d{4}-\d{2}-\d{2})\.cbor$/;

/** A stored frame. */
export interface StoredFrame extends IndexRecord {
  readonly bytes: Uint8Array;
}

export interface DeviceStoreOptions {
  readonly directory: string;
  readonly keyId: string;
  /** All keys; successors in this device's key frames are followed. */
  readonly keys: KeySet;
  /** True: nothing is changed. */
  readonly isReadOnly: boolean;
  /** One line of what recovery found. */
  onInfo(line: string): void;
  /** A segment is about to be used; whoever hears it closes those that wait longest. */
  onOpen(segment: Segment): void;
}

export class DeviceStore {
  readonly keyId: string;
  /** Sequence numbers of the frames stored. */
  readonly held = new Runs();
  readonly losses: Losses;
  private readonly directory: string;
  private readonly segments: Segment[] = [];
  private readonly isReadOnly: boolean;
  private readonly onOpen: (segment: Segment) => void;
  private day = '';
  private number = 0;

  /** Opens what is there; the directory is made when the first frame comes. */
  constructor({ directory, keyId, keys, isReadOnly, onInfo, onOpen }: DeviceStoreOptions) {
    this.directory = directory;
    this.keyId = keyId;
    this.isReadOnly = isReadOnly;
    this.onOpen = onOpen;
    const names = existsSync(directory) ? readdirSync(directory).filter((name) => SEGMENT_NAME.test(name)) : [];
    names.sort((a, b) => numberOf(a) - numberOf(b));
    names.forEach((name, i) => {
      this.recover(name, keys, i === names.length - 1, onInfo);
    });
    this.losses = new Losses(join(directory, LOSSES_FILE));
  }

  private recover(name: string, keys: KeySet, isLast: boolean, onInfo: (line: string) => void): void {
    const segment = new Segment(join(this.directory, name), this.isReadOnly);
    const take = (bytes: Uint8Array) => {
      const frame = verifyFrame(bytes, keys);
      if (isRefusal(frame) || frame.keyId !== this.keyId) return undefined;
      followKey(frame, keys);
      return frame;
    };
    const { records, cut, foreign, indexed } = segment.recover(take, isLast);
    for (const { sequence } of records) this.held.add(sequence);
    const where = `store: ${this.keyId}/${name}`;
    if (cut > 0) onInfo(`${where}: cut ${cut} bytes from its end: a frame half written`);
    if (foreign > 0) onInfo(`${where}: ${foreign} bytes in it are no frame of this device`);
    if (indexed > 0) onInfo(`${where}: ${indexed} frames indexed again`);
    segment.close();
    this.segments.push(segment);
    const match = SEGMENT_NAME.exec(name) as RegExpExecArray;
    [this.number, this.day] = [Number(match[1]), match[2]];
  }

  /** Appends a frame that is not held yet; throws what the system says, and then nothing has changed. */
  append(frame: Frame, receivedMs: number, segmentBytesMax: number): Segment {
    const segment = this.segmentFor(
      frame.bytes.length,
      new Date(receivedMs).toISOString().slice(0, 10),
      segmentBytesMax,
    );
    this.onOpen(segment);
    segment.append(frame, receivedMs);
    this.held.add(frame.sequence);
    return segment;
  }

  /** The stored frame with this sequence number; undefined when there is none. */
  find(sequence: number): StoredFrame | undefined {
    if (!this.held.has(sequence)) return undefined;
    for (let i = this.segments.length - 1; i >= 0; i--) {
      const segment = this.segments[i];
      if (sequence < segment.firstSequence || sequence > segment.lastSequence) continue;
      const record = segment.find(sequence);
      if (record !== undefined) return this.stored(segment, record);
    }
    return undefined;
  }

  /** What is known of every stored frame, in the order in which they came. */
  records(): IndexRecord[] {
    return this.segments.flatMap((segment) => segment.records());
  }

  /** Every stored frame that `isWanted`, in the order in which they came. */
  *frames(isWanted: (record: IndexRecord) => boolean = () => true): Generator<StoredFrame> {
    for (const segment of this.segments) {
      for (const record of segment.records()) if (isWanted(record)) yield this.stored(segment, record);
    }
  }

  /** The last frame of a kind; undefined when there is none. */
  lastOfKind(kind: number): StoredFrame | undefined {
    for (let i = this.segments.length - 1; i >= 0; i--) {
      const segment = this.segments[i];
      const record = segment
        .records()
        .filter((candidate) => candidate.kind === kind)
        .at(-1);
      if (record !== undefined) return this.stored(segment, record);
    }
    return undefined;
  }

  private stored(segment: Segment, record: IndexRecord): StoredFrame {
    this.onOpen(segment);
    return { ...record, bytes: segment.read(record) };
  }

  get bytes(): number {
    return this.segments.reduce((bytes, segment) => bytes + segment.bytes, 0);
  }

  close(): void {
    for (const segment of this.segments) segment.close();
  }

  private segmentFor(frameBytes: number, day: string, segmentBytesMax: number): Segment {
    const current = this.segments.at(-1);
    if (current !== undefined && this.day === day && current.bytes + frameBytes <= segmentBytesMax) return current;
    makeDirectory(this.directory);
    const name = `${String(this.number + 1).padStart(NUMBER_DIGITS, '0')}-${day}${SEGMENT_ENDING}`;
    const segment = new Segment(join(this.directory, name), this.isReadOnly);
    segment.open();
    syncDirectory(this.directory);
    current?.close();
    this.number++;
    this.day = day;
    this.segments.push(segment);
    return segment;
  }
}

function numberOf(name: string): number {
  return Number(SEGMENT_NAME.exec(name)?.[1]);
}

/** Until the directory's entries are on the disk. */
export function syncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
