/**
 * Which other inputs predict a channel best: greedy forward selection on the learned moments. At each turn the input
 * whose value correlates most with what the regressors chosen so far leave unexplained is added, now and lagged.
 * The regressors of channel j are [own lag, neighbours now, neighbours lagged, 1]; all inputs are standardised, so the
 * constant stays out until the end. One call of `advance` is one turn: a bounded piece of idle work.
 *
 * What predicts the next row is not what a channel goes with: an own lag explains all but the news, and the news of two
 * counts of the same flow are their noise. A second search without any lag finds the inputs that the channel stands to,
 * for those who watch means (detect/drift.ts).
 */
import { NEIGHBOURS_MAX } from '../limits.js';
import { invert, multiply } from './least-squares.js';
import type { Moments } from './moments.js';

/** Ridge on the normal equations, in rows: what a prior of unit variance weighs. */
const RIDGE = 1;
/**
 * An input of the relation takes at least this part of the variance that those before it have left: little, for a
 * falsified value that a controller holds shows only in what several inputs say together.
 */
const TAKEN_MIN = 0.003;

/** Inputs of a relation, at most: as many as have room where each neighbour has two regressors. */
export function relatedMax(neighboursMax: number): number {
  const size = 2 * neighboursMax + 2;
  return neighboursMax === 0 ? 0 : size < NEIGHBOURS_MAX ? size : NEIGHBOURS_MAX;
}

/** The search, one channel after the other. */
export class NeighbourSearch {
  /** Chosen inputs, most telling first; `found` of them count. */
  readonly neighbours: number[] = [];
  found = 0;
  private readonly relatedMax: number;
  /** Weights and inverse correlation ((2 found + 2) squared) after the last turn, ready for recursive least squares. */
  readonly weights: number[] = [];
  inverse: Float64Array;
  /** Weight of the own lag when nothing else is used. */
  ownWeight = 0;
  private channel = 0;
  private readonly moments: Moments;
  private readonly scales: readonly number[];
  private readonly noise: readonly number[];
  private readonly learnRows: number;
  private readonly target: number[] = [];
  /** Part of the channel's variance that the relation leaves. */
  private left = 1;

  /**
   * `scales[i]`: standard deviation of input i, 0 for one that does not move and so predicts nothing; `noise[i]`: power
   * of its quantisation, step^2 / 12, in units of scale^2. Noise enters the normal equations as if it were seen in all
   * `learnRows`, so a coarse input is trusted no more than it can be. `neighboursMax`: of a channel, at most.
   */
  constructor(
    moments: Moments,
    scales: readonly number[],
    noise: readonly number[],
    learnRows: number,
    neighboursMax = NEIGHBOURS_MAX,
  ) {
    this.moments = moments;
    this.scales = scales;
    this.noise = noise;
    this.learnRows = learnRows;
    const size = 2 * neighboursMax + 2;
    this.relatedMax = relatedMax(neighboursMax);
    for (let i = 0; i < neighboursMax || i < this.relatedMax; i++) this.neighbours.push(0);
    for (let i = 0; i < size; i++) {
      this.weights.push(0);
      this.target.push(0);
    }
    this.inverse = new Float64Array(size * size);
  }

  /** Starts on channel j with its own lag alone; `advance` follows. */
  begin(channel: number): void {
    this.channel = channel;
    this.found = 0;
    this.solve();
    this.ownWeight = this.weights[0];
  }

  /** Adds the best neighbour; false when none is left. */
  advance(): boolean {
    const { weights, found, neighbours, channel } = this;
    let best = -1;
    let bestCovariance = 0;
    for (let q = 0; q < this.scales.length; q++) {
      if (!this.isFree(q)) continue;
      let c = this.correlation(q, channel) - weights[0] * this.lagCorrelation(q, channel);
      for (let i = 0; i < found; i++) {
        c -= weights[1 + i] * this.correlation(q, neighbours[i]);
        c -= weights[1 + found + i] * this.lagCorrelation(q, neighbours[i]);
      }
      c = this.told(q, c);
      if (c > bestCovariance) {
        bestCovariance = c;
        best = q;
      }
    }
    if (!this.add(best)) return false;
    this.solve();
    return true;
  }

  /** Starts on what channel j stands to at the same row, with nothing; `advanceRelation` follows. */
  beginRelation(channel: number): void {
    this.channel = channel;
    this.found = 0;
    this.left = 1;
  }

  /**
   * Adds the input that the rest goes with best, and leaves in `weights` what those found say: `found` of them. False
   * when none takes enough of the rest (it would go with it by chance, and lead it astray where it goes its own way),
   * or when there are `relatedMax`.
   */
  advanceRelation(): boolean {
    if (this.found >= this.relatedMax) return false;
    const { weights, found, neighbours, channel } = this;
    let best = -1;
    let bestCovariance = 0;
    for (let q = 0; q < this.scales.length; q++) {
      if (!this.isFree(q)) continue;
      let c = this.correlation(q, channel);
      for (let i = 0; i < found; i++) c -= weights[i] * this.correlation(q, neighbours[i]);
      c = this.told(q, c);
      if (c > bestCovariance) {
        bestCovariance = c;
        best = q;
      }
    }
    if (bestCovariance * bestCovariance < TAKEN_MIN * this.left || !this.add(best)) return false;
    this.solveRelation();
    this.left = 1;
    for (let i = 0; i <= found; i++) this.left -= weights[i] * this.correlation(channel, neighbours[i]);
    return true;
  }

  /** True for an input that moves and may still be chosen. */
  private isFree(input: number): boolean {
    return input !== this.channel && this.scales[input] > 0 && !this.hasChosen(input);
  }

  /** What input q tells of a rest that it has covariance c with. */
  private told(q: number, c: number): number {
    const told = c / Math.sqrt(1 + this.noise[q]);
    return told < 0 ? -told : told;
  }

  private add(input: number): boolean {
    if (input < 0 || this.moments.rows === 0) return false;
    this.neighbours[this.found++] = input;
    return true;
  }

  /** Ridge solution for the chosen inputs at the same row. */
  private solveRelation(): void {
    const { found, inverse, weights, target, channel, neighbours } = this;
    const rows = this.moments.rows;
    for (let r = 0; r < found; r++) {
      const a = neighbours[r];
      for (let s = 0; s < found; s++) inverse[r * found + s] = rows * this.correlation(a, neighbours[s]);
      inverse[r * found + r] += RIDGE + this.learnRows * this.noise[a];
      target[r] = rows * this.correlation(channel, a);
    }
    invert(inverse, found);
    multiply(inverse, target, found, weights);
  }

  /** Gives the memory back; nothing can be searched any more. @offStep once. */
  release(): void {
    this.weights.length = 0;
    this.inverse = this.inverse.slice(0, 0);
    this.target.length = 0;
  }

  private hasChosen(input: number): boolean {
    for (let i = 0; i < this.found; i++) if (this.neighbours[i] === input) return true;
    return false;
  }

  private correlation(i: number, j: number): number {
    return this.moments.covariance(i, j) / (this.scales[i] * this.scales[j]);
  }

  private lagCorrelation(i: number, j: number): number {
    return this.moments.lagCovariance(i, j) / (this.scales[i] * this.scales[j]);
  }

  /** Input behind regressor r (own lag, neighbours now, neighbours lagged). */
  private inputOf(r: number): number {
    return r === 0 ? this.channel : this.neighbours[(r - 1) % this.found];
  }

  private isLagged(r: number): boolean {
    return r === 0 || r > this.found;
  }

  /** Ridge solution for the regressors chosen so far. Moments at the same row stand for both rows lagged. */
  private solve(): void {
    const { found, inverse, weights, target, channel } = this;
    const rows = this.moments.rows;
    const size = 2 * found + 2;
    const last = size - 1;
    for (let r = 0; r < last; r++) {
      const a = this.inputOf(r);
      const isALagged = this.isLagged(r);
      for (let s = 0; s <= r; s++) {
        const b = this.inputOf(s);
        const isBLagged = this.isLagged(s);
        const c =
          isALagged === isBLagged
            ? this.correlation(a, b)
            : isALagged
              ? this.lagCorrelation(b, a)
              : this.lagCorrelation(a, b);
        inverse[r * size + s] = rows * c;
        inverse[s * size + r] = rows * c;
      }
      inverse[r * size + r] += RIDGE + this.learnRows * this.noise[a];
      target[r] = rows * (isALagged ? this.lagCorrelation(channel, a) : this.correlation(channel, a));
      inverse[r * size + last] = 0;
      inverse[last * size + r] = 0;
    }
    inverse[last * size + last] = rows + RIDGE;
    target[last] = 0;
    invert(inverse, size);
    multiply(inverse, target, size, weights);
  }
}
