/**
 * Link messages: CBOR arrays [type, ...], one protocol for three carriers.
 * 1 poll [1, from, maxBytes] | 2 data [2, sequence, offset, total, bytes] | 3 idle [3, tail, head] |
 * 4 command [4, COSE_Sign1 by an operator] | 5 hello [5, device id, kid]
 */
import type { CborReader } from '../cbor/reader.js';
import type { CborWriter } from '../cbor/writer.js';

/** Types of message. */
export const MESSAGE_POLL = 1;
export const MESSAGE_DATA = 2;
export const MESSAGE_IDLE = 3;
export const MESSAGE_COMMAND = 4;
export const MESSAGE_HELLO = 5;

/** How messages begin: a command, array of 2; a poll, of 3; data, of 5. */
export const COMMAND_HEAD = 0x82;
export const POLL_HEAD = 0x83;
export const DATA_HEAD = 0x85;

/** A request of a collector. */
export class Poll {
  from = 0;
  maxBytes = 0;
}

/** Reads one poll; false when it is anything else or malformed (see the reader's `isShort`). */
export function readPoll(reader: CborReader, poll: Poll): boolean {
  reader.expectBytes(POLL_HEAD, MESSAGE_POLL);
  poll.from = reader.uint();
  poll.maxBytes = reader.uint();
  return !reader.hasError;
}

/** What `readCommand` answers instead of a length. */
export const COMMAND_NONE = -1;
export const COMMAND_TOO_LONG = -2;

/**
 * Reads one command message: the command's length, its bytes end at the reader's position. COMMAND_NONE when it is
 * anything else or not yet whole (`isShort`); COMMAND_TOO_LONG when it says that it has more than `bytesMax`
 * (`argument`).
 */
export function readCommand(reader: CborReader, bytesMax: number): number {
  reader.expectBytes(COMMAND_HEAD, MESSAGE_COMMAND);
  if (reader.hasError) return COMMAND_NONE;
  const length = reader.bytes(bytesMax);
  if (!reader.hasError) return length;
  return !reader.isShort && reader.argument > bytesMax ? COMMAND_TOO_LONG : COMMAND_NONE;
}

/** Head of a data message that carries `length` bytes of frame `sequence`; the caller puts the bytes after it. */
export function writeDataHead(
  writer: CborWriter,
  sequence: number,
  offset: number,
  total: number,
  length: number,
): void {
  writer.array(5);
  writer.uint(MESSAGE_DATA);
  writer.uint(sequence);
  writer.uint(offset);
  writer.uint(total);
  writer.bytesHead(length);
}

/** Writes an idle message: oldest sequence number kept, next to be written. */
export function writeIdle(writer: CborWriter, tail: number, head: number): void {
  writer.array(3);
  writer.uint(MESSAGE_IDLE);
  writer.uint(tail);
  writer.uint(head);
}
