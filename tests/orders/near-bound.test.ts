import test from 'ava';
import { VERDICT_DONE } from '../../modules/detect/finding.js';
import { PairFeed } from './pair-feed.js';

test('an answer within the bound is done, also when it is debounced only after it', (t) => {
  for (let delayMs = 100; delayMs <= 120; delayMs++) {
    const feed = new PairFeed().learn([40, 50, 60]);
    t.is(feed.pair.closing.boundUs, 120_000);
    const before = feed.pair.verdicts[VERDICT_DONE];
    feed.cycle(delayMs, 50);
    t.deepEqual(feed.said, [], `answer after ${delayMs} ms`);
    t.is(feed.pair.verdicts[VERDICT_DONE] - before, 2);
  }
});

test('an answer that is debounced before its order is no unordered move', (t) => {
  const feed = new PairFeed({}, [20, 0]).learn([50, 55, 60]);
  feed.cycle(5, 50);
  t.deepEqual(feed.said, []);
});

test('an order withdrawn after half its stroke whose answer still comes is not unordered', (t) => {
  const feed = new PairFeed().learn([400, 500, 600]);
  feed.order(1);
  feed.run(300);
  feed.order(0);
  feed.run(200);
  feed.execute(1);
  feed.run(300);
  feed.execute(0);
  feed.run(2000);
  t.deepEqual(feed.said, []);
});
