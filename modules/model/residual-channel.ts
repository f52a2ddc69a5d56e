/**
 * The residual model of one analog channel: predicted from its own last value and from k neighbours, now and lagged.
 * z(t) ~ w0 z(t-1) + sum_i (w_i zn_i(t) + w_{k+i} zn_i(t-1)) + w_{2k+1}, all standardised.
 * Where a neighbour cannot be used its own lag alone predicts it: z(t) ~ a z(t-1).
 * Watching: at most 31 + 3k slots of 16 bytes and 18 k bytes; learning adds (2k + 2)^2 + 2k numbers of 8.
 */
import { QUALITY_BAD } from '../condition/quality.js';
import { NEIGHBOURS_MAX } from '../limits.js';
import { type Archive, archiveCount } from './archive.js';
import type { Numbers } from './least-squares.js';

/** How an input is standardised, and whether its value (`ResidualModel.values`) can be used. */
export class Standardised {
  /** QUALITY_GOOD when its value and the one before can be used. */
  quality = QUALITY_BAD;
  nowQuality = QUALITY_BAD;
  mean = 0;
  /** 1 / standard deviation in the first quarter of learning; 0 for an input that did not move and is left out. */
  precision = 0;
  /** Square beyond which a standardised value is held. */
  limitSquare = Infinity;
  /** Mean square while learning, in units of the first quarter's variance: how much more it moves than then. */
  power = 1;
}

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

/** Model and scores of one analog channel. */
export class ResidualChannel {
  /** Standardised residual of the last row, held to RESIDUAL_CAP; 0 while it cannot be computed. */
  residual = 0;
  /** Squared residual through EWMAs of 0.3 and 0.1, signed residual through one of 0.1; held by anti-windup. */
  squareFast = 1;
  squareSlow = 1;
  signed = 0;
  /** Squared residual through an EWMA of 0.1 without anti-windup: how intense the event is now. */
  intensity = 1;
  /** 1 / residual scale, 1 / the learned 90 % quantiles of the three EWMAs' powers. */
  precision = 1;
  fastShare = 1;
  slowShare = 1;
  signedShare = 1;
  /** Anti-windup: the EWMAs are held to these. */
  fastLimit = Infinity;
  slowLimit = Infinity;
  signedLimit = Infinity;
  isModelled = false;
  readonly neighbours: number[] = [];
  /** Regressors, and weights of `ResidualModel`; 0: not modelled. */
  size = 0;
  /** The inputs that it goes with at the same row, without any lag, and how it stands to them: their weights. */
  readonly related: number[] = [];
  readonly relation: number[] = [];
  /** Prediction of the last row, standardised, and 1 / the scale that its residual was divided by. */
  prediction = 0;
  scoredPrecision = 1;
  /** The model of its own lag alone, for rows in which a neighbour cannot be used: weight, 1 / residual scale. */
  ownWeight = 0;
  ownPrecision = 1;
  /** True where the neighbours were good too seldom while learning: its own lag is all that is used. */
  isOnItsOwn = false;

  // while learning
  fit: ChannelFit | null = null;
  /** Rows scored while learning, with neighbours and by the own lag. */
  fitted = 0;
  ownFitted = 0;
  /** Mean squared residual of the own lag, held as `variance` is. */
  ownVariance = 0;
  /** Mean squared residual of the frozen weights, single rows held to 25 times of it. */
  variance = 0;
  /** What scores need: neighbours out of `inputs`, scales; the weights follow. */
  archive(archive: Archive, inputs: number): void {
    const { neighbours, related, relation } = this;
    this.isModelled = archive.uint16(this.isModelled ? 1 : 0) === 1;
    this.isOnItsOwn = archive.uint16(this.isOnItsOwn ? 1 : 0) === 1;
    this.precision = archive.number(this.precision);
    this.ownWeight = archive.number(this.ownWeight);
    this.ownPrecision = archive.number(this.ownPrecision);
    this.fastShare = archive.number(this.fastShare);
    this.slowShare = archive.number(this.slowShare);
    this.signedShare = archive.number(this.signedShare);
    const found = archiveCount(archive, neighbours.length, NEIGHBOURS_MAX);
    const size = archiveCount(archive, this.size, 2 * NEIGHBOURS_MAX + 2);
    const standing = archiveCount(archive, related.length, NEIGHBOURS_MAX);
    if (archive.isLoading) {
      // a channel that did not move has neither
      if (size !== 2 * found + 2 && (size > 0 || this.isModelled)) archive.refuse();
      setLength(neighbours, found);
      setLength(related, standing);
      setLength(relation, standing);
      this.size = size;
    }
    for (let i = 0; i < found; i++) neighbours[i] = archiveCount(archive, neighbours[i], inputs - 1);
    for (let i = 0; i < standing; i++) related[i] = archiveCount(archive, related[i], inputs - 1);
    archive.numbers(relation);
  }
}

function setLength(values: number[], length: number): void {
  values.length = 0;
  for (let i = 0; i < length; i++) values.push(0);
}
