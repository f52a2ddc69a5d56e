/**
 * Body of a model frame (kind 5) that tells what the pairs of order and execution have learned, so that an auditor sees
 * what answers are held to. A model frame of its own for a few pairs, after the one that tells of the model.
 */
import type { CborWriter } from '../cbor/writer.js';
import { PAIR_MODES_MAX, PAIR_MODES_TOLD_MAX } from '../limits.js';
import { MODEL_LEARNED } from '../model/model-record.js';
import type { LearnedDelay, Pair } from '../orders/pair.js';
import type { Reading } from './readings-body.js';

const DIGEST_BYTES = 16;
const US_PER_MS = 1000;
const GAIN_DECIMALS = 6;
/** Numbers of a pair of loops; the first is its gain. */
const LINE_NUMBERS = 3;
const DELAY_NUMBERS = 4;
const LEFT_NUMBERS = 3;
/** What is larger is held to it. */
const NUMBER_MAX = 4294967295;

/** Modes that are told of a pair: all together, then each that the wiring makes. */
function modesOf(pair: Pair): number {
  return 1 + (pair.operating === null ? 0 : pair.operating.learned.length);
}

/** Where the pairs that a frame takes from `first` on end. */
export function pairsEnd(pairs: readonly Pair[], first: number): number {
  let end = first;
  let modes = 0;
  while (end < pairs.length && modes + modesOf(pairs[end]) <= PAIR_MODES_TOLD_MAX) modes += modesOf(pairs[end++]);
  return end;
}

/** Writes the body for pairs `first` to `end` - 1; `why` and `digest`: of the model that they are of. */
export function writePairsBody(
  writer: CborWriter,
  why: number,
  digest: Uint8Array,
  pairs: readonly Pair[],
  readings: readonly Reading[],
  first: number,
  end: number,
): void {
  const isStored = why === MODEL_LEARNED;
  writer.map(isStored ? 3 : 2);
  writer.uint(1);
  writer.uint(why);
  if (isStored) {
    writer.uint(2);
    writer.bytes(digest, DIGEST_BYTES);
  }
  writer.uint(9);
  writer.array(end - first);
  for (let i = first; i < end; i++) writePair(writer, pairs[i], i, readings);
}

function writePair(writer: CborWriter, pair: Pair, index: number, readings: readonly Reading[]): void {
  const modes = modesOf(pair);
  const decimals = pair.execution < readings.length ? readings[pair.execution].decimals : 0;
  writer.array(1 + modes);
  writer.uint(index);
  writeMode(writer, pair, PAIR_MODES_MAX, decimals);
  for (let mode = 0; mode < modes - 1; mode++) writeMode(writer, pair, mode, decimals);
}

function writeMode(writer: CborWriter, pair: Pair, mode: number, decimals: number): void {
  const numbers = pair.learnedNumbers(mode);
  writer.array(numbers === LINE_NUMBERS ? 4 : 3 + numbers);
  if (mode === PAIR_MODES_MAX) writer.null();
  else writer.uint(mode);
  for (let direction = 0; direction < 2; direction++) writeWay(writer, pair, mode, direction);
  if (numbers === LINE_NUMBERS) writer.array(LINE_NUMBERS);
  for (let i = 0; i < numbers; i++) {
    const isGain = numbers === LINE_NUMBERS && i === 0;
    writer.decimal(pair.learnedNumber(mode, i), isGain ? GAIN_DECIMALS : decimals);
  }
}

function writeWay(writer: CborWriter, pair: Pair, mode: number, direction: number): void {
  const delay = pair.learnedDelay(mode, direction);
  const left = pair.learnedLeft(mode, direction);
  writer.array(DELAY_NUMBERS + (left === null ? 0 : LEFT_NUMBERS));
  writer.uint(delay.orders < NUMBER_MAX ? delay.orders : NUMBER_MAX);
  writeDelay(writer, pair, delay);
  if (left !== null) writeDelay(writer, pair, left);
}

/** Least, longest and bound, in milliseconds, what is begun is whole; null where nothing is known. */
function writeDelay(writer: CborWriter, pair: Pair, delay: LearnedDelay): void {
  const { orders } = delay;
  writeMs(writer, orders > 0 ? delay.minUs : Infinity);
  writeMs(writer, orders > 0 ? delay.maxUs : Infinity);
  writeMs(writer, pair.toldBoundUs(delay));
}

function writeMs(writer: CborWriter, us: number): void {
  const ms = Math.ceil(us / US_PER_MS);
  if (!(ms < Infinity)) writer.null();
  else writer.uint(ms < NUMBER_MAX ? ms : NUMBER_MAX);
}
