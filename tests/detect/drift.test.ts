import test from 'ava';
import { DriftChannel } from '../../modules/detect/drift.js';

/** Blocks of a channel that stood to its neighbours so exactly while learning, wandering slowly. */
function learned(scatter: number): DriftChannel {
  const channel = new DriftChannel();
  for (let n = 0; n < 24; n++) channel.learn(scatter * Math.sin(n / 4));
  channel.calibrate();
  return channel;
}

/** Blocks until the sum of a step of `step` in every block passes `limit`. */
function blocksUntil(channel: DriftChannel, step: number, limit: number): number {
  for (let n = 1; n <= 100; n++) if (channel.watch(channel.mean - step, 2 * limit) > limit) return n;
  return Number.POSITIVE_INFINITY;
}

test('a small step is told within four blocks where block means scattered by next to nothing', (t) => {
  t.is(blocksUntil(learned(1e-4), 0.05, 6.5), 4);
});

test('the same step is never told where block means wandered by as much', (t) => {
  t.is(blocksUntil(learned(0.05), 0.05, 6.5), Number.POSITIVE_INFINITY);
});

test('a step of half the smallest deviation that is believed is never told', (t) => {
  t.is(blocksUntil(learned(1e-4), 0.0099, 6.5), Number.POSITIVE_INFINITY);
});
