/**
 * Whether learning was enough: v = variance of the four quarter means / mean of the four quarter variances, the largest
 * over all inputs that move. White noise gives about 4 / n, a pure trend about 15: a plant that went through its ways
 * several times in a quarter looks the same in each, one that only began to has not shown what it does.
 * The first quarter sets the scale, so its mean is 0 and its variance 1. 48 bytes per input.
 */
import { QUARTER_FIELDS, QUARTER_ROWS, QUARTER_SQUARES } from '../base/kernel-fields.js';

/** Levels of learning. Nothing is promised while not learned. */
export const NOT_LEARNED = 0;
export const PROVISIONAL = 1;
export const SUFFICIENT = 2;

/** Quarters of learning. */
export const QUARTERS = 4;
const VARIANCE_MIN = 1e-4;
/** Above these v says that learning is provisional, or not learned. */
export const PROVISIONAL_V = 2;
const NOT_LEARNED_V = 4;
/** Rows learned, in parts of the rows per promised alarm, below which it is provisional, or not learned. */
const PROVISIONAL_PART = 1 / 3;
const NOT_LEARNED_PART = 1 / 10;

/** Of one input, beside the quarter under way: sums over those that are over. */
const MEANS = 3;
const SQUARED_MEANS = 4;
const VARIANCES = 5;

/** A quarter is over. One without a good value counts as unmoved. */
export function endQuarter(quarters: Float64Array, i: number): void {
  const at = i * QUARTER_FIELDS;
  const rows = quarters[at + QUARTER_ROWS];
  if (rows > 0) {
    const mean = quarters[at] / rows;
    const variance = quarters[at + QUARTER_SQUARES] / rows - mean * mean;
    quarters[at + MEANS] += mean;
    quarters[at + SQUARED_MEANS] += mean * mean;
    quarters[at + VARIANCES] += variance > 0 ? variance : 0;
  }
  quarters[at] = 0;
  quarters[at + QUARTER_SQUARES] = 0;
  quarters[at + QUARTER_ROWS] = 0;
}

/** v of input i after `over` quarters, the first included; as it is judged from the fourth on. */
export function varianceRatio(quarters: Float64Array, i: number, over: number): number {
  const at = i * QUARTER_FIELDS;
  const mean = quarters[at + MEANS] / over;
  const between = quarters[at + SQUARED_MEANS] / over - mean * mean;
  const within = (1 + quarters[at + VARIANCES]) / over;
  return between / (within > VARIANCE_MIN ? within : VARIANCE_MIN);
}

/** Level for the largest v, after `rows` rows with one promised alarm in `rowsPerAlarm`. */
export function sufficiencyOf(v: number, rows: number, rowsPerAlarm: number): number {
  if (v > NOT_LEARNED_V || rows < NOT_LEARNED_PART * rowsPerAlarm) return NOT_LEARNED;
  return v > PROVISIONAL_V || rows < PROVISIONAL_PART * rowsPerAlarm ? PROVISIONAL : SUFFICIENT;
}
