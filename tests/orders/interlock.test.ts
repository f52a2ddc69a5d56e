/** Interlocks: a condition that must bring outputs to levels. */
import test from 'ava';
import { checkConfiguration } from '../../modules/config/check.js';
import type { InterlockConfiguration } from '../../modules/config/configuration.js';
import { contact, direct, sampleConfiguration } from '../sensor/sample-configuration.js';
import { OrderBench } from './order-bench.js';

const SEED = 5;
const TRIP = 4;
/** Order and third line must open once the fourth closes, or the answer is above 60 %. */
const CONTACT: InterlockConfiguration = {
  name: 'trip',
  channel: 5,
  level: 1,
  above: null,
  below: null,
  outputs: [
    { channel: 2, level: 0 },
    { channel: TRIP, level: 0 },
  ],
  withinMs: null,
};
const ANALOG: InterlockConfiguration = { ...CONTACT, channel: 0, level: null, above: 60, withinMs: 200 };

function benchOf(lock: InterlockConfiguration): OrderBench {
  const bench = new OrderBench('contact', SEED, [lock]);
  bench.levels.splice(0, 4, 1, 1, 1, 0);
  bench.run(1000);
  return bench;
}

/** The condition comes, and the outputs drop after `ms`. */
function trip(bench: OrderBench, ms: number): void {
  bench.levels[3] = 1;
  bench.run(ms);
  bench.levels[0] = 0;
  bench.levels[2] = 0;
  bench.run(40);
  bench.levels[1] = 0;
  bench.run(1000);
  bench.levels[3] = 0;
  bench.levels[0] = 1;
  bench.levels[2] = 1;
  bench.run(50);
  bench.levels[1] = 1;
  bench.run(2000);
}

const locks = (bench: OrderBench) => bench.said.filter(({ verdict }) => verdict === -1);

test('the time that outputs take is learned, and a trip obeyed is quiet', (t) => {
  const bench = benchOf(CONTACT);
  for (const ms of [50, 60, 70, 65]) trip(bench, ms);
  bench.arm();
  t.is(bench.watch.interlocks[0].boundUs(), 130_000);
  for (const ms of [50, 70]) trip(bench, ms);
  t.deepEqual(locks(bench), []);
});

test('a trip whose outputs do not drop is told within two blocks of the bound', (t) => {
  const bench = benchOf(CONTACT);
  for (const ms of [50, 60, 70, 65]) trip(bench, ms);
  bench.arm();
  bench.levels[3] = 1;
  const { atMs } = bench;
  bench.run(1000);
  const [first] = locks(bench);
  t.is(first.onsetMs, atMs);
  t.true(first.atMs - atMs > 130 && first.atMs - atMs <= 150, `${first.atMs - atMs} ms`);
  t.false(first.isFault);
});

test('one output of two is not enough', (t) => {
  const bench = benchOf({ ...CONTACT, withinMs: 300 });
  bench.arm();
  bench.levels[3] = 1;
  bench.levels[0] = 0;
  bench.run(280);
  t.deepEqual(locks(bench), []);
  bench.run(50);
  t.is(locks(bench).length, 1);
});

test('outputs that come back while the condition lasts are told', (t) => {
  const bench = benchOf({ ...CONTACT, withinMs: 300 });
  bench.arm();
  bench.levels[3] = 1;
  bench.levels[0] = 0;
  bench.levels[2] = 0;
  bench.run(1000);
  t.deepEqual(locks(bench), []);
  bench.levels[2] = 1;
  bench.run(200);
  t.is(locks(bench).length, 1);
});

test('a condition of an analog value counts in engineering units', (t) => {
  const bench = benchOf(ANALOG);
  bench.arm();
  bench.values[0] = 59;
  bench.run(1000);
  t.deepEqual(locks(bench), []);
  bench.values[0] = 70;
  const { atMs } = bench;
  bench.run(500);
  // 30 ms until the damped value is above 60
  t.true(locks(bench)[0].atMs - atMs <= 260, `${locks(bench)[0].atMs - atMs} ms`);
});

test('all outputs dropped with no condition are told where learning never saw it', (t) => {
  for (const hasSeen of [false, true]) {
    const bench = benchOf(CONTACT);
    if (hasSeen) {
      bench.levels[0] = 0;
      bench.levels[2] = 0;
      bench.run(1000);
      bench.levels[0] = 1;
      bench.levels[2] = 1;
      bench.run(1000);
    }
    bench.arm();
    bench.levels[0] = 0;
    bench.levels[2] = 0;
    bench.run(1000);
    t.is(locks(bench).length, hasSeen ? 0 : 1);
  }
});

test('interlocks and pairs are checked before use', (t) => {
  const check = (lock: Partial<InterlockConfiguration>) =>
    checkConfiguration(
      sampleConfiguration({
        analog: [direct('a'), direct('b')],
        digital: ['c', 'd', 'e', 'f'].map((name) => contact(name)),
        interlocks: [{ ...CONTACT, ...lock }],
      }),
    );
  t.is(check({}), null);
  t.regex(check({ above: 3 }) ?? '', /one of level, above and below/);
  t.regex(check({ level: 2 }) ?? '', /a level 0 or 1/);
  t.regex(check({ channel: 0 }) ?? '', /of a contact/);
  t.regex(check({ level: null, above: 1 }) ?? '', /of an analog channel/);
  t.regex(check({ outputs: [] }) ?? '', /outputs are wanted/);
  t.regex(check({ outputs: [{ channel: 0, level: 0 }] }) ?? '', /an output is a contact/);
  t.regex(check({ withinMs: 0 }) ?? '', /withinMs/);
  const pair = (order: number, execution: number) =>
    checkConfiguration(
      sampleConfiguration({
        digital: [contact('c'), contact('d')],
        pairs: [{ name: 'p', order, execution, isInverted: false }],
      }),
    );
  for (const [order, execution] of [
    [2, 3],
    [2, 0],
    [0, 1],
  ])
    t.is(pair(order, execution), null);
  for (const [order, execution] of [
    [0, 2],
    [2, 2],
    [2, 9],
  ])
    t.regex(pair(order, execution) ?? '', /pair p/);
});
