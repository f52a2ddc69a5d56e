/** The private key of this board in a file of its owner, and the public key for the collector. */
import { CborWriter } from '../../modules/cbor/writer.js';
import { COSE_KEY_BYTES, writePublicKey } from '../../modules/sign/cose-key.js';
import { isScalar, SCALAR_BYTES } from '../keys/scalar.js';
import { entropy, fileBytes, fileClose, fileOpen, fileRead, fileWrite, PRIVATE, REPLACE } from './natives.js';

/** The key in the file, made at the first start; without a path a new one for this run. */
export function loadSecret(path: string | undefined): Uint8Array {
  const secret = new Uint8Array(SCALAR_BYTES);
  const file = fileOpen(path, PRIVATE);
  const bytes = fileBytes(file);
  if (bytes === SCALAR_BYTES) fileRead(file, 0, secret, SCALAR_BYTES);
  else if (bytes !== 0) throw new Error(`${path}: not a key of ${SCALAR_BYTES} bytes`);
  else {
    while (!isScalar(secret)) entropy(secret);
    fileWrite(file, 0, secret, SCALAR_BYTES);
  }
  fileClose(file);
  if (!isScalar(secret)) throw new Error(`${path}: not a private key of P-256`);
  return secret;
}

/** Writes the COSE_Key that the collector takes with --keys. */
export function saveCoseKey(path: string, publicKey: Uint8Array): void {
  const key = new Uint8Array(COSE_KEY_BYTES);
  writePublicKey(new CborWriter(key), publicKey);
  const file = fileOpen(path, REPLACE);
  fileWrite(file, 0, key, COSE_KEY_BYTES);
  fileClose(file);
}
