/**
 * Verifies a file of frames with four independent implementations: cborg and @auth0/cose (JavaScript), cbor2 and
 * cryptography (Python), libcbor and OpenSSL (C).
 */
import { readFileSync } from 'node:fs';
import { VerifierMissing } from './verifier-missing.js';
import { verifyWithAuth0 } from './verify-auth0.js';
import { verifyWithC } from './verify-c.js';
import { verifyWithCborg } from './verify-cborg.js';
import { verifyWithPython } from './verify-python.js';

export interface InteropVerdict {
  readonly verifier: 'python' | 'c' | '@auth0/cose' | 'cborg';
  /** Verified; -1 when the verifier is not installed here. */
  readonly frames: number;
}

/** Every verifier's verdict; throws when one refuses a frame, or when they do not agree on how many there are. */
export async function verifyWithAll(framesFile: string, keyFile: string): Promise<InteropVerdict[]> {
  const [sequence, coseKey] = [readFileSync(framesFile), readFileSync(keyFile)].map((bytes) => Uint8Array.from(bytes));
  const verdicts: InteropVerdict[] = [
    { verifier: 'cborg', frames: await verifyWithCborg(sequence, coseKey) },
    { verifier: '@auth0/cose', frames: await verifyWithAuth0(sequence, coseKey) },
    { verifier: 'python', frames: await ifThere(verifyWithPython(framesFile, keyFile)) },
    { verifier: 'c', frames: await ifThere(verifyWithC(framesFile, [keyFile])) },
  ];
  const counts = new Set(verdicts.map(({ frames }) => frames).filter((frames) => frames >= 0));
  if (counts.size !== 1) throw new Error(`verifiers do not agree: ${JSON.stringify(verdicts)}`);
  return verdicts;
}

/** -1 where the verifier is not installed; in CI that is a failure. */
async function ifThere(frames: Promise<number>): Promise<number> {
  try {
    return await frames;
  } catch (error) {
    if (error instanceof VerifierMissing && process.env.CI !== 'true') return -1;
    throw error;
  }
}
