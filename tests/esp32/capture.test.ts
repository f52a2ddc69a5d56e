/** hosts/esp32/capture.c on a simulated chip (chip.c): what its interrupt takes and what its reader hands over. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { Accumulator } from '../../modules/capture/accumulate.js';
import { Block } from '../../modules/capture/block.js';

const SAMPLES = 10;
const ANALOG = 9;
const DIGITAL = 8;
const PULSES = 13;
const BLOCK_US = 10_000;
const SLOTS = 8;
const SOURCES = ['tests/esp32/chip.c', 'hosts/esp32/capture.c', 'hosts/native/accumulate.c'];
const INCLUDES = ['-Ihosts/native', '-Ihosts/esp32', '-Itests/esp32/stub-headers'];

interface Row {
  readonly sequence: number;
  readonly lost: number;
  readonly isFresh: number;
  readonly timeUs: number;
  readonly fields: string;
}

const program = join(mkdtempSync(join(tmpdir(), 'capture-')), 'chip');

test.before(() => {
  execFileSync('gcc', ['-std=gnu17', '-O1', '-Wall', '-Wextra', '-Werror', ...INCLUDES, ...SOURCES, '-o', program]);
});

/** The blocks, `end` lines left out. */
function play(commands: readonly string[]): Row[] {
  const output = execFileSync(program, { input: commands.join('\n'), encoding: 'utf8' });
  const rows: Row[] = [];
  for (const line of output.split('\n')) {
    if (line === 'end' || line === '') continue;
    const [sequence, lost, isFresh, timeUs, ...fields] = line.split(' ');
    rows.push({
      sequence: Number(sequence),
      lost: Number(lost),
      isFresh: Number(isFresh),
      timeUs: Number(timeUs),
      fields: fields.join(' '),
    });
  }
  return rows;
}

/** What chip.c puts on its inputs, through the reference; blocks that were lost are not fed to it. */
function expected(sequences: readonly number[]): string[] {
  const accumulator = new Accumulator(ANALOG, DIGITAL, SAMPLES);
  const block = new Block(ANALOG, DIGITAL);
  return sequences.map((sequence) => {
    for (let n = sequence * SAMPLES; n < (sequence + 1) * SAMPLES; n++) {
      for (let i = 0; i < SLOTS; i++) accumulator.addAnalog(i, (n * 7 + i * 500) & 4095);
      accumulator.addAnalog(SLOTS, PULSES);
      for (let i = 0; i < DIGITAL; i++) accumulator.addDigital(i, ((n * (i + 3)) >> 3) & 1);
      accumulator.endSample();
    }
    accumulator.take(block, 0);
    return [...block.analog, ...block.digital].join(' ');
  });
}

function fieldsOf(rows: readonly Row[]): string[] {
  return rows.map(({ fields }) => fields);
}

test('every sample of every input arrives, also past the pulse counter running over', (t) => {
  const commands: string[] = [];
  for (let i = 0; i < 100; i++) commands.push('run 30000', 'read');
  const rows = play(commands);
  t.true(rows.length >= 298);
  rows.forEach(({ sequence, lost, isFresh, timeUs }, i) => {
    t.deepEqual([sequence, lost, isFresh, timeUs], [i, 0, i === 0 ? 1 : 0, (i + 1) * BLOCK_US]);
  });
  t.deepEqual(fieldsOf(rows), expected(rows.map(({ sequence }) => sequence)));
});

test('a pause of JavaScript of 0.9 s loses nothing', (t) => {
  const rows = play(['run 300000', 'read', 'run 900000', 'read', 'run 100000', 'read']);
  t.true(rows.length >= 128);
  t.deepEqual(
    rows.map(({ lost }) => lost),
    rows.map(() => 0),
  );
  t.deepEqual(fieldsOf(rows), expected(rows.map((_, i) => i)));
});

test('after a pause longer than the ring the loss is counted and the rest is right', (t) => {
  const rows = play(['run 300000', 'read', 'run 3000000', 'read']);
  const at = rows.findIndex(({ lost }) => lost > 0);
  t.is(rows[at].sequence, at + rows[at].lost);
  t.is(rows[at].isFresh, 1);
  t.is(rows[at].timeUs, (rows[at].sequence + 1) * BLOCK_US);
  t.true(rows.length - at >= 100, 'the ring holds a second');
  t.is(rows.filter(({ lost }) => lost > 0).length, 1);
  const sequences = rows.map(({ sequence }) => sequence);
  t.deepEqual(fieldsOf(rows), expected(sequences));
});

for (const slot of [163, 160, 167, 8]) {
  test(`an interrupt that is 100 us late at slot ${slot} loses nothing, one of 400 us loses its block and says so`, (t) => {
    const onTime = play([`late ${slot} 100`, 'run 500000', 'read']);
    t.true(onTime.every(({ lost }) => lost === 0));
    const rows = play([`late ${slot} 400`, 'run 500000', 'read']);
    const losses = rows.filter(({ lost }) => lost > 0);
    t.is(losses.length, 1);
    t.is(losses[0].lost, 1);
    t.is(losses[0].isFresh, 1);
    t.is(losses[0].sequence, Math.floor(slot / SLOTS / SAMPLES) + 1);
    t.deepEqual(fieldsOf(rows), expected(rows.map(({ sequence }) => sequence)));
  });
}

test('a conversion that has not ended is no value', (t) => {
  const rows = play(['stuck 164', 'run 500000', 'read']);
  t.deepEqual(
    rows.filter(({ lost }) => lost > 0).map(({ sequence, lost }) => [sequence, lost]),
    [[3, 1]],
  );
});
