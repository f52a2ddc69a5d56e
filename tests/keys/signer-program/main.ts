/**
 * The test program: of each line `secret message` in hexadecimal it prints `publicKey signature polls`; of each line
 * `? publicKey message signature` it prints `good polls` or `bad polls`.
 */
import { printLine, readLine } from 'terminal';
import { ModdableCurve } from '../../../hosts/keys/moddable-curve.js';
import { ModdableDigest } from '../../../hosts/keys/moddable-digest.js';
import { ModdableVerifier } from '../../../hosts/keys/moddable-verifier.js';
import { SoftwareSigner } from '../../../hosts/keys/software-signer.js';
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

for (let line = readLine(); line !== undefined; line = readLine()) {
  if (line[0] === '?') {
    verify(line.split(' ').slice(1));
    continue;
  }
  const [secret, message] = line.split(' ').map(fromHex);
  const signer = new SoftwareSigner(secret, curve, digest);
  signer.start(message, message.length);
  let polls = 1;
  while (signer.poll(signature) === SIGNER_BUSY) polls++;
  printLine(`${toHex(signer.publicKey)} ${toHex(signature)} ${polls}`);
}
