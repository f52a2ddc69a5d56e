/**
 * CRC-32C (Castagnoli), reflected polynomial 0x82F63B78, RFC 3720 section 12.1; check value 0xE3069283.
 * Four bits a step: a table of 16 entries is small enough for ROM.
 */
export { crc32c } from './kernels.js';
