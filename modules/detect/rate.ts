/**
 * Rate of change: how far an analog channel moves from one row to the next, against how far it moved while learning.
 *
 *   r_j = |x_j(t) - x_j(t-1)| / max(99 % quantile of it, resolution, 5 % of the channel's spread)
 *   score = max over channels of r_j / threshold
 *
 * The threshold is that of the learned tail of the maximum (`model/tail.ts`). The quantile is high because a channel
 * that stands still most of the time says nothing with its median: what its moves are like is in their tail.
 * 48 bytes per channel; one tail for all.
 */
import { QUALITY_GOOD } from '../condition/quality.js';
import type { Archive } from '../model/archive.js';
import type { ModelRow } from '../model/model-row.js';
import { nextQuantile } from '../model/running-quantile.js';
import { Tail } from '../model/tail.js';
import { DETECTOR_RATE, type Finding } from './finding.js';
import type { Ranking } from './ranking.js';
import type { RowDetector } from './row-detector.js';

const QUANTILE = 0.99;
const SPREAD_FLOOR = 0.05;
/** Part of learning after which the tail is collected: by then the quantiles have settled. */
const SETTLED = 0.3;
const CHANNELS_PER_UNIT = 8;

/** Fields of one channel: value of the last row (NaN: none to go by), last move, 1 / a large learned move (0: none). */
const FIELDS = 6;
const BEFORE = 0;
const MOVE = 1;
const SHARE = 2;
/** While learning: quantile of moves, mean and sum of squares of values. */
const LARGE = 3;
const MEAN = 4;
const SQUARES = 5;

/** Watches how fast analog channels move. */
export class RateDetector implements RowDetector {
  readonly id = DETECTOR_RATE;
  score = 0;
  /** A jump tells how an event begins, not how intense it stays. */
  readonly intensity = 0;
  readonly units: number;
  readonly leadingUnits = 0;
  readonly archiveUnits: number;
  private readonly channels: number;
  private readonly state: Float64Array;
  private readonly resolutions: readonly number[];
  private readonly ranking: Ranking;
  private readonly tail = new Tail();
  private threshold = Infinity;
  /** Largest move of the row under way, in parts of a large one. */
  private largest = 0;
  private rows = 0;
  private row: ModelRow | null = null;
  private isLearning = true;

  /** `resolutions[i]`: smallest step of analog channel i, in engineering units. */
  constructor(resolutions: readonly number[], ranking: Ranking) {
    this.channels = resolutions.length;
    this.resolutions = resolutions;
    this.ranking = ranking;
    this.state = new Float64Array(resolutions.length * FIELDS);
    this.units = Math.ceil(resolutions.length / CHANNELS_PER_UNIT);
    this.archiveUnits = resolutions.length + 1;
  }

  /** One, as soon as a channel has moved. */
  get members(): number {
    for (let i = 0; i < this.channels; i++) if (this.state[i * FIELDS + SHARE] > 0) return 1;
    return 0;
  }

  begin(row: ModelRow, isLearning: boolean): void {
    this.row = row;
    this.isLearning = isLearning;
    this.largest = 0;
    if (isLearning) this.rows++;
    if (row.isFresh) this.restart();
  }

  work(unit: number): void {
    const { state, channels, row, isLearning } = this;
    if (row === null) return;
    const { inputs } = row;
    const from = unit * CHANNELS_PER_UNIT;
    const end = from + CHANNELS_PER_UNIT < channels ? from + CHANNELS_PER_UNIT : channels;
    let { largest } = this;
    for (let i = from; i < end; i++) {
      const { value, quality } = inputs[i];
      const at = i * FIELDS;
      const move = value - state[at];
      state[at] = quality === QUALITY_GOOD ? value : NaN;
      state[at + MOVE] = move;
      const told = (move < 0 ? -move : move) * state[at + SHARE];
      // what has no row before it is NaN and larger than nothing
      if (told > largest) largest = told;
      if (isLearning) this.learnMove(i, value);
    }
    this.largest = largest;
  }

  private learnMove(i: number, value: number): void {
    const { state, rows } = this;
    const at = i * FIELDS;
    const move = state[at + MOVE];
    if (state[at + BEFORE] !== value || !(move <= 0 || move > 0)) return;
    state[at + LARGE] = nextQuantile(state[at + LARGE], rows, move < 0 ? -move : move, QUANTILE);
    const beyond = value - state[at + MEAN];
    state[at + MEAN] += beyond / rows;
    state[at + SQUARES] += beyond * (value - state[at + MEAN]);
    const spread = SPREAD_FLOOR * Math.sqrt(state[at + SQUARES] / rows);
    const resolution = this.resolutions[i];
    let large = state[at + LARGE];
    if (spread > large) large = spread;
    if (resolution > large) large = resolution;
    state[at + SHARE] = 1 / large;
  }

  learn(_row: ModelRow, progress: number): void {
    if (progress >= SETTLED) this.tail.add(this.largest);
  }

  watch(): void {
    this.score = this.largest / this.threshold;
  }

  restart(): void {
    const { state, channels } = this;
    this.score = 0;
    for (let i = 0; i < channels; i++) state[i * FIELDS] = NaN;
  }

  calibrate(rowsPerAlarm: number): void {
    this.threshold = this.tail.threshold(rowsPerAlarm);
  }

  explain(finding: Finding): void {
    const { state, channels, ranking, threshold } = this;
    const { telling } = ranking;
    for (let i = 0; i < channels; i++) {
      const move = state[i * FIELDS + MOVE];
      telling[i] = ((move < 0 ? -move : move) * state[i * FIELDS + SHARE]) / threshold;
    }
    const at = ranking.name(finding, channels, 0) * FIELDS;
    const before = state[at] - state[at + MOVE];
    const reach = threshold / state[at + SHARE];
    finding.expectedLow = before - reach;
    finding.expectedHigh = before + reach;
    finding.observed = state[at];
  }

  archive(unit: number, archive: Archive): void {
    const { state } = this;
    if (unit < this.channels) state[unit * FIELDS + SHARE] = archive.number(state[unit * FIELDS + SHARE]);
    else this.threshold = archive.number(this.threshold);
  }
}
