/**
 * Residual detector: four views of the channels' standardised residuals r, each divided by the threshold that the
 * tail of its learned values and the alarm budget give; the largest is the score, 1.0 the threshold.
 *
 *   fast   max over channels of EWMA(0.3) of r^2 / its 90 % quantile
 *   slow   the same with 0.1
 *   plant  mean over channels of EWMA(0.3) of r^2
 *   drift  2-norm over channels of EWMA(0.1)(r)^2 19 / its 90 % quantile
 *
 * A plant of one analog channel has no mean over channels, and no neighbour that says where the channel should stand:
 *
 *   level  |EWMA(l)(z)| in place of plant, z the standardised value, l = 64 / learned rows: it spans a 32nd of learning
 *
 * The first quarter of learning sets the scale of z, the rest has not been seen by it and gives the tail.
 *
 * EWMA states are held below 2.5 thresholds (anti-windup): just above the twice that the servo may ask for.
 */
import {
  CHANNEL_FAST_LIMIT,
  CHANNEL_FAST_SHARE,
  CHANNEL_SIGNED_LIMIT,
  CHANNEL_SIGNED_SHARE,
  CHANNEL_SLOW,
  CHANNEL_SLOW_LIMIT,
  CHANNEL_SLOW_SHARE,
  INPUT_GOOD,
  SIGNED_POWER,
  VIEW_DRIFT,
  VIEW_FAST,
  VIEW_FIELDS,
  VIEW_INTENSITY,
  VIEW_PLANT,
  VIEW_SLOW,
} from '../base/kernel-fields.js';
import { combineChannels } from '../base/kernels.js';
import type { Archive } from '../model/archive.js';
import type { ModelRow } from '../model/model-row.js';
import type { ResidualChannel } from '../model/residual-channel.js';
import { type ResidualModel, STAGE_FITTING } from '../model/residual-model.js';
import { Tail } from '../model/tail.js';
import { DETECTOR_RESIDUAL, type Finding } from './finding.js';
import type { Ranking } from './ranking.js';
import type { RowDetector } from './row-detector.js';

const WINDUP_THRESHOLDS = 2.5;
const VIEWS = 4;
/** Shares of the alarm budget that the views take together: being of the same residuals, they alarm together. */
const MEMBERS = 2;
/** The level tells something else: it takes a share of its own. */
const LEVEL_MEMBERS = 1;
/** Rows of learning over the rate of the level's EWMA, which spans two over its rate. */
const LEVEL_SPANS = 64;
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
  readonly endsCost = 1300;
  /** Thresholds of fast, slow, plant or level, drift. */
  readonly thresholds: number[] = [];
  readonly archiveUnits: number;
  private readonly model: ResidualModel;
  private readonly channels: readonly ResidualChannel[];
  private readonly ranking: Ranking;
  private modelled = 0;
  private readonly tails: Tail[] = [];
  /** VIEW_* of the last row. */
  private readonly views = new Float64Array(VIEW_FIELDS);
  /** True once scales and quantiles have settled and the tails are collected. */
  private isCollecting = false;
  /** Channels whose residual was taken in the row under way. */
  private taken = 0;
  /** Rate of the level's EWMA, 0 where there are several channels; the level; what it is held below. */
  private readonly levelRate: number;
  private level = 0;
  private levelLimit = Infinity;

  constructor(model: ResidualModel, ranking: Ranking) {
    this.model = model;
    this.ranking = ranking;
    this.channels = model.channels;
    const isAlone = model.channels.length === 1;
    this.members = isAlone ? MEMBERS + LEVEL_MEMBERS : model.channels.length > 0 ? MEMBERS : 0;
    this.levelRate = isAlone ? (model.learnRows > LEVEL_SPANS ? LEVEL_SPANS / model.learnRows : 1) : 0;
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

  work(unit: number): void {
    this.taken += this.model.work(unit, this.isCollecting);
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
    if (taken === 0) return;
    const { views } = this;
    if (this.isCollecting) for (let i = VIEW_FAST; i <= VIEW_DRIFT; i++) tails[i].add(views[i]);
    // its scale is that of the first quarter, nothing has to settle; and late, the quantile of a slow score begins high
    else if (this.levelRate > 0) tails[VIEW_PLANT].add(views[VIEW_PLANT]);
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
    this.levelLimit = WINDUP_THRESHOLDS * thresholds[VIEW_PLANT];
    const power = WINDUP_THRESHOLDS * thresholds[VIEW_DRIFT] * Math.sqrt(this.modelled);
    for (let j = 0; j < channels.length; j++) {
      const channel = channels[j];
      channel.set(CHANNEL_FAST_LIMIT, (WINDUP_THRESHOLDS * thresholds[VIEW_FAST]) / channel.get(CHANNEL_FAST_SHARE));
      channel.set(CHANNEL_SLOW_LIMIT, (WINDUP_THRESHOLDS * thresholds[VIEW_SLOW]) / channel.get(CHANNEL_SLOW_SHARE));
      channel.set(CHANNEL_SIGNED_LIMIT, Math.sqrt(power / (SIGNED_POWER * channel.get(CHANNEL_SIGNED_SHARE))));
    }
  }

  restart(): void {
    const channels = this.channels;
    this.modelled = 0;
    this.level = 0;
    for (let j = 0; j < channels.length; j++) {
      const channel = channels[j];
      channel.restart();
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
    for (let j = 0; j < channels.length; j++) {
      const channel = channels[j];
      ranking.telling[j] = channel.isModelled ? channel.get(CHANNEL_SLOW) * channel.get(CHANNEL_SLOW_SHARE) : 0;
    }
    const channel = ranking.name(finding, channels.length, 0);
    const reach = EXPECTED_DEVIATIONS * model.deviation(channel);
    finding.expectedLow = model.expected(channel) - reach;
    finding.expectedHigh = model.expected(channel) + reach;
    finding.observed = row.values[channel];
    if (this.levelRate > 0) this.explainLevel(finding);
  }

  /** Where the level may be and is, if it tells most. */
  private explainLevel(finding: Finding): void {
    const { model, views, thresholds, level } = this;
    const reach = thresholds[VIEW_PLANT];
    if (views[VIEW_PLANT] / reach < this.score) return;
    finding.expectedLow = model.valueOf(0, -reach);
    finding.expectedHigh = model.valueOf(0, reach);
    finding.observed = model.valueOf(0, level);
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

  /** The four views and, while watching, the score. */
  private combine(): void {
    const { views, thresholds } = this;
    combineChannels(this.model.numbers, views);
    if (this.levelRate > 0) views[VIEW_PLANT] = this.followLevel();
    let score = views[VIEW_FAST] / thresholds[VIEW_FAST];
    const slowThreshold = thresholds[VIEW_SLOW];
    const slowScore = views[VIEW_SLOW] / slowThreshold;
    const plantScore = views[VIEW_PLANT] / thresholds[VIEW_PLANT];
    const driftScore = views[VIEW_DRIFT] / thresholds[VIEW_DRIFT];
    if (slowScore > score) score = slowScore;
    if (plantScore > score) score = plantScore;
    if (driftScore > score) score = driftScore;
    this.score = score;
    this.intensity = views[VIEW_INTENSITY] / slowThreshold;
  }

  /** Takes the row of the one channel into its level, if its value is good; the size of the level. */
  private followLevel(): number {
    const { inputs, values } = this.model;
    const { levelLimit } = this;
    if (inputs[INPUT_GOOD] === 1) {
      const level = this.level + this.levelRate * (values[0] - this.level);
      this.level = level > levelLimit ? levelLimit : level < -levelLimit ? -levelLimit : level;
    }
    return this.level < 0 ? -this.level : this.level;
  }
}
