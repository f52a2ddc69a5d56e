/**
 * Noise fingerprint: how much an analog channel's samples scatter within a block, and how rough its block means are,
 * against what was learned. A synthetic, replayed, held or re-ranged signal has too little noise or too much.
 *
 * Channels take turns, one a row: three blocks of n samples, with sums S0, S1, S2 of counts and Q0 of their squares:
 *   v = (Q0 - S0^2 / n) / (n - 1) + 1/12             variance within a block, with that of rounding
 *   u = (S2 - 2 S1 + S0)^2 / (6 n) + 1/12            the same from block means, their trend taken out
 *   e = EWMA(0.1) of v, held to 4 e                  f = EWMA(0.05) of u, held to 4 f;  g = f / e
 * u estimates v where the noise is white; noise that is correlated from one sample to the next makes g larger: g stands
 * for the lag-1 correlation, which sums alone do not give (a variance-time ratio: Allan, Proc. IEEE 54(2), 1966).
 *   quiet = max over channels of e_low / e, g_low / g         loud = max of e / e_high, g / g_high
 * with the learned 10 % and 90 % quantiles as low and high. Each of the two has the threshold of its learned tail.
 * With fewer than 4 samples in a block (recordings) there is no noise to see, and nothing is watched.
 * Each of 8 channels is looked at every 0.8 s. 72 bytes per channel; two tails for all.
 */
import { ANALOG_COUNT, ANALOG_FIELDS, ANALOG_SUM, ANALOG_SUM_SQUARES, type Block } from '../capture/block.js';
import type { AnalogSignal } from '../condition/analog-signal.js';
import { QUALITY_GOOD } from '../condition/quality.js';
import type { Archive } from '../model/archive.js';
import { followQuantile } from '../model/followed-quantile.js';
import type { ModelRow } from '../model/model-row.js';
import { Tail } from '../model/tail.js';
import { DETECTOR_NOISE, type Finding } from './finding.js';
import type { Ranking } from './ranking.js';
import type { RowDetector } from './row-detector.js';

const SAMPLES_MIN = 4;
const TURN_BLOCKS = 3;
const VARIANCE_SHARE = 0.1;
const ROUGHNESS_SHARE = 0.05;
/** One turn counts for at most this many times the EWMA: what moves fast for a moment is no noise. */
const HELD = 4;
/** Variance of rounding to whole counts. */
const ROUNDING = 1 / 12;
const QUANTILE = 0.9;
/** Part of learning after which the tails are collected: by then the quantiles have settled. */
const SETTLED = 0.3;
/**
 * Turns after a gap until a channel's EWMAs stand for what is now; the first count alike, so that they are a mean. A
 * mean of 20 turns scatters more than what was learned: scored so early, noise alarmed falsely 16 s after a reset.
 */
const SETTLING_TURNS = 45;

/** Fields of one channel: turns since the last gap, e, f. */
const FIELDS = 9;
const VARIANCE = 1;
const ROUGHNESS = 2;
/** Learned quantiles, 90 % each: of e, 1 / e, g, 1 / g; 0 while not known. */
const LOUDEST = 3;
const QUIETEST = 4;
const ROUGHEST = 5;
const SMOOTHEST = 6;
/** Of the last turn, in parts of these quantiles. */
const QUIET = 7;
const LOUD = 8;

/** Watches the noise of analog channels. */
export class NoiseDetector implements RowDetector {
  readonly id = DETECTOR_NOISE;
  score = 0;
  intensity = 0;
  readonly units: number;
  readonly leadingUnits = 0;
  readonly archiveUnits: number;
  /** True where blocks have enough samples: then `takeBlock` must be called with every block. */
  readonly isWatching: boolean;
  /** Blocks of the turn taken; TURN_BLOCKS: all that the row needs. */
  private phase = TURN_BLOCKS;
  private turn = 0;
  private firstSum = 0;
  private secondSum = 0;
  private turnVariance = 0;
  private roughness = 0;
  /** Channels with the largest QUIET and LOUD. */
  private quietest = 0;
  private loudest = 0;
  private isTurnGood = false;
  private isLearning = true;
  private readonly samples: number;
  private readonly signals: readonly AnalogSignal[];
  private readonly state: Float64Array;
  private readonly ranking: Ranking;
  private readonly quietTail = new Tail();
  private readonly loudTail = new Tail();
  private quietThreshold = Infinity;
  private loudThreshold = Infinity;

  /** `samples` of a full block. */
  constructor(signals: readonly AnalogSignal[], channels: number, samples: number, ranking: Ranking) {
    this.signals = signals;
    this.samples = samples;
    this.ranking = ranking;
    this.isWatching = samples >= SAMPLES_MIN && channels > 0;
    this.units = this.isWatching ? 1 : 0;
    this.state = new Float64Array(channels * FIELDS);
    this.archiveUnits = channels + 1;
  }

  get members(): number {
    return this.isWatching ? 2 : 0;
  }

  /** One block of the channel whose turn it is: about 15 computrons, 70 in three blocks of a row. */
  takeBlock(block: Block): void {
    const { phase } = this;
    if (phase === TURN_BLOCKS) return;
    const { analog } = block;
    const { samples } = this;
    const at = this.turn * ANALOG_FIELDS;
    if (analog[at + ANALOG_COUNT] !== samples || block.isFresh === 1) {
      this.phase = 0;
      return;
    }
    const sum = analog[at + ANALOG_SUM];
    this.phase = phase + 1;
    if (phase === 0) {
      this.firstSum = sum;
      this.turnVariance = (analog[at + ANALOG_SUM_SQUARES] - (sum * sum) / samples) / (samples - 1) + ROUNDING;
    } else if (phase === 1) this.secondSum = sum;
    else {
      const bend = sum - 2 * this.secondSum + this.firstSum;
      this.roughness = (bend * bend) / (6 * samples) + ROUNDING;
    }
  }

  /** The turn that the blocks of the last row gave; the next channel has the next. */
  work(): void {
    const { turn, phase } = this;
    this.turn = turn + 1 < this.signals.length ? turn + 1 : 0;
    this.phase = 0;
    if (phase === TURN_BLOCKS && this.isTurnGood) this.advance(turn);
  }

  private advance(turn: number): void {
    const { state, turnVariance, roughness } = this;
    const at = turn * FIELDS;
    const turns = state[at] + 1;
    state[at] = turns;
    let e = state[at + VARIANCE];
    let f = state[at + ROUGHNESS];
    if (turns <= SETTLING_TURNS) {
      e += (turns * VARIANCE_SHARE < 1 ? 1 / turns : VARIANCE_SHARE) * (turnVariance - e);
      f += (turns * ROUGHNESS_SHARE < 1 ? 1 / turns : ROUGHNESS_SHARE) * (roughness - f);
    } else {
      e += VARIANCE_SHARE * ((turnVariance > HELD * e ? HELD * e : turnVariance) - e);
      f += ROUGHNESS_SHARE * ((roughness > HELD * f ? HELD * f : roughness) - f);
    }
    state[at + VARIANCE] = e;
    state[at + ROUGHNESS] = f;
    if (turns < SETTLING_TURNS) return;
    if (this.isLearning) learnQuantiles(state, at, turns - SETTLING_TURNS + 1);
    if (state[at + LOUDEST] === 0) return;
    const g = f / e;
    const quiet = 1 / (e * state[at + QUIETEST]);
    const smooth = 1 / (g * state[at + SMOOTHEST]);
    const tooQuiet = smooth > quiet ? smooth : quiet;
    state[at + QUIET] = tooQuiet;
    if (tooQuiet > state[this.quietest * FIELDS + QUIET]) this.quietest = turn;
    const loud = e / state[at + LOUDEST];
    const rough = g / state[at + ROUGHEST];
    const tooLoud = rough > loud ? rough : loud;
    state[at + LOUD] = tooLoud;
    if (tooLoud > state[this.loudest * FIELDS + LOUD]) this.loudest = turn;
  }

  begin(row: ModelRow, isLearning: boolean): void {
    this.isLearning = isLearning;
    if (this.isWatching) this.isTurnGood = row.inputs[this.turn].quality === QUALITY_GOOD;
  }

  learn(_row: ModelRow, progress: number): void {
    if (!this.isWatching || progress < SETTLED) return;
    this.quietTail.add(this.state[this.quietest * FIELDS + QUIET]);
    this.loudTail.add(this.state[this.loudest * FIELDS + LOUD]);
  }

  watch(): void {
    if (!this.isWatching) return;
    const quiet = this.state[this.quietest * FIELDS + QUIET] / this.quietThreshold;
    const loud = this.state[this.loudest * FIELDS + LOUD] / this.loudThreshold;
    this.score = quiet > loud ? quiet : loud;
    this.intensity = this.score;
  }

  restart(): void {
    const { state } = this;
    this.score = 0;
    this.intensity = 0;
    this.turn = 0;
    this.phase = 0;
    for (let at = 0; at < state.length; at += FIELDS) {
      state[at] = 0;
      state[at + QUIET] = 0;
      state[at + LOUD] = 0;
    }
  }

  calibrate(rowsPerAlarm: number): void {
    if (!this.isWatching) return;
    this.quietThreshold = this.quietTail.threshold(rowsPerAlarm);
    this.loudThreshold = this.loudTail.threshold(rowsPerAlarm);
  }

  /** Expected and observed, in the channel's unit: the standard deviation within a block, or that of block means. */
  explain(finding: Finding): void {
    const { state, ranking, quietThreshold, loudThreshold } = this;
    const quiet = state[this.quietest * FIELDS + QUIET] / quietThreshold;
    const isQuiet = quiet > state[this.loudest * FIELDS + LOUD] / loudThreshold;
    const field = isQuiet ? QUIET : LOUD;
    const threshold = isQuiet ? quietThreshold : loudThreshold;
    const channels = this.signals.length;
    for (let i = 0; i < channels; i++) ranking.telling[i] = state[i * FIELDS + field] / threshold;
    const worst = ranking.name(finding, channels, 0);
    const at = worst * FIELDS;
    const { gain } = this.signals[worst];
    const unit = gain < 0 ? -gain : gain;
    const e = state[at + VARIANCE];
    const within = isQuiet ? 1 / (e * state[at + QUIETEST]) : e / state[at + LOUDEST];
    const isWithin = within >= state[at + field];
    const low = isWithin ? 1 / state[at + QUIETEST] : e / state[at + SMOOTHEST];
    const high = isWithin ? state[at + LOUDEST] : e * state[at + ROUGHEST];
    finding.expectedLow = unit * Math.sqrt(low / quietThreshold);
    finding.expectedHigh = unit * Math.sqrt(high * loudThreshold);
    finding.observed = unit * Math.sqrt(isWithin ? e : state[at + ROUGHNESS]);
  }

  archive(unit: number, archive: Archive): void {
    const { state } = this;
    if (unit < this.signals.length) {
      const at = unit * FIELDS;
      for (let i = LOUDEST; i <= SMOOTHEST; i++) state[at + i] = archive.number(state[at + i]);
    } else {
      this.quietThreshold = archive.number(this.quietThreshold);
      this.loudThreshold = archive.number(this.loudThreshold);
    }
  }
}

/** The quantiles take the n-th turn of a channel. */
function learnQuantiles(state: Float64Array, at: number, n: number): void {
  const e = state[at + VARIANCE];
  const g = state[at + ROUGHNESS] / e;
  state[at + LOUDEST] = followQuantile(state[at + LOUDEST], n, e, QUANTILE);
  state[at + QUIETEST] = followQuantile(state[at + QUIETEST], n, 1 / e, QUANTILE);
  state[at + ROUGHEST] = followQuantile(state[at + ROUGHEST], n, g, QUANTILE);
  state[at + SMOOTHEST] = followQuantile(state[at + SMOOTHEST], n, 1 / g, QUANTILE);
}
