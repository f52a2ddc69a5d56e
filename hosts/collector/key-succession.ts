/**
 * A device that replaces its key says so in a key frame (kind 9), signed by the old key: its successor signs every frame
 * after that one, and nobody else does. What was followed is kept beside the keys, as the signed frames themselves
 * (`KEYID.successors`, a CBOR sequence), so that it needs no trust: it is verified again whenever it is read.
 */
import { closeSync, fsyncSync, openSync, readdirSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { KIND_KEY } from '../../modules/frame/kinds.js';
import { parseEnvelope } from './envelope.js';
import { type Key, KeyError, KeyRing, type KeySet, keyOfMap, loadKeys } from './keys.js';
import { type Frame, isRefusal, verifyFrame } from './verify.js';

export const SUCCESSORS_ENDING = '.successors';
const BODY_PUBLIC_KEY = 1;
/** Replacements that are followed of one device; with the longest key frame that bounds the file of them to 1 MB. */
export const SUCCESSIONS_MAX = 1000;
const KEY_FRAME_BYTES_MAX = 1024;

/** What a key frame brought: one line; `isFollowed` false where it is suspicious. */
export interface Succession {
  readonly isFollowed: boolean;
  readonly line: string;
}

/** Takes what a verified frame says of keys; undefined where it says nothing new. */
export function followKey(frame: Frame, keys: KeySet): Succession | undefined {
  const old = keys.get(frame.signedBy);
  if (frame.kind !== KIND_KEY || old === undefined || !(keys instanceof KeyRing)) return undefined;
  const { sequence } = frame;
  const next = successorIn(frame);
  const refused = (line: string) => ({ isFollowed: false, line });
  if (next === undefined) return refused('it names no public key on P-256: its successor cannot be followed');
  if (old.until !== Number.POSITIVE_INFINITY) {
    const isKnown = old.until === sequence && keys.get(next.keyId)?.after === sequence;
    return isKnown ? undefined : refused(`key ${old.keyId} was replaced in frame ${old.until} already: suspicious`);
  }
  const known = keys.get(next.keyId);
  if (known?.device === old.device) return refused('it names a key that the device had before: suspicious');
  // or any device could take another's name away: what that one signs would be its own
  if (known !== undefined) return refused(`it names the key of device ${known.device}: suspicious`);
  if (frame.bytes.length > KEY_FRAME_BYTES_MAX) return refused('its key frame is longer than one may be');
  if (keysOf(old.device, keys) > SUCCESSIONS_MAX)
    return refused(`it has replaced its key ${SUCCESSIONS_MAX} times, which is as often as is followed`);
  keys.set(old.keyId, { ...old, until: sequence });
  keys.set(next.keyId, { ...next, device: old.device, after: sequence });
  return { isFollowed: true, line: `key ${old.keyId} is replaced: from frame ${sequence + 1} on ${next.keyId} signs` };
}

function keysOf(device: string, keys: KeySet): number {
  let count = 0;
  for (const key of keys.values()) if (key.device === device) count++;
  return count;
}

function successorIn({ body }: Frame): Key | undefined {
  try {
    return keyOfMap(body.get(BODY_PUBLIC_KEY));
  } catch (error) {
    if (error instanceof KeyError) return undefined;
    throw error;
  }
}

/** The keys of a directory with the successors that were followed before; a KeyError where one cannot be used. */
export function loadKeyRing(directory: string): KeyRing {
  const keys = loadKeys(directory);
  for (const name of readdirSync(directory)
    .filter((each) => each.endsWith(SUCCESSORS_ENDING))
    .sort()) {
    const path = join(directory, name);
    const bytes = readFileSync(path);
    // the device's own key may have been taken away on purpose
    if (!keys.has(name.slice(0, -SUCCESSORS_ENDING.length))) continue;
    followAll(path, bytes, keys, name.slice(0, -SUCCESSORS_ENDING.length));
  }
  return keys;
}

/** What is beyond SUCCESSIONS_MAX was kept by a collector that did not count: it is left alone. */
function followAll(path: string, bytes: Uint8Array, keys: KeyRing, device: string): void {
  let followed = keysOf(device, keys) - 1;
  for (let at = 0; at < bytes.length && followed < SUCCESSIONS_MAX; followed++) {
    const envelope = parseEnvelope(bytes, at, bytes.length);
    if (typeof envelope === 'string') throw new KeyError(`${path}: byte ${at}: not a key frame`);
    const frame = verifyFrame(bytes.subarray(at, envelope.end), keys);
    if (isRefusal(frame)) throw new KeyError(`${path}: byte ${at}: ${frame.reason}`);
    const succession = followKey(frame, keys);
    if (succession?.isFollowed === false) throw new KeyError(`${path}: byte ${at}: ${succession.line}`);
    at = envelope.end;
  }
}

/** Keeps a key frame that was followed, on the disk when this returns; why it could not, undefined when it is kept. */
export function keepSuccession(directory: string, frame: Frame): string | undefined {
  const path = join(directory, frame.keyId + SUCCESSORS_ENDING);
  try {
    let kept: Buffer = Buffer.alloc(0);
    try {
      kept = readFileSync(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    if (kept.includes(Buffer.from(frame.bytes))) return undefined;
    writeWhole(path, Buffer.concat([kept, frame.bytes]));
    return undefined;
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error;
    return `${path} cannot be written (${code})`;
  }
}

/** The old file or the new one, also when the power fails. */
function writeWhole(path: string, bytes: Uint8Array): void {
  const file = openSync(`${path}.new`, 'w');
  try {
    writeSync(file, bytes);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(`${path}.new`, path);
}
