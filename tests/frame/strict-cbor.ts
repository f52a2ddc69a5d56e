/** CBOR as a stranger reads it: the npm package cborg in its strict mode, and its deterministic encoder to compare with. */
import { type DecodeOptions, decode, encode, rfc8949EncodeOptions, Tagged } from 'cborg';

const STRICT: DecodeOptions = {
  strict: true,
  useMaps: true,
  rejectDuplicateMapKeys: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowInfinity: false,
  allowNaN: false,
  tags: Tagged.preserve(4, 18),
};

/** Labels of a map in a frame. */
export type Labels = Map<number, unknown>;

/** The item that `bytes` are; throws when they are anything but its deterministic encoding (RFC 8949 section 4.2.1). */
export function decodeDeterministic(bytes: Uint8Array): unknown {
  const value = decode(bytes, STRICT);
  const again = encode(value, rfc8949EncodeOptions);
  if (Buffer.compare(again, bytes) !== 0)
    throw new Error(
      `not deterministic: ${Buffer.from(bytes).toString('hex')}, not ${Buffer.from(again).toString('hex')}`,
    );
  return value;
}

/** The deterministic encoding by cborg. */
export function encodeDeterministic(value: unknown): Uint8Array {
  return encode(value, rfc8949EncodeOptions);
}

/** A number of a frame: an integer or a decimal fraction (tag 4). */
export function numberOf(value: unknown): number {
  if (!(value instanceof Tagged)) return value as number;
  const [exponent, mantissa] = value.value as [number, number];
  return mantissa / 10 ** -exponent;
}
