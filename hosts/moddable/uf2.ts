/**
 * ELF to UF2 (github.com/microsoft/uf2): what a board in its USB boot mode takes as a file.
 *
 *     block, 512 bytes: magic, magic, flags, address, 256, number, count, family, 256 bytes of data (476 reserved), magic
 */

const BLOCK_BYTES = 512;
const DATA_AT = 32;
const DATA_BYTES = 256;
const MAGIC_START = [0x0a324655, 0x9e5d5157] as const;
const MAGIC_END = 0x0ab16f30;
const FLAG_FAMILY = 0x2000;
export const FAMILY_RP2040 = 0xe48bff56;

const ELF_MAGIC = 0x464c457f;
const PROGRAM_LOAD = 1;

/** Pages of 256 bytes by address, as a 32-bit little-endian ELF loads them; gaps in a page are 0. Throws on other files. */
export function pagesOfElf(elf: Uint8Array): Map<number, Uint8Array> {
  const view = new DataView(elf.buffer, elf.byteOffset, elf.byteLength);
  if (elf.length < 52 || view.getUint32(0, true) !== ELF_MAGIC || elf[4] !== 1 || elf[5] !== 1)
    throw new Error('not a 32-bit little-endian ELF file');
  const pages = new Map<number, Uint8Array>();
  const headersAt = view.getUint32(28, true);
  const headerBytes = view.getUint16(42, true);
  for (let i = 0; i < view.getUint16(44, true); i++) {
    const at = headersAt + i * headerBytes;
    const bytes = view.getUint32(at + 16, true);
    if (view.getUint32(at, true) !== PROGRAM_LOAD || bytes === 0) continue;
    const offset = view.getUint32(at + 4, true);
    addBytes(pages, view.getUint32(at + 12, true), elf.subarray(offset, offset + bytes));
  }
  return pages;
}

function addBytes(pages: Map<number, Uint8Array>, address: number, bytes: Uint8Array): void {
  for (let i = 0; i < bytes.length; i++) {
    const at = address + i;
    const start = at - (at % DATA_BYTES);
    let page = pages.get(start);
    if (page === undefined) {
      page = new Uint8Array(DATA_BYTES);
      pages.set(start, page);
    }
    page[at - start] = bytes[i];
  }
}

export function encodeUf2(pages: ReadonlyMap<number, Uint8Array>, family: number): Uint8Array {
  const uf2 = new Uint8Array(pages.size * BLOCK_BYTES);
  const view = new DataView(uf2.buffer);
  const addresses = [...pages.keys()].sort((a, b) => a - b);
  addresses.forEach((address, number) => {
    const at = number * BLOCK_BYTES;
    const head = [...MAGIC_START, FLAG_FAMILY, address, DATA_BYTES, number, pages.size, family];
    head.forEach((word, i) => {
      view.setUint32(at + 4 * i, word, true);
    });
    uf2.set(pages.get(address) as Uint8Array, at + DATA_AT);
    view.setUint32(at + BLOCK_BYTES - 4, MAGIC_END, true);
  });
  return uf2;
}
