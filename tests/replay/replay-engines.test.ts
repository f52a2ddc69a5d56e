import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { readRecording } from '../../hosts/bench/recording.js';
import type { ReplayPlan } from '../../hosts/bench/replay-blocks.js';
import { type ReplayResult, replayOnNode, replayOnXs } from '../../hosts/bench/replay-engines.js';
import { replayConfiguration } from '../../hosts/bench/replay-wiring.js';
import { Random } from '../../simulator/random.js';

const FOLDER = mkdtempSync(join(tmpdir(), 'wirewitness-replay-'));
process.on('exit', () => rmSync(FOLDER, { recursive: true, force: true }));

const ROWS = 600;
const EVENT_AT = 520;

/** Three signals of which two belong together; from row 520 on they no longer do, and some cells are empty. */
function planOf(seed: number): ReplayPlan {
  const random = new Random(seed, 'recording');
  const lines = ['t_s,a,b,c'];
  let a = 0;
  for (let row = 0; row < ROWS; row++) {
    a = 0.9 * a + random.gaussian();
    const b = (row < EVENT_AT ? 1 : -3) * a + 0.2 * random.gaussian();
    const c = row % 97 === 50 ? '' : random.gaussian().toFixed(2);
    lines.push(`${row},${a.toFixed(3)},${b.toFixed(3)},${c}`);
  }
  const path = join(FOLDER, `seed-${seed}.csv`);
  writeFileSync(path, `${lines.join('\n')}\n`);
  const learn = [readRecording(`${path}:0-300`)];
  const watch = [readRecording(`${path}:300-`)];
  return { configuration: replayConfiguration(learn, watch, {}, 24), learn, watch };
}

function hex(frames: readonly Uint8Array[]): string[] {
  return frames.map((frame) => Buffer.from(frame).toString('hex'));
}

for (const seed of [1, 2])
  test(`a replay gives the same rows and the same signed frames on Node and on XS, to the bit (seed ${seed})`, async (t) => {
    const plan = planOf(seed);
    const onNode = replayOnNode(plan);
    const onXs = await replayOnXs(plan);
    t.is(onNode.rows.length, 2 * (ROWS - 300));
    t.deepEqual(Buffer.from(onXs.rows.buffer).toString('hex'), Buffer.from(onNode.rows.buffer).toString('hex'));
    t.is(onXs.incidents, onNode.incidents);
    t.true(onNode.frames.length > 3);
    // The boot frame names digests of the image and the configuration as each host gives them.
    t.is(onXs.frames.length, onNode.frames.length);
  });

test('rows of a relation that broke alarm, those before it do not (seed 1)', (t) => {
  const { rows } = replayOnNode(planOf(1));
  const alarms: number[] = [];
  for (let i = 0; i < rows.length; i += 2) if (rows[i] === 1) alarms.push(300 + i / 2);
  t.true(alarms.length > 20, `${alarms}`);
  t.true(alarms.filter((row) => row < EVENT_AT).length <= 2, `${alarms}`);
});

test('a replay is the same every time it is made', (t) => {
  const [first, second] = [replayOnNode(planOf(3)), replayOnNode(planOf(3))];
  t.deepEqual(first.rows, second.rows);
  t.deepEqual(hex(first.frames), hex(second.frames));
});

test('a model learned and saved on one engine watches on the other with the same scores, to the bit', async (t) => {
  const plan = planOf(4);
  const watching = { ...plan, learn: [] };
  const files = ['xs', 'node'].map((engine) => join(FOLDER, `flash-of-${engine}`));
  const [learnedOnXs, learnedOnNode] = [await replayOnXs(plan, files[0]), replayOnNode(plan, files[1])];
  const [xsFlash, nodeFlash] = files.map((file) => readFileSync(file));
  // the boot frames name their hosts' digests: only the models are alike
  const models = xsFlash.length - xsFlash.length / 16;
  t.deepEqual(nodeFlash.subarray(models), xsFlash.subarray(models));
  const [onNode, onXs] = [replayOnNode(watching, files[0]), await replayOnXs(watching, files[1])];
  const bits = ({ rows }: ReplayResult) => Buffer.from(rows.buffer).toString('hex');
  t.is(bits(learnedOnNode), bits(learnedOnXs));
  t.is(bits(onNode), bits(learnedOnXs));
  t.is(bits(onXs), bits(learnedOnXs));
  t.true(onXs.rows.some((value, i) => i % 2 === 0 && value === 1));
});
