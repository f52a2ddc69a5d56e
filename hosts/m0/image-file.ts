/** The linked image: what to load, where its functions are, how large its sections came out. */
import { readFileSync } from 'node:fs';
import { readElf, type Segment } from '../../simulator/rp2040/image.js';

export interface Section {
  readonly name: string;
  readonly address: number;
  readonly bytes: number;
}

const SHT_SYMTAB = 2;
const SHF_ALLOC = 2;
const STT_FUNC = 2;

export class ImageFile {
  readonly segments: readonly Segment[];
  /** Those that lie in flash or RAM. */
  readonly sections: readonly Section[];
  private readonly symbols: ReadonlyMap<string, number>;
  private readonly functions: readonly { readonly address: number; readonly name: string }[];

  /** Reads a 32-bit little-endian ELF file. */
  constructor(path: string) {
    const file = readFileSync(path);
    ({ segments: this.segments, symbols: this.symbols } = readElf(file));
    const heads = sectionHeads(file);
    const names = heads[file.readUInt16LE(50)][4];
    this.sections = heads
      .filter(([, , flags, , , bytes]) => (flags & SHF_ALLOC) !== 0 && bytes > 0)
      .map(([name, , , address, , bytes]) => ({ name: textAt(file, names + name), address, bytes }));
    this.functions = functionsOf(file, heads);
  }

  addressOf(symbol: string): number {
    const address = this.symbols.get(symbol);
    if (address === undefined) throw new Error(`the image has no ${symbol}`);
    return address;
  }

  functionAt(pc: number): string {
    const { functions } = this;
    let low = 0;
    let high = functions.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (functions[middle].address <= pc) low = middle;
      else high = middle;
    }
    return functions[low].name;
  }
}

/** The ten words of each section header. */
function sectionHeads(file: Buffer): number[][] {
  const at = file.readUInt32LE(32);
  const heads = [];
  for (let i = 0; i < file.readUInt16LE(48); i++) heads.push(words(file, at + i * file.readUInt16LE(46), 10));
  return heads;
}

function functionsOf(file: Buffer, heads: readonly number[][]): { address: number; name: string }[] {
  const found = [];
  for (const [, type, , , offset, bytes, link] of heads) {
    if (type !== SHT_SYMTAB) continue;
    for (let at = offset; at < offset + bytes; at += 16) {
      const [name, value] = words(file, at, 2);
      if ((file[at + 12] & 15) === STT_FUNC)
        found.push({ address: value & ~1, name: textAt(file, heads[link][4] + name) });
    }
  }
  return found.sort((a, b) => a.address - b.address);
}

function words(file: Buffer, at: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => file.readUInt32LE(at + 4 * i));
}

function textAt(file: Buffer, at: number): string {
  return file.toString('latin1', at, file.indexOf(0, at));
}
