/**
 * The software signer on the Moddable SDK itself: its engine, big integers and digest, as a command (mcconfig -p x-cli-lin).
 * Not run where the SDK is not: it is in no package registry.
 */
import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { p256 } from '@noble/curves/nist.js';
import test from 'ava';
import { Random } from '../../simulator/random.js';
import { ROOT } from '../tidy/source.js';
import { isSignature } from './node-digest.js';
import { RFC6979_PUBLIC_KEY, RFC6979_SECRET, RFC6979_VECTORS } from './rfc6979.js';

const SOURCE = join(ROOT, 'tests/keys/signer-program');
const OUTPUT = join(ROOT, 'build/signer-program');
const RANDOM_SIGNATURES = 200;

const run = promisify(execFile);

async function build(sdk: string): Promise<string> {
  mkdirSync(OUTPUT, { recursive: true });
  const tools = join(sdk, 'build/bin/lin/release');
  await run(join(tools, 'mcconfig'), ['-m', '-p', 'x-cli-lin', '-t', 'build', '-o', OUTPUT], {
    cwd: SOURCE,
    // the SDK's makefile asks for any number of jobs; a variable of the command line is stronger
    env: {
      ...process.env,
      MAKEFLAGS: `MAKEFLAGS=-j${availableParallelism()}`,
      PATH: `${tools}:${join(ROOT, 'node_modules/.bin')}:${process.env.PATH}`,
    },
    maxBuffer: 2 ** 24,
  });
  return join(OUTPUT, 'bin/lin/release/signer-program');
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

test('on the Moddable SDK the signatures are those of RFC 6979, and node:crypto verifies them; both verifiers agree', async (t) => {
  const { MODDABLE } = process.env;
  if (MODDABLE === undefined) {
    t.log('not run: the Moddable SDK is not there (MODDABLE is not set)');
    t.pass();
    return;
  }
  t.timeout(300_000);
  const random = new Random(1, 'signer-program');
  const bytes = (length: number) => Uint8Array.from({ length }, () => random.below(256));
  const cases = RFC6979_VECTORS.map(({ message, signature }) => ({
    secret: RFC6979_SECRET,
    message: toHex(Buffer.from(message)),
    expected: `${RFC6979_PUBLIC_KEY} ${signature}`,
  }));
  for (let i = 0; i < RANDOM_SIGNATURES; i++) {
    const secret = bytes(32);
    const message = bytes(1 + ((9 * i) % 900));
    const signature = p256.sign(message, secret, { lowS: false });
    const expected = `${toHex(p256.getPublicKey(secret, false).slice(1))} ${toHex(signature)}`;
    cases.push({ secret: toHex(secret), message: toHex(message), expected });
  }
  const checks = cases.flatMap(({ message, expected }, i) => {
    const [publicKey, signature] = expected.split(' ');
    const spoiled = Buffer.from(signature, 'hex');
    spoiled[i % 64] ^= 1 << (i % 8);
    const line = (signed: string) => `? ${publicKey} ${message} ${signed}`;
    const zeros = '00'.repeat(32);
    return [
      { line: line(signature), answer: 'good' },
      { line: line(toHex(spoiled)), answer: 'bad' },
      { line: line(zeros + signature.slice(64)), answer: 'bad' },
      { line: line(signature.slice(0, 64) + 'ff'.repeat(32)), answer: 'bad' },
    ];
  });
  const rotation = `! ${RFC6979_SECRET} ${cases[0].message}`;
  const words = cases.map(({ secret, message }) => `${secret} ${message}`);
  const input = [...words, ...checks.map(({ line }) => line), rotation].map((line) => `${line}\n`).join('');
  const program = run(await build(MODDABLE));
  program.child.stdin?.end(input);
  const lines = (await program).stdout.trim().split('\n');
  const [newKey, newSignature, calls] = (lines.pop() ?? '').split(' ');
  t.not(newKey, RFC6979_PUBLIC_KEY);
  const [key, message, signed] = [newKey, cases[0].message, newSignature].map((hex) => Buffer.from(hex, 'hex'));
  t.true(isSignature(key, message, signed), 'a key that was replaced');
  t.is(calls, '6', 'bounded steps');
  t.is(lines.length, cases.length + checks.length);
  checks.forEach(({ answer }, i) => {
    const [said, polls] = lines[cases.length + i].split(' ');
    t.is(said, answer);
    t.true(said === 'bad' || polls === '15', `${polls} slices`);
  });
  lines.slice(0, cases.length).forEach((line, i) => {
    const [publicKey, signature, polls] = line.split(' ');
    t.is(`${publicKey} ${signature}`, cases[i].expected);
    const [key, message, signed] = [publicKey, cases[i].message, signature].map((hex) => Buffer.from(hex, 'hex'));
    t.true(isSignature(key, message, signed));
    t.is(polls, '4');
  });
});
