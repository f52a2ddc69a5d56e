/** hosts/native/raw.c against modules/evidence/raw-ring.ts: the same samples, the same packed stretches, to the bit. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { rawAnalog, rawContact } from '../../hosts/collector/raw-evidence.js';
import { NO_LEVELS, NO_SAMPLE, SampledBlock } from '../../modules/capture/sampled-block.js';
import { EvidenceRings } from '../../modules/evidence/rings.js';
import {
  EVIDENCE_PART_BYTES_MAX,
  EVIDENCE_RAW_RING_BYTES,
  EVIDENCE_RAW_SAMPLES_MAX,
  EVIDENCE_SLOTS,
} from '../../modules/limits.js';
import { Random } from '../../simulator/random.js';

const SOURCES = ['tests/evidence/raw-harness.c', 'hosts/native/raw.c', 'hosts/native/evidence.c'];

/** Samples of a block: quiet, noisy and wild analog channels, contacts that bounce; now and then none. */
function fill(block: SampledBlock, random: Random, analog: number, blockSamples: number): void {
  const { samples } = block;
  for (let i = 0; i < samples.length; i++) {
    const isAnalog = i < analog * blockSamples;
    const width = isAnalog ? [4, 100, 65535][Math.floor(i / blockSamples) % 3] : 1 << blockSamples;
    const isMissing = random.uniform() < 0.02;
    if (isAnalog) samples[i] = isMissing ? NO_SAMPLE : Math.min(30000, 65535 - width) + random.below(width);
    else samples[i] = isMissing ? NO_LEVELS : random.uniform() < 0.8 ? 0 : random.below(width);
  }
}

/** What the ring must hold, from the blocks of which it may have forgotten the old ones. */
function expectedOf(blocks: ReadonlyMap<number, Uint16Array>, channel: number, analog: number, S: number, i: number) {
  const samples = blocks.get(Math.floor(i / S));
  if (samples === undefined) return null;
  const value = channel < analog ? samples[channel * S + (i % S)] : samples[analog * S + channel - analog];
  if (channel < analog) return value === NO_SAMPLE ? null : value;
  return value === NO_LEVELS ? null : (value >> (i % S)) & 1;
}

for (const [analog, digital, blockSamples] of [
  [8, 8, 10],
  [1, 0, 10],
  [0, 3, 15],
  [12, 16, 7],
])
  test(`${analog}+${digital} lines, ${blockSamples} samples a block: ring, C and collector agree to the count`, (t) => {
    const program = join(mkdtempSync(join(tmpdir(), 'raw-')), 'harness');
    const flags = ['-std=c11', '-O2', '-Wall', '-Wextra', '-Werror', '-Ihosts/native'];
    execFileSync('gcc', [...flags, ...SOURCES, '-o', program]);
    const seed = Date.now() % 1e6;
    t.log(`seed ${seed}`);
    const random = new Random(seed, 'raw');
    const rings = new EvidenceRings(analog, digital, blockSamples);
    const { raw } = rings;
    if (raw === undefined) throw new Error('no samples are kept');
    const blocks = new Map<number, Uint16Array>();
    const block = new SampledBlock(analog, digital, blockSamples);
    const expected = [`${raw.depth}`];
    const lines = [`s ${analog} ${digital} ${blockSamples}`];
    let [held, refused] = [0, 0];
    block.sequence = random.below(1e6);
    for (let n = 0; n < 3000; n++) {
      block.sequence += random.uniform() < 0.01 ? 1 + random.below(random.uniform() < 0.1 ? 5000 : 30) : 1;
      fill(block, random, analog, blockSamples);
      blocks.set(block.sequence, block.samples.slice());
      rings.record(block);
      lines.push(`b ${block.sequence} ${block.samples.join(' ')}`);
      if (random.uniform() > 0.1) continue;
      const [slot, channel] = [random.below(EVIDENCE_SLOTS), random.below(analog + digital)];
      const end = (block.sequence + 1) * blockSamples - 1 - random.below(random.uniform() < 0.2 ? 200_000 : 700);
      const asked = 1 + random.below(EVIDENCE_RAW_SAMPLES_MAX);
      const count = raw.hold(slot, channel, end, asked);
      const bytes = new Uint8Array(EVIDENCE_PART_BYTES_MAX);
      rings.take(slot, bytes, 0);
      const packed = bytes.subarray(0, rings.heldBytes(slot));
      lines.push(`h ${slot} ${channel} ${end} ${asked}`);
      expected.push(`${count} ${Buffer.from(packed).toString('hex')}`);
      if (count < 0) refused++;
      if (count <= 0) continue;
      held++;
      const rebuilt = channel < analog ? rawAnalog(packed, count) : rawContact(packed, count).samples;
      const first = end - count + 1;
      // after a jump over more than the ring, what it has not yet overwritten is still there, and that only
      const isOld = (i: number) => block.sequence - Math.floor(i / blockSamples) >= raw.depth;
      const wrong = rebuilt.findIndex(
        (value, i) =>
          value !== expectedOf(blocks, channel, analog, blockSamples, first + i) &&
          !(value === null && isOld(first + i)),
      );
      if (wrong >= 0) t.fail(`seed ${seed}, block ${block.sequence}, channel ${channel}, sample ${wrong} of ${count}`);
    }
    t.true(held > 50, `${held} held`);
    if (analog > 2) t.true(refused > 0, 'wild noise does not fit, and says so');
    const answer = execFileSync(program, { input: `${lines.join('\n')}\n`, maxBuffer: 1 << 26 })
      .toString()
      .split('\n');
    const differing = expected.findIndex((line, i) => line !== answer[i]);
    t.is(differing, -1, `${answer[differing]} expected ${expected[differing]}`);
  });

test('the ring stays in its bound, and 16 lines have more than 14 s of samples in it', (t) => {
  for (const [analog, digital, samples] of [
    [8, 8, 10],
    [64, 0, 15],
    [0, 1, 1],
  ]) {
    const depth = new EvidenceRings(analog, digital, samples).raw?.depth ?? 0;
    t.true(depth * (8 + 2 * (analog * samples + digital)) <= EVIDENCE_RAW_RING_BYTES);
    t.true((depth + 1) * (8 + 2 * (analog * samples + digital)) > EVIDENCE_RAW_RING_BYTES);
  }
  t.true((new EvidenceRings(8, 8, 10).raw?.depth ?? 0) > 1400);
  t.is(new EvidenceRings(8, 8).raw, undefined, 'and none where none is wanted');
});
