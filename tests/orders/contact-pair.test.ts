import test from 'ava';
import {
  CLASS_ATTACK,
  VERDICT_DONE,
  VERDICT_LATE,
  VERDICT_MISSING,
  VERDICT_UNORDERED,
} from '../../modules/detect/finding.js';
import { Random } from '../../simulator/random.js';
import { PairFeed } from './pair-feed.js';

/** Bound after these: 60 + 0.5 * 20 + 50 = 120 ms. */
const LEARNED_MS = [40, 50, 60];

test('the bound is the longest delay learned, half the spread and 50 ms', (t) => {
  const { pair } = new PairFeed().learn(LEARNED_MS);
  for (const delay of [pair.closing, pair.opening]) {
    t.is(delay.orders, 3);
    t.is(delay.minUs, 40_000);
    t.is(delay.maxUs, 60_000);
    t.is(delay.boundUs, 120_000);
  }
});

test('closing and opening are learned each for itself', (t) => {
  const feed = new PairFeed();
  for (let i = 0; i < 3; i++) feed.cycle(200, 30);
  feed.watch();
  t.is(feed.pair.closing.boundUs, 250_000);
  t.is(feed.pair.opening.boundUs, 80_000);
});

for (const seed of [1, 2, 3])
  test(`orders answered as learned are done, and nothing is said (seed ${seed})`, (t) => {
    const random = new Random(seed, 'delays');
    const feed = new PairFeed().learn(LEARNED_MS);
    const before = feed.pair.verdicts[VERDICT_DONE];
    for (let i = 0; i < 200; i++) feed.cycle(40 + random.below(21), 40 + random.below(21), 300 + random.below(400));
    t.deepEqual(feed.said, []);
    t.is(feed.pair.verdicts[VERDICT_DONE] - before, 400);
    t.deepEqual(feed.pair.verdicts.slice(1), [0, 0, 0, 0]);
  });

test('an order that stays without answer is missing from its bound on, with the order as onset', (t) => {
  const feed = new PairFeed().learn(LEARNED_MS);
  feed.order(1);
  const orderedMs = feed.atMs;
  feed.run(3000);
  const [first] = feed.said;
  t.like(first, {
    verdict: VERDICT_MISSING,
    onsetMs: orderedMs,
    channels: [4, 3],
    expected: 1,
    observed: 0,
    incidentClass: CLASS_ATTACK,
  });
  t.true(first.atMs - orderedMs > 120 && first.atMs - orderedMs <= 140, `${first.atMs - orderedMs} ms`);
  t.true(first.score >= 1);
  t.is(feed.said.length, (feed.atMs - first.atMs) / 10 + 1, 'said in every block');
  t.is(feed.said[feed.said.length - 1].score, 4, 'the score grows to its limit');
  t.is(feed.pair.verdicts[VERDICT_MISSING], 1, 'counted once');
});

test('an opening that does not follow is missing as well', (t) => {
  const feed = new PairFeed().learn(LEARNED_MS);
  feed.order(1);
  feed.run(50);
  feed.execute(1);
  feed.run(1000);
  feed.order(0);
  feed.run(500);
  t.like(feed.said[0], { verdict: VERDICT_MISSING, expected: 0, observed: 1 });
});

test('an answer after the bound is late: missing until it comes, then quiet', (t) => {
  const feed = new PairFeed().learn(LEARNED_MS);
  const { verdicts } = feed.pair;
  feed.order(1);
  feed.run(500);
  feed.execute(1);
  feed.run(100);
  const { length } = feed.said;
  t.true(length > 30);
  feed.run(1000);
  t.is(feed.said.length, length);
  t.is(verdicts[VERDICT_LATE], 1);
  t.is(verdicts[VERDICT_UNORDERED], 0);
});

test('an execution that moves with no order is unordered until it moves back', (t) => {
  for (const ordered of [0, 1]) {
    const feed = new PairFeed().learn(LEARNED_MS);
    if (ordered === 1) feed.order(1);
    feed.run(50);
    feed.execute(ordered);
    feed.run(1000);
    t.deepEqual(feed.said, []);
    feed.execute(ordered ^ 1);
    const movedMs = feed.atMs;
    feed.run(500);
    t.like(feed.said[0], {
      verdict: VERDICT_UNORDERED,
      onsetMs: movedMs,
      expected: ordered,
      observed: ordered ^ 1,
      channels: [4, 3],
    });
    t.true(feed.said[0].atMs - movedMs <= 30);
    feed.execute(ordered);
    feed.run(100);
    const { length } = feed.said;
    feed.run(1000);
    t.is(feed.said.length, length);
    t.is(feed.pair.verdicts[VERDICT_UNORDERED], 1);
  }
});

test('an unordered closing stays unordered until an order is given that it answers', (t) => {
  const feed = new PairFeed().learn(LEARNED_MS);
  feed.execute(1);
  feed.run(1000);
  t.is(feed.said[feed.said.length - 1].verdict, VERDICT_UNORDERED);
  feed.order(1);
  feed.run(100);
  const { length } = feed.said;
  feed.run(2000);
  t.is(feed.said.length, length, 'the order finds its execution where it wants it');
});

test('an order withdrawn before its answer is neither missing nor unordered', (t) => {
  for (let heldMs = 25; heldMs < 100; heldMs += 5) {
    const feed = new PairFeed().learn(LEARNED_MS);
    feed.order(1);
    feed.run(heldMs);
    feed.order(0);
    feed.run(3000);
    t.deepEqual(feed.said, [], `held for ${heldMs} ms`);
  }
});

test('an order withdrawn as its answer comes is answered twice, and nothing is said', (t) => {
  for (let heldMs = 25; heldMs <= 60; heldMs++) {
    const feed = new PairFeed().learn(LEARNED_MS);
    feed.order(1);
    feed.run(heldMs);
    feed.order(0);
    // The contactor had begun to close: it closes 50 ms after the order, and opens 50 ms after the withdrawal.
    feed.run(50 - heldMs > 0 ? 50 - heldMs : 0);
    feed.execute(1);
    feed.run(heldMs > 50 ? 50 : heldMs);
    feed.execute(0);
    feed.run(3000);
    t.deepEqual(feed.said, [], `held for ${heldMs} ms`);
  }
});

test('an order shorter than the debounce time is no order', (t) => {
  const feed = new PairFeed().learn(LEARNED_MS);
  feed.order(1);
  feed.run(10);
  feed.order(0);
  feed.run(1000);
  t.deepEqual(feed.said, []);
});

test('with fewer than 3 orders learned a missing answer is not watched, with 3 it is', (t) => {
  for (const orders of [0, 1, 2, 3]) {
    const feed = new PairFeed().learn(LEARNED_MS.slice(0, orders));
    feed.order(1);
    feed.run(60_000);
    t.is(feed.said.length > 0, orders === 3, `${orders} orders`);
    t.is(feed.pair.closing.boundUs === Number.POSITIVE_INFINITY, orders < 3);
  }
});

test('nothing is said while learning', (t) => {
  const feed = new PairFeed();
  feed.cycle(50, 50);
  feed.order(1);
  feed.run(5000);
  feed.execute(1);
  feed.run(500);
  feed.execute(0);
  feed.run(500);
  t.deepEqual(feed.said, []);
});

test('an execution that moved without orders while learning is not watched for it', (t) => {
  const feed = new PairFeed();
  feed.execute(1);
  feed.run(500);
  feed.execute(0);
  feed.run(500);
  feed.learn(LEARNED_MS);
  feed.execute(1);
  feed.run(1000);
  t.deepEqual(feed.said, []);
  feed.execute(0);
  feed.run(1000);
  feed.order(1);
  feed.run(1000);
  t.is(feed.said[0]?.verdict, VERDICT_MISSING, 'its orders are watched all the same');
});

test('an inverted pair opens as the order closes', (t) => {
  const feed = new PairFeed({ isInverted: true }).learn(LEARNED_MS);
  t.is(feed.pair.closing.boundUs, 120_000);
  for (let i = 0; i < 20; i++) feed.cycle(50, 50);
  t.deepEqual(feed.said, []);
  feed.order(1);
  feed.run(1000);
  t.like(feed.said[0], { verdict: VERDICT_MISSING, expected: 0, observed: 1 });
});

test('an inverted pair that opens with no order is unordered', (t) => {
  const feed = new PairFeed({ isInverted: true }).learn(LEARNED_MS);
  feed.execute(0);
  feed.run(500);
  t.like(feed.said[0], { verdict: VERDICT_UNORDERED, expected: 1, observed: 0 });
});

test('a bouncing answer is timed by its first edge', (t) => {
  const feed = new PairFeed();
  for (let i = 0; i < 3; i++) {
    feed.order(1);
    feed.run(47);
    for (const ms of [2, 3, 1, 4]) {
      feed.execute(feed.feed.levels[1] ^ 1);
      feed.run(ms);
    }
    feed.execute(1);
    feed.run(1000);
    feed.order(0);
    feed.run(47);
    feed.execute(0);
    feed.run(1000);
  }
  t.is(feed.pair.closing.minUs, 47_000);
  t.is(feed.pair.closing.maxUs, 47_000);
});
