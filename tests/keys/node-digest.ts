/** SHA-256 and signature checks of node:crypto, for tests. */
import { createHash, createPublicKey, verify } from 'node:crypto';
import type { Digest } from '../../modules/board.js';

export const NODE_DIGEST: Digest = {
  sha256: (bytes, length, into) => {
    into.set(createHash('sha256').update(bytes.subarray(0, length)).digest());
  },
};

/** True when `signature` (r then s) over `message` is by the key x and y. */
export function isSignature(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const base64 = (from: number) => Buffer.from(publicKey.subarray(from, from + 32)).toString('base64url');
  const key = createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x: base64(0), y: base64(32) } });
  return verify('sha256', message, { key, dsaEncoding: 'ieee-p1363' }, signature);
}
