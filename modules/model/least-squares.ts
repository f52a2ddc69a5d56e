/**
 * Ridge and recursive least squares (Haykin, Adaptive Filter Theory, chapter 10) on small dense systems, row-major.
 * Nothing is allocated: callers own the arrays.
 */

/** A plain or a typed array: which one holds numbers in less memory depends on how many there are. */
export interface Numbers {
  [index: number]: number;
}

/**
 * Inverts the symmetric positive definite matrix `a` (n x n) in place by Gauss-Jordan elimination without pivoting,
 * which the ridge on its diagonal makes safe.
 */
export function invert(a: Numbers, n: number): void {
  for (let k = 0; k < n; k++) {
    const pivot = 1 / a[k * n + k];
    a[k * n + k] = 1;
    for (let j = 0; j < n; j++) a[k * n + j] *= pivot;
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const factor = a[i * n + k];
      a[i * n + k] = 0;
      if (factor !== 0) for (let j = 0; j < n; j++) a[i * n + j] -= factor * a[k * n + j];
    }
  }
}

/** into = a b, for a (n x n). */
export function multiply(a: Numbers, b: Numbers, n: number, into: Numbers): void {
  for (let i = 0; i < n; i++) {
    let sum = 0;
    const at = i * n;
    for (let j = 0; j < n; j++) sum += a[at + j] * b[j];
    into[i] = sum;
  }
}

/**
 * One step of recursive least squares: regressors x, a-priori error e; updates weights w and inverse correlation p
 * (n x n, symmetric). `gain` is scratch of n. No forgetting.
 */
export function recursiveLeastSquares(p: Numbers, w: Numbers, x: Numbers, n: number, e: number, gain: Numbers): void {
  let power = 1;
  for (let i = 0; i < n; i++) {
    let sum = 0;
    const at = i * n;
    for (let j = 0; j < n; j++) sum += p[at + j] * x[j];
    gain[i] = sum;
    power += sum * x[i];
  }
  const share = 1 / power;
  for (let i = 0; i < n; i++) {
    const g = gain[i] * share;
    w[i] += g * e;
    const at = i * n;
    for (let j = 0; j <= i; j++) {
      const value = p[at + j] - g * gain[j];
      p[at + j] = value;
      p[j * n + i] = value;
    }
  }
}
