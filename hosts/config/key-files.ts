/**
 * Operators' keys, and a board's that does not make its own, in files: a COSE_Key each (RFC 9052 section 7), public as `NAME.cose_key`, private as `NAME.private_key` with
 * mode 0600. A private key that others can read is refused. It leaves this file only as a KeyObject, which prints nothing.
 */
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { closeSync, existsSync, fstatSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeItem } from '../collector/decode-item.js';
import { COORDINATE_BYTES, encodeKey, KeyError, keyIdOf } from '../collector/keys.js';
import { makeDirectory } from '../collector/make-directory.js';

export const PRIVATE_ENDING = '.private_key';
export const PUBLIC_ENDING = '.cose_key';
const PRIVATE_MODE = 0o600;
const OTHERS = 0o077;

/** An operator's key as a command is signed with, or a board's. */
export interface PrivateKey {
  readonly keyId: Uint8Array;
  readonly privateKey: KeyObject;
}

/** Writes DIR/NAME.private_key and DIR/NAME.cose_key, neither of which may be there; the key id in hexadecimal. */
export function generateKeyFiles(directory: string, name: string): string {
  const paths = [join(directory, name + PRIVATE_ENDING), join(directory, name + PUBLIC_ENDING)];
  for (const path of paths)
    if (existsSync(path)) throw new KeyError(`${path}: is there already, and is not overwritten`);
  const { d, x, y } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
  const bytes = (text: string | undefined) => Buffer.from(text ?? '', 'base64url');
  const publicKey = encodeKey(bytes(x), bytes(y));
  const secret = bytes(d);
  // {1: 2, -1: 1, -2: x, -3: y, -4: d}
  const privateKey = Buffer.concat([
    Uint8Array.of(0xa5),
    publicKey.subarray(1),
    Uint8Array.of(0x23, 0x58, 0x20),
    secret,
  ]);
  try {
    makeDirectory(directory, 0o700);
    writeFileSync(paths[0], privateKey, { mode: PRIVATE_MODE, flag: 'wx' });
    writeFileSync(paths[1], publicKey, { flag: 'wx' });
  } catch (error) {
    throw new KeyError(`${directory}: cannot be written (${(error as NodeJS.ErrnoException).code})`);
  } finally {
    secret.fill(0);
    privateKey.fill(0);
  }
  return Buffer.from(keyIdOf(bytes(x), bytes(y))).toString('hex');
}

/** The private key in a file; a KeyError of one line when it is none, or others may read it. */
export function loadPrivateKey(path: string): PrivateKey {
  const bytes = readPrivate(path);
  try {
    const map = decodeItem(bytes);
    if (!(map instanceof Map) || map.get(1) !== 2 || map.get(-1) !== 1) throw new Error();
    const [x, y, d] = [-2, -3, -4].map((label) => map.get(label));
    const isWhole = [x, y, d].every((part) => part instanceof Uint8Array && part.length === COORDINATE_BYTES);
    if (!isWhole) throw new Error();
    const base64 = (part: Uint8Array) => Buffer.from(part).toString('base64url');
    const jwk = { kty: 'EC', crv: 'P-256', x: base64(x), y: base64(y), d: base64(d) };
    return { keyId: keyIdOf(x, y), privateKey: createPrivateKey({ key: jwk, format: 'jwk' }) };
  } catch {
    throw new KeyError(`${path}: not a private P-256 COSE_Key`);
  } finally {
    bytes.fill(0);
  }
}

/** Writes what holds a private key to a new file of mode 0600. */
export function writePrivate(path: string, bytes: Uint8Array): void {
  try {
    writeFileSync(path, bytes, { mode: PRIVATE_MODE, flag: 'wx' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new KeyError(
      `${path}: ${code === 'EEXIST' ? 'is there already, and is not overwritten' : `cannot be written (${code})`}`,
    );
  }
}

function readPrivate(path: string): Buffer {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    throw new KeyError(`${path}: cannot read it (${(error as NodeJS.ErrnoException).code})`);
  }
  try {
    const mode = fstatSync(file).mode & 0o777;
    if ((mode & OTHERS) !== 0)
      throw new KeyError(`${path}: mode ${mode.toString(8)} lets others at the private key; chmod 600 it`);
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}
