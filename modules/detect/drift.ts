/**
 * Slow drift of one channel against its neighbours and the frozen reference: two-sided CUSUM (Page, Biometrika 41,
 * 1954) on means over a 32nd of learning. A season moves all that belongs together; a falsified sensor leaves the
 * others behind. A channel without neighbours is held against its own mean.
 *
 *   d = mean of block - sum over neighbours of b_i (mean of block)_i       neighbours: what it goes with, without lags
 *   z = (d - m) / s       m, s of such d while learning, s widened by their correlation r: s^2 (1 + r) / (1 - r)
 *   up <- max(0, up + z - k), down <- max(0, down - z - k)        k = 0.5 + 2 / sqrt(n), n blocks that count
 *   score = max(up, down) / h         h = ln(1 + L / 2) - 1.166, L blocks per allowed alarm of one side of one channel
 *
 * h is Siegmund's approximation of the run length (Sequential Analysis, 1985, section 2.6) at an allowance of 0.5; the
 * rest of k covers how badly n blocks tell the mean: less where s stands at its floor. The reference never learns
 * again, so a drift however slow adds up.
 * Sums are held to twice h, so that what has been mended is soon forgotten. Watched only where learning was sufficient
 * (`sufficiency.ts`): a trend has no mean. 12 slots per channel.
 */
import { ln } from '../base/elementary.js';
import { addGoodValues } from '../base/kernels.js';
import type { Archive } from '../model/archive.js';
import type { ModelRow } from '../model/model-row.js';
import { type ResidualModel, STAGE_FITTING, STAGE_WATCHING } from '../model/residual-model.js';
import { PROVISIONAL_V, SUFFICIENT } from '../model/sufficiency.js';
import { DETECTOR_DRIFT, type Finding } from './finding.js';
import type { Ranking } from './ranking.js';
import type { RowDetector } from './row-detector.js';

/** Blocks of learning; those of the first quarter are not used. */
const BLOCKS = 32;
const BLOCKS_MIN = 8;
const ALLOWANCE = 0.5;
/** Largest step of z that counts, and what the sums are held to, in h. */
const Z_MAX = 4;
const HELD = 2;
/** Smallest deviation of block means, in deviations of the channel. */
const DEVIATION_MIN = 0.02;
const CORRELATION_MAX = 0.9;
/** The incident closes when so many blocks have brought nothing. */
const OFF_DELAY_BLOCKS = 2;
/** Channels whose sum has passed this part of h are named beside the worst. */
const NAMED = 0.5;
/** Deviations of block means either side of the reference that an incident names as the expected range. */
const EXPECTED_DEVIATIONS = 3;

/** Reference and sums of one channel, standardised as its residual model is. */
export class DriftChannel {
  isWatched = false;
  mean = 0;
  /** Deviation of block means, widened by their correlation. */
  deviation = 1;
  allowance = ALLOWANCE;
  up = 0;
  down = 0;
  /** d of the last block, and what the neighbours made of it. */
  last = 0;
  expected = 0;
  /** Blocks since the larger sum began to grow. */
  blocks = 0;

  // while learning: counts and sums of block means
  count = 0;
  total = 0;
  squares = 0;
  products = 0;

  learn(d: number): void {
    this.count++;
    this.total += d;
    this.squares += d * d;
    if (this.count > 1) this.products += d * this.last;
    this.last = d;
  }

  /** The reference from the learned blocks. */
  calibrate(): void {
    const n = this.count;
    const mean = this.total / n;
    const variance = this.squares / n - mean * mean;
    const covariance = this.products / (n - 1) - mean * mean;
    let r = variance > 0 ? covariance / variance : 0;
    r = r < 0 ? 0 : r > CORRELATION_MAX ? CORRELATION_MAX : r;
    const deviation = Math.sqrt(variance > 0 ? (variance * (1 + r)) / (1 - r) : 0);
    this.mean = mean;
    this.deviation = deviation > DEVIATION_MIN ? deviation : DEVIATION_MIN;
    this.allowance = ALLOWANCE + (2 * deviation) / (this.deviation * Math.sqrt((n * (1 - r)) / (1 + r)));
  }

  /** Takes a block's d into the sums; the larger. */
  watch(d: number, heldTo: number): number {
    this.last = d;
    let z = (d - this.mean) / this.deviation;
    z = z > Z_MAX ? Z_MAX : z < -Z_MAX ? -Z_MAX : z;
    const up = this.up + z - this.allowance;
    const down = this.down - z - this.allowance;
    this.up = up < 0 ? 0 : up > heldTo ? heldTo : up;
    this.down = down < 0 ? 0 : down > heldTo ? heldTo : down;
    const larger = this.up > this.down ? this.up : this.down;
    this.blocks = larger > 0 ? this.blocks + 1 : 0;
    return larger;
  }
}

/** Watches every channel for drift. */
export class DriftDetector implements RowDetector {
  readonly id = DETECTOR_DRIFT;
  /** Off-delay of the incident. */
  readonly offDelayUs: number;
  /** Of the block that ends with the row; 0 in the other rows, which bring no evidence. */
  score = 0;
  /** True while the incident table knows the incident. */
  hasIncident = false;
  units = 0;
  readonly unitCost = 120;
  readonly endsCost = 250;
  readonly archiveUnits = 1;
  readonly channels: DriftChannel[] = [];
  /** Of each input: sum and good rows of the block under way; mean of the block that is over, NaN for too few rows. */
  private readonly sums: Float64Array;
  private readonly goodRows: Uint32Array;
  private readonly means: Float64Array;
  private readonly model: ResidualModel;
  private readonly ranking: Ranking;
  private readonly blockRows: number;
  private readonly rowUs: number;
  private rows = 0;
  private limit = Infinity;
  private nowUs = 0;
  private departure = 0;

  /** `rowUs`: microseconds between two rows. */
  constructor(model: ResidualModel, rowUs: number, ranking: Ranking) {
    this.ranking = ranking;
    this.model = model;
    this.rowUs = rowUs;
    this.offDelayUs = OFF_DELAY_BLOCKS * Math.ceil(model.learnRows / BLOCKS) * rowUs;
    this.blockRows = Math.ceil(model.learnRows / BLOCKS);
    for (let i = 0; i < model.channels.length; i++) this.channels.push(new DriftChannel());
    this.sums = new Float64Array(model.inputCount);
    this.goodRows = new Uint32Array(model.inputCount);
    this.means = new Float64Array(model.inputCount);
  }

  /** Its sums are no tails; the part of the budget is that of one member. None where learning was not sufficient. */
  get members(): number {
    return this.model.level === SUFFICIENT && this.channels.length > 0 ? 1 : 0;
  }

  get intensity(): number {
    return this.score;
  }

  begin(): void {
    const stage = this.model.stage;
    const isUsable = stage === STAGE_FITTING || stage === STAGE_WATCHING;
    this.units = isUsable ? 1 : 0;
  }

  work(): void {
    const { model, sums, goodRows } = this;
    addGoodValues(model.inputs, model.values, sums, goodRows);
  }

  learn(): void {
    if (this.units === 0 || ++this.rows < this.blockRows) return;
    const { channels } = this;
    this.endBlock();
    for (let i = 0; i < channels.length; i++) if (this.departs(i)) channels[i].learn(this.departure);
  }

  /** Means of the block that is over; the next one begins. */
  private endBlock(): void {
    const { sums, goodRows, means, blockRows } = this;
    for (let i = 0; i < means.length; i++) means[i] = 2 * goodRows[i] >= blockRows ? sums[i] / goodRows[i] : NaN;
    this.beginBlock();
  }

  private beginBlock(): void {
    this.rows = 0;
    this.sums.fill(0);
    this.goodRows.fill(0);
  }

  /** Leaves in `departure` the d of channel i over the block; false where one of the means is not there. */
  private departs(i: number): boolean {
    const { relations } = this.model;
    const { means } = this;
    if (Number.isNaN(means[i])) return false;
    let expected = 0;
    for (let n = 0; n < relations.count(i); n++) {
      const mean = means[relations.input(i, n)];
      if (Number.isNaN(mean)) return false;
      expected += relations.weight(i, n) * mean;
    }
    this.channels[i].expected = expected;
    this.departure = means[i] - expected;
    return true;
  }

  calibrate(rowsPerAlarm: number): void {
    const { channels } = this;
    let watched = 0;
    for (let i = 0; i < channels.length && this.members > 0; i++) {
      const channel = channels[i];
      const v = this.model.varianceRatioOf(i);
      channel.isWatched = this.model.channels[i].isModelled && channel.count >= BLOCKS_MIN && v <= PROVISIONAL_V;
      if (!channel.isWatched) continue;
      watched++;
      channel.calibrate();
    }
    const blocksPerAlarm = (rowsPerAlarm / this.blockRows) * 2 * watched;
    const limit = ln(1 + 0.5 * blocksPerAlarm) - 1.166;
    this.limit = watched === 0 ? Infinity : limit > 1 ? limit : 1;
    this.beginBlock();
  }

  watch(row: ModelRow): void {
    this.score = 0;
    if (++this.rows < this.blockRows) return;
    const { channels, limit } = this;
    this.endBlock();
    let most = 0;
    for (let i = 0; i < channels.length; i++) {
      const channel = channels[i];
      if (!channel.isWatched || !this.departs(i)) continue;
      const sum = channel.watch(this.departure, HELD * limit);
      if (sum > most) most = sum;
    }
    this.score = most / limit;
    this.nowUs = row.timeUs;
  }

  /** A gap is no reason to forget a drift: only the block under way is dropped. */
  restart(): void {
    this.beginBlock();
  }

  explain(finding: Finding): void {
    const { channels, model, ranking, limit } = this;
    for (let i = 0; i < channels.length; i++) {
      const { up, down, isWatched } = channels[i];
      ranking.telling[i] = isWatched ? (up > down ? up : down) / (NAMED * limit) : 0;
    }
    const worst = ranking.name(finding, channels.length, 0);
    const { mean, deviation, last, expected, blocks } = channels[worst];
    finding.expectedLow = model.valueOf(worst, expected + mean - EXPECTED_DEVIATIONS * deviation);
    finding.expectedHigh = model.valueOf(worst, expected + mean + EXPECTED_DEVIATIONS * deviation);
    finding.observed = model.valueOf(worst, expected + last);
    finding.onsetUs = this.nowUs - blocks * this.blockRows * this.rowUs;
    if (finding.onsetUs < 0) finding.onsetUs = 0;
  }

  archive(_unit: number, archive: Archive): void {
    const { channels } = this;
    this.limit = archive.number(this.limit);
    for (let i = 0; i < channels.length; i++) {
      const channel = channels[i];
      channel.isWatched = archive.uint16(channel.isWatched ? 1 : 0) === 1;
      channel.mean = archive.number(channel.mean);
      channel.deviation = archive.number(channel.deviation);
      channel.allowance = archive.number(channel.allowance);
    }
  }
}
