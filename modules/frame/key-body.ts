/** Body of a key frame (kind 9), signed by the old key: the key that signs the frames after it. */
import type { CborWriter } from '../cbor/writer.js';
import { writePublicKey } from '../sign/cose-key.js';

/** `publicKey`: x and y of the new key, 32 bytes each. */
export function writeKeyBody(writer: CborWriter, publicKey: Uint8Array): void {
  writer.map(1);
  writer.uint(1);
  writePublicKey(writer, publicKey);
}
