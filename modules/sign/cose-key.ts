/**
 * COSE Key Thumbprint (RFC 9679 section 4) of a P-256 key: SHA-256 over the deterministic encoding of the required
 * members { 1: 2 (EC2), -1: 1 (P-256), -2: x, -3: y }. A key id is its first 8 bytes.
 */
import type { Digest } from '../board.js';
import { CborWriter } from '../cbor/writer.js';

/** Sizes of a key id, a coordinate of a point and an encoded key. */
export const KEY_ID_BYTES = 8;
export const COORDINATE_BYTES = 32;
/** Bytes of the COSE_Key that `writePublicKey` makes. */
export const COSE_KEY_BYTES = 75;

/** Writes the public COSE_Key of x and y (`publicKey`, 64 bytes). */
export function writePublicKey(writer: CborWriter, publicKey: Uint8Array): void {
  writer.map(4);
  writer.uint(1);
  writer.uint(2);
  writer.int(-1);
  writer.uint(1);
  writer.int(-2);
  writer.bytesFrom(publicKey, 0, COORDINATE_BYTES);
  writer.int(-3);
  writer.bytesFrom(publicKey, COORDINATE_BYTES, COORDINATE_BYTES);
}

/** The key id of x and y. @offStep runs once at start. */
export function keyIdOf(publicKey: Uint8Array, digest: Digest): Uint8Array {
  const key = new Uint8Array(COSE_KEY_BYTES);
  writePublicKey(new CborWriter(key), publicKey);
  const thumbprint = new Uint8Array(32);
  digest.sha256(key, COSE_KEY_BYTES, thumbprint);
  return thumbprint.slice(0, KEY_ID_BYTES);
}
