/**
 * Verifies frames with the npm package @auth0/cose: its envelope, its Sig_structure, its key import.
 * It knows ES256 (-7) but not yet ESP256 (-9, RFC 9864), which is the same ECDSA on P-256 with SHA-256 by another name:
 * for such frames only the name is mapped; the signature is checked over the protected header as received.
 */
import { COSEKey, Headers, Sign1 } from '@auth0/cose';
import { splitSequence } from './verify-cborg.js';

const ESP256 = -9;
const ES256 = -7;

/** The number of frames; throws on the first that does not verify. */
export async function verifyWithAuth0(sequence: Uint8Array, coseKey: Uint8Array): Promise<number> {
  const key = await COSEKey.import(coseKey).toKeyLike();
  const frames = splitSequence(sequence);
  for (const [i, frame] of frames.entries()) {
    const sign1 = Sign1.decode(frame);
    const algorithm = sign1.protectedHeaders.get(Headers.Algorithm) as number | undefined;
    if (algorithm === ESP256) Object.defineProperty(sign1, 'alg', { value: ES256 });
    try {
      await sign1.verify(key);
    } catch (error) {
      throw new Error(`number ${i + 1} in the file: ${(error as Error).message}`);
    }
  }
  return frames.length;
}
