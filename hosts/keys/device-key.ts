/**
 * The board's private key: from its store, or on the first boot made from physical noise: read in excess, health-tested
 * (noise-health.ts), conditioned by SHA-256, held against the curve's order. It is never printed, logged or sent.
 */
import type { Digest } from '../../modules/board.js';
import type { KeyStore } from './key-store.js';
import { isNoiseHealthy } from './noise-health.js';
import { isScalar, SCALAR_BYTES } from './scalar.js';

/** Raw noise for one key: 1024 bits of entropy where a raw bit has an eighth of one; 256 are needed. */
export const NOISE_BYTES = 1024;
/** A hash is no key once in 2^32: more tries than this are a fault of the board. */
const TRIES_MAX = 4;

/** Fills the array with raw bits of the chip's noise source. */
export type Noise = (into: Uint8Array) => void;

/** The kept key, or a new one, which is then kept. Throws a one-line reason when there can be none. */
export function openDeviceKey(store: KeyStore, noise: Noise, digest: Digest): Uint8Array {
  const kept = store.load();
  if (kept !== null) return kept;
  const key = createKey(noise, digest);
  store.save(key);
  return key;
}

/** A new private key. */
export function createKey(noise: Noise, digest: Digest): Uint8Array {
  const raw = new Uint8Array(NOISE_BYTES);
  const key = new Uint8Array(SCALAR_BYTES);
  for (let i = 0; i < TRIES_MAX; i++) {
    noise(raw);
    if (!isNoiseHealthy(raw)) throw new Error('keys: the noise source fails its health test, no key is made from it');
    digest.sha256(raw, NOISE_BYTES, key);
    raw.fill(0);
    if (isScalar(key)) return key;
  }
  throw new Error('keys: the noise gives no private key');
}
