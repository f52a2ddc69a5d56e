/** The public key of this board in a file, for the collector. */
import { CborWriter } from '../../modules/cbor/writer.js';
import { COSE_KEY_BYTES, writePublicKey } from '../../modules/sign/cose-key.js';
import { fileClose, fileOpen, fileWrite, REPLACE } from './natives.js';

/** Writes the COSE_Key that the collector takes with --keys. */
export function saveCoseKey(path: string, publicKey: Uint8Array): void {
  const key = new Uint8Array(COSE_KEY_BYTES);
  writePublicKey(new CborWriter(key), publicKey);
  const file = fileOpen(path, REPLACE);
  fileWrite(file, 0, key, COSE_KEY_BYTES);
  fileClose(file);
}
