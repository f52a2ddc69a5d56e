/**
 * Validates with zcbor (Nordic Semiconductor), where Python has it: `pip install zcbor`. Debian does not package it, so it
 * is not run in CI.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { VerifierMissing } from '../verifier-missing.js';

/** This file runs from build/tests/interop/cddl/; the script stays in the sources. */
const SCRIPT = fileURLToPath(new URL('../../../../tests/interop/cddl/validate-zcbor.py', import.meta.url));
const PYTHONS = ['python3', '/usr/bin/python3'];
const EXIT_CANNOT_RUN = 2;

export interface Question {
  readonly rule: string;
  readonly bytes: Uint8Array;
  readonly name: string;
}

/** Whether each item is what its rule says; a VerifierMissing where no Python here has zcbor. */
export async function validateWithZcbor(cddlFile: string, questions: readonly Question[]): Promise<boolean[]> {
  const items = questions.map(({ rule, bytes }) => [rule, Buffer.from(bytes).toString('hex')]);
  const input = JSON.stringify({ cddl: readFileSync(cddlFile, 'utf8'), items });
  for (const python of PYTHONS) {
    const { status, error, stdout, stderr } = spawnSync(python, [SCRIPT], {
      input,
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    });
    if (error !== undefined || status === EXIT_CANNOT_RUN) continue;
    if (status !== 0) throw new Error(`zcbor: ${stderr.trim()}`);
    return JSON.parse(stdout);
  }
  throw new VerifierMissing('zcbor is not installed (pip install zcbor)');
}
