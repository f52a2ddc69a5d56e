/**
 * First and second moments of a row of inputs, now and one row back: what neighbour choice and the first weights need.
 * sum[i], now[i][j] = sum of y_i(t) y_j(t), lag[i][j] = sum of y_i(t) y_j(t-1), y centred on the first good value.
 * 16 p^2 bytes and 5 p slots for p inputs, while learning.
 */
const NOTHING = new Float64Array(0);

/** First and second moments. */
export class Moments {
  readonly inputs: number;
  rows = 0;
  private readonly centre: number[] = [];
  private readonly hasCentre: boolean[] = [];
  private readonly sum: number[] = [];
  private now: Float64Array;
  private lag: Float64Array;
  private readonly y: number[] = [];
  private readonly before: number[] = [];

  constructor(inputs: number) {
    this.inputs = inputs;
    for (let i = 0; i < inputs; i++) {
      this.centre.push(0);
      this.hasCentre.push(false);
      this.sum.push(0);
      this.y.push(0);
      this.before.push(0);
    }
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
    const { inputs: p, y, now, lag } = this;
    const before = isFresh ? y : this.before;
    const yi = y[i];
    const at = i * p;
    this.sum[i] += yi;
    for (let j = 0; j < p; j++) {
      if (j <= i) now[at + j] += yi * y[j];
      lag[at + j] += yi * before[j];
    }
  }

  /** The row is added. */
  end(): void {
    const { y, before } = this;
    for (let i = 0; i < y.length; i++) before[i] = y[i];
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

  /** Gives the memory back; the moments are gone. */
  release(): void {
    this.now = NOTHING;
    this.lag = NOTHING;
    this.centre.length = 0;
    this.hasCentre.length = 0;
    this.sum.length = 0;
    this.y.length = 0;
    this.before.length = 0;
  }
}
