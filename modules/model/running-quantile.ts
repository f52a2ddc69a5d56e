/**
 * A quantile of all samples so far, from a histogram with geometric bins: 80 of them, 15 % wide, from 0.05 to 3,500,
 * linear inside a bin. For positive samples whose usual size is about 1; what is smaller counts into a bin from 0 on.
 * Counts are halved when one is full: then old samples weigh less. An estimator that follows (Robbins and Monro, or P2
 * of Jain and Chlamtac) forgets or overshoots where a signal changes its ways while it is learned. 172 bytes each.
 */
import { HISTOGRAM_BINS, HISTOGRAM_FIELDS } from '../base/kernel-fields.js';
import { addToHistogram } from '../base/kernels.js';

const LOWEST = 0.05;
const RATIO = 1.15;

/** Upper edges of the bins; the last is open. */
export const QUANTILE_EDGES: readonly number[] = Object.freeze(geometricEdges());

/** @offStep once, when the module is loaded. */
function geometricEdges(): number[] {
  const edges: number[] = [];
  for (let edge = LOWEST; edges.length < HISTOGRAM_BINS; edge *= RATIO) edges.push(edge);
  return edges;
}

/** One or several quantiles of the same p, each of its own samples. */
export class RunningQuantile {
  private readonly p: number;
  private readonly priors: readonly number[];
  /** As base/kernels.ts takes them. */
  readonly counts: Uint16Array;
  readonly state: Uint32Array;

  /** Quantiles p (0 to 1). `priors`: what is expected of each before there are samples, of `copies` of them in turn. */
  constructor(p: number, priors: readonly number[], copies = 1) {
    this.p = p;
    this.priors = priors;
    this.counts = new Uint16Array(copies * priors.length * HISTOGRAM_BINS);
    this.state = new Uint32Array(copies * priors.length * HISTOGRAM_FIELDS);
  }

  /** Takes one sample into quantile `i`; its estimate now, the prior until there are five samples. */
  add(i: number, sample: number): number {
    const { priors } = this;
    return addToHistogram(this.counts, this.state, i, sample, this.p, QUANTILE_EDGES, priors[i % priors.length]);
  }
}
