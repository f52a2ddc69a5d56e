/**
 * Learns the residual model of every analog channel in one pass over a stated number of rows, then keeps it frozen.
 *
 *   first quarter   moments of all inputs; then, in idle time, neighbours and first weights of each channel
 *   rest            recursive least squares; rows are scored by weights copied at 25, 50 and 75 %, which have not seen
 *                   them; scales, quantiles and tails come from those scores
 *   end             thresholds from the tails and the alarm budget
 *
 * The scores themselves are made in detect/residual.ts, the same way while learning as while watching.
 */
import { assert } from '../base/assert.js';
import { fitPicked, sumPicked } from '../base/kernels.js';
import { QUALITY_BAD, QUALITY_GOOD } from '../condition/quality.js';
import { NEIGHBOURS_MAX } from '../limits.js';
import type { Archive } from './archive.js';
import type { ModelRow } from './model-row.js';
import { Moments } from './moments.js';
import { NeighbourSearch } from './neighbours.js';
import { ChannelFit, ResidualChannel, Standardised } from './residual-channel.js';
import { RunningQuantile } from './running-quantile.js';
import {
  addToQuarter,
  endQuarter,
  NOT_LEARNED,
  QUARTER_FIELDS,
  QUARTERS,
  sufficiencyOf,
  varianceRatio,
} from './sufficiency.js';

/** Stages of the model. */
export const STAGE_MOMENTS = 0;
export const STAGE_SELECTING = 1;
export const STAGE_FITTING = 2;
export const STAGE_WATCHING = 3;

/** Values beyond 50 times their spread while learning are held to it. */
const STANDARDISED_SQUARE_MAX = 2500;
/** Standardised residuals beyond this are held to it. */
export const RESIDUAL_CAP = 15;
/** A single square counts for at most this many times the mean of those before it, once there are enough. */
const HELD_VARIANCES = 25;
const SETTLING_ROWS = 10;
/** A channel that could be scored in less than this part of the fitted rows is not watched. */
const FITTED_MIN = 0.5;
/** The scale of a residual is at least this part of the channel's spread, and half its resolution. */
const SPREAD_FLOOR = 0.05;
/** Channels are compared by their scores' quantiles at this. */
const TELLING_QUANTILE = 0.9;
/** What white noise of unit variance gives: of the fast, the slow and the signed EWMA. */
const PRIORS: readonly number[] = Object.freeze([1.8, 1.4, 2.7]);
/** Computrons of a unit of work, about. */
const MOMENTS_COST = 120;
const FIT_COST = 1050;
const WATCH_COST = 400;
/** Inputs standardised in one unit of work. */
const INPUTS_PER_UNIT = 4;
/** Smallest standard deviation, relative to the mean's size, of an input that moves. */
const MOVE_MIN = 1e-6;

/** The models of all analog channels. */
export class ResidualModel {
  stage = STAGE_MOMENTS;
  readonly channels: ResidualChannel[] = [];
  readonly inputs: Standardised[] = [];
  /** Rows seen while learning, and how many there are to be. */
  learnedRows = 0;
  readonly learnRows: number;
  /** Largest v of `sufficiency.ts` over all inputs, known when learning is over. */
  varianceRatio = 0;
  /** Quarters of learning that can be told apart: 0, then 2 from its half on. */
  quartersOver = 0;
  /** NOT_LEARNED, PROVISIONAL or SUFFICIENT. */
  level = NOT_LEARNED;
  /** Units of work of the row under way. */
  units = 0;
  /** About what one of them costs, in computrons. */
  unitCost = 0;
  private readonly neighboursMax: number;
  private readonly resolutions: readonly number[];
  private readonly moments: Moments;
  private readonly search: NeighbourSearch;
  private readonly scales: number[] = [];
  private readonly noise: number[] = [];
  /** Standardised values of each input in this row and in the one before, in turn; then 1. */
  readonly values: Float64Array;
  /** Of each channel, `stride` apart: the values that are its regressors, and their weights. */
  private readonly picks: Uint8Array;
  private readonly weights: Float64Array;
  private readonly stride: number;
  private readonly gain: Float64Array;
  /** While weights are fitted: 90 % quantiles of the EWMAs' powers (fast, slow, signed) of each channel in turn. */
  quantiles: RunningQuantile | null = null;
  /** True while every input that moves can be used. */
  private areAllGood = false;
  private readonly quarters: Float64Array;
  private readonly standardiseUnits: number;
  private row: ModelRow;
  /** The channel whose neighbours are searched, and whether it is the search without lags. */
  private selecting = -1;
  private isRelating = false;

  /**
   * `resolutions[i]`: smallest step of analog channel i in engineering units. The row's inputs are the analog channels,
   * then contacts.
   */
  constructor(row: ModelRow, resolutions: readonly number[], learnRows: number, neighboursMax: number) {
    assert(neighboursMax <= NEIGHBOURS_MAX, 'residual model: more neighbours than the limit');
    for (let i = 0; i < resolutions.length; i++) this.channels.push(new ResidualChannel());
    for (let i = 0; i < row.inputs.length; i++) {
      this.inputs.push(new Standardised());
      this.scales.push(0);
      this.noise.push(0);
    }
    this.values = new Float64Array(2 * row.inputs.length + 1);
    this.values[2 * row.inputs.length] = 1;
    this.stride = 2 * neighboursMax + 2;
    this.picks = new Uint8Array(resolutions.length * this.stride);
    this.weights = new Float64Array(resolutions.length * this.stride);
    this.gain = new Float64Array(this.stride);
    this.quarters = new Float64Array(row.inputs.length * QUARTER_FIELDS);
    this.row = row;
    this.standardiseUnits = Math.ceil(row.inputs.length / INPUTS_PER_UNIT);
    this.resolutions = resolutions;
    this.learnRows = learnRows;
    this.neighboursMax = neighboursMax;
    this.moments = new Moments(this.inputs.length);
    this.search = new NeighbourSearch(this.moments, this.scales, this.noise, learnRows, neighboursMax);
  }

  /**
   * Takes a row in. What there is to do for it comes in units, to be spread over the blocks until the next row: call
   * `work` for each of `units`, then `endRow`.
   */
  beginRow(row: ModelRow): void {
    this.row = row;
    if (this.stage === STAGE_MOMENTS) {
      for (let i = 0; i < this.inputs.length; i++) {
        const input = row.inputs[i];
        if (input.quality === QUALITY_GOOD) this.moments.put(i, input.value);
        else this.moments.putMissing(i);
      }
      this.units = this.inputs.length;
      this.unitCost = MOMENTS_COST;
    } else {
      this.unitCost = this.stage === STAGE_FITTING ? FIT_COST : WATCH_COST;
      this.units = this.stage === STAGE_SELECTING ? 0 : this.standardiseUnits + this.channels.length;
    }
  }

  /** Does unit `unit`; the channel whose residual it made (while learning: could make), -1 for none. */
  work(unit: number): number {
    if (this.stage === STAGE_MOMENTS) {
      this.moments.accumulate(unit, this.row.isFresh);
      return -1;
    }
    if (unit < this.standardiseUnits) {
      this.standardise(unit * INPUTS_PER_UNIT);
      return -1;
    }
    const channel = unit - this.standardiseUnits;
    if (this.stage === STAGE_FITTING) return this.fit(channel) ? channel : -1;
    this.watch(channel);
    return channel;
  }

  /** All units of the row are done. */
  endRow(): void {
    // rows that come while neighbours are chosen are not learned from, so they do not count
    if (this.stage === STAGE_WATCHING || this.stage === STAGE_SELECTING) return;
    this.learnedRows++;
    if (this.stage === STAGE_FITTING) this.endQuarter();
    if (this.stage !== STAGE_MOMENTS) return;
    this.moments.end();
    if (this.learnedRows >= this.learnRows >> 2) this.endMoments();
  }

  private endMoments(): void {
    const moments = this.moments;
    for (let i = 0; i < this.inputs.length; i++) {
      const input = this.inputs[i];
      const mean = moments.mean(i);
      const deviation = Math.sqrt(moments.variance(i) > 0 ? moments.variance(i) : 0);
      const size = mean > 1 ? mean : mean < -1 ? -mean : 1;
      const resolution = i < this.resolutions.length ? this.resolutions[i] : 0;
      const isMoving = deviation > MOVE_MIN * size && deviation > resolution;
      input.mean = mean;
      input.precision = isMoving ? 1 / deviation : 0;
      input.limitSquare = STANDARDISED_SQUARE_MAX;
      this.scales[i] = isMoving ? deviation : 0;
      if (isMoving) this.noise[i] = (resolution * resolution) / (12 * deviation * deviation);
    }
    this.stage = STAGE_SELECTING;
  }

  /** Standardises INPUTS_PER_UNIT inputs from `first` on. */
  private standardise(first: number): void {
    const { inputs, values } = this;
    const from = this.row.inputs;
    const isFresh = this.row.isFresh;
    if (first === 0) this.areAllGood = true;
    const end = first + INPUTS_PER_UNIT < inputs.length ? first + INPUTS_PER_UNIT : inputs.length;
    for (let i = first; i < end; i++) {
      const input = inputs[i];
      const precision = input.precision;
      if (precision === 0) continue;
      const now = from[i];
      const quality = now.quality;
      values[2 * i + 1] = values[2 * i];
      input.quality = isFresh || input.nowQuality > quality ? QUALITY_BAD : quality;
      input.nowQuality = quality;
      if (input.quality !== QUALITY_GOOD) this.areAllGood = false;
      if (quality !== QUALITY_GOOD) continue;
      const z = (now.value - input.mean) * precision;
      const square = z * z;
      values[2 * i] = square > input.limitSquare ? holdTo(input.limitSquare, z) : z;
      if (this.stage === STAGE_FITTING) this.learnPower(i, square);
    }
  }

  private learnPower(i: number, square: number): void {
    const input = this.inputs[i];
    const most = input.limitSquare;
    addToQuarter(this.quarters, i, this.values[2 * i]);
    input.power += ((square > most ? most : square) - input.power) / (this.learnedRows + 1);
    input.limitSquare = STANDARDISED_SQUARE_MAX * input.power;
  }

  /** One bounded piece of slow work: a turn of one of the two neighbour searches. False when there is none. */
  idle(): boolean {
    if (this.stage !== STAGE_SELECTING) return false;
    const { channels, search, neighboursMax } = this;
    if (this.selecting >= 0 && !this.isRelating) {
      if (search.found < neighboursMax && search.advance()) return true;
      this.adopt(this.selecting);
      this.isRelating = true;
      search.beginRelation(this.selecting);
      return true;
    }
    if (this.isRelating) {
      if (search.found < neighboursMax && search.advanceRelation()) return true;
      this.adoptRelation(this.selecting);
      this.isRelating = false;
    }
    this.selecting++;
    while (this.selecting < channels.length && this.scales[this.selecting] === 0) this.selecting++;
    if (this.selecting < channels.length) {
      search.begin(this.selecting);
      return true;
    }
    this.moments.release();
    this.search.release();
    this.stage = STAGE_FITTING;
    return true;
  }

  /** Takes over what the search found. @offStep learning, once per channel: the arrays get their final length. */
  private adopt(j: number): void {
    const { search } = this;
    const channel = this.channels[j];
    const size = 2 * search.found + 2;
    for (let i = 0; i < search.found; i++) channel.neighbours.push(search.neighbours[i]);
    for (let i = 0; i < size; i++) this.weights[j * this.stride + i] = search.weights[i];
    channel.size = size;
    this.pick(j);
    if (this.quantiles === null) this.quantiles = new RunningQuantile(TELLING_QUANTILE, PRIORS, this.channels.length);
    channel.fit = new ChannelFit(search.weights, search.inverse, size);
    channel.ownWeight = search.ownWeight;
    channel.isModelled = true;
  }

  /** Takes over what the second search found. @offStep learning, once per channel */
  private adoptRelation(j: number): void {
    const { search } = this;
    const { related, relation } = this.channels[j];
    for (let i = 0; i < search.found; i++) {
      related.push(search.neighbours[i]);
      relation.push(search.weights[i]);
    }
  }

  /** Where the regressors of channel j lie in `values`. */
  private pick(j: number): void {
    const { picks, channels, inputs } = this;
    const { neighbours } = channels[j];
    const first = j * this.stride;
    const k = neighbours.length;
    picks[first] = 2 * j + 1;
    for (let i = 0; i < k; i++) {
      picks[first + 1 + i] = 2 * neighbours[i];
      picks[first + 1 + k + i] = 2 * neighbours[i] + 1;
    }
    picks[first + 2 * k + 1] = 2 * inputs.length;
  }

  /** False when a neighbour of the channel cannot be used. */
  private hasNeighbours(channel: ResidualChannel): boolean {
    if (this.areAllGood) return true;
    const { inputs } = this;
    const { neighbours } = channel;
    for (let i = 0; i < neighbours.length; i++) if (inputs[neighbours[i]].quality !== QUALITY_GOOD) return false;
    return true;
  }

  /** Fits channel j to the row; leaves the residual that its frozen weights, or its own lag, made of it. */
  private fit(j: number): boolean {
    const channel = this.channels[j];
    const { fit } = channel;
    channel.residual = 0;
    if (fit === null || this.inputs[j].quality !== QUALITY_GOOD) return false;
    this.fitOwn(j);
    if (!this.hasNeighbours(channel)) {
      this.scoreByOwn(j);
      return true;
    }
    const { values, weights, picks, stride, gain } = this;
    const now = values[2 * j];
    const prediction = fitPicked(fit.numbers, weights, picks, j * stride, channel.size, values, now, gain);
    channel.prediction = prediction;
    this.score(j, now - prediction);
    return true;
  }

  /** Residual scale so far, then the standardised residual. */
  private score(j: number, error: number): void {
    const channel = this.channels[j];
    channel.variance = heldMean(channel.variance, error * error, ++channel.fitted);
    channel.precision = this.precisionOf(j, channel.variance);
    standardiseResidual(channel, error, channel.precision);
  }

  /** Residual scale of the own lag so far. */
  private fitOwn(j: number): void {
    const channel = this.channels[j];
    const error = this.values[2 * j] - channel.ownWeight * this.values[2 * j + 1];
    channel.ownVariance = heldMean(channel.ownVariance, error * error, ++channel.ownFitted);
    channel.ownPrecision = this.precisionOf(j, channel.ownVariance);
  }

  private scoreByOwn(j: number): void {
    const channel = this.channels[j];
    channel.prediction = channel.ownWeight * this.values[2 * j + 1];
    standardiseResidual(channel, this.values[2 * j] - channel.prediction, channel.ownPrecision);
  }

  private precisionOf(j: number, variance: number): number {
    const floor = this.floorOf(j);
    const deviation = Math.sqrt(variance);
    return 1 / (deviation > floor ? deviation : floor);
  }

  private floorOf(j: number): number {
    const input = this.inputs[j];
    const spread = SPREAD_FLOOR * Math.sqrt(input.power);
    const step = 0.5 * this.resolutions[j] * input.precision;
    return spread > step ? spread : step;
  }

  /** Residual of channel j while watching; 0 when its value cannot be used. */
  private watch(j: number): void {
    const channel = this.channels[j];
    if (!channel.isModelled) return;
    if (this.inputs[j].quality !== QUALITY_GOOD) channel.residual = 0;
    else if (channel.isOnItsOwn || !this.hasNeighbours(channel)) this.scoreByOwn(j);
    else {
      const { values } = this;
      const prediction = sumPicked(this.weights, this.picks, j * this.stride, channel.size, values);
      channel.prediction = prediction;
      standardiseResidual(channel, values[2 * j] - prediction, channel.precision);
    }
  }

  /** At half and three quarters of learning the weights so far become those that score. */
  private endQuarter(): void {
    const n = this.learnedRows;
    const isOver = n === this.learnRows;
    if (!isOver && n !== this.learnRows >> 1 && n !== this.learnRows - (this.learnRows >> 2)) return;
    for (let i = 0; i < this.inputs.length; i++) endQuarter(this.quarters, i);
    this.quartersOver = isOver ? QUARTERS : n === this.learnRows >> 1 ? 2 : 3;
    const channels = this.channels;
    for (let j = 0; j < channels.length && !isOver; j++) {
      const channel = channels[j];
      if (channel.fit !== null) channel.fit.freeze(this.weights, j * this.stride);
    }
  }

  /** v of `sufficiency.ts` for input i, after two quarters of learning at least; 0 for one that does not move. */
  varianceRatioOf(i: number): number {
    return this.inputs[i].precision === 0 ? 0 : varianceRatio(this.quarters, i, this.quartersOver);
  }

  /** Learning is over, one alarm in `rowsPerAlarm` rows is wanted: what only learning needed is given back. */
  freeze(rowsPerAlarm: number): void {
    const { channels, inputs } = this;
    for (let i = 0; i < inputs.length; i++) {
      const v = this.varianceRatioOf(i);
      if (v > this.varianceRatio) this.varianceRatio = v;
    }
    this.quantiles = null;
    this.level = sufficiencyOf(this.varianceRatio, this.learnRows, rowsPerAlarm);
    const enough = FITTED_MIN * (this.learnRows - (this.learnRows >> 2));
    for (let j = 0; j < channels.length; j++) {
      if (channels[j].ownFitted < enough) channels[j].isModelled = false;
      channels[j].isOnItsOwn = channels[j].fitted < enough;
      channels[j].fit = null;
    }
    this.stage = STAGE_WATCHING;
  }

  /** Gives the memory back; there is no model any more. */
  release(): void {
    this.channels.length = 0;
    this.inputs.length = 0;
    this.moments.release();
    this.search.release();
  }

  /** What was learned has been read back: there is nothing to learn. */
  skipLearning(): void {
    this.moments.release();
    this.search.release();
    this.stage = STAGE_WATCHING;
  }

  /** Carries channel j; the last also carries the inputs that are no channels. */
  archive(j: number, archive: Archive): void {
    const { channels, inputs } = this;
    const { weights, stride } = this;
    channels[j].archive(archive, inputs.length);
    for (let i = j * stride; i < j * stride + channels[j].size; i++) weights[i] = archive.number(weights[i]);
    if (archive.isLoading) this.pick(j);
    const isLast = j === channels.length - 1;
    for (let i = j; i < (isLast ? inputs.length : j + 1); i++) {
      const input = inputs[i];
      input.mean = archive.number(input.mean);
      input.precision = archive.number(input.precision);
      input.limitSquare = archive.number(input.limitSquare);
      input.power = archive.number(input.power);
      this.scales[i] = input.precision === 0 ? 0 : 1 / input.precision;
    }
  }

  /** Expected engineering value of channel j in the last row. */
  expected(j: number): number {
    return this.valueOf(j, this.channels[j].prediction);
  }

  /** Engineering value of a standardised one of channel j. */
  valueOf(j: number, z: number): number {
    return this.inputs[j].mean + z * this.scales[j];
  }

  /** One standard residual of channel j, in engineering units. */
  deviation(j: number): number {
    return this.scales[j] / this.channels[j].scoredPrecision;
  }
}

/** Standardised residual of a channel, held to RESIDUAL_CAP. */
function standardiseResidual(channel: ResidualChannel, error: number, precision: number): void {
  const r = error * precision;
  channel.scoredPrecision = precision;
  channel.residual = r > RESIDUAL_CAP ? RESIDUAL_CAP : r < -RESIDUAL_CAP ? -RESIDUAL_CAP : r;
}

/** Mean of squares with the n-th taken in; once settled a single one counts for at most HELD_VARIANCES means. */
function heldMean(mean: number, square: number, n: number): number {
  const most = HELD_VARIANCES * mean;
  return mean + ((n > SETTLING_ROWS && square > most ? most : square) - mean) / n;
}

/** The number of z's sign whose square is `square`. */
function holdTo(square: number, z: number): number {
  const limit = Math.sqrt(square);
  return z > 0 ? limit : -limit;
}
