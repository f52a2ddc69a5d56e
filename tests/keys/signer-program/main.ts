/** The test program: of each line `secret message` in hexadecimal it prints `publicKey signature polls`. */
import { printLine, readLine } from 'terminal';
import { ModdableCurve } from '../../../hosts/keys/moddable-curve.js';
import { ModdableDigest } from '../../../hosts/keys/moddable-digest.js';
import { SoftwareSigner } from '../../../hosts/keys/software-signer.js';
import { SIGNER_BUSY } from '../../../modules/sign/signer-state.js';

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
const signature = new Uint8Array(64);
for (let line = readLine(); line !== undefined; line = readLine()) {
  const [secret, message] = line.split(' ').map(fromHex);
  const signer = new SoftwareSigner(secret, curve, digest);
  signer.start(message, message.length);
  let polls = 1;
  while (signer.poll(signature) === SIGNER_BUSY) polls++;
  printLine(`${toHex(signer.publicKey)} ${toHex(signature)} ${polls}`);
}
