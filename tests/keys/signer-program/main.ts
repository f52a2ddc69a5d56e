/**
 * The test program: of each line `secret message` in hexadecimal it prints `publicKey signature polls`; of each line
 * `? publicKey message signature` it prints `good polls` or `bad polls`; of each line `! secret message` it replaces the key
 * and prints `publicKey signature calls`.
 */
import { printLine, readLine } from 'terminal';
import { KEY_STORE_SECTORS, KeyStore } from '../../../hosts/keys/key-store.js';
import { ModdableCurve } from '../../../hosts/keys/moddable-curve.js';
import { ModdableDigest } from '../../../hosts/keys/moddable-digest.js';
import { ModdableVerifier } from '../../../hosts/keys/moddable-verifier.js';
import { SoftwareSigner } from '../../../hosts/keys/software-signer.js';
import type { FlashPort } from '../../../modules/board.js';
import { SIGNER_BUSY } from '../../../modules/sign/signer-state.js';
import { VERIFIER_BUSY, VERIFIER_GOOD } from '../../../modules/sign/verifier-state.js';

function fromHex(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

function toHex(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i++) text += (bytes[i] + 256).toString(16).slice(1);
  return text;
}

const digest = new ModdableDigest();
const curve = new ModdableCurve();
const verifier = new ModdableVerifier(digest);
const signature = new Uint8Array(64);

function verify(words: readonly string[]): void {
  const [publicKey, message, signed] = words.map(fromHex);
  const bytes = new Uint8Array(message.length + signed.length + publicKey.length);
  bytes.set(message);
  bytes.set(signed, message.length);
  bytes.set(publicKey, message.length + signed.length);
  verifier.start(bytes, message.length, message.length, message.length + signed.length);
  let polls = 1;
  let state = verifier.poll();
  for (; state === VERIFIER_BUSY; polls++) state = verifier.poll();
  printLine(`${state === VERIFIER_GOOD ? 'good' : 'bad'} ${polls}`);
}

const SECTOR_BYTES = 256;

/** Of two small sectors, erased. */
function memoryFlash(): FlashPort {
  const cells = new Uint8Array(KEY_STORE_SECTORS * SECTOR_BYTES).fill(255);
  return {
    eraseBytes: SECTOR_BYTES,
    size: cells.length,
    erase: (start) => void cells.fill(255, start, start + SECTOR_BYTES),
    read: (at, into, length) => into.set(cells.subarray(at, at + length)),
    write: (at, from, length) => {
      for (let i = 0; i < length; i++) cells[at + i] &= from[i];
    },
  };
}

/** Hashes of a count: passes for noise, and is none. */
function fillWithHashes(into: Uint8Array): void {
  const hash = new Uint8Array(32);
  for (let at = 0; at < into.length; at += 32) {
    hash[0] = at >> 5;
    digest.sha256(hash, 32, hash);
    into.set(hash, at);
  }
}

function rotate(words: readonly string[]): void {
  const [secret, message] = words.map(fromHex);
  const store = new KeyStore(memoryFlash());
  store.save(secret);
  const signer = new SoftwareSigner(secret, curve, digest, { store, noise: fillWithHashes });
  let calls = 1;
  while (signer.prepare(new Uint8Array(64)) === SIGNER_BUSY) calls++;
  const isDone = signer.commit();
  signer.start(message, message.length);
  while (signer.poll(signature) === SIGNER_BUSY);
  printLine(isDone ? `${toHex(signer.publicKey)} ${toHex(signature)} ${calls}` : 'not replaced');
}

for (let line = readLine(); line !== undefined; line = readLine()) {
  if (line[0] === '?') {
    verify(line.split(' ').slice(1));
    continue;
  }
  if (line[0] === '!') {
    rotate(line.split(' ').slice(1));
    continue;
  }
  const [secret, message] = line.split(' ').map(fromHex);
  const signer = new SoftwareSigner(secret, curve, digest);
  signer.start(message, message.length);
  let polls = 1;
  while (signer.poll(signature) === SIGNER_BUSY) polls++;
  printLine(`${toHex(signer.publicKey)} ${toHex(signature)} ${polls}`);
}
