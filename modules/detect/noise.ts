/**
 * Noise fingerprint: how much an analog channel's samples scatter within a block, and how rough its block means are,
 * against what was learned. A synthetic, replayed, held or re-ranged signal has too little noise or too much.
 *
 * Channels take turns, one a row: six blocks, two by two, so that 50 Hz pick-up falls out of the means whatever its
 * phase; a pair has n samples with the sum S of counts, the middle pair the sum Q of their squares:
 *   v = (Q - S1^2 / n) / (n - 1) + 1/12              variance within a pair, with that of rounding
 *   u = (S2 - 2 S1 + S0)^2 / (6 n) + 1/12            the same from the pairs' means, their trend taken out
 *   r = (S2 - S0)^2 / (48 n^2) / v                   part of v that a steady move from the first to the last pair makes
 *   e = EWMA(0.1) of v, held to 2.5 e                 g = EWMA(0.02) of u / EWMA(0.02) of v, both held likewise
 * A turn in which the channel moves (r above 1/4) is passed over: what it scatters by is its way and not its noise, and
 * a machine that pauses would be too quiet. r is of the turn alone and without a scale: noise of any size that is about
 * white leaves it at g / (24 n). Moving only adds to v: a moving turn far below e does count, as a synthetic copy's.
 * u estimates v where the noise is white; noise that is correlated from one sample to the next makes g larger: g stands
 * for the lag-1 correlation, which sums alone do not give (a variance-time ratio: Allan, Proc. IEEE 54(2), 1966).
 *   amount = max over channels of e_low / e, e / e_high        shape = max of g_low / g, g / g_high
 * with the learned 10 % and 90 % quantiles as low and high. Each of the two has the threshold of its learned tail.
 * With fewer than 4 samples in a block (recordings) there is no noise to see, and nothing is watched.
 * Each of 8 channels is looked at every 0.8 s. 80 bytes per channel; two tails for all.
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
const TURN_BLOCKS = 6;
const FAST_SHARE = 0.1;
const SHAPE_SHARE = 0.02;
/** EWMAs are slow, so a short learning has few independent values of them, and their tails are known badly. */
const MARGIN = 1.25;
/** One turn counts for at most this many times the EWMA: what moves fast for a moment is no noise. */
const HELD = 2.5;
/** Largest part of a turn's variance that is its trend's while the channel is at rest. */
const TREND_MAX = 0.25;
/** Variance of rounding to whole counts. */
const ROUNDING = 1 / 12;
const QUANTILE = 0.9;
/** Part of learning after which the tails are collected: by then the quantiles have settled. */
const SETTLED = 0.3;
/** Turns at rest after which a turn is held to its EWMA. */
const KNOWN_TURNS = 5;
/**
 * The first turns count alike, so that the EWMAs begin as means; from these numbers on turns are held, and told. A mean
 * of 20 turns scatters more than what was learned: told so early, noise alarmed falsely 16 s after a reset.
 */
const SETTLING_TURNS = 45;
/** The shape is slower: its EWMAs stand for what is now after three of their time constants. */
const SHAPE_TURNS = 3 / SHAPE_SHARE;

/** Fields of one channel: turns, e, and the slow EWMAs of v and u. */
const FIELDS = 10;
const FAST = 1;
const SLOW = 2;
const ROUGH = 3;
/** Learned quantiles, 90 % each: of e, 1 / e, g, 1 / g; 0 while not known. */
const LOUDEST = 4;
const QUIETEST = 5;
const ROUGHEST = 6;
const SMOOTHEST = 7;
/** Of the last turn, in parts of these quantiles. */
const AMOUNT = 8;
const SHAPE = 9;

/** Watches the noise of analog channels. */
export class NoiseDetector implements RowDetector {
  readonly id = DETECTOR_NOISE;
  score = 0;
  intensity = 0;
  readonly units: number;
  readonly unitCost = 250;
  readonly endsCost = 250;
  readonly archiveUnits: number;
  /** True where blocks have enough samples: then `takeBlock` must be called with every block. */
  readonly isWatching: boolean;
  /** Blocks of the turn taken; TURN_BLOCKS: all that the row needs. */
  private phase = 0;
  private turn = 0;
  /** Of the turn: sum of squares, then sums of the last half pair and of the pairs. */
  private squares = 0;
  private halfSum = 0;
  private firstSum = 0;
  private secondSum = 0;
  private turnVariance = 0;
  private roughness = 0;
  private isMoving = false;
  /** The turn that is taken over: its channel, v and u. */
  private takenTurn = 0;
  private takenVariance = 0;
  private takenRoughness = 0;
  private isTakenMoving = false;
  /** Channels with the largest AMOUNT and SHAPE. */
  private mostAmount = 0;
  private mostShape = 0;
  private isTurnGood = false;
  private isLearning = true;
  private readonly samples: number;
  private readonly signals: readonly AnalogSignal[];
  private readonly state: Float64Array;
  private readonly ranking: Ranking;
  private readonly amountTail = new Tail();
  private readonly shapeTail = new Tail();
  private amountThreshold = Infinity;
  private shapeThreshold = Infinity;

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

  /** One block of the channel whose turn it is: 150 computrons in most blocks. */
  takeBlock(block: Block): void {
    const { phase } = this;
    if (phase === TURN_BLOCKS) return;
    const { analog } = block;
    const at = this.turn * ANALOG_FIELDS;
    if (analog[at + ANALOG_COUNT] !== this.samples || block.isFresh === 1) {
      this.phase = 0;
      this.squares = 0;
      return;
    }
    this.phase = phase + 1;
    if ((phase & 2) !== 0) this.squares += analog[at + ANALOG_SUM_SQUARES];
    if ((phase & 1) === 0) this.halfSum = analog[at + ANALOG_SUM];
    else this.takePair(phase, this.halfSum + analog[at + ANALOG_SUM]);
  }

  /** The pair of blocks that ends with block `phase` of the turn. */
  private takePair(phase: number, sum: number): void {
    const n = 2 * this.samples;
    if (phase === 1) this.firstSum = sum;
    else if (phase === 3) {
      this.secondSum = sum;
      this.turnVariance = (this.squares - (sum * sum) / n) / (n - 1) + ROUNDING;
      this.squares = 0;
    } else {
      const bend = sum - 2 * this.secondSum + this.firstSum;
      const trend = sum - this.firstSum;
      this.roughness = (bend * bend) / (6 * n) + ROUNDING;
      this.isMoving = trend * trend > 48 * TREND_MAX * n * n * this.turnVariance;
    }
  }

  /**
   * Takes over the turn of the row that is complete; the next channel has the next. A turn begins with its row, so that
   * it always lies alike against the rows.
   */
  begin(row: ModelRow, isLearning: boolean): void {
    const { turn } = this;
    this.isLearning = isLearning;
    if (!this.isWatching) return;
    this.isTurnGood = this.phase === TURN_BLOCKS && row.inputs[turn].quality === QUALITY_GOOD;
    this.takenTurn = turn;
    this.takenVariance = this.turnVariance;
    this.takenRoughness = this.roughness;
    this.isTakenMoving = this.isMoving;
    this.turn = turn + 1 < this.signals.length ? turn + 1 : 0;
    this.phase = 0;
    this.squares = 0;
  }

  work(): void {
    if (!this.isTurnGood) return;
    const at = this.takenTurn * FIELDS;
    if (!this.isTakenMoving) this.takeRest(at);
    else if (HELD * this.takenVariance < this.state[at + FAST]) this.takeQuiet(at);
  }

  /** A turn of the channel at rest. */
  private takeRest(at: number): void {
    const { state, takenVariance: turnVariance, takenRoughness: roughness } = this;
    const turns = state[at] + 1;
    state[at] = turns;
    let e = state[at + FAST];
    let slow = state[at + SLOW];
    let rough = state[at + ROUGH];
    const isKnown = turns > KNOWN_TURNS;
    const v = isKnown && turnVariance > HELD * slow ? HELD * slow : turnVariance;
    const u = isKnown && roughness > HELD * rough ? HELD * rough : roughness;
    const fast = turns * FAST_SHARE < 1 ? 1 / turns : FAST_SHARE;
    e += fast * ((isKnown && turnVariance > HELD * e ? HELD * e : turnVariance) - e);
    const share = turns * SHAPE_SHARE < 1 ? 1 / turns : SHAPE_SHARE;
    slow += share * (v - slow);
    rough += share * (u - rough);
    state[at + FAST] = e;
    state[at + SLOW] = slow;
    state[at + ROUGH] = rough;
    if (turns < SETTLING_TURNS) return;
    if (this.isLearning) learnQuantiles(state, at, turns - SETTLING_TURNS + 1);
    if (state[at + LOUDEST] === 0) return;
    this.tellAmount(at);
    if (this.isLearning || turns >= SHAPE_TURNS) this.tellShape(at);
  }

  /** A turn that moves and yet scatters less than any noise would let it. */
  private takeQuiet(at: number): void {
    const { state } = this;
    state[at + FAST] += FAST_SHARE * (this.takenVariance - state[at + FAST]);
    if (state[at] >= SETTLING_TURNS && state[at + LOUDEST] !== 0) this.tellAmount(at);
  }

  private tellAmount(at: number): void {
    const { state } = this;
    const e = state[at + FAST];
    const quiet = 1 / (e * state[at + QUIETEST]);
    const loud = e / state[at + LOUDEST];
    state[at + AMOUNT] = quiet > loud ? quiet : loud;
    if (state[at + AMOUNT] > state[this.mostAmount * FIELDS + AMOUNT]) this.mostAmount = this.takenTurn;
  }

  private tellShape(at: number): void {
    const { state } = this;
    const g = state[at + ROUGH] / state[at + SLOW];
    const smoother = 1 / (g * state[at + SMOOTHEST]);
    const rougher = g / state[at + ROUGHEST];
    state[at + SHAPE] = smoother > rougher ? smoother : rougher;
    if (state[at + SHAPE] > state[this.mostShape * FIELDS + SHAPE]) this.mostShape = this.takenTurn;
  }

  learn(_row: ModelRow, progress: number): void {
    if (!this.isWatching || progress < SETTLED) return;
    this.amountTail.add(this.state[this.mostAmount * FIELDS + AMOUNT]);
    this.shapeTail.add(this.state[this.mostShape * FIELDS + SHAPE]);
  }

  watch(): void {
    if (!this.isWatching) return;
    const amount = this.state[this.mostAmount * FIELDS + AMOUNT] / this.amountThreshold;
    const shape = this.state[this.mostShape * FIELDS + SHAPE] / this.shapeThreshold;
    this.score = amount > shape ? amount : shape;
    this.intensity = this.score;
  }

  restart(): void {
    const { state } = this;
    this.turn = 0;
    this.phase = 0;
    this.squares = 0;
    this.score = 0;
    this.intensity = 0;
    for (let at = 0; at < state.length; at += FIELDS) {
      state[at] = 0;
      state[at + AMOUNT] = 0;
      state[at + SHAPE] = 0;
    }
  }

  calibrate(rowsPerAlarm: number): void {
    if (!this.isWatching) return;
    this.amountThreshold = MARGIN * this.amountTail.threshold(rowsPerAlarm);
    this.shapeThreshold = MARGIN * this.shapeTail.threshold(rowsPerAlarm);
  }

  /** Expected and observed, in the channel's unit: the standard deviation within a pair, or that which means tell. */
  explain(finding: Finding): void {
    const { state, ranking, amountThreshold, shapeThreshold } = this;
    const amount = state[this.mostAmount * FIELDS + AMOUNT] / amountThreshold;
    const isAmount = amount >= state[this.mostShape * FIELDS + SHAPE] / shapeThreshold;
    const field = isAmount ? AMOUNT : SHAPE;
    const threshold = isAmount ? amountThreshold : shapeThreshold;
    const channels = this.signals.length;
    for (let i = 0; i < channels; i++) ranking.telling[i] = state[i * FIELDS + field] / threshold;
    const worst = ranking.name(finding, channels, 0);
    const at = worst * FIELDS;
    const { gain } = this.signals[worst];
    const unit = gain < 0 ? -gain : gain;
    const low = isAmount ? 1 / state[at + QUIETEST] : state[at + SLOW] / state[at + SMOOTHEST];
    const high = isAmount ? state[at + LOUDEST] : state[at + SLOW] * state[at + ROUGHEST];
    finding.expectedLow = unit * Math.sqrt(low / threshold);
    finding.expectedHigh = unit * Math.sqrt(high * threshold);
    finding.observed = unit * Math.sqrt(isAmount ? state[at + FAST] : state[at + ROUGH]);
  }

  archive(unit: number, archive: Archive): void {
    const { state } = this;
    if (unit < this.signals.length) {
      const at = unit * FIELDS;
      for (let i = LOUDEST; i <= SMOOTHEST; i++) state[at + i] = archive.number(state[at + i]);
    } else {
      this.amountThreshold = archive.number(this.amountThreshold);
      this.shapeThreshold = archive.number(this.shapeThreshold);
    }
  }
}

/** The quantiles take the n-th turn of a channel. */
function learnQuantiles(state: Float64Array, at: number, n: number): void {
  const e = state[at + FAST];
  const g = state[at + ROUGH] / state[at + SLOW];
  state[at + LOUDEST] = followQuantile(state[at + LOUDEST], n, e, QUANTILE);
  state[at + QUIETEST] = followQuantile(state[at + QUIETEST], n, 1 / e, QUANTILE);
  state[at + ROUGHEST] = followQuantile(state[at + ROUGHEST], n, g, QUANTILE);
  state[at + SMOOTHEST] = followQuantile(state[at + SMOOTHEST], n, 1 / g, QUANTILE);
}
