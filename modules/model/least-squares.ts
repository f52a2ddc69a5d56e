/**
 * Ridge least squares on small dense systems, row-major; the recursive kind is in `base/kernels.ts`.
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
