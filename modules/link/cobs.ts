/**
 * Consistent Overhead Byte Stuffing (Cheshire and Baker, IEEE/ACM Transactions on Networking 7(2), 1999):
 * a packet without zero bytes, so that 0x00 can end it on a serial line.
 */

export { cobsDecode, cobsEncode } from '../base/kernels.js';

/** Bytes that `length` bytes take at most when encoded, without the final 0x00. */
export function cobsBytesMax(length: number): number {
  return length + Math.floor(length / 254) + 1;
}
