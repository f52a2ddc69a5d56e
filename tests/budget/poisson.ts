/** Poisson probability of `count` events or more where `expected` are expected. */
export function probabilityOfAtLeast(count: number, expected: number): number {
  // the terms below `count`, from the largest logarithm down, so that none overflows
  let below = 0;
  let termLn = -expected;
  for (let k = 0; k < count; k++) {
    below += Math.exp(termLn);
    termLn += Math.log(expected) - Math.log(k + 1);
  }
  return below < 1 ? 1 - below : 0;
}
