/**
 * Replay: a stretch of a channel's rows that repeats exactly, by a rolling hash of quantised values.
 *
 *   q(t) = trunc(x(t) / step), step = a quarter of the mean |x(t) - x(t-1)| in the first quarter of learning
 *   h(t) = (16 h(t-1)) xor (q(t) * 2654435761)  mod 2^32        depends on the last 8 rows alone (a gear hash: Xia et
 *                                                              al., FastCDC, USENIX ATC 2016)
 * A window whose hash has three zero bits on top, about every eighth, is an anchor: chosen by content, so a replay has
 * the anchors of its original (winnowing: Schleimer, Wilkerson and Aiken, SIGMOD 2003). A table of 64 anchors holds
 * hash and row of each; an anchor found again at the lag at which the one before it was found lengthens the run;
 * two in turn that are not found, though nothing has overwritten them, end it.
 *   score = run / (4 + 3 longest run while learning)
 * so that what repeats in normal operation sets the length that counts: at least 5 anchors, about 48 rows. A channel
 * whose runs while learning exceeded 16 anchors, or that gave less than one anchor in 64 rows, is not watched: a coarse
 * or a still channel repeats by chance. An anchor of age a rows is still in the table with probability exp(-a / 512).
 *
 * Rows must line up: a stretch of a live signal is recognised when it repeats after whole rows, to a small part of one.
 * The threshold is a count that chance does not reach, not a quantile of a tail: it takes no share of the alarm budget.
 * 300 bytes per channel.
 */
import { rollHashes } from '../base/kernels.js';
import { QUALITY_GOOD } from '../condition/quality.js';
import { REPLAY_ANCHORS } from '../limits.js';
import type { Archive } from '../model/archive.js';
import type { ModelRow } from '../model/model-row.js';
import { DETECTOR_REPLAY, type Finding } from './finding.js';
import type { Ranking } from './ranking.js';
import type { RowDetector } from './row-detector.js';

const STEP_SHARE = 0.25;
/** Part of learning in which the step is learned. */
const STEP_LEARNING = 0.25;
/** A run ends when no anchor was found again for so many rows. */
const RUN_GAP_ROWS = 80;
const RUN_MIN = 4;
const RUN_MARGIN = 3;
const LONGEST_MAX = 16;
const ROWS_PER_ANCHOR_MAX = 64;
/** Rows are numbered modulo this. */
const ROW_NUMBERS = 65536;
/** Computrons, about: of the unit, and of each channel, which sometimes has an anchor. */
const UNIT_COST = 60;
const CHANNEL_COST = 50;

/**
 * Counts of one channel: anchors found again in turn at one lag; the lag in rows; number of the row of the last; the
 * longest run and the anchors while learning; 1 when the last anchor was not found.
 */
const COUNTS = 6;
const RUN = 0;
const LAG = 1;
const FOUND_AT = 2;
const LONGEST = 3;
const ANCHORS = 4;
const MISSED = 5;

/** Watches for repetitions of analog channels. */
export class ReplayDetector implements RowDetector {
  readonly id = DETECTOR_REPLAY;
  readonly members = 0;
  score = 0;
  intensity = 0;
  readonly units: number;
  readonly unitCost: number;
  readonly endsCost = 250;
  readonly archiveUnits: number;
  private readonly channels: number;
  /** 1 / step of each channel; while steps are learned the sum of its moves; 0: not watched. */
  private readonly perStep: number[] = [];
  /** Hash of each channel's last rows; while steps are learned its last value. */
  private readonly hashes: number[] = [];
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
  private isLearning = true;
  /** The channel with the most telling run, how much it tells, and the rows since it grew. */
  private worst = 0;
  private told = 0;
  private toldRows = 0;

  constructor(channels: number, ranking: Ranking) {
    this.channels = channels;
    this.ranking = ranking;
    this.counts = new Uint16Array(channels * COUNTS);
    this.anchors = new Uint16Array(channels * REPLAY_ANCHORS * 2);
    this.units = channels > 0 ? 1 : 0;
    this.unitCost = UNIT_COST + CHANNEL_COST * channels;
    this.archiveUnits = channels;
    for (let i = 0; i < channels; i++) {
      this.perStep.push(0);
      this.hashes.push(NaN);
    }
  }

  begin(row: ModelRow, isLearning: boolean): void {
    this.row = row;
    this.isLearning = isLearning;
    this.rowNumber = this.rowNumber + 1 < ROW_NUMBERS ? this.rowNumber + 1 : 0;
    if (row.isFresh) this.forget();
  }

  /**
   * All channels. A value that could not be used is the last one known: it stands still, and so does one that is not
   * watched; a still channel has the same window in every row, and no anchor.
   */
  work(): void {
    const { perStep, hashes, channels, row } = this;
    if (row === null || !this.hasSteps) return;
    const { values } = row;
    let next = rollHashes(0, values, perStep, hashes);
    while (next <= channels) {
      this.anchor(next - 1, hashes[next - 1]);
      next = rollHashes(next, values, perStep, hashes);
    }
  }

  /** The window that ends in this row is an anchor: was it seen before? */
  private anchor(channel: number, hash: number): void {
    const { anchors, counts, rowNumber } = this;
    const at = 2 * (channel * REPLAY_ANCHORS + ((hash >>> 23) & (REPLAY_ANCHORS - 1)));
    const own = channel * COUNTS;
    const print = (hash >>> 7) & 0xffff;
    if (this.isLearning && counts[own + ANCHORS] < 0xffff) counts[own + ANCHORS]++;
    if (anchors[at] === print) {
      const lag = this.rowsSince(anchors[at + 1]);
      const run = lag === counts[own + LAG] ? this.runOf(channel) + 1 : 1;
      counts[own + RUN] = run;
      counts[own + LAG] = lag;
      counts[own + FOUND_AT] = rowNumber;
      counts[own + MISSED] = 0;
      if (this.isLearning) {
        if (run > counts[own + LONGEST]) counts[own + LONGEST] = run;
      } else this.tell(channel, run);
    } else if (counts[own + RUN] > 0 && this.rowsSince(anchors[at + 1]) >= counts[own + LAG]) this.miss(channel);
    anchors[at] = print;
    anchors[at + 1] = rowNumber;
  }

  private tell(channel: number, run: number): void {
    const told = run / limitOf(this.counts[channel * COUNTS + LONGEST]);
    if (told < this.told && channel !== this.worst) return;
    this.told = told;
    this.worst = channel;
    this.toldRows = 0;
  }

  /** The anchor that the run should have had was not overwritten: one may be lost to rounding, two in turn end it. */
  private miss(channel: number): void {
    const { counts } = this;
    const own = channel * COUNTS;
    if (counts[own + MISSED] === 1) {
      counts[own + RUN] = 0;
      if (channel === this.worst) this.told = 0;
    }
    counts[own + MISSED] = 1;
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
    if (this.hasSteps) this.runRows++;
    else if (progress < STEP_LEARNING) this.learnMoves(row);
    else this.takeSteps();
  }

  private learnMoves(row: ModelRow): void {
    const { perStep, hashes, channels } = this;
    const { values, qualities, isFresh } = row;
    this.stepRows++;
    for (let i = 0; i < channels; i++) {
      const value = values[i];
      const move = isFresh ? 0 : value - hashes[i];
      // the first move of all is NaN, and so is one across a value that could not be used
      if (move > 0) perStep[i] += move;
      else if (move < 0) perStep[i] -= move;
      hashes[i] = qualities[i] === QUALITY_GOOD ? value : NaN;
    }
  }

  private takeSteps(): void {
    const { perStep, hashes, channels, stepRows } = this;
    this.hasSteps = true;
    for (let i = 0; i < channels; i++) {
      if (perStep[i] > 0) perStep[i] = stepRows / (STEP_SHARE * perStep[i]);
      hashes[i] = 0;
    }
  }

  watch(): void {
    if (this.told > 0 && ++this.toldRows > RUN_GAP_ROWS) this.told = 0;
    this.score = this.told;
    this.intensity = this.told;
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
      counts[i * COUNTS + RUN] = 0;
      counts[i * COUNTS + LAG] = 0;
    }
    this.anchors.fill(0);
    this.told = 0;
  }

  calibrate(): void {
    const { perStep, hashes, counts, channels, runRows } = this;
    for (let i = 0; i < channels; i++) {
      const own = i * COUNTS;
      if (counts[own + LONGEST] <= LONGEST_MAX && counts[own + ANCHORS] * ROWS_PER_ANCHOR_MAX >= runRows) continue;
      perStep[i] = 0;
      hashes[i] = 0;
    }
  }

  /** Observed: after how many rows the stretch repeats. */
  explain(finding: Finding): void {
    const { counts, channels, ranking } = this;
    for (let i = 0; i < channels; i++) ranking.telling[i] = this.runOf(i) / limitOf(counts[i * COUNTS + LONGEST]);
    finding.observed = counts[ranking.name(finding, channels, 0) * COUNTS + LAG];
  }

  archive(unit: number, archive: Archive): void {
    const { perStep, counts } = this;
    perStep[unit] = archive.number(perStep[unit]);
    counts[unit * COUNTS + LONGEST] = archive.uint16(counts[unit * COUNTS + LONGEST]);
    if (!archive.isLoading) return;
    this.hasSteps = true;
    this.hashes[unit] = 0;
  }
}

/** The run that counts where the longest while learning was `longest`. */
function limitOf(longest: number): number {
  return RUN_MIN + RUN_MARGIN * longest;
}
