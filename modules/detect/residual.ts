/**
 * Residual detector: four views of the channels' standardised residuals r, each divided by the threshold that the
 * tail of its learned values and the alarm budget give; the largest is the score, 1.0 the threshold.
 *
 *   fast   max over channels of EWMA(0.3) of r^2 / its 90 % quantile
 *   slow   the same with 0.1
 *   plant  mean over channels of EWMA(0.3) of r^2
 *   drift  2-norm over channels of EWMA(0.1)(r)^2 19 / its 90 % quantile
 *
 * EWMA states are held below three thresholds (anti-windup). An alarm that has fallen to a fifteenth of its peak for
 * ten rows is "recovering": still an incident, no longer an alarm, until it grows again. A bounded servo raises the
 * level at which an incident opens after more than one incident per budget period: exp(min(0.4 (N - 1), 0.7)).
 */
import { exp, ln } from '../base/elementary.js';
import type { ResidualChannel } from '../model/residual-channel.js';
import { Tail } from '../model/tail.js';

const FAST = 0.3;
const SLOW = 0.1;
/** Variance of an EWMA of white noise is lambda / (2 - lambda) of it: this scales its square back. */
const SIGNED_POWER = (2 - SLOW) / SLOW;
/** Smallest learned quantile, in variances of the residual. */
const QUANTILE_MIN = 0.2;
const WINDUP_THRESHOLDS = 3;
const MEMBERS = 4;
const QUANTILE = 0.9;
/** Part of the fitted rows after which tails are collected: by then scales and quantiles have settled. */
const SETTLED = 0.3;
const WARM_UP_ROWS = 3;

/** States of the alarm. */
export const ALARM_QUIET = 0;
export const ALARM_ON = 1;
export const ALARM_RECOVERING = 2;

const RECOVERED_RATIO = 15;
const RECOVERED_ROWS = 10;
const REGROWN_LN = 1.3;
const SLACK = 0.02;
const SERVO_GAIN = 0.4;
const SERVO_MAX_LN = 0.7;
const SAME_EVENT_ROWS = 30;

/** Scores the residuals of all channels. */
export class ResidualDetector {
  score = 0;
  state = ALARM_QUIET;
  /** Channel with the largest share of the score; -1 before any. */
  worst = -1;
  /** True while the incident table knows an incident of this detector. */
  hasIncident = false;
  private readonly channels: readonly ResidualChannel[];
  private modelled = 0;
  private rows = 0;
  private readonly tails: Tail[] = [];
  /** Thresholds of fast, slow, plant, drift. */
  readonly thresholds: number[] = [];
  private fast = 0;
  private slow = 0;
  private plant = 0;
  private drift = 0;
  private intensity = 0;
  private rowsPerAlarm = 1;
  /** Channels whose residual was taken in the row under way. */
  private taken = 0;
  // release and servo
  private peakLn = 0;
  private levelLn = 0;
  private fallenRows = 0;
  private recentIncidents = 0;
  private rowsSinceAlarm = SAME_EVENT_ROWS;

  constructor(channels: readonly ResidualChannel[]) {
    this.channels = channels;
    for (let i = 0; i < MEMBERS; i++) {
      this.tails.push(new Tail());
      this.thresholds.push(Infinity);
    }
  }

  /** Takes the residual of channel j, while learning or watching: its EWMAs move on. */
  take(j: number, isLearning: boolean): void {
    const channel = this.channels[j];
    if (!channel.isModelled) return;
    this.taken++;
    this.advance(channel);
    if (isLearning) learnQuantiles(channel);
  }

  /** Ends a row of learning; `fitted` (0 to 1) is the part of the fit that is done. */
  learn(fitted: number): void {
    this.combine();
    const taken = this.taken;
    this.taken = 0;
    if (fitted < SETTLED || taken === 0) return;
    const tails = this.tails;
    tails[0].add(this.fast);
    tails[1].add(this.slow);
    tails[2].add(this.plant);
    tails[3].add(this.drift);
  }

  /** Ends learning: thresholds for one alarm in `rowsPerAlarm` rows, shared by the members. */
  calibrate(rowsPerAlarm: number): void {
    this.rowsPerAlarm = rowsPerAlarm > 1 ? rowsPerAlarm : 1;
    const thresholds = this.thresholds;
    for (let i = 0; i < MEMBERS; i++) thresholds[i] = this.tails[i].threshold(rowsPerAlarm * MEMBERS);
    this.restart();
    const channels = this.channels;
    const power = WINDUP_THRESHOLDS * thresholds[3] * Math.sqrt(this.modelled);
    for (let j = 0; j < channels.length; j++) {
      const channel = channels[j];
      channel.fastLimit = (WINDUP_THRESHOLDS * thresholds[0]) / channel.fastShare;
      channel.slowLimit = (WINDUP_THRESHOLDS * thresholds[1]) / channel.slowShare;
      channel.signedLimit = Math.sqrt(power / (SIGNED_POWER * channel.signedShare));
    }
  }

  /** Scores start anew: after a gap nothing of before it may add up with what comes. */
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
    this.rows = 0;
    this.state = ALARM_QUIET;
    this.rowsSinceAlarm = SAME_EVENT_ROWS;
  }

  /** Scores a row whose residuals were taken. */
  watch(): void {
    this.combine();
    this.taken = 0;
    this.rows++;
    if (this.rows <= WARM_UP_ROWS || this.modelled === 0) this.score = 0;
    this.decide();
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
  nextWorst(named: readonly number[], count: number): number {
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

  /** Quiet, alarm or recovering. */
  private decide(): void {
    this.recentIncidents *= 1 - 1 / this.rowsPerAlarm;
    const isAbove = this.score > 1;
    if (this.state === ALARM_QUIET && !isAbove) {
      this.rowsSinceAlarm++;
      return;
    }
    if (!isAbove) {
      this.state = ALARM_QUIET;
      this.rowsSinceAlarm = 0;
    } else if (this.state === ALARM_QUIET) this.consider();
    else this.follow();
  }

  /** Above the threshold: an incident opens when the servo's level is passed too. */
  private consider(): void {
    const excess = this.recentIncidents - 1;
    const servo = excess > 0 ? SERVO_GAIN * excess : 0;
    if (servo > 0 && this.score <= exp(servo < SERVO_MAX_LN ? servo : SERVO_MAX_LN)) {
      this.rowsSinceAlarm++;
      return;
    }
    this.state = ALARM_ON;
    this.peakLn = this.intensityLn();
    this.fallenRows = 0;
    if (this.rowsSinceAlarm >= SAME_EVENT_ROWS) this.recentIncidents++;
  }

  private intensityLn(): number {
    return ln(this.intensity > 1e-6 ? this.intensity : 1e-6);
  }

  /** Within an incident: alarm, recovering, alarm again. */
  private follow(): void {
    const level = this.intensityLn();
    if (this.state === ALARM_ON) {
      if (level > this.peakLn) this.peakLn = level;
      this.fallenRows = level < this.peakLn - ln(RECOVERED_RATIO) ? this.fallenRows + 1 : 0;
      if (this.fallenRows < RECOVERED_ROWS) return;
      this.state = ALARM_RECOVERING;
      this.levelLn = level;
      return;
    }
    this.levelLn -= SLACK * (this.levelLn - level);
    if (level <= (this.levelLn > 0 ? this.levelLn : 0) + REGROWN_LN) return;
    this.state = ALARM_ON;
    this.peakLn = level;
    this.fallenRows = 0;
  }
}

function learnQuantiles(channel: ResidualChannel): void {
  channel.fastQuantile.add(channel.squareFast, QUANTILE);
  channel.slowQuantile.add(channel.squareSlow, QUANTILE);
  channel.signedQuantile.add(channel.signed * channel.signed * SIGNED_POWER, QUANTILE);
  channel.fastShare = share(channel.fastQuantile.value);
  channel.slowShare = share(channel.slowQuantile.value);
  channel.signedShare = share(channel.signedQuantile.value);
}

function isAmong(named: readonly number[], count: number, channel: number): boolean {
  for (let i = 0; i < count; i++) if (named[i] === channel) return true;
  return false;
}

function share(quantile: number): number {
  return 1 / (quantile > QUANTILE_MIN ? quantile : QUANTILE_MIN);
}
