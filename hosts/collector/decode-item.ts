/**
 * Decodes one CBOR item with cbor-x: maps become Map, byte strings Uint8Array, decimal fractions numbers. Integers of 8
 * bytes become numbers, as an uptime in microseconds is one after 72 minutes. Throws when the bytes are not one item;
 * check untrusted bytes with `departureFromDeterministic` first.
 */
import { Decoder, type Options } from 'cbor-x/decode';

/** An option that the types of cbor-x 1.6 do not know. */
const OPTIONS: Options & { int64AsNumber: boolean } = {
  mapsAsObjects: false,
  useRecords: false,
  int64AsNumber: true,
};

export function decodeItem(bytes: Uint8Array): unknown {
  return new Decoder(OPTIONS).decode(Buffer.from(bytes));
}
