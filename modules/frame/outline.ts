/**
 * The payload common to every kind of frame (labels 1 to 7), then the head of the body (label 8).
 */
import type { CborWriter } from '../cbor/writer.js';
import {
  FORMAT_VERSION,
  LABEL_BODY,
  LABEL_BOOT,
  LABEL_KIND,
  LABEL_PREVIOUS,
  LABEL_SEQUENCE,
  LABEL_UPTIME_US,
  LABEL_VERSION,
  LABEL_WALL_CLOCK,
} from './kinds.js';

/** Bytes of a frame's hash that the next frame carries (label 7). */
export const PREVIOUS_BYTES = 16;

/** Begins a payload; `unixMs` 0: wall time is not known; `previous` null: the first frame ever. */
export function beginPayload(
  writer: CborWriter,
  kind: number,
  sequence: number,
  boot: number,
  uptimeUs: number,
  previous: Uint8Array | null,
  unixMs = 0,
  uncertaintyMs = 0,
): void {
  writer.map((previous === null ? 6 : 7) + (unixMs > 0 ? 1 : 0));
  writer.uint(LABEL_VERSION);
  writer.uint(FORMAT_VERSION);
  writer.uint(LABEL_SEQUENCE);
  writer.uint(sequence);
  writer.uint(LABEL_KIND);
  writer.uint(kind);
  writer.uint(LABEL_BOOT);
  writer.uint(boot);
  writer.uint(LABEL_UPTIME_US);
  writer.uint(Math.floor(uptimeUs));
  if (unixMs > 0) {
    writer.uint(LABEL_WALL_CLOCK);
    writer.array(2);
    writer.uint(Math.floor(unixMs));
    writer.uint(Math.ceil(uncertaintyMs));
  }
  if (previous !== null) {
    writer.uint(LABEL_PREVIOUS);
    writer.bytes(previous, PREVIOUS_BYTES);
  }
  writer.uint(LABEL_BODY);
}
