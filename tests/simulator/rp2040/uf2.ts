/** A binary for flash as a UF2 file, 256 bytes a block. */

const BLOCK_BYTES = 512;
const PAYLOAD_BYTES = 256;
const RP2040_FAMILY = 0xe48bff56;

export function toUf2(binary: Uint8Array, family = RP2040_FAMILY): Uint8Array {
  const blocks = Math.ceil(binary.length / PAYLOAD_BYTES);
  const file = new Uint8Array(blocks * BLOCK_BYTES);
  for (let i = 0; i < blocks; i++) {
    const view = new DataView(file.buffer, i * BLOCK_BYTES, BLOCK_BYTES);
    const head = [0x0a324655, 0x9e5d5157, 0x2000, 0x10000000 + i * PAYLOAD_BYTES, PAYLOAD_BYTES, i, blocks, family];
    head.forEach((word, k) => {
      view.setUint32(4 * k, word, true);
    });
    file.set(binary.subarray(i * PAYLOAD_BYTES, (i + 1) * PAYLOAD_BYTES), i * BLOCK_BYTES + 32);
    view.setUint32(508, 0x0ab16f30, true);
  }
  return file;
}
