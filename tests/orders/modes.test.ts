/** What pairs of every kind learn apart in each operating mode, and what they hold an order to as the mode changes. */
import test from 'ava';
import { VERDICT_DONE, VERDICT_LATE, VERDICT_MISSING, VERDICT_UNORDERED } from '../../modules/detect/finding.js';
import type { ContactPair } from '../../modules/orders/contact-pair.js';
import type { FollowPair } from '../../modules/orders/follow-pair.js';
import type { LevelPair } from '../../modules/orders/level-pair.js';
import { MODE_UNKNOWN } from '../../modules/orders/operating-mode.js';
import { Random } from '../../simulator/random.js';
import { MemoryArchive } from '../detect/memory-archive.js';
import { OrderBench } from './order-bench.js';

const SEED = 11;
/** Contacts of the bench that make the mode. */
const THIRD = 2;
const FOURTH = 3;

/** A contact that answers in 100 to 120 ms, in mode 1 in 400 to 440 ms, in mode 2 in 200 to 220 ms, in mode 3 in 800. */
class Contactor {
  readonly bench: OrderBench;
  private readonly random = new Random(SEED, 'contactor');

  constructor(mode: readonly number[] | undefined) {
    this.bench = new OrderBench('contact', SEED, [], mode);
  }

  get pair(): ContactPair {
    return this.bench.pair as ContactPair;
  }

  setMode(mode: number): this {
    this.bench.levels[THIRD] = mode & 1;
    this.bench.levels[FOURTH] = mode >> 1;
    this.bench.run(300);
    return this;
  }

  order(answerMs: number, restMs = 2000): void {
    this.bench.levels[0] ^= 1;
    this.bench.run(answerMs);
    this.bench.levels[1] = this.bench.levels[0];
    this.bench.run(restMs);
  }

  normal(mode: number): number {
    return [100, 400, 200, 800][mode] + this.random.below([21, 41, 21, 81][mode]);
  }

  learn(modes: readonly number[], orders = 100): this {
    for (const mode of modes) {
      this.setMode(mode);
      for (let i = 0; i < orders; i++) this.order(this.normal(mode));
    }
    this.bench.arm();
    return this;
  }
}

test('an order late for its mode is late, though another mode takes longer; without modes it is done', (t) => {
  const told = ([[THIRD], undefined] as const).map((mode) => {
    const contactor = new Contactor(mode).learn([0, 1]);
    contactor.setMode(0).order(300);
    return [...contactor.pair.verdicts];
  });
  t.deepEqual(told, [
    [0, 1, 0, 0, 0],
    [1, 0, 0, 0, 0],
  ]);
});

test('two contacts make four modes, each with delays of its own, and the pool has the orders of all', (t) => {
  const { pair } = new Contactor([THIRD, FOURTH]).learn([0, 1, 2, 3], 20);
  const { learned } = pair.operating as NonNullable<ContactPair['operating']>;
  t.is(learned.length, 4);
  for (const [mode, { closing, opening }] of learned.entries())
    for (const delay of [closing, opening]) {
      t.is(delay.orders, 10);
      const [leastMs, spreadMs] = [[100, 400, 200, 800][mode], [20, 40, 20, 80][mode]];
      t.true(delay.minUs >= 1000 * leastMs && delay.maxUs <= 1000 * (leastMs + spreadMs + 1), `mode ${mode}`);
    }
  t.is(pair.closing.orders, 40);
  t.is(pair.opening.orders, 40);
});

test('in a mode that was never learned an order is held to what all modes take, and counted', (t) => {
  const contactor = new Contactor([THIRD, FOURTH]).learn([0, 1], 40);
  const { pair } = contactor;
  t.is(pair.operating?.pooledOrders, 0);
  contactor.setMode(2).order(300);
  t.deepEqual(pair.verdicts, [1, 0, 0, 0, 0], 'within what mode 1 takes');
  t.is(pair.operating?.pooledOrders, 1);
  contactor.order(1500);
  t.is(pair.verdicts[VERDICT_LATE], 1);
  t.is(pair.operating?.pooledOrders, 2);
  contactor.setMode(1).order(420);
  t.is(pair.operating?.pooledOrders, 2, 'this one has a mode that is known');
  pair.restartVerdicts();
  t.is(pair.operating?.pooledOrders, 0);
});

test('an order during which the mode switches is held to the wider bound, whichever mode it began in', (t) => {
  for (const [from, to] of [
    [0, 1],
    [1, 0],
  ]) {
    const contactor = new Contactor([THIRD]).learn([0, 1]);
    contactor.setMode(from);
    const { bench, pair } = contactor;
    bench.levels[0] ^= 1;
    bench.run(40);
    bench.levels[THIRD] = to;
    contactor.bench.run(360);
    bench.levels[1] = bench.levels[0];
    bench.run(1000);
    t.deepEqual(pair.verdicts, [1, 0, 0, 0, 0], `${from} to ${to}`);
    t.deepEqual(bench.said, [], 'nor was it told while it was waited for');
  }
});

test('a mode that switches back before the order leaves the order its mode', (t) => {
  const contactor = new Contactor([THIRD]).learn([0, 1]);
  contactor.setMode(0).setMode(1).setMode(0).order(300);
  t.deepEqual(contactor.pair.verdicts, [0, 1, 0, 0, 0]);
});

test('an order during which the mode switches teaches no mode', (t) => {
  const contactor = new Contactor([THIRD]);
  const { bench, pair } = contactor;
  bench.run(300);
  for (let i = 0; i < 20; i++) {
    bench.levels[0] ^= 1;
    bench.run(60);
    bench.levels[THIRD] ^= 1;
    bench.run(100);
    bench.levels[1] = bench.levels[0];
    bench.run(1000);
  }
  const { learned } = pair.operating as NonNullable<ContactPair['operating']>;
  t.deepEqual(
    learned.map(({ closing, opening }) => closing.orders + opening.orders),
    [0, 0],
  );
  t.is(pair.closing.orders + pair.opening.orders, 20);
});

test('a pair with modes that was loaded speaks as the one that learned', (t) => {
  const learned = new Contactor([THIRD]).learn([0, 1]);
  const archive = new MemoryArchive();
  learned.pair.archive(0, archive);
  archive.load();
  const loaded = new Contactor([THIRD]);
  loaded.bench.progress = 1;
  loaded.pair.archive(0, archive);
  t.is(archive.read, archive.stored.length);
  for (const contactor of [learned, loaded]) {
    contactor.setMode(0);
    contactor.pair.restartVerdicts();
    contactor.order(110);
    contactor.order(300);
    contactor.setMode(1).order(420);
  }
  t.deepEqual(loaded.pair.verdicts, [2, 1, 0, 0, 0]);
  t.deepEqual(learned.pair.verdicts, loaded.pair.verdicts);
});

/** A pump's flow: with the second pump running it rests higher and answers faster. */
class Flow {
  readonly bench: OrderBench;
  speed = 1;
  /** What the second pump adds by itself, and on top while this one runs. */
  shift = 20;
  private value = 30;

  constructor(mode: readonly number[] | undefined, shift = 20) {
    this.bench = new OrderBench('level', SEED, [], mode);
    this.shift = shift;
  }

  get pair(): LevelPair {
    return this.bench.pair as LevelPair;
  }

  run(ms: number): void {
    const { levels, values } = this.bench;
    this.bench.run(ms, () => {
      const isSecond = levels[THIRD] === 1;
      const target = 30 + (isSecond ? this.shift : 0) + 40 * levels[0];
      this.value += (target - this.value) / ((isSecond ? 100 : 400) / this.speed);
      values[0] = this.value;
    });
  }

  order(ms = 6000): void {
    this.bench.levels[0] ^= 1;
    this.run(ms);
  }

  setMode(mode: number): this {
    this.bench.levels[THIRD] = mode;
    this.run(6000);
    return this;
  }

  learn(modes: readonly number[], orders = 20): this {
    for (const [i, mode] of modes.entries()) {
      this.setMode(mode);
      for (let k = 0; k < orders; k++) {
        this.bench.progress = (i + k / orders) / modes.length;
        this.order();
      }
    }
    this.bench.arm();
    return this;
  }
}

test('levels and delays of a loop are learned in each mode', (t) => {
  const { pair } = new Flow([THIRD]).learn([0, 1]);
  const { gain, offset } = pair.answer;
  const { learned } = pair.operating as NonNullable<LevelPair['operating']>;
  for (const [mode, { off, on, toOn, toOff }] of learned.entries()) {
    t.true(Math.abs(off * gain + offset - (30 + 20 * mode)) < 0.7, `mode ${mode}: off ${off * gain + offset}`);
    t.true(Math.abs(on * gain + offset - (70 + 20 * mode)) < 0.7, `mode ${mode}: on ${on * gain + offset}`);
    const expectedMs = Math.log(4) * (mode === 1 ? 100 : 400);
    for (const { arrived } of [toOn, toOff]) {
      t.true(arrived.orders >= 6);
      t.true(Math.abs(arrived.maxUs / 1000 - expectedMs) < 60, `mode ${mode}: ${arrived.maxUs} us`);
    }
  }
});

test('a level that changes with the mode is no movement; one slow for its mode is late; a departure is told', (t) => {
  const flow = new Flow([THIRD]).learn([0, 1]);
  const { bench, pair } = flow;
  for (let i = 0; i < 6; i++) {
    flow.setMode(i % 2);
    flow.order();
    flow.order();
  }
  t.deepEqual(pair.verdicts, [12, 0, 0, 0, 0]);
  t.deepEqual(bench.said, []);
  // as fast as the other mode is, but late for this one
  flow.setMode(1);
  flow.speed = 0.25;
  flow.order();
  t.is(pair.verdicts[VERDICT_LATE], 1);
  flow.speed = 1;
  flow.order();
  flow.run(4000);
  const shift = flow.shift;
  flow.shift = 45;
  flow.run(1000);
  t.is(pair.verdicts[VERDICT_UNORDERED], 1);
  flow.shift = shift;
  flow.run(6000);
});

test('a loop whose mode switches under an order arrives at the level of the new mode', (t) => {
  const flow = new Flow([THIRD]).learn([0, 1]);
  const { bench, pair } = flow;
  for (let i = 0; i < 4; i++) {
    bench.levels[0] ^= 1;
    flow.run(80);
    bench.levels[THIRD] ^= 1;
    flow.run(8000);
  }
  t.deepEqual(pair.verdicts, [4, 0, 0, 0, 0]);
  t.deepEqual(bench.said, []);
});

test('a loop in a mode never learned is held to the levels that the others agree on, and else not watched', (t) => {
  for (const shift of [0, 20]) {
    const flow = new Flow([THIRD, FOURTH], shift).learn([0, 1]);
    const { bench, pair } = flow;
    t.is(Number.isNaN(pair.learnedNumber(MODE_UNKNOWN, 1)), shift > 0);
    bench.levels[FOURTH] = 1;
    flow.run(4000);
    flow.order();
    flow.order();
    t.deepEqual(pair.verdicts, [shift === 0 ? 2 : 0, 0, 0, 0, 0]);
    t.is(pair.operating?.pooledOrders, 2);
    flow.speed = 0;
    flow.order();
    t.is(pair.verdicts[VERDICT_MISSING], shift === 0 ? 1 : 0);
  }
});

/** A drive's speed, four times as slow with the third contact closed. */
class Drive {
  readonly bench: OrderBench;
  lag = 1;
  private value = 34;

  constructor(mode: readonly number[] | undefined) {
    this.bench = new OrderBench('follow', SEED, [], mode);
  }

  run(ms: number): void {
    const { levels, values } = this.bench;
    this.bench.run(ms, () => {
      const target = 10 + 0.8 * values[1];
      this.value += (target - this.value) / ((levels[THIRD] === 1 ? 600 : 150) * this.lag);
      values[0] = this.value;
    });
  }

  learn(): this {
    const commands = [60, 30, 45, 20, 70];
    for (let i = 0; i < 120; i++) {
      this.bench.progress = i / 120;
      if (i % 10 === 0) this.bench.levels[THIRD] = (i / 10) % 2;
      this.bench.values[1] = commands[i % commands.length];
      this.run(6000);
    }
    this.bench.arm();
    return this;
  }

  command(value: number): void {
    this.bench.values[1] = value;
    this.run(8000);
  }
}

test('lags of a feedback are learned in each mode, and one that is late for its mode is late', (t) => {
  const told = ([[THIRD], undefined] as const).map((mode) => {
    const drive = new Drive(mode).learn();
    const pair = drive.bench.pair as FollowPair;
    drive.bench.levels[THIRD] = 0;
    drive.run(3000);
    drive.command(30);
    drive.command(65);
    t.deepEqual(pair.verdicts, [2, 0, 0, 0, 0]);
    if (pair.operating !== null) {
      const [fast, slow] = pair.operating.learned;
      t.true(slow.rising.maxUs > 2.5 * fast.rising.maxUs, `${fast.rising.maxUs} and ${slow.rising.maxUs}`);
      t.is(pair.operating.pooledOrders, 0);
    }
    drive.lag = 8;
    drive.command(30);
    drive.bench.levels[THIRD] = 1;
    drive.lag = 1;
    drive.run(3000);
    drive.command(65);
    return [pair.verdicts[VERDICT_DONE], pair.verdicts[VERDICT_LATE]];
  });
  t.deepEqual(told, [
    [3, 1],
    [4, 0],
  ]);
});
