/**
 * Replay: a stretch of a channel's rows that repeats exactly, by a rolling hash of quantised values.
 *
 *   q(t) = floor(x(t) / step), step = a quarter of the mean |x(t) - x(t-1)| in the first quarter of learning
 *   h(t) = (16 h(t-1)) xor (q(t) * 2654435761)  mod 2^32        depends on the last 8 rows alone (a gear hash: Xia et
 *                                                              al., FastCDC, USENIX ATC 2016)
 * A window whose hash has three zero bits on top, about every eighth, is an anchor: chosen by content, so a replay has
 * the anchors of its original (winnowing: Schleimer, Wilkerson and Aiken, SIGMOD 2003). A table of 64 anchors holds
 * hash and row of each; an anchor found again at the lag at which the one before it was found lengthens the run.
 *   score = run / (4 + 3 longest run while learning)
 * so that what repeats in normal operation sets the length that counts: at least 5 anchors, about 48 rows. A channel
 * whose runs while learning exceeded 16 anchors, or that gave less than one anchor in 64 rows, is not watched: a coarse
 * or a still channel repeats by chance. An anchor of age a rows is still in the table with probability exp(-a / 512).
 *
 * Rows must line up: a stretch of a live signal is recognised when it repeats after whole rows, to a small part of one.
 * The threshold is a count that chance does not reach, not a quantile of a tail: it takes no share of the alarm budget.
 * 300 bytes per channel.
 */
import { QUALITY_GOOD } from '../condition/quality.js';
import { REPLAY_ANCHORS } from '../limits.js';
import type { Archive } from '../model/archive.js';
import type { ModelRow } from '../model/model-row.js';
import { DETECTOR_REPLAY, type Finding } from './finding.js';
import type { Ranking } from './ranking.js';
import type { RowDetector } from './row-detector.js';

/** Rows that a hash depends on: 32 bits, 4 of them a row. */
const WINDOW_ROWS = 8;
const MULTIPLIER = 2654435761;
const STEP_SHARE = 0.25;
/** Part of learning in which the step is learned. */
const STEP_LEARNING = 0.25;
/** A run ends when no anchor was found again for so many rows. */
const RUN_GAP_ROWS = 32;
const RUN_MIN = 4;
const RUN_MARGIN = 3;
const LONGEST_MAX = 16;
const ROWS_PER_ANCHOR_MAX = 64;
/** Rows are numbered modulo this. */
const ROW_NUMBERS = 65536;
const CHANNELS_PER_UNIT = 8;

/** Fields of one channel: 1 / step (0: not watched), 1 / the run that counts (0 while learning), last level, hash. */
const FIELDS = 4;
const PER_STEP = 0;
const PER_LIMIT = 1;
const LEVEL = 2;
const HASH = 3;
/** While the step is learned: sum of moves, value of the last row. */
const MOVES = PER_LIMIT;
const BEFORE = LEVEL;

/**
 * Counts of one channel: rows without a break, to 9; anchors found again in turn at one lag; the lag in rows; number of
 * the row of the last; the longest run and the anchors while learning.
 */
const COUNTS = 6;
const ROWS = 0;
const RUN = 1;
const LAG = 2;
const FOUND_AT = 3;
const LONGEST = 4;
const ANCHORS = 5;

/** Watches for repetitions of analog channels. */
export class ReplayDetector implements RowDetector {
  readonly id = DETECTOR_REPLAY;
  readonly members = 0;
  score = 0;
  intensity = 0;
  readonly units: number;
  readonly leadingUnits = 0;
  readonly archiveUnits: number;
  private readonly channels: number;
  private readonly state: Float64Array;
  private readonly counts: Uint16Array;
  /** Anchors of all channels, REPLAY_ANCHORS each: a part of the hash, then the number of the row. */
  private readonly anchors: Uint16Array;
  private readonly ranking: Ranking;
  private rowNumber = 0;
  /** Rows learned so far in which steps, and in which runs are learned. */
  private stepRows = 0;
  private runRows = 0;
  private row: ModelRow | null = null;
  private hasSteps = false;

  constructor(channels: number, ranking: Ranking) {
    this.channels = channels;
    this.ranking = ranking;
    this.state = new Float64Array(channels * FIELDS);
    this.counts = new Uint16Array(channels * COUNTS);
    this.anchors = new Uint16Array(channels * REPLAY_ANCHORS * 2);
    this.units = Math.ceil(channels / CHANNELS_PER_UNIT);
    this.archiveUnits = channels;
    for (let i = 0; i < channels; i++) this.state[i * FIELDS + BEFORE] = NaN;
  }

  begin(row: ModelRow): void {
    this.row = row;
    this.rowNumber = (this.rowNumber + 1) % ROW_NUMBERS;
    if (row.isFresh) this.forget();
  }

  work(unit: number): void {
    const { state, counts, channels, row } = this;
    if (row === null || !this.hasSteps) return;
    const { inputs } = row;
    const from = unit * CHANNELS_PER_UNIT;
    const end = from + CHANNELS_PER_UNIT < channels ? from + CHANNELS_PER_UNIT : channels;
    for (let i = from; i < end; i++) {
      const at = i * FIELDS;
      const perStep = state[at];
      if (perStep === 0) continue;
      const { value, quality } = inputs[i];
      const rows = counts[i * COUNTS];
      if (quality !== QUALITY_GOOD) {
        if (rows > 0) counts[i * COUNTS] = 0;
        continue;
      }
      const level = Math.floor(value * perStep);
      const hash = (state[at + HASH] << 4) ^ (level * MULTIPLIER);
      state[at + HASH] = hash;
      if (rows <= WINDOW_ROWS) counts[i * COUNTS] = rows + 1;
      // a still channel has the same window in every row: only one that has just moved can be an anchor
      else if (hash >>> 29 === 0 && level !== state[at + LEVEL]) this.anchor(i, hash);
      state[at + LEVEL] = level;
    }
  }

  /** The window that ends in this row is an anchor: was it seen before? */
  private anchor(channel: number, hash: number): void {
    const { anchors, counts, rowNumber } = this;
    const at = 2 * (channel * REPLAY_ANCHORS + ((hash >>> 23) & (REPLAY_ANCHORS - 1)));
    const own = channel * COUNTS;
    const print = (hash >>> 7) & 0xffff;
    if (counts[own + ANCHORS] < 0xffff) counts[own + ANCHORS]++;
    if (anchors[at] === print) {
      const lag = this.rowsSince(anchors[at + 1]);
      counts[own + RUN] = lag === counts[own + LAG] ? this.runOf(channel) + 1 : 1;
      counts[own + LAG] = lag;
      counts[own + FOUND_AT] = rowNumber;
    }
    anchors[at] = print;
    anchors[at + 1] = rowNumber;
  }

  private rowsSince(rowNumber: number): number {
    const rows = this.rowNumber - rowNumber;
    return rows < 0 ? rows + ROW_NUMBERS : rows;
  }

  /** The run of a channel, unless it is over. */
  private runOf(channel: number): number {
    const { counts } = this;
    const own = channel * COUNTS;
    if (counts[own + RUN] > 0 && this.rowsSince(counts[own + FOUND_AT]) > RUN_GAP_ROWS) counts[own + RUN] = 0;
    return counts[own + RUN];
  }

  learn(row: ModelRow, progress: number): void {
    const { counts, channels } = this;
    if (progress < STEP_LEARNING) this.learnMoves(row);
    else if (!this.hasSteps) this.takeSteps();
    else {
      this.runRows++;
      for (let i = 0; i < channels; i++) {
        const run = this.runOf(i);
        if (run > counts[i * COUNTS + LONGEST]) counts[i * COUNTS + LONGEST] = run;
      }
    }
  }

  private learnMoves(row: ModelRow): void {
    const { state, channels } = this;
    const { inputs, isFresh } = row;
    this.stepRows++;
    for (let i = 0; i < channels; i++) {
      const at = i * FIELDS;
      const { value, quality } = inputs[i];
      const move = isFresh ? 0 : value - state[at + BEFORE];
      // the first move of all is NaN, and so is one across a value that could not be used
      if (move > 0) state[at + MOVES] += move;
      else if (move < 0) state[at + MOVES] -= move;
      state[at + BEFORE] = quality === QUALITY_GOOD ? value : NaN;
    }
  }

  private takeSteps(): void {
    const { state, channels, stepRows } = this;
    this.hasSteps = true;
    for (let i = 0; i < channels; i++) {
      const at = i * FIELDS;
      const moves = state[at + MOVES];
      if (moves > 0) state[at + PER_STEP] = stepRows / (STEP_SHARE * moves);
      state[at + PER_LIMIT] = 0;
    }
  }

  watch(): void {
    const { state, counts, channels } = this;
    let score = 0;
    for (let i = 0; i < channels; i++) {
      if (counts[i * COUNTS + RUN] === 0) continue;
      const told = this.runOf(i) * state[i * FIELDS + PER_LIMIT];
      if (told > score) score = told;
    }
    this.score = score;
    this.intensity = score;
  }

  restart(): void {
    this.score = 0;
    this.intensity = 0;
    this.forget();
  }

  /** What comes does not continue what was: its lag is unknown. */
  private forget(): void {
    const { counts, channels } = this;
    for (let i = 0; i < channels; i++) {
      counts[i * COUNTS + ROWS] = 0;
      counts[i * COUNTS + RUN] = 0;
      counts[i * COUNTS + LAG] = 0;
    }
    this.anchors.fill(0);
  }

  calibrate(): void {
    const { state, counts, channels, runRows } = this;
    for (let i = 0; i < channels; i++) {
      const longest = counts[i * COUNTS + LONGEST];
      const isTelling = longest <= LONGEST_MAX && counts[i * COUNTS + ANCHORS] * ROWS_PER_ANCHOR_MAX >= runRows;
      if (isTelling) state[i * FIELDS + PER_LIMIT] = 1 / (RUN_MIN + RUN_MARGIN * longest);
      else state[i * FIELDS + PER_STEP] = 0;
    }
  }

  /** Observed: after how many rows the stretch repeats. */
  explain(finding: Finding): void {
    const { state, counts, channels, ranking } = this;
    for (let i = 0; i < channels; i++) ranking.telling[i] = this.runOf(i) * state[i * FIELDS + PER_LIMIT];
    finding.observed = counts[ranking.name(finding, channels, 0) * COUNTS + LAG];
  }

  archive(unit: number, archive: Archive): void {
    const { state } = this;
    const at = unit * FIELDS;
    state[at + PER_STEP] = archive.number(state[at + PER_STEP]);
    state[at + PER_LIMIT] = archive.number(state[at + PER_LIMIT]);
    if (archive.isLoading) this.hasSteps = true;
  }
}
