/** hosts/native/accumulate.c against modules/capture/accumulate.ts: the same samples, the same blocks, to the bit. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { Accumulator } from '../../modules/capture/accumulate.js';
import { Block } from '../../modules/capture/block.js';
import { Random } from '../../simulator/random.js';

const SAMPLES = 10;
const BLOCKS = 400;
const SOURCES = ['tests/native/accumulate-harness.c', 'hosts/native/accumulate.c'];

/** Which bits of a 16-bit word are the sample, and which say that it is none. */
interface Words {
  readonly value: number;
  readonly invalid: number;
}

interface Row {
  readonly words: number[];
  readonly levels: number;
}

/** Blocks with rare edges, with many, and with samples that do not count: now and then all of a channel's. */
function makeRows(random: Random, analog: number, { value, invalid }: Words): Row[] {
  const rows: Row[] = [];
  let levels = random.below(256);
  for (let i = 0; i < BLOCKS * SAMPLES; i++) {
    const block = Math.floor(i / SAMPLES);
    if (random.uniform() < (block % 3 === 0 ? 0.7 : 0.05)) levels ^= 1 << random.below(8);
    const words = Array.from({ length: analog }, (_, channel) => {
      const isExtreme = random.uniform() < 0.1;
      const word = isExtreme ? (random.uniform() < 0.5 ? value : 0) : random.below(65536) & ~invalid;
      const isDead = block % 7 === channel % 7;
      return isDead || random.uniform() < 0.1 ? word | invalid : word;
    });
    rows.push({ words, levels });
  }
  return rows;
}

/** The fields of each block by the reference, as a line of numbers. */
function accumulate(rows: readonly Row[], analog: number, digital: number, { value, invalid }: Words): string[] {
  const accumulator = new Accumulator(analog, digital, SAMPLES);
  const block = new Block(analog, digital);
  const lines: string[] = [];
  for (const { words, levels } of rows) {
    words.forEach((word, i) => {
      if ((word & invalid) === 0) accumulator.addAnalog(i, word & value);
    });
    for (let i = 0; i < digital; i++) accumulator.addDigital(i, (levels >> i) & 1);
    accumulator.endSample();
    if (!accumulator.isFull()) continue;
    accumulator.take(block, 0);
    lines.push([...block.analog, ...block.digital].join(' '));
  }
  return lines;
}

test('the boards accumulate as the reference does, to the bit', (t) => {
  const program = join(mkdtempSync(join(tmpdir(), 'accumulate-')), 'harness');
  execFileSync('gcc', ['-std=c11', '-O2', '-Wall', '-Wextra', '-Werror', '-Ihosts/native', ...SOURCES, '-o', program]);
  const seed = Date.now() % 1e6;
  t.log(`seed ${seed}`);
  const random = new Random(seed, 'accumulate');
  const formats: Words[] = [
    { value: 0x0fff, invalid: 0x1000 },
    { value: 0x0fff, invalid: 0x8000 },
    { value: 0xffff, invalid: 0 },
  ];
  for (const words of formats) {
    const [analog, digital] = [1 + random.below(12), random.below(9)];
    const rows = makeRows(random, analog, words);
    let input = '';
    rows.forEach((row, i) => {
      if (i % SAMPLES === 0) input += `${random.below(SAMPLES + 1)}\n`;
      input += `${row.words.join(' ')} ${row.levels}\n`;
    });
    const output = execFileSync(program, [analog, digital, words.value, words.invalid].map(String), { input });
    const lines = output.toString().trimEnd().split('\n');
    t.deepEqual(
      lines.map((line) => line.trimEnd()),
      accumulate(rows, analog, digital, words),
    );
  }
});
