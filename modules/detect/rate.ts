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
 * 2 slots of 16 bytes and 72 bytes per channel.
 */
import { exp, ln } from '../base/elementary.js';
import { QUALITY_GOOD } from '../condition/quality.js';
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
const CHANNELS_PER_UNIT = 4;

/** One analog channel. */
class RateChannel {
  /** Value of the last row; NaN when there is none to go by. */
  before = NaN;
  /** 1 / threshold of its moves; 0 while learning and where it is not watched. */
  share = 0;
}

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
  readonly unitCost = 400;
  readonly endsCost = 250;
  readonly archiveUnits: number;
  private readonly channels: RateChannel[] = [];
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
    for (let i = 0; i < resolutions.length; i++) this.channels.push(new RateChannel());
    this.resolutions = resolutions;
    this.moves = new Float64Array(resolutions.length * FIELDS);
    this.units = Math.ceil(resolutions.length / CHANNELS_PER_UNIT);
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

  work(unit: number): void {
    const { channels, row, isLearning } = this;
    if (row === null) return;
    const { values, qualities } = row;
    const from = unit * CHANNELS_PER_UNIT;
    const end = from + CHANNELS_PER_UNIT < channels.length ? from + CHANNELS_PER_UNIT : channels.length;
    for (let i = from; i < end; i++) {
      const channel = channels[i];
      const value = qualities[i] === QUALITY_GOOD ? values[i] : NaN;
      const move = value - channel.before;
      channel.before = value;
      if (isLearning) this.learnMove(i, move);
      const told = move < 0 ? -move * channel.share : move * channel.share;
      // a move from or to no value is NaN, and larger than nothing
      if (told > this.largest) {
        this.largest = told;
        this.worst = i;
        this.move = move;
      }
    }
  }

  private learnMove(channel: number, move: number): void {
    const at = channel * FIELDS + LATEST;
    const latest = this.moves[at];
    if (move > latest) this.moves[at] = move;
    else if (-move > latest) this.moves[at] = -move;
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
    const { channels } = this;
    this.score = 0;
    for (let i = 0; i < channels.length; i++) channels[i].before = NaN;
  }

  /** Each channel has its share of the alarms. */
  calibrate(rowsPerAlarm: number): void {
    const { channels } = this;
    for (let i = 0; i < channels.length; i++) {
      const threshold = this.threshold(i * FIELDS, rowsPerAlarm * channels.length);
      const least = RESOLUTIONS_MIN * this.resolutions[i];
      if (threshold > 0) channels[i].share = 1 / (threshold > least ? threshold : least);
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
    const { worst, move } = this;
    const { before, share } = this.channels[worst];
    finding.channel[0] = worst;
    finding.expectedLow = before - move - 1 / share;
    finding.expectedHigh = before - move + 1 / share;
    finding.observed = before;
  }

  archive(unit: number, archive: Archive): void {
    const channel = this.channels[unit];
    channel.share = archive.number(channel.share);
  }
}
