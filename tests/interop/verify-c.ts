/** Verifies frames with docs/verifiers/verify.c, which knows only libcbor and OpenSSL: nothing of ours but its 120 lines. */
import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { VerifierMissing } from './verifier-missing.js';

/** This file runs from build/tests/interop/. */
const SOURCE = fileURLToPath(new URL('../../../docs/verifiers/verify.c', import.meta.url));
const FLAGS = ['-std=c11', '-O1', '-Wall', '-Wextra', '-Werror', SOURCE, '-lcbor', '-lcrypto', '-o'];

const run = promisify(execFile);
let program: Promise<string> | undefined;

/** The compiled verifier; a VerifierMissing where a compiler or a library is not installed. */
async function compile(): Promise<string> {
  const file = join(mkdtempSync(join(tmpdir(), 'verify-c-')), 'verify');
  try {
    await run('cc', [...FLAGS, file]);
    return file;
  } catch (error) {
    const { code, stderr = '' } = error as { code?: string; stderr?: string };
    if (code !== 'ENOENT' && !/No such file or directory|cannot find -l/.test(stderr)) throw error;
    throw new VerifierMissing('cc with libcbor and OpenSSL is not installed (apt: gcc libcbor-dev libssl-dev)');
  }
}

/** The number of frames verified; throws when one is not. */
export async function verifyWithC(framesFile: string, keyFiles: readonly string[]): Promise<number> {
  program ??= compile();
  const { stdout } = await run(await program, [framesFile, ...keyFiles]);
  return Number(/^(\d+) frames verified/.exec(stdout)?.[1]);
}
