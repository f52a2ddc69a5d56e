/** When analog answers and twins are told, as what, and for how long. */
import test from 'ava';
import {
  VERDICT_CONTRADICTED,
  VERDICT_LATE,
  VERDICT_MISSING,
  VERDICT_UNORDERED,
} from '../../modules/detect/finding.js';
import { FollowPair } from '../../modules/orders/follow-pair.js';
import { LevelPair } from '../../modules/orders/level-pair.js';
import { OrderBench } from './order-bench.js';

const SEED = 3;
/** A stroke of 1 s at constant speed between 30 and 80 %, after 100 ms. */
const STROKE_MS = 1000;
const START_MS = 100;
const BLOCK_MS = 10;

/** A valve on the bench; `speed` 1 is its own. */
class Valve {
  readonly bench = new OrderBench('level', SEED);
  position = 0;
  speed = 1;
  stopAt = 2;

  run(ms: number): void {
    let waitMs = START_MS;
    this.bench.run(ms, () => {
      const target = this.bench.levels[0];
      const step = this.speed / STROKE_MS;
      if (waitMs > 0) waitMs--;
      else if (this.position < target) this.position = Math.min(this.position + step, target, this.stopAt);
      else this.position = Math.max(this.position - step, target);
      this.bench.values[0] = 30 + 50 * this.position;
    });
  }

  order(level: number, ms = 4000): number {
    this.bench.levels[0] = level;
    const { atMs } = this.bench;
    this.run(ms);
    return atMs;
  }

  learn(cycles = 12): this {
    for (let i = 0; i < 2 * cycles; i++) {
      this.bench.progress = i / (2 * cycles);
      this.order(1 - (i % 2));
    }
    this.bench.arm();
    return this;
  }
}

test('levels, dead time and stroke are learned each way', (t) => {
  const { bench } = new Valve().learn();
  const pair = bench.pair as LevelPair;
  t.true(pair instanceof LevelPair);
  const { gain, offset } = pair.answer;
  t.true(Math.abs(pair.off * gain + offset - 30) < 0.5, `${pair.off * gain + offset}`);
  t.true(Math.abs(pair.on * gain + offset - 80) < 0.5, `${pair.on * gain + offset}`);
  for (const { left, arrived } of [pair.toOn, pair.toOff]) {
    t.true(arrived.orders >= 8);
    const strokeMs = (2 * (arrived.maxUs - left.maxUs)) / 1000;
    t.true(Math.abs(strokeMs - STROKE_MS) < 60, `stroke ${strokeMs} ms`);
  }
});

test('an order whose answer does not leave is missing within two blocks of its bound, as an attack', (t) => {
  const valve = new Valve().learn();
  const { bench } = valve;
  valve.stopAt = 0;
  const orderedMs = valve.order(1);
  const [first] = bench.said;
  t.like(first, { verdict: VERDICT_MISSING, isFault: false, onsetMs: orderedMs });
  const boundMs = (bench.pair as LevelPair).toOn.left.boundUs / 1000;
  const lateMs = first.atMs - orderedMs - boundMs;
  t.true(lateMs > 0 && lateMs <= 2 * BLOCK_MS, `${lateMs} ms after the bound of ${boundMs} ms`);
  t.deepEqual(bench.pair.verdicts, [0, 0, 1, 0, 0]);
});

test('a slow stroke is late, a fault, and never an attack; closed a second after it has arrived', (t) => {
  const valve = new Valve().learn();
  const { bench } = valve;
  valve.speed = 0.7;
  valve.order(1);
  t.deepEqual(
    bench.said.map(({ verdict, isFault }) => [verdict, isFault]),
    [[VERDICT_LATE, true]],
  );
  t.deepEqual(bench.pair.verdicts, [0, 1, 0, 0, 0]);
  t.false(bench.pair.hasIncident);
});

test('a stroke that stops halfway is late first, then missing', (t) => {
  const valve = new Valve().learn();
  const { bench } = valve;
  valve.stopAt = 0.5;
  const orderedMs = valve.order(1);
  t.deepEqual(
    bench.said.map(({ verdict }) => verdict),
    [VERDICT_LATE, VERDICT_MISSING],
  );
  const boundMs = (bench.pair as LevelPair).toOn.arrived.boundUs / 1000;
  t.true(bench.said[0].atMs - orderedMs - boundMs <= 2 * BLOCK_MS);
  t.true(bench.said[1].atMs - orderedMs - 2 * boundMs <= 2 * BLOCK_MS);
  t.deepEqual(bench.pair.verdicts, [0, 0, 1, 0, 0]);
});

test('an answer that leaves its rest with no order is unordered, told within 50 ms of leaving it, until it is back', (t) => {
  const { bench } = new Valve().learn();
  bench.run(4000);
  bench.values[0] = 60;
  const { atMs } = bench;
  bench.run(1000);
  t.like(bench.said[0], { verdict: VERDICT_UNORDERED, isFault: false });
  // 20 ms of the transmitter's damping, then the debounce time of an order that might have come
  t.true(bench.said[0].atMs - atMs <= 90, `${bench.said[0].atMs - atMs} ms`);
  bench.values[0] = 30;
  bench.run(500);
  t.false(bench.pair.hasIncident);
  t.deepEqual(bench.pair.verdicts, [0, 0, 0, 0, 1]);
});

test('a loop that breaks gives no verdict', (t) => {
  const valve = new Valve().learn();
  const { bench } = valve;
  valve.stopAt = 0;
  bench.levels[0] = 1;
  bench.run(3000, () => {
    bench.values[0] = -200;
  });
  t.deepEqual(bench.said, []);
  t.deepEqual(bench.pair.verdicts, [0, 0, 0, 0, 0]);
});

/** Speed follows its reference with 200 ms. */
class Drive {
  readonly bench = new OrderBench('follow', SEED);
  speed = 34;
  isStuck = false;
  offset = 0;

  run(ms: number): void {
    this.bench.run(ms, () => {
      if (!this.isStuck) this.speed += (10 + 0.8 * this.bench.values[1] - this.speed) / 200;
      this.bench.values[0] = this.speed + this.offset;
    });
  }

  command(percent: number, ms = 3000): number {
    this.bench.values[1] = percent;
    const { atMs } = this.bench;
    this.run(ms);
    return atMs;
  }

  /** `sway`: how far from its line the feedback rests, in percent. */
  learn(sway = 0): this {
    const commands = [30, 60, 40, 75, 20, 50];
    for (let i = 0; i < 60; i++) {
      this.bench.progress = i / 60;
      this.offset = sway * ((i % 3) - 1);
      this.command(commands[i % commands.length]);
    }
    this.offset = 0;
    this.bench.arm();
    return this;
  }
}

test('gain and lag of a feedback are learned', (t) => {
  const pair = new Drive().learn().bench.pair as FollowPair;
  t.true(pair instanceof FollowPair);
  t.true(Math.abs(pair.gain - 0.8) < 0.005, `${pair.gain}`);
  for (const { maxUs } of [pair.rising, pair.falling])
    t.true(maxUs > 350_000 && maxUs < 550_000, `ln(8) x 200 ms and damping, not ${maxUs}`);
});

test('a feedback that does not follow is missing within two blocks of its bound, one that comes after it late', (t) => {
  const drive = new Drive().learn();
  const { bench } = drive;
  drive.isStuck = true;
  const orderedMs = drive.command(40, 1500);
  const boundMs = (bench.pair as FollowPair).falling.boundFor(0, 0) / 1000 + 50;
  t.like(bench.said[0], { verdict: VERDICT_MISSING, isFault: false });
  const lateMs = bench.said[0].atMs - orderedMs - boundMs;
  t.true(lateMs > 0 && lateMs <= 3 * BLOCK_MS, `${lateMs} ms after the bound of ${boundMs} ms`);
  drive.isStuck = false;
  drive.run(4000);
  t.like(bench.said[bench.said.length - 1], { verdict: VERDICT_LATE, isFault: true });
  t.deepEqual(bench.pair.verdicts, [0, 1, 0, 0, 0]);
  t.false(bench.pair.hasIncident);
});

test('a feedback that leaves a command that stands still is unordered, one that turns away contradicts it', (t) => {
  const drive = new Drive().learn();
  const { bench } = drive;
  drive.run(3000);
  drive.offset = 8;
  const { atMs } = bench;
  drive.run(500);
  t.is(bench.said[0].verdict, VERDICT_UNORDERED);
  t.true(bench.said[0].atMs - atMs <= 50, `${bench.said[0].atMs - atMs} ms`);
  drive.offset = 0;
  drive.run(3000);
  drive.isStuck = true;
  bench.values[1] += 20;
  drive.offset = -10;
  drive.run(300);
  t.is(bench.said[bench.said.length - 1].verdict, VERDICT_CONTRADICTED);
});

test('a command that ramps is followed, not missed, however far the feedback stays behind', (t) => {
  for (const sway of [0, 1, 2])
    for (const perBlock of [0.06, 0.1, 0.14, 0.2, 0.3]) {
      const drive = new Drive().learn(sway);
      const { bench } = drive;
      const blocks = 30 / perBlock;
      // rests on the side to which a ramp takes it
      drive.offset = sway;
      drive.run(3000);
      for (let i = 0; i < blocks; i++) drive.command(50 - i * perBlock, 10);
      drive.offset = -sway;
      drive.run(3000);
      for (let i = 0; i < blocks; i++) drive.command(20 + i * perBlock, 10);
      drive.run(3000);
      t.deepEqual(bench.said, [], `${perBlock} % a block, learned within ${sway} %`);
    }
});

test('a feedback that stands still under a ramp is missing', (t) => {
  const drive = new Drive().learn();
  drive.isStuck = true;
  for (let i = 0; i < 300; i++) drive.command(50 - i * 0.1, 10);
  t.is(drive.bench.said[0]?.verdict, VERDICT_MISSING);
});
