/** Body of a loss frame (kind 8): what was lost, how many, from when to when. */
import type { CborWriter } from '../cbor/writer.js';

/** `what`: LOSS_BLOCKS or LOSS_FRAMES. Times are uptimes in microseconds. */
export function writeLossBody(writer: CborWriter, what: number, count: number, fromUs: number, toUs: number): void {
  writer.map(4);
  writer.uint(1);
  writer.uint(what);
  writer.uint(2);
  writer.uint(count);
  writer.uint(3);
  writer.uint(Math.floor(fromUs));
  writer.uint(4);
  writer.uint(Math.floor(toUs));
}
