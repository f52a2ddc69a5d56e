/**
 * The residual model of one analog channel: predicted from its own last value and from k neighbours, now and lagged.
 * z(t) ~ w0 z(t-1) + sum_i (w_i zn_i(t) + w_{k+i} zn_i(t-1)) + w_{2k+1}, all standardised.
 * Where a neighbour cannot be used its own lag alone predicts it: z(t) ~ a z(t-1).
 * Watching: 192 + 18 k bytes, 5 slots of 16; learning adds (2k + 2)^2 + 2k numbers of 8.
 */
import {
  CHANNEL_FAST,
  CHANNEL_FAST_LIMIT,
  CHANNEL_FAST_SHARE,
  CHANNEL_FIELDS,
  CHANNEL_HALF_STEP,
  CHANNEL_INTENSITY,
  CHANNEL_MODELLED,
  CHANNEL_ON_ITS_OWN,
  CHANNEL_OWN_PRECISION,
  CHANNEL_PRECISION,
  CHANNEL_RESIDUAL,
  CHANNEL_SCORED_PRECISION,
  CHANNEL_SIGNED,
  CHANNEL_SIGNED_LIMIT,
  CHANNEL_SIGNED_SHARE,
  CHANNEL_SIZE,
  CHANNEL_SLOW,
  CHANNEL_SLOW_SHARE,
} from '../base/kernel-fields.js';
import { type Archive, archiveCount } from './archive.js';
import type { Numbers } from './least-squares.js';

/** What only learning needs of a channel, made when its neighbours are known. */
export class ChannelFit {
  /** Inverse correlation, size squared; then the weights that have not seen the rows they score. */
  readonly numbers: Float64Array;
  readonly size: number;

  /** `weights` and inverse correlation to begin with, of `size` and `size` squared. */
  constructor(weights: readonly number[], inverse: Float64Array, size: number) {
    this.size = size;
    this.numbers = new Float64Array(size * size + size);
    for (let i = 0; i < size * size; i++) this.numbers[i] = inverse[i];
    this.freeze(weights, 0);
  }

  /** Takes over the weights, from `first` on, that score from now on. */
  freeze(weights: Numbers, first: number): void {
    const { numbers, size } = this;
    for (let i = 0; i < size; i++) numbers[size * size + i] = weights[first + i];
  }
}

/** Model and scores of one analog channel, whose numbers lie with those of all others. */
export class ResidualChannel {
  /** While learning. */
  fit: ChannelFit | null = null;
  /** CHANNEL_* from `at` on. */
  readonly numbers: Float64Array;
  readonly at: number;

  /** Channel `index` of those that share `numbers`; `resolution`: its smallest step, in engineering units. */
  constructor(numbers: Float64Array = new Float64Array(CHANNEL_FIELDS), index = 0, resolution = 0) {
    this.numbers = numbers;
    this.at = index * CHANNEL_FIELDS;
    const ones = [
      CHANNEL_PRECISION,
      CHANNEL_OWN_PRECISION,
      CHANNEL_SCORED_PRECISION,
      CHANNEL_FAST_SHARE,
      CHANNEL_SLOW_SHARE,
      CHANNEL_SIGNED_SHARE,
    ];
    for (let i = 0; i < ones.length; i++) this.set(ones[i], 1);
    for (let limit = CHANNEL_FAST_LIMIT; limit <= CHANNEL_SIGNED_LIMIT; limit++) this.set(limit, Infinity);
    this.set(CHANNEL_HALF_STEP, 0.5 * resolution);
    this.restart();
  }

  /** Number `field` of the channel. */
  get(field: number): number {
    return this.numbers[this.at + field];
  }

  set(field: number, value: number): void {
    this.numbers[this.at + field] = value;
  }

  get isModelled(): boolean {
    return this.get(CHANNEL_MODELLED) === 1;
  }

  set isModelled(is: boolean) {
    this.set(CHANNEL_MODELLED, is ? 1 : 0);
  }

  /** Regressors, and weights of `ResidualModel`; 0: not modelled. */
  get size(): number {
    return this.get(CHANNEL_SIZE);
  }

  /** What was scored so far is forgotten. */
  restart(): void {
    this.set(CHANNEL_FAST, 1);
    this.set(CHANNEL_SLOW, 1);
    this.set(CHANNEL_INTENSITY, 1);
    this.set(CHANNEL_SIGNED, 0);
    this.set(CHANNEL_RESIDUAL, 0);
  }

  /** What scores need: scales, and how many regressors, `most` at most; those and their weights follow. */
  archive(archive: Archive, most: number): void {
    for (let flag = CHANNEL_MODELLED; flag <= CHANNEL_ON_ITS_OWN; flag++)
      this.set(flag, archive.uint16(this.get(flag)) === 1 ? 1 : 0);
    for (let i = CHANNEL_PRECISION; i <= CHANNEL_SIGNED_SHARE; i++) this.set(i, archive.number(this.get(i)));
    const size = archiveCount(archive, this.size, most);
    // a channel that did not move has none
    const isRight = size % 2 === 0 && (size > 0 || !this.isModelled);
    if (!isRight) archive.refuse();
    this.set(CHANNEL_SIZE, isRight ? size : 0);
  }

  /** Neighbours that are among the regressors, each twice. */
  get found(): number {
    const { size } = this;
    return size === 0 ? 0 : (size >> 1) - 1;
  }
}
