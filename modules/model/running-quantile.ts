/**
 * A quantile of all samples so far, from a histogram with geometric bins: 80 of them, 15 % wide, from 0.05 to 3,500,
 * linear inside a bin. For positive samples whose usual size is about 1; what is smaller counts into a bin from 0 on.
 * Counts are halved when one is full: then old samples weigh less. An estimator that follows (Robbins and Monro, or P2
 * of Jain and Chlamtac) forgets or overshoots where a signal changes its ways while it is learned. 164 bytes.
 */
const BINS = 80;
const LOWEST = 0.05;
const RATIO = 1.15;
const COUNT_MAX = 65_535;
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

/** One quantile. */
export class RunningQuantile {
  private readonly p: number;
  private readonly prior: number;
  private readonly counts = new Uint16Array(BINS);
  private samples = 0;
  /** The bin that holds the quantile, and the samples in the bins below it. */
  private bin = 0;
  private below = 0;

  /** Quantile p (0 to 1). `prior`: what is expected before there are samples. */
  constructor(p: number, prior: number) {
    this.p = p;
    this.prior = prior;
  }

  /** Estimate so far; the prior until there are five samples. */
  get value(): number {
    if (this.samples < SAMPLES_MIN) return this.prior;
    const { bin } = this;
    const from = bin === 0 ? 0 : EDGES[bin - 1];
    const part = (this.p * this.samples - this.below) / this.counts[bin];
    return from + part * (EDGES[bin] - from);
  }

  /** Takes one sample in. */
  add(sample: number): void {
    const { counts } = this;
    const at = binOf(sample);
    if (counts[at] === COUNT_MAX) this.halve();
    counts[at]++;
    this.samples++;
    if (at < this.bin) this.below++;
    this.settle();
  }

  /** Moves to the bin that holds the quantile: seldom further than the next. */
  private settle(): void {
    const { counts } = this;
    const wanted = this.p * this.samples;
    while (this.below > wanted || (counts[this.bin] === 0 && this.below > 0)) this.below -= counts[--this.bin];
    while (this.below + counts[this.bin] < wanted) this.below += counts[this.bin++];
  }

  private halve(): void {
    const { counts } = this;
    let samples = 0;
    let below = 0;
    for (let i = 0; i < BINS; i++) {
      counts[i] = counts[i] >> 1;
      samples += counts[i];
      if (i < this.bin) below += counts[i];
    }
    this.samples = samples;
    this.below = below;
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
