/**
 * CRC-32C (Castagnoli), reflected polynomial 0x82F63B78, RFC 3720 section 12.1; check value 0xE3069283.
 * Four bits a step: a table of 16 entries is small enough for ROM.
 */
const TABLE = Object.freeze([
  0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d, 0x82f63b78,
  0x92a8fc17, 0xa24bb5a6, 0xb21572c9, 0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
]);

/** CRC-32C of bytes[start] to bytes[end - 1], as an unsigned 32-bit number. */
export function crc32c(bytes: Uint8Array, start: number, end: number): number {
  const table = TABLE;
  let crc = ~0;
  for (let i = start; i < end; i++) {
    crc ^= bytes[i];
    crc = (crc >>> 4) ^ table[crc & 15];
    crc = (crc >>> 4) ^ table[crc & 15];
  }
  return ~crc >>> 0;
}
