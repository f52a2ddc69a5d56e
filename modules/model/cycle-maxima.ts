/**
 * What each subject's score reached in the learned cycles, and the threshold that their tail gives: the shrunk Hill
 * estimate of `tail.ts` over cycles instead of rows. With subjects scaled by the 90 % quantile of their own maxima, x_i
 * the largest of cycle i, u the median of the x_i in N cycles (1 at least), n of them above it (1 at least), and m
 * cycles per allowed alarm:
 *
 *     gamma = (sum ln(x_i / u) + 0.2 * 3) / (n + 3), threshold = u max(1, n m / N)^gamma
 *
 * When CYCLES_KEPT_MAX are kept, neighbours are merged to their larger one: an entry then stands for twice as many
 * cycles, and no maximum is lost. 2 bytes a cycle and subject: 128 bytes a subject, 5 slots, while learning.
 */
import { exp, ln } from '../base/elementary.js';
import { CYCLES_KEPT_MAX } from '../limits.js';

const QUANTILE = 0.9;
/** Smallest scale of a subject: one that never left its envelope is not asked to stay closer than that. */
const SCALE_MIN = 0.1;
const GAMMA_PRIOR = 0.2;
const GAMMA_PRIOR_WEIGHT = 3;
/** Codes a unit of score; the largest score kept is 13. */
const CODES = 5000;
const CODE_MAX = 0xffff;
/** Codes a unit of scaled score: those are at most 1 / SCALE_MIN times as large. */
const LARGEST_CODES = CODES * SCALE_MIN;

/** Maxima of all subjects over the learned cycles. */
export class CycleMaxima {
  /** Entries that are complete. */
  entries = 0;
  /** Cycles that an entry stands for. */
  cyclesPerEntry = 1;
  private cyclesInEntry = 0;
  private readonly subjects: number;
  /** Entry by entry, subject by subject. */
  private readonly codes: Uint16Array;
  private readonly sorted: Uint16Array;

  constructor(subjects: number) {
    this.subjects = subjects;
    this.codes = new Uint16Array(subjects * CYCLES_KEPT_MAX);
    this.sorted = new Uint16Array(CYCLES_KEPT_MAX);
  }

  /** What `subject` reached in the cycle under way: 0 or above. */
  put(subject: number, score: number): void {
    const { codes } = this;
    const at = this.entries * this.subjects + subject;
    const code = Math.ceil(score * CODES);
    if (code > codes[at]) codes[at] = code < CODE_MAX ? code : CODE_MAX;
  }

  /** Every subject has told what it reached in the cycle. */
  endCycle(): void {
    if (++this.cyclesInEntry < this.cyclesPerEntry) return;
    this.cyclesInEntry = 0;
    if (++this.entries === CYCLES_KEPT_MAX) this.merge();
  }

  private merge(): void {
    const { codes, subjects } = this;
    const half = CYCLES_KEPT_MAX >> 1;
    for (let entry = 0; entry < half; entry++) {
      for (let i = 0; i < subjects; i++) {
        const a = codes[2 * entry * subjects + i];
        const b = codes[(2 * entry + 1) * subjects + i];
        codes[entry * subjects + i] = a > b ? a : b;
      }
    }
    codes.fill(0, half * subjects);
    this.entries = half;
    this.cyclesPerEntry *= 2;
  }

  /** The scale of a subject: what it reaches in one cycle of ten. */
  scale(subject: number): number {
    const { codes, sorted, subjects, entries } = this;
    sorted.fill(CODE_MAX);
    for (let entry = 0; entry < entries; entry++) sorted[entry] = codes[entry * subjects + subject];
    sorted.sort();
    const at = Math.ceil(QUANTILE * entries) - 1;
    const scale = entries > 0 ? sorted[at] / CODES : SCALE_MIN;
    return scale > SCALE_MIN ? scale : SCALE_MIN;
  }

  /** Largest of all subjects in an entry, each multiplied by its share. */
  private largest(entry: number, shares: Float64Array): number {
    const { codes, subjects } = this;
    let largest = 0;
    for (let i = 0; i < subjects; i++) {
      const scaled = codes[entry * subjects + i] * shares[i];
      if (scaled > largest) largest = scaled;
    }
    return largest / CODES;
  }

  /** The scaled score that one cycle in `cyclesPerAlarm` is expected to reach; `shares[i]`: 1 / scale of subject i. */
  threshold(shares: Float64Array, cyclesPerAlarm: number): number {
    const { sorted, entries } = this;
    if (entries === 0) return Infinity;
    sorted.fill(CODE_MAX);
    for (let entry = 0; entry < entries; entry++) {
      const code = Math.round(this.largest(entry, shares) * LARGEST_CODES);
      sorted[entry] = code < CODE_MAX ? code : CODE_MAX;
    }
    sorted.sort();
    const median = (sorted[(entries - 1) >> 1] + sorted[entries >> 1]) / 2;
    const u = median > LARGEST_CODES ? median : LARGEST_CODES;
    let above = 0;
    let sum = GAMMA_PRIOR * GAMMA_PRIOR_WEIGHT;
    for (let i = 0; i < entries; i++) {
      if (sorted[i] <= u) continue;
      above++;
      sum += ln(sorted[i] / u);
    }
    const excess = ((above > 1 ? above : 1) * cyclesPerAlarm) / (entries * this.cyclesPerEntry);
    const growth = excess > 1 ? exp((sum / (above + GAMMA_PRIOR_WEIGHT)) * ln(excess)) : 1;
    return (u / LARGEST_CODES) * growth;
  }
}
