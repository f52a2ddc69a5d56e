/** Commands as bytes: COSE_Sign1 by an operator (modules/command/command.ts), one after the other in a file. */
import { sign } from 'node:crypto';
import { CborWriter } from '../../modules/cbor/writer.js';
import {
  COMMAND_ARM,
  COMMAND_FEEDBACK,
  COMMAND_IDENTIFY,
  COMMAND_LEARN,
  COMMAND_MAINTENANCE,
  COMMAND_ROTATE_KEY,
  COMMAND_SELF_TEST,
  COMMAND_SET_CONFIGURATION,
  COMMAND_SET_TIME,
} from '../../modules/command/command.js';
import { COMMAND_BYTES_MAX } from '../../modules/limits.js';
import { parseEnvelope } from '../collector/envelope.js';
import { sigStructure } from '../collector/verify.js';
import type { PrivateKey } from './key-files.js';

export const COMMAND_CODES = Object.freeze({
  learn: COMMAND_LEARN,
  arm: COMMAND_ARM,
  maintenance: COMMAND_MAINTENANCE,
  feedback: COMMAND_FEEDBACK,
  'set-time': COMMAND_SET_TIME,
  'set-configuration': COMMAND_SET_CONFIGURATION,
  'rotate-key': COMMAND_ROTATE_KEY,
  'self-test': COMMAND_SELF_TEST,
  identify: COMMAND_IDENTIFY,
});
export type CommandName = keyof typeof COMMAND_CODES;

/** By the wall clock, or by the uptime of one boot: `challenge` is the start of its boot frame's SHA-256. */
export interface Validity {
  readonly challenge?: Uint8Array;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface CommandText {
  /** Device id, or group. */
  readonly target: Uint8Array | number;
  readonly sequence: number;
  readonly validity: Validity;
  readonly code: number;
  readonly arguments?: readonly (number | Uint8Array)[];
}

/** The payload of a command. */
export function encodeCommand(command: CommandText): Uint8Array {
  const { target, sequence, validity, code, arguments: list = [] } = command;
  const writer = new CborWriter(new Uint8Array(2 * COMMAND_BYTES_MAX));
  const item = (value: number | Uint8Array) =>
    typeof value === 'number' ? writer.uint(value) : writer.bytes(value, value.length);
  writer.map(list.length > 0 ? 6 : 5);
  for (const value of [1, 1, 2, target, 3, sequence, 4]) item(value);
  const { challenge, fromMs, toMs } = validity;
  writer.array(challenge === undefined ? 2 : 3);
  if (challenge !== undefined) item(challenge);
  for (const value of [fromMs, toMs, 5, code]) item(value);
  if (list.length > 0) {
    writer.uint(6);
    writer.array(list.length);
    for (const value of list) item(value);
  }
  return writer.buffer.slice(0, writer.position);
}

/** Signs a payload. */
export function signCommand(payload: Uint8Array, { keyId, privateKey }: PrivateKey): Uint8Array {
  const header = Uint8Array.of(0xa3, 0x01, 0x28, 0x03, 0x18, 0x3c, 0x04, 0x48, ...keyId);
  const key = { key: privateKey, dsaEncoding: 'ieee-p1363' } as const;
  const signature = sign('sha256', sigStructure(header, payload), key);
  const writer = new CborWriter(new Uint8Array(payload.length + 128));
  writer.tag(18);
  writer.array(4);
  writer.bytes(header, header.length);
  writer.map(0);
  writer.bytes(payload, payload.length);
  writer.bytes(signature, signature.length);
  const bytes = writer.buffer.slice(0, writer.position);
  if (bytes.length > COMMAND_BYTES_MAX)
    throw new Error(`the command has ${bytes.length} bytes, a board takes ${COMMAND_BYTES_MAX}`);
  return bytes;
}

/** The link message [4, command]. */
export function commandMessage(command: Uint8Array): Uint8Array {
  const writer = new CborWriter(new Uint8Array(command.length + 8));
  writer.array(2);
  writer.uint(4);
  writer.bytes(command, command.length);
  return writer.buffer.slice(0, writer.position);
}

/** The commands in a file's bytes; null when it is not made of them. */
export function splitCommands(bytes: Uint8Array): Uint8Array[] | null {
  const commands: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const envelope = parseEnvelope(bytes, at, bytes.length);
    if (typeof envelope === 'string') return null;
    commands.push(bytes.slice(at, envelope.end));
    at = envelope.end;
  }
  return commands.length > 0 ? commands : null;
}
