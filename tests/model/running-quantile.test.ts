import test from 'ava';
import { RunningQuantile } from '../../modules/model/running-quantile.js';
import { Random } from '../../simulator/random.js';

for (const seed of [1, 2, 3])
  for (const p of [0.5, 0.9])
    test(`the ${p} quantile of lognormal samples is found to 2 % (seed ${seed})`, (t) => {
      const random = new Random(seed, 'quantile');
      let value = Number.NaN;
      const quantile = new RunningQuantile(p, [0]);
      const samples = Array.from({ length: 20000 }, () => 7 * Math.exp(random.gaussian()));
      for (const sample of samples) value = quantile.add(0, sample);
      const truth = [...samples].sort((a, b) => a - b)[Math.floor(p * samples.length)];
      t.true(Math.abs(value / truth - 1) < 0.02, `${value}, not ${truth}`);
    });

test('it is the quantile of all samples, not of the last ones', (t) => {
  let value = Number.NaN;
  const quantile = new RunningQuantile(0.9, [0]);
  const random = new Random(1, 'quantile');
  const samples = Array.from({ length: 2000 }, (_, i) => (i < 500 ? 50 : 1) * Math.exp(random.gaussian()));
  for (const sample of samples) value = quantile.add(0, sample);
  const truth = samples.sort((a, b) => a - b)[1800];
  t.true(Math.abs(value / truth - 1) < 0.25, `${value}, not ${truth}`);
});

test('the prior stands until there are five samples', (t) => {
  let value = Number.NaN;
  const quantile = new RunningQuantile(0.5, [9]);
  for (const sample of [3, 1, 2, 5]) value = quantile.add(0, sample);
  t.is(value, 9);
  value = quantile.add(0, 4);
  t.true(value > 2.5 && value < 3.5, `${value}`);
});

test('it stays finite for samples of nought and beyond the last bin', (t) => {
  let value = Number.NaN;
  const quantile = new RunningQuantile(0.9, [1]);
  for (let i = 0; i < 1000; i++) value = quantile.add(0, 0);
  t.true(value >= 0 && value <= 0.05);
  for (let i = 0; i < 100_000; i++) value = quantile.add(0, 1e9);
  t.true(value > 3000 && value < 1e4, `${value}`);
});

test('counts are halved when one is full, and the estimate stays', (t) => {
  const random = new Random(2, 'quantile');
  let value = Number.NaN;
  const quantile = new RunningQuantile(0.9, [0]);
  for (let i = 0; i < 400_000; i++) value = quantile.add(0, 1 + 0.01 * random.uniform());
  t.true(Math.abs(value - 1) < 0.08, `${value}`);
});
