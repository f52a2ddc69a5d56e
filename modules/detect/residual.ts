/**
 * Residual detector: four views of the channels' standardised residuals r, each divided by the threshold that the
 * tail of its learned values and the alarm budget give; the largest is the score, 1.0 the threshold.
 *
 *   fast   max over channels of EWMA(0.3) of r^2 / its 90 % quantile
 *   slow   the same with 0.1
 *   plant  mean over channels of EWMA(0.3) of r^2
 *   drift  2-norm over channels of EWMA(0.1)(r)^2 19 / its 90 % quantile
 *
 * EWMA states are held below three thresholds (anti-windup).
 */
import { INCIDENT_CHANNELS_MAX } from '../limits.js';
import type { Archive } from '../model/archive.js';
import type { ModelRow } from '../model/model-row.js';
import type { ResidualChannel } from '../model/residual-channel.js';
import { type ResidualModel, STAGE_FITTING } from '../model/residual-model.js';
import { Tail } from '../model/tail.js';
import { DETECTOR_RESIDUAL, type Finding, isAmong } from './finding.js';
import type { RowDetector } from './row-detector.js';

const FAST = 0.3;
const SLOW = 0.1;
/** Variance of an EWMA of white noise is lambda / (2 - lambda) of it: this scales its square back. */
const SIGNED_POWER = (2 - SLOW) / SLOW;
/** Smallest learned quantile, in variances of the residual. */
const QUANTILE_MIN = 0.2;
const WINDUP_THRESHOLDS = 2.5;
const MEMBERS = 4;
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
  leadingUnits = 0;
  /** Thresholds of fast, slow, plant, drift. */
  readonly thresholds: number[] = [];
  readonly archiveUnits: number;
  private readonly model: ResidualModel;
  private readonly channels: readonly ResidualChannel[];
  /** Channel with the largest share of the score; -1 before any. */
  private worst = -1;
  private modelled = 0;
  private readonly tails: Tail[] = [];
  private fast = 0;
  private slow = 0;
  private plant = 0;
  private drift = 0;
  private isLearning = true;
  /** True once scales and quantiles have settled and the tails are collected. */
  private isCollecting = false;
  /** Channels whose residual was taken in the row under way. */
  private taken = 0;

  constructor(model: ResidualModel) {
    this.model = model;
    this.channels = model.channels;
    this.members = model.channels.length > 0 ? 2 : 0;
    this.archiveUnits = model.channels.length + 1;
    for (let i = 0; i < MEMBERS; i++) {
      this.tails.push(new Tail());
      this.thresholds.push(Infinity);
    }
  }

  begin(row: ModelRow, isLearning: boolean): void {
    const { model } = this;
    this.isLearning = isLearning;
    model.beginRow(row);
    this.units = model.units;
    this.leadingUnits = model.leadingUnits;
  }

  /** The EWMAs of the channel whose residual it made move on. */
  work(unit: number): void {
    const j = this.model.work(unit);
    if (j < 0) return;
    const channel = this.channels[j];
    if (!channel.isModelled) return;
    this.taken++;
    this.advance(channel);
    if (this.isLearning) learnQuantiles(channel, this.isCollecting);
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
    for (let i = 0; i < MEMBERS; i++) thresholds[i] = this.tails[i].threshold(rowsPerAlarm);
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
    const { model } = this;
    const channel = this.worst < 0 ? 0 : this.worst;
    const reach = EXPECTED_DEVIATIONS * model.deviation(channel);
    finding.expectedLow = model.expected(channel) - reach;
    finding.expectedHigh = model.expected(channel) + reach;
    finding.observed = row.inputs[channel].value;
    finding.channel[0] = channel;
    finding.channels = 1;
    while (finding.channels < INCIDENT_CHANNELS_MAX) {
      const next = this.nextWorst(finding.channel, finding.channels);
      if (next < 0) break;
      finding.channel[finding.channels++] = next;
    }
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
    let worst = -1;
    for (let j = 0; j < channels.length; j++) {
      const channel = channels[j];
      if (!channel.isModelled) continue;
      modelled++;
      const f = channel.squareFast * channel.fastShare;
      if (f > fast) fast = f;
      const s = channel.squareSlow * channel.slowShare;
      if (s > slow) {
        slow = s;
        worst = j;
      }
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
    this.worst = worst;
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

  /** Channel that tells most after the first `count` of `named`, among those beyond their learned quantile; else -1. */
  private nextWorst(named: readonly number[], count: number): number {
    const channels = this.channels;
    let worst = -1;
    let most = 1;
    for (let j = 0; j < channels.length; j++) {
      const telling = channels[j].squareSlow * channels[j].slowShare;
      if (!channels[j].isModelled || telling <= most || isAmong(named, count, j)) continue;
      most = telling;
      worst = j;
    }
    return worst;
  }
}

/**
 * Quantiles of the EWMAs' powers. Once tails are collected a share never grows again: what the tails hold was scored
 * with the smaller one.
 */
function learnQuantiles(channel: ResidualChannel, isCollecting: boolean): void {
  channel.fastQuantile.add(channel.squareFast);
  channel.slowQuantile.add(channel.squareSlow);
  channel.signedQuantile.add(channel.signed * channel.signed * SIGNED_POWER);
  channel.fastShare = share(channel.fastQuantile.value, channel.fastShare, isCollecting);
  channel.slowShare = share(channel.slowQuantile.value, channel.slowShare, isCollecting);
  channel.signedShare = share(channel.signedQuantile.value, channel.signedShare, isCollecting);
}

function share(quantile: number, before: number, isCollecting: boolean): number {
  const now = 1 / (quantile > QUANTILE_MIN ? quantile : QUANTILE_MIN);
  return isCollecting && now > before ? before : now;
}
