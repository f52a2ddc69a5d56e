/**
 * How fast each analog channel moves: S = (x(t) - x(t - h)) / h over a horizon of h rows, the shortest power of two
 * that noise leaves readable: mean |f(t) - f(t - h)| < 0.35 of mean |f|, with f(t) = x(t) - x(t - h). Where none is,
 * the channel is no level: it is left out. Its usual slope is sum f^2 / sum |f| / h, which standing still does not
 * change.
 * And the sign of the slope as a contact of three states, for what moves without a wire that tells: 0 falling,
 * 1 standing, 2 rising, between 0.5 and 1 tau the state before, tau = 0.25 of the usual slope.
 * 360 bytes per channel, and 400 more while learning.
 */
import { QUALITY_GOOD } from '../condition/quality.js';
import type { Archive } from './archive.js';
import type { ModelRow } from './model-row.js';

/** Longest horizon, in rows. */
export const HORIZON_MAX = 16;
/** Powers of two up to it. */
const HORIZONS = 5;
/** Values kept of each channel: a power of two above three horizons. */
const KEPT = 64;
const NOISE_MAX = 0.35;
const STANDING = 0.5;
const TAU_SHARE = 0.25;
/** Rows in which a channel must have moved for its horizon to be chosen. */
const MOVES_MIN = 30;

/** States of a slope. */
export const STANDING_STATE = 1;
const FALLING_STATE = 0;
const RISING_STATE = 2;

/** Slopes of all analog channels. */
export class Slopes {
  readonly channels: number;
  /** Rows; 0 until chosen. */
  readonly horizon: Uint8Array;
  /** Slope in this row, in values per row; 0 while it is not known. */
  readonly slope: number[] = [];
  readonly state: number[] = [];
  /** The usual slope while the channel moves. */
  readonly scale: Float32Array;
  /** Smallest and largest slope while learning. */
  readonly lowest: Float32Array;
  readonly highest: Float32Array;
  /** Rows since the value was last not to be had, up to 255. */
  readonly known: Uint8Array;
  private readonly tau: Float32Array;
  private readonly values: Float32Array;
  private row = 0;
  private learned: HorizonChoice[] = [];

  constructor(channels: number) {
    this.channels = channels;
    this.horizon = new Uint8Array(channels);
    this.scale = new Float32Array(channels);
    this.lowest = new Float32Array(channels);
    this.highest = new Float32Array(channels);
    this.known = new Uint8Array(channels);
    this.tau = new Float32Array(channels);
    this.values = new Float32Array(channels * KEPT);
    for (let j = 0; j < channels; j++) {
      this.slope.push(0);
      this.state.push(STANDING_STATE);
      this.learned.push(new HorizonChoice());
    }
  }

  /** Takes a row in. */
  advance(row: ModelRow): void {
    const { channels, values, known, horizon } = this;
    this.row++;
    const at = this.row & (KEPT - 1);
    for (let j = 0; j < channels; j++) {
      const input = row.inputs[j];
      if (row.isFresh || input.quality !== QUALITY_GOOD) known[j] = 0;
      else if (known[j] < 255) known[j]++;
      values[j * KEPT + at] = input.value;
      const h = horizon[j];
      this.slope[j] = h > 0 && this.isKnown(j, h) ? this.past(j, 0) : 0;
      if (h > 0) this.state[j] = this.sign(j);
    }
  }

  /** True when values reach `rows` rows back. */
  isKnown(j: number, rows: number): boolean {
    return this.known[j] >= rows;
  }

  /** Slope of channel j `back` rows ago. */
  past(j: number, back: number): number {
    const { values, row } = this;
    const h = this.horizon[j];
    const from = j * KEPT;
    return (values[from + ((row - back) & (KEPT - 1))] - values[from + ((row - back - h) & (KEPT - 1))]) / h;
  }

  private sign(j: number): number {
    const s = this.slope[j];
    const tau = this.tau[j];
    if (s > tau) return RISING_STATE;
    if (s < -tau) return FALLING_STATE;
    return s < STANDING * tau && s > -STANDING * tau ? STANDING_STATE : this.state[j];
  }

  /** Learns what channel j's horizon is chosen by. */
  learn(j: number): void {
    const { values, row } = this;
    const from = j * KEPT;
    const x = values[from + (row & (KEPT - 1))];
    for (let k = 0; k < HORIZONS; k++) {
      const h = 1 << k;
      if (!this.isKnown(j, 2 * h)) return;
      const middle = values[from + ((row - h) & (KEPT - 1))];
      this.learned[j].learn(k, x - middle, middle - values[from + ((row - 2 * h) & (KEPT - 1))]);
    }
  }

  /** Chooses the horizon of channel j; false while it has hardly moved, and for noise and steps. */
  choose(j: number): boolean {
    const choice = this.learned[j];
    if (choice.rows < MOVES_MIN) return false;
    const k = choice.best();
    if (k === HORIZONS) return false;
    const h = 1 << k;
    this.horizon[j] = h;
    this.scale[j] = choice.squares[k] / choice.sizes[k] / h;
    this.tau[j] = TAU_SHARE * this.scale[j];
    this.lowest[j] = choice.lowest[k] / h;
    this.highest[j] = choice.highest[k] / h;
    return true;
  }

  /** Learning is over: what only learning needed is given back. */
  freeze(): void {
    this.learned.length = 0;
  }

  restart(): void {
    this.known.fill(0);
  }

  archive(j: number, archive: Archive): void {
    this.horizon[j] = archive.uint16(this.horizon[j]);
    this.tau[j] = archive.number(this.tau[j]);
  }
}

/** What tells the horizons of one channel apart. */
class HorizonChoice {
  /** Rows in which the channel moved. */
  rows = 0;
  readonly sizes: number[] = [];
  readonly squares: number[] = [];
  readonly lowest: number[] = [];
  readonly highest: number[] = [];
  private readonly changes: number[] = [];

  constructor() {
    for (let k = 0; k < HORIZONS; k++) {
      this.sizes.push(0);
      this.squares.push(0);
      this.changes.push(0);
      this.lowest.push(0);
      this.highest.push(0);
    }
  }

  learn(k: number, f: number, before: number): void {
    const { lowest, highest } = this;
    const g = f - before;
    if (k === 0 && f !== 0) this.rows++;
    this.sizes[k] += f > 0 ? f : -f;
    this.squares[k] += f * f;
    this.changes[k] += g > 0 ? g : -g;
    if (f < lowest[k]) lowest[k] = f;
    if (f > highest[k]) highest[k] = f;
  }

  /** The shortest horizon that noise leaves readable, as a power of two; HORIZONS where there is none. */
  best(): number {
    const { changes, sizes } = this;
    let k = 0;
    while (k < HORIZONS && changes[k] >= NOISE_MAX * sizes[k]) k++;
    return k;
  }
}
