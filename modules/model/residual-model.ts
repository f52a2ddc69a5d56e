/**
 * Learns the residual model of every analog channel in one pass over a stated number of rows, then keeps it frozen.
 *
 *   first quarter   moments of all inputs; then, in idle time, neighbours and first weights of each channel
 *   rest            recursive least squares; rows are scored by weights copied at 25, 50 and 75 %, which have not seen
 *                   them; scales, quantiles and tails come from those scores
 *   end             thresholds from the tails and the alarm budget
 *
 * What takes long is in base/kernels.ts; detect/residual.ts makes scores of it, the same way while learning as while
 * watching.
 */
import { assert } from '../base/assert.js';
import {
  CHANNEL_FIELDS,
  CHANNEL_FITTED,
  CHANNEL_ON_ITS_OWN,
  CHANNEL_OWN_FITTED,
  CHANNEL_OWN_WEIGHT,
  CHANNEL_PREDICTION,
  CHANNEL_SCORED_PRECISION,
  CHANNEL_SIZE,
  INPUT_FIELDS,
  INPUT_LIMIT,
  INPUT_MEAN,
  INPUT_POWER,
  INPUT_PRECISION,
  INPUT_SQUARE_MAX,
  QUARTER_FIELDS,
} from '../base/kernel-fields.js';
import { fitChannel, standardiseRow, watchChannels } from '../base/kernels.js';
import { QUALITY_GOOD } from '../condition/quality.js';
import { NEIGHBOURS_MAX } from '../limits.js';
import { type Archive, archiveCount } from './archive.js';
import type { ModelRow } from './model-row.js';
import { Moments } from './moments.js';
import { NeighbourSearch, relatedMax } from './neighbours.js';
import { Relations } from './relations.js';
import { ChannelFit, ResidualChannel } from './residual-channel.js';
import { QUANTILE_EDGES, RunningQuantile } from './running-quantile.js';
import { endQuarter, NOT_LEARNED, QUARTERS, sufficiencyOf, varianceRatio } from './sufficiency.js';

/** Stages of the model. */
export const STAGE_MOMENTS = 0;
export const STAGE_SELECTING = 1;
export const STAGE_FITTING = 2;
export const STAGE_WATCHING = 3;

/** A channel that could be scored in less than this part of the fitted rows is not watched. */
const FITTED_MIN = 0.5;
/** Quantiles of 0.9 of three EWMAs of each channel: what base/kernels.ts learns. */
const TELLING_QUANTILE = 0.9;
const PRIORS: readonly number[] = Object.freeze([1.8, 1.4, 2.7]);
/** Computrons that a unit of work takes as long as, about: of a fit and of each pair of its weights; of watching. */
const MOMENTS_COST = 120;
const FIT_COST = 450;
const FIT_PAIR_COST = 12;
const WATCH_COST = 120;
const WATCH_WEIGHT_COST = 16;
/** Channels of a unit of work while watching. */
const CHANNELS_PER_UNIT = 4;
/** Smallest standard deviation, relative to the mean's size, of an input that moves. */
const MOVE_MIN = 1e-6;

/** The models of all analog channels. */
export class ResidualModel {
  stage = STAGE_MOMENTS;
  readonly channels: ResidualChannel[] = [];
  /** CHANNEL_* of each. */
  numbers: Float64Array;
  /** INPUT_* of each input, and how many there are. */
  inputs: Float64Array;
  readonly inputCount: number;
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
  /** What slow drift holds the channels against. */
  readonly relations: Relations;
  private readonly weights: Float64Array;
  private readonly stride: number;
  private readonly gain: Float64Array;
  /** While weights are fitted: 90 % quantiles of the EWMAs' powers (fast, slow, signed) of each channel in turn. */
  quantiles: RunningQuantile | null = null;
  private readonly quarters: Float64Array;
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
    const inputs = row.values.length;
    this.numbers = new Float64Array(resolutions.length * CHANNEL_FIELDS);
    for (let i = 0; i < resolutions.length; i++)
      this.channels.push(new ResidualChannel(this.numbers, i, resolutions[i]));
    this.relations = new Relations(resolutions.length, relatedMax(neighboursMax));
    this.inputs = new Float64Array(inputs * INPUT_FIELDS);
    this.inputCount = inputs;
    for (let i = 0; i < inputs; i++) {
      this.inputs[i * INPUT_FIELDS + INPUT_LIMIT] = Infinity;
      this.inputs[i * INPUT_FIELDS + INPUT_POWER] = 1;
      this.scales.push(0);
      this.noise.push(0);
    }
    this.values = new Float64Array(2 * inputs + 1);
    this.values[2 * inputs] = 1;
    this.stride = 2 * neighboursMax + 2;
    this.picks = new Uint8Array(resolutions.length * this.stride);
    this.weights = new Float64Array(resolutions.length * this.stride);
    this.gain = new Float64Array(this.stride);
    this.quarters = new Float64Array(inputs * QUARTER_FIELDS);
    this.row = row;
    this.resolutions = resolutions;
    this.learnRows = learnRows;
    this.neighboursMax = neighboursMax;
    this.moments = new Moments(inputs);
    this.search = new NeighbourSearch(this.moments, this.scales, this.noise, learnRows, neighboursMax);
  }

  /**
   * Takes a row in. What there is to do for it comes in units, to be spread over the blocks until the next row: call
   * `work` for each of `units`, then `endRow`.
   */
  beginRow(row: ModelRow): void {
    this.row = row;
    const { stage } = this;
    if (stage === STAGE_MOMENTS) this.beginMoments();
    else if (stage === STAGE_SELECTING) this.units = 0;
    else {
      const { values, qualities } = row;
      const isFitting = stage === STAGE_FITTING;
      const rows = isFitting ? this.learnedRows + 1 : 0;
      standardiseRow(values, qualities, row.isFresh ? 1 : 0, this.inputs, this.values, this.quarters, rows);
      const { length } = this.channels;
      this.units = isFitting ? length : Math.ceil(length / CHANNELS_PER_UNIT);
      const { stride } = this;
      this.unitCost = isFitting
        ? FIT_COST + FIT_PAIR_COST * stride * stride
        : WATCH_COST + CHANNELS_PER_UNIT * WATCH_WEIGHT_COST * stride;
    }
  }

  private beginMoments(): void {
    const { moments, inputCount } = this;
    const { values, qualities } = this.row;
    for (let i = 0; i < inputCount; i++) {
      if (qualities[i] === QUALITY_GOOD) moments.put(i, values[i]);
      else moments.putMissing(i);
    }
    this.units = inputCount;
    this.unitCost = MOMENTS_COST;
  }

  /**
   * Does unit `unit`: the residuals of some channels, whose EWMAs move on. `isCollecting`: while learning, what the
   * EWMAs are compared by may not grow again. How many channels were taken in.
   */
  work(unit: number, isCollecting: boolean): number {
    if (this.stage === STAGE_MOMENTS) {
      this.moments.accumulate(unit, this.row.isFresh);
      return 0;
    }
    if (this.stage === STAGE_FITTING) return this.fit(unit, isCollecting ? 1 : 0);
    const { numbers, channels, inputs, values, weights, picks } = this;
    const first = unit * CHANNELS_PER_UNIT;
    const end = first + CHANNELS_PER_UNIT < channels.length ? first + CHANNELS_PER_UNIT : channels.length;
    watchChannels(numbers, first, end, inputs, values, weights, picks);
    return end - first;
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
    const { moments, inputs } = this;
    for (let i = 0; i < this.inputCount; i++) {
      const at = i * INPUT_FIELDS;
      const mean = moments.mean(i);
      const deviation = Math.sqrt(moments.variance(i) > 0 ? moments.variance(i) : 0);
      const size = mean > 1 ? mean : mean < -1 ? -mean : 1;
      const resolution = i < this.resolutions.length ? this.resolutions[i] : 0;
      const isMoving = deviation > MOVE_MIN * size && deviation > resolution;
      inputs[at + INPUT_MEAN] = mean;
      inputs[at + INPUT_PRECISION] = isMoving ? 1 / deviation : 0;
      inputs[at + INPUT_LIMIT] = INPUT_SQUARE_MAX;
      this.scales[i] = isMoving ? deviation : 0;
      if (isMoving) this.noise[i] = (resolution * resolution) / (12 * deviation * deviation);
    }
    this.stage = STAGE_SELECTING;
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
      if (search.advanceRelation()) return true;
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
    for (let i = 0; i < search.found; i++) this.picks[j * this.stride + 1 + i] = 2 * search.neighbours[i];
    for (let i = 0; i < size; i++) this.weights[j * this.stride + i] = search.weights[i];
    channel.set(CHANNEL_SIZE, size);
    this.pick(j);
    if (this.quantiles === null) this.quantiles = new RunningQuantile(TELLING_QUANTILE, PRIORS, this.channels.length);
    channel.fit = new ChannelFit(search.weights, search.inverse, size);
    channel.set(CHANNEL_OWN_WEIGHT, search.ownWeight);
    channel.isModelled = true;
  }

  /** Takes over what the second search found. @offStep learning, once per channel */
  private adoptRelation(j: number): void {
    const { search } = this;
    for (let i = 0; i < search.found; i++) this.relations.add(j, search.neighbours[i], search.weights[i]);
  }

  /** Where the regressors of channel j lie in `values`: its neighbours of now are there, and all others follow. */
  private pick(j: number): void {
    const { picks, channels, inputCount } = this;
    const first = j * this.stride;
    const k = channels[j].found;
    picks[first] = 2 * j + 1;
    for (let i = 0; i < k; i++) picks[first + 1 + k + i] = picks[first + 1 + i] + 1;
    picks[first + 2 * k + 1] = 2 * inputCount;
  }

  /** Fits channel j to the row, and scores it by its frozen weights or its own lag; 0 when it could not be. */
  private fit(j: number, isCollecting: number): number {
    const { quantiles } = this;
    const { fit } = this.channels[j];
    if (fit === null || quantiles === null) return 0;
    const { numbers, inputs, values, weights, picks, gain } = this;
    const { counts, state } = quantiles;
    return fitChannel(
      numbers,
      j,
      fit.numbers,
      inputs,
      values,
      weights,
      picks,
      gain,
      counts,
      state,
      QUANTILE_EDGES,
      isCollecting,
    );
  }

  /** At half and three quarters of learning the weights so far become those that score. */
  private endQuarter(): void {
    const n = this.learnedRows;
    const isOver = n === this.learnRows;
    if (!isOver && n !== this.learnRows >> 1 && n !== this.learnRows - (this.learnRows >> 2)) return;
    for (let i = 0; i < this.inputCount; i++) endQuarter(this.quarters, i);
    this.quartersOver = isOver ? QUARTERS : n === this.learnRows >> 1 ? 2 : 3;
    const channels = this.channels;
    for (let j = 0; j < channels.length && !isOver; j++) {
      const channel = channels[j];
      if (channel.fit !== null) channel.fit.freeze(this.weights, j * this.stride);
    }
  }

  /** v of `sufficiency.ts` for input i, after two quarters of learning at least; 0 for one that does not move. */
  varianceRatioOf(i: number): number {
    return this.scales[i] === 0 ? 0 : varianceRatio(this.quarters, i, this.quartersOver);
  }

  /** Learning is over, one alarm in `rowsPerAlarm` rows is wanted: what only learning needed is given back. */
  freeze(rowsPerAlarm: number): void {
    const { channels, inputCount } = this;
    for (let i = 0; i < inputCount; i++) {
      const v = this.varianceRatioOf(i);
      if (v > this.varianceRatio) this.varianceRatio = v;
    }
    this.quantiles = null;
    this.level = sufficiencyOf(this.varianceRatio, this.learnRows, rowsPerAlarm);
    const enough = FITTED_MIN * (this.learnRows - (this.learnRows >> 2));
    for (let j = 0; j < channels.length; j++) {
      const channel = channels[j];
      if (channel.get(CHANNEL_OWN_FITTED) < enough) channel.isModelled = false;
      channel.set(CHANNEL_ON_ITS_OWN, channel.get(CHANNEL_FITTED) < enough ? 1 : 0);
      channel.fit = null;
    }
    this.stage = STAGE_WATCHING;
  }

  /** Gives the memory back; there is no model any more. @offStep by command */
  release(): void {
    this.channels.length = 0;
    this.numbers = new Float64Array(0);
    this.inputs = this.numbers;
    this.quantiles = null;
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
    const { channels, inputs, inputCount, weights, picks, stride } = this;
    const channel = channels[j];
    channel.archive(archive, stride);
    for (let i = j * stride + 1; i <= j * stride + channel.found; i++)
      picks[i] = 2 * archiveCount(archive, picks[i] >> 1, inputCount - 1);
    this.relations.archive(j, archive, inputCount);
    for (let i = j * stride; i < j * stride + channel.size; i++) weights[i] = archive.number(weights[i]);
    if (archive.isLoading) this.pick(j);
    const isLast = j === channels.length - 1;
    for (let i = j; i < (isLast ? inputCount : j + 1); i++) {
      const at = i * INPUT_FIELDS;
      for (let field = INPUT_MEAN; field <= INPUT_POWER; field++)
        inputs[at + field] = archive.number(inputs[at + field]);
      const precision = inputs[at + INPUT_PRECISION];
      this.scales[i] = precision === 0 ? 0 : 1 / precision;
    }
  }

  /** Expected engineering value of channel j in the last row. */
  expected(j: number): number {
    return this.valueOf(j, this.channels[j].get(CHANNEL_PREDICTION));
  }

  /** Engineering value of a standardised one of channel j. */
  valueOf(j: number, z: number): number {
    return this.inputs[j * INPUT_FIELDS + INPUT_MEAN] + z * this.scales[j];
  }

  /** One standard residual of channel j, in engineering units. */
  deviation(j: number): number {
    return this.scales[j] / this.channels[j].get(CHANNEL_SCORED_PRECISION);
  }
}
