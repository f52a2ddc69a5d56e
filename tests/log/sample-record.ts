/** Frames for the log that can be told apart, and the log's contents as a collector would read them. */
import { RECORD_BYTES_MAX, RECORD_HEAD_BYTES } from '../../modules/limits.js';
import type { FrameLog } from '../../modules/log/frame-log.js';
import { Random } from '../../simulator/random.js';

/** `length` bytes that depend on `name`. */
export function sampleFrame(name: string, length: number): Uint8Array {
  const random = new Random(length, name);
  return Uint8Array.from({ length }, () => random.below(256));
}

/** Appends a copy of `frame`; what `append` needs around it is made here. */
export function append(log: FrameLog, frame: Uint8Array): void {
  const record = new Uint8Array(RECORD_BYTES_MAX + 16);
  record.set(frame, RECORD_HEAD_BYTES);
  log.append(record, frame.length);
}

/** Frame `sequence`, null when the log does not return it. */
export function readBack(log: FrameLog, sequence: number): Uint8Array | null {
  const record = new Uint8Array(RECORD_BYTES_MAX);
  const bytes = log.read(sequence, record);
  return bytes === 0 ? null : record.slice(RECORD_HEAD_BYTES, RECORD_HEAD_BYTES + bytes);
}
