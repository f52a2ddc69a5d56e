/** A configuration as it travels in commands (modules/config/encoded.ts), and the commands that bring it. */
import { createHash } from 'node:crypto';
import { createText } from '../../modules/cbor/text.js';
import { CborWriter } from '../../modules/cbor/writer.js';
import type { Configuration } from '../../modules/config/configuration.js';
import { CONFIGURATION_NAMES } from '../../modules/config/encoded.js';
import { CONFIGURATION_PART_BYTES_MAX } from '../../modules/limits.js';

const BYTES_MAX = 65536;
const DOUBLE = 0xfb;

export function encodeConfiguration(configuration: Configuration): Uint8Array {
  const writer = new CborWriter(new Uint8Array(BYTES_MAX));
  writeValue(writer, configuration);
  if (writer.isOverflowed) throw new Error('the configuration is too long');
  return writer.buffer.slice(0, writer.position);
}

function writeValue(writer: CborWriter, value: unknown): void {
  if (value === null) writer.null();
  else if (typeof value === 'boolean') writeBytes(writer, value ? 0xf5 : 0xf4);
  else if (typeof value === 'number') writeNumber(writer, value);
  else if (typeof value === 'string') writer.text(createText(value));
  else if (Array.isArray(value)) {
    writer.array(value.length);
    for (const item of value) writeValue(writer, item);
  } else writeMembers(writer, Object.entries(value as object));
}

function writeMembers(writer: CborWriter, members: readonly [string, unknown][]): void {
  writer.map(members.length);
  for (const [name, value] of members) {
    const number = CONFIGURATION_NAMES.indexOf(name);
    if (number >= 0) writer.uint(number);
    else writer.text(createText(name));
    writeValue(writer, value);
  }
}

function writeNumber(writer: CborWriter, value: number): void {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
    writer.int(value);
    return;
  }
  const bytes = Buffer.alloc(9, DOUBLE);
  bytes.writeDoubleBE(value, 1);
  writeBytes(writer, ...bytes);
}

function writeBytes(writer: CborWriter, ...bytes: number[]): void {
  writer.buffer.set(bytes, writer.position);
  writer.position += bytes.length;
}

/** First 16 bytes of SHA-256: what a board's frames name the configuration by. */
export function configurationDigestOf(encoded: Uint8Array): Uint8Array {
  return createHash('sha256').update(encoded).digest().subarray(0, 16);
}

/** Arguments of the set-configuration commands, in order. */
export function configurationParts(encoded: Uint8Array, sequence: number): (number | Uint8Array)[][] {
  const digest = configurationDigestOf(encoded);
  const parts: (number | Uint8Array)[][] = [];
  for (let at = 0; at < encoded.length; at += CONFIGURATION_PART_BYTES_MAX)
    parts.push([sequence, encoded.length, at, digest, encoded.subarray(at, at + CONFIGURATION_PART_BYTES_MAX)]);
  return parts;
}
