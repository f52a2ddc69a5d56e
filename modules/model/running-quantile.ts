/**
 * A quantile followed without keeping samples: stochastic approximation (Robbins and Monro, 1951) on a log scale,
 * q <- q (1 + g p) above, q (1 - g (1 - p)) below, with steps g that shrink to 2 %. For positive values. Two slots.
 */
export class RunningQuantile {
  value: number;
  private samples = 0;

  /** `prior`: what is expected before any sample; 0 lets the first sample decide. */
  constructor(prior: number) {
    this.value = prior;
  }

  /** Takes one sample into the estimate of quantile p (0 to 1). */
  add(sample: number, p: number): void {
    this.value = nextQuantile(this.value, ++this.samples, sample, p);
  }
}

/** The estimate `q` of quantile p once it has taken `sample`, the n-th. For whoever keeps q and n elsewhere. */
export function nextQuantile(q: number, n: number, sample: number, p: number): number {
  const step = n < 100 ? 2 / (n + 4) : 0.02;
  if (q === 0) return sample > 1e-6 ? sample : 1e-6;
  return sample > q ? q * (1 + step * p * 2) : q * (1 - step * (1 - p) * 2);
}
