/**
 * Residual detector: four views of the channels' standardised residuals r, each divided by the threshold that the
 * tail of its learned values and the alarm budget give; the largest is the score, 1.0 the threshold.
 *
 *   fast   max over channels of EWMA(0.3) of r^2 / its 90 % quantile
 *   slow   the same with 0.1
 *   plant  mean over channels of EWMA(0.3) of r^2
 *   drift  2-norm over channels of EWMA(0.1)(r)^2 19 / its 90 % quantile
 *
 * EWMA states are held below 2.5 thresholds (anti-windup): just above the twice that the servo may ask for.
 */
import type { Archive } from '../model/archive.js';
import type { ModelRow } from '../model/model-row.js';
import type { ResidualChannel } from '../model/residual-channel.js';
import { type ResidualModel, STAGE_FITTING } from '../model/residual-model.js';
import type { RunningQuantile } from '../model/running-quantile.js';
import { Tail } from '../model/tail.js';
import { DETECTOR_RESIDUAL, type Finding } from './finding.js';
import type { Ranking } from './ranking.js';
import type { RowDetector } from './row-detector.js';

const FAST = 0.3;
const SLOW = 0.1;
/** Variance of an EWMA of white noise is lambda / (2 - lambda) of it: this scales its square back. */
const SIGNED_POWER = (2 - SLOW) / SLOW;
/** Smallest learned quantile, in variances of the residual. */
const QUANTILE_MIN = 0.2;
const WINDUP_THRESHOLDS = 2.5;
const VIEWS = 4;
/** Of them, those that a channel has by itself. */
const VIEWS_OF_CHANNEL = 3;
/** Shares of the alarm budget that the views take together: being of the same residuals, they alarm together. */
const MEMBERS = 2;
/** Part of the fitted rows after which tails are collected: by then scales and quantiles have settled. */
const SETTLED = 0.3;
/** Standard residuals either side of the prediction that an incident names as the expected range. */
const EXPECTED_DEVIATIONS = 3;

/** Scores the residuals of all channels. */
export class ResidualDetector implements RowDetector {
  readonly id = DETECTOR_RESIDUAL;
  /** None where there is nothing to model. */
  readonly members: number;
  score = 0;
  intensity = 0;
  units = 0;
  unitCost = 0;
  readonly endsCost = 1200;
  /** Thresholds of fast, slow, plant, drift. */
  readonly thresholds: number[] = [];
  readonly archiveUnits: number;
  private readonly model: ResidualModel;
  private readonly channels: readonly ResidualChannel[];
  private readonly ranking: Ranking;
  private modelled = 0;
  private readonly tails: Tail[] = [];
  private fast = 0;
  private slow = 0;
  private plant = 0;
  private drift = 0;
  /** True once scales and quantiles have settled and the tails are collected. */
  private isCollecting = false;
  /** Channels whose residual was taken in the row under way. */
  private taken = 0;

  constructor(model: ResidualModel, ranking: Ranking) {
    this.model = model;
    this.ranking = ranking;
    this.channels = model.channels;
    this.members = model.channels.length > 0 ? MEMBERS : 0;
    this.archiveUnits = model.channels.length + 1;
    for (let i = 0; i < VIEWS; i++) {
      this.tails.push(new Tail());
      this.thresholds.push(Infinity);
    }
  }

  begin(row: ModelRow): void {
    const { model } = this;
    model.beginRow(row);
    this.units = model.units;
    this.unitCost = model.unitCost;
  }

  /** The EWMAs of the channel whose residual it made move on. */
  work(unit: number): void {
    const j = this.model.work(unit);
    if (j < 0) return;
    const channel = this.channels[j];
    if (!channel.isModelled) return;
    this.taken++;
    this.advance(channel);
    const { quantiles } = this.model;
    if (quantiles !== null) learnQuantiles(channel, quantiles, VIEWS_OF_CHANNEL * j, this.isCollecting);
  }

  learn(): void {
    const { model, tails, taken } = this;
    const isFitting = model.stage === STAGE_FITTING;
    model.endRow();
    if (!isFitting) return;
    this.combine();
    this.taken = 0;
    const first = model.learnRows >> 2;
    this.isCollecting = (model.learnedRows - first) / (model.learnRows - first) >= SETTLED;
    if (taken === 0 || !this.isCollecting) return;
    tails[0].add(this.fast);
    tails[1].add(this.slow);
    tails[2].add(this.plant);
    tails[3].add(this.drift);
  }

  calibrate(rowsPerAlarm: number): void {
    const thresholds = this.thresholds;
    for (let i = 0; i < VIEWS; i++) thresholds[i] = this.tails[i].threshold(rowsPerAlarm);
    this.holdBelowThresholds();
  }

  /** Anti-windup limits from the thresholds. */
  private holdBelowThresholds(): void {
    const { channels, thresholds } = this;
    this.restart();
    const power = WINDUP_THRESHOLDS * thresholds[3] * Math.sqrt(this.modelled);
    for (let j = 0; j < channels.length; j++) {
      const channel = channels[j];
      channel.fastLimit = (WINDUP_THRESHOLDS * thresholds[0]) / channel.fastShare;
      channel.slowLimit = (WINDUP_THRESHOLDS * thresholds[1]) / channel.slowShare;
      channel.signedLimit = Math.sqrt(power / (SIGNED_POWER * channel.signedShare));
    }
  }

  restart(): void {
    const channels = this.channels;
    this.modelled = 0;
    for (let j = 0; j < channels.length; j++) {
      const channel = channels[j];
      channel.squareFast = 1;
      channel.squareSlow = 1;
      channel.intensity = 1;
      channel.signed = 0;
      channel.residual = 0;
      if (channel.isModelled) this.modelled++;
    }
  }

  watch(): void {
    this.combine();
    this.taken = 0;
    if (this.modelled === 0) this.score = 0;
  }

  /** The channels that tell most; of the first what was expected and what came. */
  explain(finding: Finding, row: ModelRow): void {
    const { model, channels, ranking } = this;
    for (let j = 0; j < channels.length; j++)
      ranking.telling[j] = channels[j].isModelled ? channels[j].squareSlow * channels[j].slowShare : 0;
    const channel = ranking.name(finding, channels.length, 0);
    const reach = EXPECTED_DEVIATIONS * model.deviation(channel);
    finding.expectedLow = model.expected(channel) - reach;
    finding.expectedHigh = model.expected(channel) + reach;
    finding.observed = row.inputs[channel].value;
  }

  archive(unit: number, archive: Archive): void {
    if (unit < this.channels.length) this.model.archive(unit, archive);
    else {
      archive.numbers(this.thresholds);
      if (!archive.isLoading) return;
      this.model.skipLearning();
      this.holdBelowThresholds();
    }
  }

  /** EWMAs of one channel, held below their limits. */
  private advance(channel: ResidualChannel): void {
    const r = channel.residual;
    const square = r * r;
    let fast = channel.squareFast;
    fast += FAST * (square - fast);
    channel.squareFast = fast > channel.fastLimit ? channel.fastLimit : fast;
    let slow = channel.squareSlow;
    slow += SLOW * (square - slow);
    channel.squareSlow = slow > channel.slowLimit ? channel.slowLimit : slow;
    channel.intensity += SLOW * (square - channel.intensity);
    let signed = channel.signed;
    signed += SLOW * (r - signed);
    const limit = channel.signedLimit;
    channel.signed = signed > limit ? limit : signed < -limit ? -limit : signed;
  }

  /** The four views and, while watching, the score. */
  private combine(): void {
    const channels = this.channels;
    let fast = 0;
    let slow = 0;
    let sum = 0;
    let norm = 0;
    let intensity = 0;
    let modelled = 0;
    for (let j = 0; j < channels.length; j++) {
      const channel = channels[j];
      if (!channel.isModelled) continue;
      modelled++;
      const f = channel.squareFast * channel.fastShare;
      if (f > fast) fast = f;
      const s = channel.squareSlow * channel.slowShare;
      if (s > slow) slow = s;
      sum += channel.squareFast;
      const d = channel.signed * channel.signed * SIGNED_POWER * channel.signedShare;
      norm += d * d;
      const i = channel.intensity * channel.slowShare;
      if (i > intensity) intensity = i;
    }
    const each = modelled > 0 ? 1 / modelled : 0;
    this.fast = fast;
    this.slow = slow;
    this.plant = sum * each;
    this.drift = Math.sqrt(norm * each);
    const thresholds = this.thresholds;
    const slowScore = slow / thresholds[1];
    const plantScore = this.plant / thresholds[2];
    const driftScore = this.drift / thresholds[3];
    let score = fast / thresholds[0];
    if (slowScore > score) score = slowScore;
    if (plantScore > score) score = plantScore;
    if (driftScore > score) score = driftScore;
    this.score = score;
    this.intensity = intensity / thresholds[1];
  }
}

/**
 * Quantiles of the EWMAs' powers. Once tails are collected a share never grows again: what the tails hold was scored
 * with the smaller one.
 */
function learnQuantiles(
  channel: ResidualChannel,
  quantiles: RunningQuantile,
  first: number,
  isCollecting: boolean,
): void {
  const power = channel.signed * channel.signed * SIGNED_POWER;
  channel.fastShare = share(quantiles.add(first, channel.squareFast), channel.fastShare, isCollecting);
  channel.slowShare = share(quantiles.add(first + 1, channel.squareSlow), channel.slowShare, isCollecting);
  channel.signedShare = share(quantiles.add(first + 2, power), channel.signedShare, isCollecting);
}

function share(quantile: number, before: number, isCollecting: boolean): number {
  const now = 1 / (quantile > QUANTILE_MIN ? quantile : QUANTILE_MIN);
  return isCollecting && now > before ? before : now;
}
