/**
 * The bench's exported machines as assembler files: bytes as they are, and where a word points to C, the symbol, so that
 * the linker puts the chip's own address there. Also the part of the linker script that places the root machine.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** As hosts/bench/export.c writes it. */
interface Exported {
  readonly ranges: readonly Range[];
  readonly pointers: readonly (readonly [at: number, to: number | string, isMachine?: 0])[];
  readonly fields: Readonly<Record<string, number>>;
  /** Of the root. */
  readonly modules?: readonly ModuleCode[];
}

/** Where a module's byte code lies in flash. */
export interface ModuleCode {
  readonly path: string;
  readonly address: number;
  readonly bytes: number;
}

interface Range {
  readonly section: string;
  readonly address: number;
  readonly bytes: number;
}

/** The tables of a state, in the order of machine.c. */
const TABLES = ['memory', 'nameTable', 'symbolTable', 'keyArray', 'aliasArray'];

/** Where a state's clock and flash stood when it was exported. */
export interface State {
  readonly nowUs: number;
  readonly flash: Uint8Array;
}

/** Writes root.s, root.ld and states.s into `folder`, which holds what `bench` exported. */
export function writeImage(
  folder: string,
  bench: string,
  states: number,
): { states: State[]; modules: readonly ModuleCode[] } {
  const pool = new Pool(symbolsOf(bench));
  const root = read(folder, 'root');
  const lines: string[] = [];
  const script: string[] = [];
  const bytes = offsets(root);
  root.ranges.forEach((range, i) => {
    if (range.bytes === 0) return;
    if (range.section === 'keyArray') lines.push('.section .tables,"a"', '.balign 4', '.global rootKeys', 'rootKeys:');
    else {
      lines.push(`.section .root${i},"a"`);
      script.push(`.root${i} ${range.address} : { KEEP(*(.root${i})) }`);
    }
    pool.place(lines, range, 'root.bin', bytes[i], root.pointers);
  });
  const found = [];
  const heads = ['.section .states,"a"', '.balign 4', '.global states', 'states:'];
  const bodies: string[] = [];
  for (let n = 0; n < states; n++) {
    const state = read(folder, `${n}`);
    const { nowUs, ...fields } = state.fields;
    for (const value of Object.values(fields)) heads.push(`.word ${value}`);
    const at = offsets(state);
    for (const table of TABLES) {
      heads.push(`.word state${n}${table}`);
      const i = state.ranges.findIndex(({ section }) => section === table);
      bodies.push('.balign 4', `state${n}${table}:`);
      pool.place(bodies, state.ranges[i], `${n}.bin`, at[i], state.pointers);
    }
    found.push({ nowUs, flash: readFileSync(join(folder, `${n}.bin`)).subarray(at[state.ranges.length]) });
  }
  writeFileSync(join(folder, 'root.s'), `${[...lines, ...pool.texts()].join('\n')}\n`);
  writeFileSync(join(folder, 'states.s'), `${[...heads, ...bodies].join('\n')}\n`);
  writeFileSync(join(folder, 'root.ld'), `${script.join('\n')}\n`);
  return { states: found, modules: root.modules ?? [] };
}

function read(folder: string, name: string): Exported {
  return JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'));
}

/** Where each range begins in the file of its bytes; one more: where they end. */
function offsets({ ranges }: Exported): number[] {
  const at = [0];
  for (const { bytes } of ranges) at.push(at[at.length - 1] + bytes);
  return at;
}

interface SymbolEntry {
  readonly address: number;
  readonly bytes: number;
  readonly name: string;
}

/** Functions and data of the bench, by address. */
function symbolsOf(bench: string): SymbolEntry[] {
  const text = execFileSync('nm', ['-n', '-S', '--defined-only', bench], { encoding: 'utf8', maxBuffer: 1 << 26 });
  const found: SymbolEntry[] = [];
  for (const line of text.split('\n')) {
    const match = /^(\w+) (\w+) \w (\S+)$/.exec(line);
    if (match)
      found.push({ address: Number.parseInt(match[1], 16), bytes: Number.parseInt(match[2], 16), name: match[3] });
  }
  return found;
}

/** Gives addresses of the bench their names on the chip, and keeps the texts that lay outside the machines. */
class Pool {
  private readonly symbols: readonly SymbolEntry[];
  private readonly labels = new Map<string, string>();

  constructor(symbols: readonly SymbolEntry[]) {
    this.symbols = symbols;
  }

  /** The range's bytes from `file`, every pointer in it by name. */
  place(lines: string[], range: Range, file: string, offset: number, pointers: Exported['pointers']): void {
    let at = range.address;
    const copyTo = (end: number) => {
      if (end > at) lines.push(`.incbin "${file}",${offset + at - range.address},${end - at}`);
    };
    const inside = pointers.filter(([address]) => address >= range.address && address < range.address + range.bytes);
    for (const [address, to, isMachine] of inside.sort((a, b) => a[0] - b[0])) {
      copyTo(address);
      lines.push(
        `.word ${isMachine === 0 ? to : typeof to === 'number' ? this.nameOf(to) : this.labelOf(to as string)}`,
      );
      at = address + 4;
    }
    copyTo(range.address + range.bytes);
  }

  texts(): string[] {
    const lines = ['.section .tables,"a"'];
    for (const [hex, label] of this.labels) {
      const bytes = Buffer.from(hex, 'hex');
      lines.push(`.global ${label}`, `${label}: .byte ${[...bytes, 0].join(',')}`);
    }
    return lines;
  }

  private nameOf(address: number): string {
    const found = this.symbols.find((symbol) => address >= symbol.address && address < symbol.address + symbol.bytes);
    if (found === undefined)
      throw new Error(`the exported machine points to 0x${address.toString(16)}: no symbol there`);
    return address === found.address ? found.name : `${found.name}+${address - found.address}`;
  }

  private labelOf(hex: string): string {
    const label = this.labels.get(hex) ?? `text${this.labels.size}`;
    this.labels.set(hex, label);
    return label;
  }
}
