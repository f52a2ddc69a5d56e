/** Private keys and nonces as 32 bytes, big-endian: held against n, the order of P-256 (SP 800-186 section 3.2.1.3). */

export const SCALAR_BYTES = 32;

const ORDER = Object.freeze([
  0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa,
  0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
]);

/** True when 1 <= scalar < n. Looks at every byte, whatever their values. */
export function isScalar(scalar: Uint8Array): boolean {
  let borrow = 0;
  let bits = 0;
  for (let i = SCALAR_BYTES - 1; i >= 0; i--) {
    borrow = (scalar[i] - ORDER[i] - borrow) >>> 31;
    bits |= scalar[i];
  }
  return borrow === 1 && bits !== 0;
}

/** Takes n off a number that is not below it: `bits2octets` of RFC 6979 section 2.3.4, as 2^256 < 2 n. */
export function reduceOnce(number: Uint8Array): void {
  let borrow = 0;
  for (let i = SCALAR_BYTES - 1; i >= 0; i--) borrow = (number[i] - ORDER[i] - borrow) >>> 31;
  if (borrow === 1) return;
  for (let i = SCALAR_BYTES - 1; i >= 0; i--) {
    const difference = number[i] - ORDER[i] - borrow;
    borrow = difference >>> 31;
    number[i] = difference & 255;
  }
}
