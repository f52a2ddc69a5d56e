/**
 * Which slopes a channel was ever seen to have, for each state of a condition and each level: 32 bits a cell, one for
 * each bin of asinh(S / s0), 18 levels, the first and the last beyond what the scale was taken from. s0 is half the
 * usual slope, four steps of the resolution at least, so that rounding stays within what counts as seen. A row joins
 * what scores are made with at the next checkpoint, so that it is scored by sets that have not seen it.
 * 216 bytes per channel and condition; twice that for each condition there is while learning.
 */
import { ln } from '../base/elementary.js';
import type { Archive } from './archive.js';
import { CAUSE_NONE, CAUSES_MAX, type SlopeCauses } from './slope-causes.js';
import type { Slopes } from './slopes.js';

const STATES = 3;
const LEVELS = 16;
const CELLS = LEVELS + 2;
const TABLE = STATES * CELLS;
/** Bins within the slopes that the scale was taken from; two more on each side. */
const BINS = 28;
const BEYOND = 2;
const SCALE_SHARE = 0.5;
const SCALE_STEPS = 4;
/** Most bins in one unit of asinh. */
const GAIN_MAX = 7;
/** Bins on either side of a slope seen that count as seen. */
const REACH = 2;
/** Distance of a level that was never seen in this state, but in another one. */
const NEW_CELL = 1.5;
const DISTANCE_MAX = 16;

/** Sets of slopes. */
export class SlopeSets {
  private readonly causes: SlopeCauses;
  private readonly slopes: Slopes;
  private seen: Int32Array;
  private pending: Int32Array | null;
  /** Tables of a channel: one of each condition while learning, then one of each cause. */
  private tables: number;
  private readonly levelLow: Float32Array;
  private readonly levelGain: Float32Array;
  private readonly slopeLow: Float32Array;
  private readonly slopeGain: Float32Array;
  private readonly share: Float32Array;

  constructor(causes: SlopeCauses, slopes: Slopes) {
    const { channels } = slopes;
    this.causes = causes;
    this.slopes = slopes;
    this.tables = causes.conditions;
    this.seen = new Int32Array(channels * this.tables * TABLE);
    this.pending = new Int32Array(channels * this.tables * TABLE);
    this.levelLow = new Float32Array(channels);
    this.levelGain = new Float32Array(channels);
    this.slopeLow = new Float32Array(channels);
    this.slopeGain = new Float32Array(channels);
    this.share = new Float32Array(channels);
  }

  /** Takes the scales of channel q from its range so far, its resolution, and from the slopes. */
  scale(q: number, low: number, high: number, resolution: number): void {
    const { slopes, levelLow, levelGain, slopeLow, slopeGain, share } = this;
    levelLow[q] = low;
    levelGain[q] = high > low ? LEVELS / (high - low) : 0;
    const usual = SCALE_SHARE * slopes.scale[q];
    const step = (SCALE_STEPS * resolution) / slopes.horizon[q];
    share[q] = 1 / (usual > step ? usual : step);
    slopeLow[q] = asinh(slopes.lowest[q] * share[q]);
    const width = asinh(slopes.highest[q] * share[q]) - slopeLow[q];
    slopeGain[q] = width * GAIN_MAX > BINS ? BINS / width : GAIN_MAX;
  }

  private cell(q: number, level: number): number {
    const at = Math.floor((level - this.levelLow[q]) * this.levelGain[q]) + 1;
    return at < 0 ? 0 : at > LEVELS + 1 ? LEVELS + 1 : at;
  }

  private bin(q: number): number {
    const y = asinh(this.slopes.slope[q] * this.share[q]);
    const at = Math.floor((y - this.slopeLow[q]) * this.slopeGain[q]) + BEYOND;
    return at < 0 ? 0 : at > BINS + 2 * BEYOND - 1 ? BINS + 2 * BEYOND - 1 : at;
  }

  /** The slope of channel q joins the sets of all conditions. */
  learn(q: number, level: number): void {
    const { causes, pending, tables } = this;
    if (pending === null) return;
    const cell = this.cell(q, level);
    const bit = 1 << this.bin(q);
    for (let z = 0; z < tables; z++) pending[(q * tables + z) * TABLE + causes.state[z] * CELLS + cell] |= bit;
  }

  /** Rows so far join what scores are made with. */
  commit(): void {
    const { seen, pending } = this;
    if (pending === null) return;
    for (let i = 0; i < seen.length; i++) seen[i] |= pending[i];
  }

  /** Largest distance, in bins, of the slope of channel q from those seen with the states of its causes. */
  distance(q: number, level: number): number {
    const { causes, tables, pending } = this;
    const cell = this.cell(q, level);
    const bin = this.bin(q);
    let most = 0;
    for (let k = 0; k < CAUSES_MAX; k++) {
      const z = causes.cause[q * CAUSES_MAX + k];
      if (z === CAUSE_NONE) continue;
      const table = (q * tables + (pending === null ? k : z)) * TABLE;
      const d = this.outside(table, causes.state[z], cell, bin);
      if (d > most) most = d;
    }
    return most;
  }

  /** Slopes seen at the level and those beside it. */
  private around(table: number, state: number, cell: number): number {
    const { seen } = this;
    const at = table + state * CELLS + cell;
    return seen[at] | (cell > 0 ? seen[at - 1] : 0) | (cell < CELLS - 1 ? seen[at + 1] : 0);
  }

  private outside(table: number, state: number, cell: number, bin: number): number {
    const bits = this.around(table, state, cell);
    if (bits !== 0) return nearest(bits, bin);
    for (let s = 0; s < STATES; s++) if (this.around(table, s, cell) !== 0) return NEW_CELL;
    return 0;
  }

  /** Learning is over: the causes' sets are kept. @offStep end of learning. */
  freeze(): void {
    const { causes, slopes, seen } = this;
    if (this.pending === null) return;
    this.commit();
    const kept = new Int32Array(slopes.channels * CAUSES_MAX * TABLE);
    for (let i = 0; i < slopes.channels * CAUSES_MAX; i++) {
      const z = causes.cause[i];
      if (z === CAUSE_NONE) continue;
      const from = (Math.floor(i / CAUSES_MAX) * this.tables + z) * TABLE;
      for (let cell = 0; cell < TABLE; cell++) kept[i * TABLE + cell] = seen[from + cell];
    }
    this.seen = kept;
    this.pending = null;
    this.tables = CAUSES_MAX;
  }

  /** Carries what is known of channel q. @offStep while saving or loading. */
  archive(q: number, archive: Archive): void {
    const { levelLow, levelGain, slopeLow, slopeGain, share } = this;
    if (archive.isLoading) this.freeze();
    levelLow[q] = archive.number(levelLow[q]);
    levelGain[q] = archive.number(levelGain[q]);
    slopeLow[q] = archive.number(slopeLow[q]);
    slopeGain[q] = archive.number(slopeGain[q]);
    share[q] = archive.number(share[q]);
    archive.bytes(new Uint8Array(this.seen.buffer, q * CAUSES_MAX * TABLE * 4, CAUSES_MAX * TABLE * 4));
  }
}

/** Bins from `bin` to the nearest one set, less those that count as seen. */
function nearest(bits: number, bin: number): number {
  const farthest = DISTANCE_MAX + REACH;
  for (let d = 0; d < farthest; d++) {
    const isBelow = bin >= d && (bits & (1 << (bin - d))) !== 0;
    const isAbove = bin + d <= 31 && (bits & (1 << (bin + d))) !== 0;
    if (isBelow || isAbove) return d > REACH ? d - REACH : 0;
  }
  return DISTANCE_MAX;
}

/** Inverse hyperbolic sine. */
function asinh(x: number): number {
  return x < 0 ? -ln(-x + Math.sqrt(x * x + 1)) : ln(x + Math.sqrt(x * x + 1));
}
