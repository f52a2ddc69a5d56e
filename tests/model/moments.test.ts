import test from 'ava';
import { Moments } from '../../modules/model/moments.js';
import { Random } from '../../simulator/random.js';

function add(moments: Moments, row: readonly number[], isFresh: boolean): void {
  row.forEach((value, i) => {
    if (Number.isNaN(value)) moments.putMissing(i);
    else moments.put(i, value);
  });
  for (let i = 0; i < row.length; i++) moments.accumulate(i, isFresh);
  moments.end();
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

/** Population covariance, both centred on the means of `a` and `b` over all rows. */
function covariance(a: readonly number[], b: readonly number[], meanA: number, meanB: number): number {
  return mean(a.map((value, i) => (value - meanA) * (b[i] - meanB)));
}

for (const seed of [1, 2, 3])
  test(`means, variances and covariances are those of a direct computation (seed ${seed})`, (t) => {
    const random = new Random(seed, 'moments');
    const p = 4;
    const rows = Array.from({ length: 500 }, () => {
      const base = random.gaussian();
      return Array.from({ length: p }, (_, i) => 100 * i + base * (i + 1) + random.gaussian());
    });
    const moments = new Moments(p);
    rows.forEach((row, r) => {
      add(moments, row, r === 0);
    });
    const columns = Array.from({ length: p }, (_, i) => rows.map((row) => row[i]));
    // The first row has no row before it and counts as its own.
    const lagged = columns.map((column) => [column[0], ...column.slice(0, -1)]);
    for (let i = 0; i < p; i++) {
      t.true(Math.abs(moments.mean(i) - mean(columns[i])) < 1e-9);
      t.is(moments.variance(i), moments.covariance(i, i));
      for (let j = 0; j < p; j++) {
        const [mi, mj] = [mean(columns[i]), mean(columns[j])];
        t.true(Math.abs(moments.covariance(i, j) - covariance(columns[i], columns[j], mi, mj)) < 1e-8, `${i}, ${j}`);
        t.is(moments.covariance(i, j), moments.covariance(j, i));
        // The lagged column's mean differs from the column's by the rows at the ends, which the moments neglect.
        const slack = (20 * Math.abs(columns[i][0] - mi)) / rows.length + 0.1;
        t.true(Math.abs(moments.lagCovariance(i, j) - covariance(columns[i], lagged[j], mi, mj)) < slack, `${i}, ${j}`);
      }
    }
  });

test('the lagged covariance of a delayed copy is its variance, of white noise nothing (seed 4)', (t) => {
  const random = new Random(4, 'lag');
  const moments = new Moments(2);
  let before = 0;
  for (let r = 0; r < 20000; r++) {
    const now = random.gaussian();
    add(moments, [now, before], r === 0);
    before = now;
  }
  t.true(Math.abs(moments.lagCovariance(1, 0) - 1) < 0.05, 'input 1 follows input 0 one row later');
  t.true(Math.abs(moments.lagCovariance(0, 1)) < 0.05);
  t.true(Math.abs(moments.lagCovariance(0, 0)) < 0.05);
});

test('a large mean does not spoil the variance (seed 5)', (t) => {
  const random = new Random(5, 'mean');
  const moments = new Moments(1);
  for (let r = 0; r < 5000; r++) add(moments, [1e9 + random.gaussian()], r === 0);
  t.true(Math.abs(moments.variance(0) - 1) < 0.06, `${moments.variance(0)}`);
});

test('a missing value counts as unmoved', (t) => {
  const moments = new Moments(1);
  for (const [r, value] of [5, 7, Number.NaN, 7].entries()) add(moments, [value], r === 0);
  t.is(moments.rows, 4);
  t.is(moments.mean(0), (5 + 7 + 7 + 7) / 4);
});
