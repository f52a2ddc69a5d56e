/** Verifies a file of frames with three independent implementations: cbor2 + cryptography (Python), @auth0/cose, cborg. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { verifyWithAuth0 } from './verify-auth0.js';
import { verifyWithCborg } from './verify-cborg.js';

/** This file runs from build/tests/interop/; the script stays in the sources. */
const SCRIPT = fileURLToPath(new URL('../../../tests/interop/verify.py', import.meta.url));
const PYTHONS = ['/usr/bin/python3', 'python3'];
const EXIT_CANNOT_RUN = 2;

export interface InteropVerdict {
  readonly verifier: 'python' | '@auth0/cose' | 'cborg';
  /** Verified; -1 when the verifier is not installed here. */
  readonly frames: number;
}

/** A verifier that is not installed. In CI (env CI is 'true') it is thrown, elsewhere it becomes a verdict of -1. */
export class VerifierMissing extends Error {}

/** Every verifier's verdict; throws when one refuses a frame, or when they do not agree on how many there are. */
export async function verifyWithAll(framesFile: string, keyFile: string): Promise<InteropVerdict[]> {
  const [sequence, coseKey] = [readFileSync(framesFile), readFileSync(keyFile)].map((bytes) => Uint8Array.from(bytes));
  const verdicts: InteropVerdict[] = [
    { verifier: 'cborg', frames: await verifyWithCborg(sequence, coseKey) },
    { verifier: '@auth0/cose', frames: await verifyWithAuth0(sequence, coseKey) },
    { verifier: 'python', frames: await verifyWithPythonIfThere(framesFile, keyFile) },
  ];
  const counts = new Set(verdicts.map(({ frames }) => frames).filter((frames) => frames >= 0));
  if (counts.size !== 1) throw new Error(`verifiers do not agree: ${JSON.stringify(verdicts)}`);
  return verdicts;
}

async function verifyWithPythonIfThere(framesFile: string, keyFile: string): Promise<number> {
  try {
    return await verifyWithPython(framesFile, keyFile);
  } catch (error) {
    if (error instanceof VerifierMissing && process.env.CI !== 'true') return -1;
    throw error;
  }
}

/** The number of frames verified by tests/interop/verify.py; a VerifierMissing when no Python here has what it needs. */
export async function verifyWithPython(framesFile: string, keyFile: string): Promise<number> {
  for (const python of PYTHONS) {
    try {
      const { stdout } = await promisify(execFile)(python, [SCRIPT, framesFile, keyFile]);
      return Number(/^(\d+) frames verified/.exec(stdout)?.[1]);
    } catch (error) {
      const { code, stderr } = error as { code?: number | string; stderr?: string };
      if (code !== EXIT_CANNOT_RUN && code !== 'ENOENT') throw new Error(`python: ${stderr?.trim()}`);
    }
  }
  throw new VerifierMissing(
    'python3 with cbor2 and cryptography is not installed (apt: python3-cbor2 python3-cryptography)',
  );
}
