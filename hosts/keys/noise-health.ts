/**
 * Health tests of a physical noise source (NIST SP 800-90B section 4.4): repetition count and adaptive proportion over its
 * raw bits, the most significant of each byte first. They find a source that has failed; they prove no entropy.
 *
 * Claimed: 1/8 bit of entropy a bit. A healthy source is refused once in 2^20 trials of each test.
 *   repetition count     section 4.4.1   C = 1 + ceil(20 / H)
 *   adaptive proportion  section 4.4.2   C = 1 + critbinom(W, 2^-H, 1 - 2^-20)
 */

/** Bits of entropy claimed for a raw bit. */
export const ENTROPY_PER_BIT = 1 / 8;
/** As many equal bits in a row are a failure. */
export const REPETITION_CUTOFF = 161;
/** Window of the adaptive proportion test, in bits, and how often its first bit may not appear in it. */
export const PROPORTION_WINDOW = 1024;
export const PROPORTION_CUTOFF = 979;

/** True when the raw noise passes both tests; it is at least one window long. */
export function isNoiseHealthy(noise: Uint8Array): boolean {
  const bits = noise.length * 8;
  if (bits < PROPORTION_WINDOW) return false;
  let last = -1;
  let repeated = 0;
  let first = 0;
  let same = 0;
  for (let i = 0; i < bits; i++) {
    const bit = (noise[i >>> 3] >>> (7 - (i & 7))) & 1;
    repeated = bit === last ? repeated + 1 : 1;
    last = bit;
    if (i % PROPORTION_WINDOW === 0) {
      first = bit;
      same = 0;
    }
    if (bit === first) same++;
    if (repeated >= REPETITION_CUTOFF || same >= PROPORTION_CUTOFF) return false;
  }
  return true;
}
