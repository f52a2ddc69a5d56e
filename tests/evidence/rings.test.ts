/** hosts/native/evidence.c against modules/evidence/rings.ts: the same blocks, the same packed stretches, to the bit. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { Block } from '../../modules/capture/block.js';
import { EvidenceRings } from '../../modules/evidence/rings.js';
import {
  EVIDENCE_DEPTH_MAX,
  EVIDENCE_LEVELS,
  EVIDENCE_PART_BYTES_MAX,
  EVIDENCE_RING_BYTES,
  EVIDENCE_SLOTS,
} from '../../modules/limits.js';
import { Random } from '../../simulator/random.js';

const BLOCKS = 3000;
const SOURCES = ['tests/evidence/harness.c', 'hosts/native/evidence.c'];

/** One of a few widths of noise, now and then no samples, now and then beyond what a point can say. */
function fill(block: Block, random: Random, analog: number, digital: number): string {
  const words: number[] = [];
  for (let i = 0; i < analog; i++) {
    const width = [3, 200, 70000][i % 3];
    const min = random.below(70000) - 2000;
    const fields = [random.uniform() < 0.05 ? 0 : 10, min, min + random.below(width)];
    fields.forEach((value, j) => {
      block.analog[5 * i + j] = value;
    });
    words.push(...fields);
  }
  for (let i = 0; i < digital; i++) {
    const fields = [random.uniform() < 0.05 ? -1 : random.below(2), random.uniform() < 0.2 ? random.below(11) : 0];
    block.digital[5 * i] = fields[0];
    block.digital[5 * i + 1] = fields[1];
    words.push(...fields);
  }
  return words.join(' ');
}

test('the boards keep evidence as the reference does, to the bit, over gaps and wide noise', (t) => {
  const program = join(mkdtempSync(join(tmpdir(), 'evidence-')), 'harness');
  execFileSync('gcc', ['-std=c11', '-O2', '-Wall', '-Wextra', '-Werror', '-Ihosts/native', ...SOURCES, '-o', program]);
  const seed = Date.now() % 1e6;
  t.log(`seed ${seed}`);
  const random = new Random(seed, 'evidence');
  let longest = 0;
  for (const [analog, digital] of [
    [8, 8],
    [1, 0],
    [0, 3],
    [12, 16],
  ]) {
    const rings = new EvidenceRings(analog, digital);
    const expected = [`${rings.depth}`];
    let input = `s ${analog} ${digital}\n`;
    const block = new Block(analog, digital);
    block.sequence = random.below(1e6);
    for (let i = 0; i < BLOCKS; i++) {
      block.sequence += random.uniform() < 0.01 ? 1 + random.below(random.uniform() < 0.3 ? 5000 : 30) : 1;
      input += `b ${block.sequence} ${fill(block, random, analog, digital)}\n`;
      rings.record(block);
      if (random.uniform() > 0.1) continue;
      const [slot, channel] = [random.below(EVIDENCE_SLOTS), random.below(analog + digital)];
      const level = random.below(EVIDENCE_LEVELS);
      const end = Math.floor(block.sequence / 10 ** level) - random.below(300) + 20;
      const points = 1 + random.below(300);
      input += `h ${slot} ${channel} ${level} ${end} ${points}\n`;
      const held = rings.hold(slot, channel, level, end, points);
      const bytes = new Uint8Array(EVIDENCE_PART_BYTES_MAX);
      rings.take(slot, bytes, 0);
      longest = Math.max(longest, rings.heldBytes(slot));
      expected.push(`${held} ${Buffer.from(bytes.subarray(0, rings.heldBytes(slot))).toString('hex')}`);
    }
    const lines = execFileSync(program, { input }).toString().split('\n');
    const differing = expected.findIndex((line, i) => line !== lines[i]);
    if (differing >= 0)
      t.fail(`${analog}+${digital}, line ${differing}: ${lines[differing]} expected ${expected[differing]}`);
  }
  t.true(longest <= EVIDENCE_PART_BYTES_MAX && longest > EVIDENCE_PART_BYTES_MAX - 120, `${longest} bytes at most`);
});

test('16 channels have 153 points of each level, few channels no more than the limit', (t) => {
  t.is(new EvidenceRings(8, 8).depth, Math.floor(EVIDENCE_RING_BYTES / 120));
  t.is(new EvidenceRings(1, 1).depth, EVIDENCE_DEPTH_MAX);
});
