/** Verifies frames with cbor2 and cryptography in Python: verify.py, the strict one, and docs/verifiers/verify.py, the short one. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { VerifierMissing } from './verifier-missing.js';

/** This file runs from build/tests/interop/; the scripts stay in the sources. */
const STRICT = fileURLToPath(new URL('../../../tests/interop/verify.py', import.meta.url));
const DOCUMENTED = fileURLToPath(new URL('../../../docs/verifiers/verify.py', import.meta.url));
const PYTHONS = ['/usr/bin/python3', 'python3'];
const EXIT_CANNOT_RUN = 2;

/** The number of frames verified by tests/interop/verify.py; a VerifierMissing when no Python here has what it needs. */
export async function verifyWithPython(framesFile: string, keyFile: string): Promise<number> {
  return runScript(STRICT, [framesFile, keyFile]);
}

/** The same by docs/verifiers/verify.py. */
export async function verifyWithDocumentedPython(framesFile: string, keyFiles: readonly string[]): Promise<number> {
  return runScript(DOCUMENTED, [framesFile, ...keyFiles]);
}

async function runScript(script: string, files: readonly string[]): Promise<number> {
  for (const python of PYTHONS) {
    try {
      const { stdout } = await promisify(execFile)(python, [script, ...files]);
      return Number(/^(\d+) frames verified/.exec(stdout)?.[1]);
    } catch (error) {
      const { code, stderr = '' } = error as { code?: number | string; stderr?: string };
      const isMissing = code === EXIT_CANNOT_RUN || code === 'ENOENT' || /^ModuleNotFoundError: /m.test(stderr);
      if (!isMissing) throw new Error(`python: ${stderr.trim()}`);
    }
  }
  throw new VerifierMissing(
    'python3 with cbor2 and cryptography is not installed (apt: python3-cbor2 python3-cryptography)',
  );
}
