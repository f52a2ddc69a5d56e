/**
 * The board's private key: from its store, or made from physical noise, on the first boot and when it is to be replaced:
 * read in excess, health-tested (noise-health.ts), conditioned by SHA-256, held against the curve's order. It is never
 * printed, logged or sent.
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
  if (key === null) throw new Error('keys: the noise source fails its health test, no key is made from it');
  if (!store.save(key)) throw new Error('keys: the flash did not keep the key');
  return key;
}

/** A new private key; null when the noise source fails its health test. @offStep at the first start and by command only */
export function createKey(noise: Noise, digest: Digest): Uint8Array | null {
  const raw = new Uint8Array(NOISE_BYTES);
  const key = new Uint8Array(SCALAR_BYTES);
  for (let i = 0; i < TRIES_MAX; i++) {
    noise(raw);
    const isHealthy = isNoiseHealthy(raw);
    if (isHealthy) digest.sha256(raw, NOISE_BYTES, key);
    raw.fill(0);
    if (!isHealthy) return null;
    if (isScalar(key)) return key;
  }
  throw new Error('keys: the noise gives no private key');
}
