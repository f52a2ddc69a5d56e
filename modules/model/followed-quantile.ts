/**
 * A quantile followed without keeping samples: stochastic approximation (Robbins and Monro, 1951) on a log scale,
 * q <- q (1 + g p) above, q (1 - g (1 - p)) below, with steps g that shrink from 80 to 0.1 %: large last steps let it
 * wander with every stretch of samples that are much alike. For positive values of any size that do not change their
 * ways while they are learned. One number: whoever follows keeps it, and the count.
 */
const STEP_MIN = 0.001;
const STEP_FIRST = 4;
const STEP_DELAY = 4;

/** The estimate `q` of quantile p once it has taken `sample`, the n-th; 0: none yet, the first sample decides. */
export function followQuantile(q: number, n: number, sample: number, p: number): number {
  if (q === 0) return sample;
  const shrinking = STEP_FIRST / (n + STEP_DELAY);
  const step = shrinking > STEP_MIN ? shrinking : STEP_MIN;
  return sample > q ? q * (1 + step * p) : q * (1 - step * (1 - p));
}
