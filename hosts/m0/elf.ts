/** What an ELF file for the chip holds: the bytes to load, the symbols, the sizes of its sections. */
import { readFileSync } from 'node:fs';

export interface Section {
  readonly name: string;
  /** Where it lies while the image runs; 0: it does not. */
  readonly address: number;
  readonly bytes: number;
}

export interface Elf {
  readonly entry: number;
  readonly segments: readonly { readonly loadAddress: number; readonly content: Uint8Array }[];
  readonly sections: readonly Section[];
  readonly symbols: ReadonlyMap<string, number>;
  /** Functions by address. */
  readonly functions: readonly { readonly address: number; readonly bytes: number; readonly name: string }[];
}

const SHT_SYMTAB = 2;
const SHF_ALLOC = 2;
const STT_FUNC = 2;
const PT_LOAD = 1;

/** Reads a 32-bit little-endian ELF file. */
export function readElf(path: string): Elf {
  const file = readFileSync(path);
  const [entry, segmentsAt, sectionsAt] = [24, 28, 32].map((at) => file.readUInt32LE(at));
  const [segmentBytes, segmentCount, sectionBytes, sectionCount, namesIndex] = [42, 44, 46, 48, 50].map((at) =>
    file.readUInt16LE(at),
  );
  const segments = [];
  for (let i = 0; i < segmentCount; i++) {
    const [type, offset, , loadAddress, bytes] = words(file, segmentsAt + i * segmentBytes, 5);
    if (type === PT_LOAD && bytes > 0) segments.push({ loadAddress, content: file.subarray(offset, offset + bytes) });
  }
  const heads: number[][] = [];
  for (let i = 0; i < sectionCount; i++) heads.push(words(file, sectionsAt + i * sectionBytes, 10));
  const textAt = (index: number, at: number) => {
    const start = heads[index][4] + at;
    return file.toString('latin1', start, file.indexOf(0, start));
  };
  const sections = heads
    .filter(([, , flags]) => (flags & SHF_ALLOC) !== 0)
    .map(([name, , , address, , bytes]) => ({ name: textAt(namesIndex, name), address, bytes }));
  const symbols = new Map<string, number>();
  const functions = [];
  for (const [, type, , , offset, bytes, link] of heads) {
    if (type !== SHT_SYMTAB) continue;
    for (let at = offset; at < offset + bytes; at += 16) {
      const [nameAt, value, size] = words(file, at, 3);
      const name = textAt(link, nameAt);
      if (!name.startsWith('$')) symbols.set(name, value);
      if ((file[at + 12] & 15) === STT_FUNC) functions.push({ address: value & ~1, bytes: size, name });
    }
  }
  functions.sort((a, b) => a.address - b.address);
  return { entry, segments, sections, symbols, functions };
}

function words(file: Buffer, at: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => file.readUInt32LE(at + 4 * i));
}
