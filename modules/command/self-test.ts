/** What a board can say of itself by command: SHA-256 and CRC-32C give their known answers (FIPS 180-4, RFC 3720). */
import { crc32c } from '../base/crc32c.js';
import type { Digest } from '../board.js';

const CRC_OF_DIGITS = 0xe3069283;
/** SHA-256 of "123456789". */
const HASH_BEGINS = Object.freeze([0x15, 0xe2, 0xb0, 0xd3]);

/** True when both are right. @offStep by command only */
export function areSumsRight(digest: Digest): boolean {
  const digits = new Uint8Array(9);
  for (let i = 0; i < digits.length; i++) digits[i] = 0x31 + i;
  const hash = new Uint8Array(32);
  digest.sha256(digits, digits.length, hash);
  let isRight = crc32c(digits, 0, digits.length) === CRC_OF_DIGITS;
  for (let i = 0; i < HASH_BEGINS.length; i++) if (hash[i] !== HASH_BEGINS[i]) isRight = false;
  return isRight;
}
