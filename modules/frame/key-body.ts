/** Body of a key frame (kind 9), signed by the old key: the key that signs the frames after it. */
import { CborWriter } from '../cbor/writer.js';
import { COORDINATE_BYTES, COSE_KEY_BYTES, writePublicKey } from '../sign/cose-key.js';

/** What stands in a key frame before its COSE_Key: the label of the body, and the body's one label. */
const BODY_HEAD = Object.freeze([0x08, 0xa1, 0x01]);
/** With its head. */
const SIGNATURE_BYTES = 66;
/** In the COSE_Key. */
const X_AT = 8;
const Y_AT = 43;

/** `publicKey`: x and y of the new key, 32 bytes each. */
export function writeKeyBody(writer: CborWriter, publicKey: Uint8Array): void {
  writer.map(1);
  writer.uint(1);
  writePublicKey(writer, publicKey);
}

/**
 * Puts the key that a frame of `length` bytes announces into `publicKey` (x and y); false where it is no key frame. A
 * key frame ends in its body, the only one that holds a COSE_Key under label 1. @offStep runs once at start
 */
export function readAnnouncedKey(frame: Uint8Array, length: number, publicKey: Uint8Array): boolean {
  const keyAt = length - SIGNATURE_BYTES - COSE_KEY_BYTES;
  const headAt = keyAt - BODY_HEAD.length;
  if (headAt < 0) return false;
  for (let i = 0; i < BODY_HEAD.length; i++) if (frame[headAt + i] !== BODY_HEAD[i]) return false;
  for (let i = 0; i < COORDINATE_BYTES; i++) {
    publicKey[i] = frame[keyAt + X_AT + i];
    publicKey[COORDINATE_BYTES + i] = frame[keyAt + Y_AT + i];
  }
  const again = new Uint8Array(COSE_KEY_BYTES);
  writePublicKey(new CborWriter(again), publicKey);
  for (let i = 0; i < COSE_KEY_BYTES; i++) if (frame[keyAt + i] !== again[i]) return false;
  return true;
}
