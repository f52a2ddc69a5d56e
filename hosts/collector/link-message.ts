/** Link messages as a collector reads and writes them (modules/link/message.ts): CBOR arrays [type, ...]. */
import type { CborReader } from '../../modules/cbor/reader.js';
import { CborWriter } from '../../modules/cbor/writer.js';
import { MESSAGE_DATA, MESSAGE_HELLO, MESSAGE_IDLE, MESSAGE_POLL } from '../../modules/link/message.js';
import { FRAME_BYTES_LIMIT } from './envelope.js';

/** Longest link message: a whole frame and the head around it, in bytes. */
export const LINK_MESSAGE_BYTES_MAX = FRAME_BYTES_LIMIT + 32;
const POLL_BYTES_MAX = 24;
const IDENTITY_BYTES_MAX = 64;

export interface DataMessage {
  readonly type: typeof MESSAGE_DATA;
  readonly sequence: number;
  readonly offset: number;
  readonly total: number;
  readonly bytes: Uint8Array;
}

/** The log holds frames `tail` to `head` - 1. */
export interface IdleMessage {
  readonly type: typeof MESSAGE_IDLE;
  readonly tail: number;
  readonly head: number;
}

/** Who is there; not signed, so nothing rests on it. */
export interface HelloMessage {
  readonly type: typeof MESSAGE_HELLO;
}

/** Our own echo on a shared pair of wires: a board never polls. */
export interface PollMessage {
  readonly type: typeof MESSAGE_POLL;
}

export type LinkMessage = DataMessage | IdleMessage | HelloMessage | PollMessage;

/** The next message of `reader`; undefined when it is none, or not yet whole (`reader.isShort`). */
export function readMessage(reader: CborReader): LinkMessage | undefined {
  const items = reader.array();
  const type = reader.uint();
  if (reader.hasError) return undefined;
  if (type === MESSAGE_DATA && items === 5) return readData(reader);
  if (type === MESSAGE_IDLE && items === 3) {
    const message = { type, tail: reader.uint(), head: reader.uint() } as const;
    return reader.hasError ? undefined : message;
  }
  if (type === MESSAGE_HELLO && items === 3) {
    reader.bytes(IDENTITY_BYTES_MAX);
    reader.bytes(IDENTITY_BYTES_MAX);
    return reader.hasError ? undefined : { type };
  }
  if (type === MESSAGE_POLL && items === 3) {
    reader.uint();
    reader.uint();
    return reader.hasError ? undefined : { type };
  }
  return undefined;
}

function readData(reader: CborReader): DataMessage | undefined {
  const sequence = reader.uint();
  const offset = reader.uint();
  const total = reader.uint();
  const length = reader.bytes(FRAME_BYTES_LIMIT);
  if (reader.hasError) return undefined;
  const bytes = reader.buffer.slice(reader.position - length, reader.position);
  return { type: MESSAGE_DATA, sequence, offset, total, bytes };
}

/** Poll [1, from, maxBytes]. */
export function encodePoll(from: number, maxBytes: number): Uint8Array {
  const writer = new CborWriter(new Uint8Array(POLL_BYTES_MAX));
  writer.array(3);
  writer.uint(MESSAGE_POLL);
  writer.uint(from);
  writer.uint(maxBytes);
  return writer.buffer.slice(0, writer.position);
}
