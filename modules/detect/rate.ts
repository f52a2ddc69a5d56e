/**
 * Rate of change: how far an analog channel moves from one row to the next, against its largest moves while learning.
 *
 *   d_j = |x_j(t) - x_j(t-1)|,  score = max over channels of d_j / h_j
 *   h = max(x_k max(1, k m / N)^gamma, 2 resolutions),  gamma = (sum ln(x_i / x_k) + 0.2 * 5) / (k + 5)
 *
 * the shrunk Hill estimate, plugged in and not predictive as that of `model/tail.ts`, on the k = 8 largest of the
 * maxima x_1 ... x_k of ten rows each, N rows
 * learned, m rows per alarm of one channel. It is taken on the few largest, channel by channel, because a plant that
 * mostly rests and sometimes switches has two kinds of moves: a tail that begins among those of the first kind promises
 * nothing about the second. A channel that never moved is not watched.
 * 96 bytes per channel.
 */
import { exp, ln } from '../base/elementary.js';
import { largestMove } from '../base/kernels.js';
import { RATE_MOVES_MAX } from '../limits.js';
import type { Archive } from '../model/archive.js';
import type { ModelRow } from '../model/model-row.js';
import { DETECTOR_RATE, type Finding } from './finding.js';
import type { RowDetector } from './row-detector.js';

const CLUSTER_ROWS = 10;
const GAMMA_PRIOR = 0.2;
const GAMMA_PRIOR_WEIGHT = 5;
const RESOLUTIONS_MIN = 2;
/** Part of the alarm budget that it takes, in shares of a member. */
const BUDGET_PART = 0.1;

/** Of a channel: value of the last row, NaN when there is none to go by; share; the move to it. */
const RATE_FIELDS = 3;
/** 1 / threshold of its moves; 0 while learning and where it is not watched. */
const SHARE = 1;
const MOVE = 2;

/** While learning, of one channel: its largest moves, and the largest of the rows since they were last looked at. */
const FIELDS = RATE_MOVES_MAX + 1;
const LATEST = RATE_MOVES_MAX;

/** Watches how fast analog channels move. */
export class RateDetector implements RowDetector {
  readonly id = DETECTOR_RATE;
  score = 0;
  /** A jump tells how an event begins, not how intense it stays. */
  readonly intensity = 0;
  readonly units: number;
  readonly unitCost = 120;
  readonly endsCost = 250;
  readonly archiveUnits: number;
  /** RATE_FIELDS of each channel. */
  private readonly rates: Float64Array;
  private readonly resolutions: readonly number[];
  private readonly moves: Float64Array;
  /** Largest score of the row under way, its channel, and the move itself. */
  private largest = 0;
  private worst = 0;
  private move = 0;
  private rows = 0;
  private row: ModelRow | null = null;
  private isLearning = true;

  /** `resolutions[i]`: smallest step of analog channel i, in engineering units. */
  constructor(resolutions: readonly number[]) {
    this.rates = new Float64Array(resolutions.length * RATE_FIELDS);
    for (let at = 0; at < this.rates.length; at += RATE_FIELDS) this.rates[at] = NaN;
    this.resolutions = resolutions;
    this.moves = new Float64Array(resolutions.length * FIELDS);
    this.units = resolutions.length > 0 ? 1 : 0;
    this.archiveUnits = resolutions.length;
  }

  /** A small part of a share, as soon as a channel has moved: its tail is thin, that of the residual is not. */
  get members(): number {
    const { moves } = this;
    for (let at = 0; at < moves.length; at += FIELDS) if (moves[at] > 0) return BUDGET_PART;
    return 0;
  }

  begin(row: ModelRow, isLearning: boolean): void {
    this.row = row;
    this.isLearning = isLearning;
    this.largest = 0;
    if (row.isFresh) this.restart();
  }

  /** All channels. */
  work(): void {
    const { rates, row } = this;
    if (row === null) return;
    const worst = largestMove(row.values, row.qualities, rates, this.moves, this.isLearning ? 1 : 0);
    if (worst < 0) return;
    const move = rates[worst * RATE_FIELDS + MOVE];
    this.largest = (move < 0 ? -move : move) * rates[worst * RATE_FIELDS + SHARE];
    this.worst = worst;
    this.move = move;
  }

  learn(): void {
    this.rows++;
    if (this.rows % CLUSTER_ROWS !== 0) return;
    for (let at = 0; at < this.moves.length; at += FIELDS) this.keep(at);
  }

  /** The largest move of the last rows takes its place among the largest so far, which fall. */
  private keep(at: number): void {
    const { moves } = this;
    const move = moves[at + LATEST];
    moves[at + LATEST] = 0;
    let place = at + LATEST;
    while (place > at && moves[place - 1] < move) {
      if (place < at + LATEST) moves[place] = moves[place - 1];
      place--;
    }
    if (place < at + LATEST) moves[place] = move;
  }

  watch(): void {
    this.score = this.largest;
  }

  restart(): void {
    const { rates } = this;
    this.score = 0;
    for (let at = 0; at < rates.length; at += RATE_FIELDS) rates[at] = NaN;
  }

  /** Each channel has its share of the alarms. */
  calibrate(rowsPerAlarm: number): void {
    const { rates, resolutions } = this;
    for (let i = 0; i < resolutions.length; i++) {
      const threshold = this.threshold(i * FIELDS, rowsPerAlarm * resolutions.length);
      const least = RESOLUTIONS_MIN * this.resolutions[i];
      if (threshold > 0) rates[i * RATE_FIELDS + SHARE] = 1 / (threshold > least ? threshold : least);
    }
  }

  private threshold(at: number, rowsPerAlarm: number): number {
    const { moves, rows } = this;
    let k = RATE_MOVES_MAX;
    while (k > 0 && moves[at + k - 1] === 0) k--;
    if (k === 0) return 0;
    const smallest = moves[at + k - 1];
    let sum = GAMMA_PRIOR * GAMMA_PRIOR_WEIGHT;
    for (let i = 0; i < k; i++) sum += ln(moves[at + i] / smallest);
    const excess = (k * rowsPerAlarm) / rows;
    return excess > 1 ? smallest * exp((sum / (k + GAMMA_PRIOR_WEIGHT)) * ln(excess)) : smallest;
  }

  explain(finding: Finding): void {
    const { worst, move, rates } = this;
    const before = rates[worst * RATE_FIELDS];
    const share = rates[worst * RATE_FIELDS + SHARE];
    finding.channel[0] = worst;
    finding.expectedLow = before - move - 1 / share;
    finding.expectedHigh = before - move + 1 / share;
    finding.observed = before;
  }

  archive(unit: number, archive: Archive): void {
    const at = unit * RATE_FIELDS + SHARE;
    this.rates[at] = archive.number(this.rates[at]);
  }
}
