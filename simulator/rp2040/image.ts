/** Images as they come out of a build: UF2 (Microsoft's specification) and ELF (System V ABI, 32-bit, little endian). */

export interface Segment {
  readonly address: number;
  readonly bytes: Uint8Array;
}

const UF2_BYTES = 512;
const UF2_MAGIC = 0x0a324655;
const UF2_MAGIC_2 = 0x9e5d5157;
const UF2_MAGIC_END = 0x0ab16f30;
const UF2_FLAG_NOT_FLASH = 1;
const UF2_FLAG_FAMILY = 0x2000;
const RP2040_FAMILY = 0xe48bff56;

/** Throws an Error with one line where it is not a UF2 for the RP2040. */
export function uf2Segments(file: Uint8Array): Segment[] {
  if (file.length === 0 || file.length % UF2_BYTES !== 0)
    throw new Error('not a UF2 file: its size is no multiple of 512');
  const segments: Segment[] = [];
  for (let at = 0; at < file.length; at += UF2_BYTES) {
    const view = new DataView(file.buffer, file.byteOffset + at, UF2_BYTES);
    const word = (i: number) => view.getUint32(4 * i, true);
    if (word(0) !== UF2_MAGIC || word(1) !== UF2_MAGIC_2 || view.getUint32(508, true) !== UF2_MAGIC_END) {
      throw new Error(`not a UF2 file: block ${at / UF2_BYTES} lacks its magic numbers`);
    }
    if ((word(2) & UF2_FLAG_NOT_FLASH) !== 0) continue;
    if ((word(2) & UF2_FLAG_FAMILY) !== 0 && word(7) !== RP2040_FAMILY) {
      throw new Error(`a UF2 for another chip: family 0x${word(7).toString(16)}`);
    }
    if (word(4) > 476) throw new Error(`not a UF2 file: block ${at / UF2_BYTES} is too long`);
    segments.push({ address: word(3), bytes: file.slice(at + 32, at + 32 + word(4)) });
  }
  return segments;
}

const ELF_MAGIC = 0x464c457f;
const PT_LOAD = 1;
const SHT_SYMTAB = 2;

export interface ElfImage {
  readonly segments: readonly Segment[];
  /** Addresses by name; of functions without the Thumb bit. */
  readonly symbols: ReadonlyMap<string, number>;
}

export function readElf(file: Uint8Array): ElfImage {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  if (file.length < 52 || view.getUint32(0, true) !== ELF_MAGIC || file[4] !== 1)
    throw new Error('not a 32-bit ELF file');
  const segments: Segment[] = [];
  const programHeaders = view.getUint32(28, true);
  for (let i = 0; i < view.getUint16(44, true); i++) {
    const at = programHeaders + i * view.getUint16(42, true);
    const bytes = view.getUint32(at + 16, true);
    if (view.getUint32(at, true) !== PT_LOAD || bytes === 0) continue;
    const from = view.getUint32(at + 4, true);
    segments.push({ address: view.getUint32(at + 12, true), bytes: file.slice(from, from + bytes) });
  }
  return { segments, symbols: readSymbols(file, view) };
}

function readSymbols(file: Uint8Array, view: DataView): Map<string, number> {
  const symbols = new Map<string, number>();
  const sections = view.getUint32(32, true);
  const entryBytes = view.getUint16(46, true);
  for (let i = 0; i < view.getUint16(48, true); i++) {
    const at = sections + i * entryBytes;
    if (view.getUint32(at + 4, true) !== SHT_SYMTAB) continue;
    const start = view.getUint32(at + 16, true);
    const names = view.getUint32(sections + view.getUint32(at + 24, true) * entryBytes + 16, true);
    for (let symbol = start; symbol < start + view.getUint32(at + 20, true); symbol += 16) {
      const isFunction = (view.getUint8(symbol + 12) & 15) === 2;
      const value = view.getUint32(symbol + 4, true);
      symbols.set(textAt(file, names + view.getUint32(symbol, true)), isFunction ? value & ~1 : value);
    }
  }
  return symbols;
}

function textAt(file: Uint8Array, at: number): string {
  return Buffer.from(file.subarray(at, file.indexOf(0, at))).toString('latin1');
}
