/**
 * First and second moments of a row of inputs, now and one row back: what neighbour choice and the first weights need.
 * sum[i], now[i][j] = sum of y_i(t) y_j(t), lag[i][j] = sum of y_i(t) y_j(t-1), y centred on the first good value.
 * 16 p^2 + 16 p bytes and 3 p slots for p inputs, while learning.
 */
import { addProducts } from '../base/kernels.js';

/** First and second moments. */
export class Moments {
  readonly inputs: number;
  rows = 0;
  private readonly centre: number[] = [];
  private readonly hasCentre: boolean[] = [];
  private readonly sum: number[] = [];
  private now: Float64Array;
  private lag: Float64Array;
  private y: Float64Array;
  private before: Float64Array;

  constructor(inputs: number) {
    this.inputs = inputs;
    for (let i = 0; i < inputs; i++) {
      this.centre.push(0);
      this.hasCentre.push(false);
      this.sum.push(0);
    }
    this.y = new Float64Array(inputs);
    this.before = new Float64Array(inputs);
    this.now = new Float64Array(inputs * inputs);
    this.lag = new Float64Array(inputs * inputs);
  }

  /** Value of input i in the row to be added: put every input, `accumulate` each, then `end` the row. */
  put(i: number, value: number): void {
    if (!this.hasCentre[i]) {
      this.hasCentre[i] = true;
      this.centre[i] = value;
    }
    this.y[i] = value - this.centre[i];
  }

  /** Input i has no good value in the row to be added: it counts as unmoved. */
  putMissing(i: number): void {
    this.y[i] = this.before[i];
  }

  /** Adds the products of input i. A fresh row has no row before it and counts as its own. */
  accumulate(i: number, isFresh: boolean): void {
    const { y } = this;
    this.sum[i] += y[i];
    addProducts(i, y, isFresh ? y : this.before, this.now, this.lag);
  }

  /** The row is added. */
  end(): void {
    this.before.set(this.y);
    this.rows++;
  }

  mean(i: number): number {
    return this.centre[i] + this.sum[i] / this.rows;
  }

  variance(i: number): number {
    return this.covariance(i, i);
  }

  /** Covariance of inputs i and j at the same row. */
  covariance(i: number, j: number): number {
    const n = this.rows;
    const at = i >= j ? i * this.inputs + j : j * this.inputs + i;
    return this.now[at] / n - (this.sum[i] / n) * (this.sum[j] / n);
  }

  /** Covariance of input i with input j one row earlier. */
  lagCovariance(i: number, j: number): number {
    const n = this.rows;
    return this.lag[i * this.inputs + j] / n - (this.sum[i] / n) * (this.sum[j] / n);
  }

  /** Gives the memory back; the moments are gone. @offStep once, when neighbours are chosen. */
  release(): void {
    this.now = this.now.slice(0, 0);
    this.lag = this.lag.slice(0, 0);
    this.centre.length = 0;
    this.hasCentre.length = 0;
    this.sum.length = 0;
    this.y = this.y.slice(0, 0);
    this.before = this.before.slice(0, 0);
  }
}
