/**
 * Public keys of boards: COSE_Key files (RFC 9052 section 7), EC2 on P-256 (RFC 9053 section 7.1.1), and the key
 * identifier of frames: the first 8 bytes of the COSE Key Thumbprint (RFC 9679, SHA-256).
 */
import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeItem } from './decode-item.js';
import { makeDirectory } from './make-directory.js';

export const KEY_FILE_ENDING = '.cose_key';
export const COORDINATE_BYTES = 32;
export const KEY_ID_BYTES = 8;
const KEY_FILE_BYTES_MAX = 1024;

const LABEL_KEY_TYPE = 1;
const LABEL_ALGORITHM = 3;
const LABEL_CURVE = -1;
const LABEL_X = -2;
const LABEL_Y = -3;
const LABEL_D = -4;
const KEY_TYPE_EC2 = 2;
const CURVE_P256 = 1;
/** ESP256 and ES256, as of frames (`verify.ts`). */
const ALGORITHMS: readonly unknown[] = Object.freeze([-9, -7]);

export interface Key {
  /** Key identifier in hexadecimal. */
  readonly keyId: string;
  readonly publicKey: KeyObject;
  /** Identifier of the device's first key, that which was provisioned: the device goes by it, whatever key it has now. */
  readonly device: string;
  /** It signs the frames after this one, up to and with `until`: those that announced it and its successor. */
  readonly after: number;
  readonly until: number;
}

/** Keys by identifier. Those of a KeyRing can be followed to their successors (key-succession.ts). */
export type KeySet = ReadonlyMap<string, Key>;

export class KeyRing extends Map<string, Key> {}

/** A key that cannot be used; the message is one line that names the file. */
export class KeyError extends Error {}

/** The COSE_Key {1: 2, -1: 1, -2: x, -3: y}, deterministic: also what the thumbprint is taken over (RFC 9679 section 4.2). */
export function encodeKey(x: Uint8Array, y: Uint8Array): Uint8Array {
  if (x.length !== COORDINATE_BYTES || y.length !== COORDINATE_BYTES) throw new KeyError('x and y are 32 bytes each');
  return Uint8Array.of(0xa4, 0x01, 0x02, 0x20, 0x01, 0x21, 0x58, 0x20, ...x, 0x22, 0x58, 0x20, ...y);
}

/** First 8 bytes of the thumbprint. */
export function keyIdOf(x: Uint8Array, y: Uint8Array): Uint8Array {
  return createHash('sha256').update(encodeKey(x, y)).digest().subarray(0, KEY_ID_BYTES);
}

/** The key of a point; a KeyError when the point is not on P-256. */
export function keyOf(x: Uint8Array, y: Uint8Array): Key {
  const keyId = Buffer.from(keyIdOf(x, y)).toString('hex');
  const base64 = (coordinate: Uint8Array) => Buffer.from(coordinate).toString('base64url');
  try {
    const jwk = { kty: 'EC', crv: 'P-256', x: base64(x), y: base64(y) };
    const publicKey = createPublicKey({ key: jwk, format: 'jwk' });
    return { keyId, publicKey, device: keyId, after: -1, until: Number.POSITIVE_INFINITY };
  } catch {
    throw new KeyError('the point is not on the curve P-256');
  }
}

/** One set of keys, for `verifyFrame` and `Collector`. */
export function keySet(...keys: Key[]): KeyRing {
  return new KeyRing(keys.map((key) => [key.keyId, key]));
}

/** Writes DIR/device.cose_key (the directory is made when it is missing); the file's path. */
export function writeKey(directory: string, x: Uint8Array, y: Uint8Array): string {
  makeDirectory(directory);
  const path = join(directory, `device${KEY_FILE_ENDING}`);
  writeFileSync(path, encodeKey(x, y));
  return path;
}

/** The key in one file. */
export function loadKey(path: string): Key {
  try {
    return parseKey(readKeyFile(path));
  } catch (error) {
    if (error instanceof KeyError) throw new KeyError(`${path}: not a public P-256 COSE_Key: ${error.message}`);
    throw error;
  }
}

/** Every *.cose_key of a directory; a KeyError when there is none or one is not a key. */
export function loadKeys(directory: string): KeyRing {
  let names: string[];
  try {
    names = readdirSync(directory).filter((name) => name.endsWith(KEY_FILE_ENDING));
  } catch (error) {
    throw new KeyError(`${directory}: cannot read the directory of keys (${(error as NodeJS.ErrnoException).code})`);
  }
  if (names.length === 0) throw new KeyError(`${directory}: no *${KEY_FILE_ENDING} in it`);
  return keySet(...names.sort().map((name) => loadKey(join(directory, name))));
}

function readKeyFile(path: string): Uint8Array {
  try {
    if (statSync(path).size > KEY_FILE_BYTES_MAX) throw new KeyError('the file is too long');
    return readFileSync(path);
  } catch (error) {
    if (error instanceof KeyError) throw error;
    throw new KeyError(`cannot read it (${(error as NodeJS.ErrnoException).code})`);
  }
}

function parseKey(bytes: Uint8Array): Key {
  try {
    return keyOfMap(decodeItem(bytes));
  } catch (error) {
    if (error instanceof KeyError) throw error;
    throw new KeyError('not one CBOR item');
  }
}

/** The key that a decoded COSE_Key says; a KeyError when it is not a public one on P-256. */
export function keyOfMap(map: unknown): Key {
  if (!(map instanceof Map)) throw new KeyError('not a CBOR map');
  if (map.has(LABEL_D)) throw new KeyError('it holds a private key, which does not belong here');
  if (map.get(LABEL_KEY_TYPE) !== KEY_TYPE_EC2) throw new KeyError('key type (1) is not EC2 (2)');
  if (map.get(LABEL_CURVE) !== CURVE_P256) throw new KeyError('curve (-1) is not P-256 (1)');
  if (map.has(LABEL_ALGORITHM) && !ALGORITHMS.includes(map.get(LABEL_ALGORITHM)))
    throw new KeyError('algorithm (3) is neither ESP256 (-9) nor ES256 (-7)');
  const [x, y] = [map.get(LABEL_X), map.get(LABEL_Y)];
  if (!isCoordinate(x) || !isCoordinate(y)) throw new KeyError('x (-2) and y (-3) are not 32 bytes each');
  return keyOf(x, y);
}

function isCoordinate(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && value.length === COORDINATE_BYTES;
}
