import test from 'ava';
import { fitPicked } from '../../modules/base/kernels.js';
import { invert, multiply } from '../../modules/model/least-squares.js';
import { Random } from '../../simulator/random.js';

/** Solves a x = b by Gaussian elimination with partial pivoting. */
function solve(a: readonly number[], b: readonly number[], n: number): number[] {
  const rows = Array.from({ length: n }, (_, i) => [...a.slice(i * n, (i + 1) * n), b[i]]);
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(rows[i][k]) > Math.abs(rows[pivot][k])) pivot = i;
    [rows[k], rows[pivot]] = [rows[pivot], rows[k]];
    for (let i = k + 1; i < n; i++) {
      const factor = rows[i][k] / rows[k][k];
      for (let j = k; j <= n; j++) rows[i][j] -= factor * rows[k][j];
    }
  }
  const x = new Array<number>(n).fill(0);
  for (let i = n - 1; i >= 0; i--) {
    let sum = rows[i][n];
    for (let j = i + 1; j < n; j++) sum -= rows[i][j] * x[j];
    x[i] = sum / rows[i][i];
  }
  return x;
}

/** Normal equations of rows of regressors with a ridge. */
function normal(rows: readonly number[][], n: number, ridge: number): number[] {
  const a = new Array<number>(n * n).fill(0);
  for (const row of rows) for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) a[i * n + j] += row[i] * row[j];
  for (let i = 0; i < n; i++) a[i * n + i] += ridge;
  return a;
}

function randomRows(random: Random, count: number, n: number): number[][] {
  return Array.from({ length: count }, () => Array.from({ length: n }, () => random.gaussian()));
}

for (const seed of [1, 2, 3])
  test(`a matrix times its inverse is the identity, for sizes 1 to 18 (seed ${seed})`, (t) => {
    const random = new Random(seed, 'invert');
    for (let n = 1; n <= 18; n++) {
      const a = normal(randomRows(random, n + 5, n), n, 1);
      const inverse = [...a];
      invert(inverse, n);
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++) {
          let sum = 0;
          for (let k = 0; k < n; k++) sum += a[i * n + k] * inverse[k * n + j];
          if (Math.abs(sum - (i === j ? 1 : 0)) > 1e-10) t.fail(`n ${n}: [${i}, ${j}] = ${sum}`);
        }
    }
    t.pass();
  });

test('multiply is the product of matrix and vector', (t) => {
  const into = [0, 0];
  multiply([1, 2, 3, 4], [5, 6], 2, into);
  t.deepEqual(into, [17, 39]);
});

for (const seed of [1, 2, 3])
  test(`recursive least squares arrives where the direct ridge solution stands (seed ${seed})`, (t) => {
    const random = new Random(seed, 'recursive');
    for (const n of [1, 2, 6, 18]) {
      const ridge = 0.5;
      const truth = Array.from({ length: n }, () => random.gaussian());
      const rows = randomRows(random, 400, n);
      const targets = rows.map((row) => row.reduce((sum, x, i) => sum + x * truth[i], 0) + 0.3 * random.gaussian());
      const p = new Float64Array(n * n + n);
      for (let i = 0; i < n; i++) p[i * n + i] = 1 / ridge;
      const w = new Float64Array(n);
      const gain = new Float64Array(n);
      // the values lie backwards, so that the picks count
      const picks = Uint8Array.from({ length: n }, (_, i) => n - 1 - i);
      rows.forEach((x, r) => {
        fitPicked(p, w, picks, 0, n, Float64Array.from(x).reverse(), targets[r], gain);
      });
      const b = Array.from({ length: n }, (_, i) => rows.reduce((sum, row, r) => sum + row[i] * targets[r], 0));
      const direct = solve(normal(rows, n, ridge), b, n);
      for (let i = 0; i < n; i++) {
        t.true(Math.abs(w[i] - direct[i]) < 1e-9, `n ${n}, weight ${i}: ${w[i]}, not ${direct[i]}`);
        for (let j = 0; j < n; j++) t.is(p[i * n + j], p[j * n + i], 'stays symmetric');
      }
    }
  });

test('an error of zero leaves the weights as they are', (t) => {
  const p = Float64Array.of(1, 0, 0, 1, 5, 6);
  const w = Float64Array.of(3, 4);
  const said = fitPicked(p, w, Uint8Array.of(0, 1), 0, 2, Float64Array.of(1, 2), 11, new Float64Array(2));
  t.deepEqual([...w], [3, 4]);
  t.is(said, 17, 'what the weights say that stay');
  t.true(p[0] < 1, 'what was seen is known better all the same');
});
