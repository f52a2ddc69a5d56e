/**
 * A quantile of all samples so far, from a histogram with geometric bins: 80 of them, 15 % wide, from 0.05 to 3,500,
 * linear inside a bin. For positive samples whose usual size is about 1; what is smaller counts into a bin from 0 on.
 * Counts are halved when one is full: then old samples weigh less. An estimator that follows (Robbins and Monro, or P2
 * of Jain and Chlamtac) forgets or overshoots where a signal changes its ways while it is learned. 172 bytes each.
 */
const BINS = 80;
const LOWEST = 0.05;
const RATIO = 1.15;
const COUNT_MAX = 65_535;
/** Fields of one quantile's state; samples are the first. */
const FIELDS = 3;
const BIN = 1;
const BELOW = 2;
/** Samples from which on the estimate is theirs and not the prior. */
const SAMPLES_MIN = 5;

/** Upper edges of the bins; the last is open. */
const EDGES: readonly number[] = Object.freeze(geometricEdges());

/** @offStep once, when the module is loaded. */
function geometricEdges(): number[] {
  const edges: number[] = [];
  for (let edge = LOWEST; edges.length < BINS; edge *= RATIO) edges.push(edge);
  return edges;
}

/** One or several quantiles of the same p, each of its own samples. */
export class RunningQuantile {
  private readonly p: number;
  private readonly priors: readonly number[];
  private readonly counts: Uint16Array;
  /** Of each: samples, the bin that holds the quantile, and the samples in the bins below it. */
  private readonly state: Uint32Array;

  /** Quantiles p (0 to 1). `priors`: what is expected of each before there are samples. */
  constructor(p: number, priors: readonly number[]) {
    this.p = p;
    this.priors = priors;
    this.counts = new Uint16Array(priors.length * BINS);
    this.state = new Uint32Array(priors.length * FIELDS);
  }

  /** Estimate of quantile `i` so far; the prior until there are five samples. */
  valueOf(i: number): number {
    const { state } = this;
    const own = i * FIELDS;
    const samples = state[own];
    if (samples < SAMPLES_MIN) return this.priors[i];
    const bin = state[own + BIN];
    const from = bin === 0 ? 0 : EDGES[bin - 1];
    const part = (this.p * samples - state[own + BELOW]) / this.counts[i * BINS + bin];
    return from + part * (EDGES[bin] - from);
  }

  /** Takes one sample into quantile `i`. */
  add(i: number, sample: number): void {
    const { counts, state } = this;
    const bin = binOf(sample);
    const at = i * BINS + bin;
    const own = i * FIELDS;
    if (counts[at] === COUNT_MAX) this.halve(i);
    counts[at]++;
    state[own]++;
    if (bin < state[own + BIN]) state[own + BELOW]++;
    this.settle(own, i * BINS);
  }

  /** Moves to the bin that holds the quantile: seldom further than the next. */
  private settle(own: number, first: number): void {
    const { counts, state } = this;
    const wanted = this.p * state[own];
    let bin = state[own + BIN];
    let below = state[own + BELOW];
    while (below > wanted || (counts[first + bin] === 0 && below > 0)) below -= counts[first + --bin];
    while (below + counts[first + bin] < wanted) below += counts[first + bin++];
    state[own + BIN] = bin;
    state[own + BELOW] = below;
  }

  private halve(i: number): void {
    const { counts, state } = this;
    const first = i * BINS;
    const own = i * FIELDS;
    let samples = 0;
    let below = 0;
    for (let bin = 0; bin < BINS; bin++) {
      const count = counts[first + bin] >> 1;
      counts[first + bin] = count;
      samples += count;
      if (bin < state[own + BIN]) below += count;
    }
    state[own] = samples;
    state[own + BELOW] = below;
  }
}

/** The bin of a sample, by bisection. */
function binOf(sample: number): number {
  let low = 0;
  let high = BINS - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sample > EDGES[middle]) low = middle + 1;
    else high = middle;
  }
  return low;
}
