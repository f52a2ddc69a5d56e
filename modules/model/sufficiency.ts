/**
 * Whether learning was enough: v = variance of the four quarter means / mean of the four quarter variances, the largest
 * over all inputs that move. White noise gives about 4 / n, a pure trend about 15: a plant that went through its ways
 * several times in a quarter looks the same in each, one that only began to has not shown what it does.
 * The first quarter sets the scale, so its mean is 0 and its variance 1. Six slots per input while learning.
 */
import type { Standardised } from './residual-channel.js';

/** Levels of learning. Nothing is promised while not learned. */
export const NOT_LEARNED = 0;
export const PROVISIONAL = 1;
export const SUFFICIENT = 2;

const QUARTERS = 4;
const VARIANCE_MIN = 1e-4;
/** Above these v says that learning is provisional, or not learned. */
export const PROVISIONAL_V = 2;
const NOT_LEARNED_V = 4;
/** Rows learned, in parts of the rows per promised alarm, below which it is provisional, or not learned. */
const PROVISIONAL_PART = 1 / 3;
const NOT_LEARNED_PART = 1 / 10;

/** Takes a standardised value of the quarter under way. */
export function addToQuarter(input: Standardised, z: number): void {
  input.quarterSum += z;
  input.quarterSquares += z * z;
  input.quarterRows++;
}

/** A quarter is over. One without a good value counts as unmoved. */
export function endQuarter(input: Standardised): void {
  const rows = input.quarterRows;
  if (rows > 0) {
    const mean = input.quarterSum / rows;
    const variance = input.quarterSquares / rows - mean * mean;
    input.means += mean;
    input.squaredMeans += mean * mean;
    input.variances += variance > 0 ? variance : 0;
  }
  input.quarterSum = 0;
  input.quarterSquares = 0;
  input.quarterRows = 0;
}

/** v of one input after the fourth quarter; 0 for one that does not move. */
export function varianceRatio(input: Standardised): number {
  if (input.precision === 0) return 0;
  const mean = input.means / QUARTERS;
  const between = input.squaredMeans / QUARTERS - mean * mean;
  const within = input.variances / QUARTERS;
  return between / (within > VARIANCE_MIN ? within : VARIANCE_MIN);
}

/** Level for the largest v, after `rows` rows with one promised alarm in `rowsPerAlarm`. */
export function sufficiencyOf(v: number, rows: number, rowsPerAlarm: number): number {
  if (v > NOT_LEARNED_V || rows < NOT_LEARNED_PART * rowsPerAlarm) return NOT_LEARNED;
  return v > PROVISIONAL_V || rows < PROVISIONAL_PART * rowsPerAlarm ? PROVISIONAL : SUFFICIENT;
}
