import test from 'ava';
import { EARLY_PER_KEY_MAX, EARLY_PLACES, EarlyFrames } from '../../hosts/collector/early-frames.js';

const OWN = 'aaaaaaaaaaaaaaaa';
const bytesOf = (sequence: number) => Uint8Array.of(sequence & 255);

test('frames wait for their turn, each once, and are given in the order in which they came', (t) => {
  const early = new EarlyFrames();
  for (const sequence of [7, 5, 7]) early.keep(OWN, sequence, bytesOf(sequence));
  t.is(early.take(4), undefined);
  t.deepEqual(early.take(5), bytesOf(5));
  t.deepEqual(early.take(9), bytesOf(7));
  t.is(early.take(9), undefined);
  t.is(early.displaced, 0);
});

test('a stranger who claims one key, and all numbers, takes no place of another key', (t) => {
  const early = new EarlyFrames();
  for (let sequence = 2; sequence < 10; sequence++) early.keep(OWN, sequence, bytesOf(sequence));
  for (let sequence = 2; sequence < 1000; sequence++) early.keep('ff00000000000000', sequence, Uint8Array.of(0));
  t.is(early.displaced, 998 - EARLY_PER_KEY_MAX);
  for (let sequence = 2; sequence < 10; sequence++) t.deepEqual(early.take(sequence), bytesOf(sequence));
});

test('a newcomer finds a place where strangers have claimed all', (t) => {
  const early = new EarlyFrames();
  for (let i = 0; i < 1000; i++) early.keep(`stranger ${i}`, 1000 + i, Uint8Array.of(0));
  early.keep(OWN, 2, bytesOf(2));
  t.deepEqual(early.take(2), bytesOf(2));
  let left = 0;
  while (early.take(Number.POSITIVE_INFINITY) !== undefined) left++;
  t.is(left, EARLY_PLACES - 1);
});
