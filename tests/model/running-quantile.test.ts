import test from 'ava';
import { RunningQuantile } from '../../modules/model/running-quantile.js';
import { Random } from '../../simulator/random.js';

for (const seed of [1, 2, 3])
  for (const p of [0.5, 0.9])
    test(`the ${p} quantile of lognormal samples is found to 2 % (seed ${seed})`, (t) => {
      const random = new Random(seed, 'quantile');
      const quantile = new RunningQuantile(p, 0);
      const samples = Array.from({ length: 20000 }, () => 7 * Math.exp(random.gaussian()));
      for (const sample of samples) quantile.add(sample);
      const truth = [...samples].sort((a, b) => a - b)[Math.floor(p * samples.length)];
      t.true(Math.abs(quantile.value / truth - 1) < 0.02, `${quantile.value}, not ${truth}`);
    });

test('it is the quantile of all samples, not of the last ones', (t) => {
  const quantile = new RunningQuantile(0.9, 0);
  const random = new Random(1, 'quantile');
  const samples = Array.from({ length: 2000 }, (_, i) => (i < 500 ? 50 : 1) * Math.exp(random.gaussian()));
  for (const sample of samples) quantile.add(sample);
  const truth = samples.sort((a, b) => a - b)[1800];
  t.true(Math.abs(quantile.value / truth - 1) < 0.25, `${quantile.value}, not ${truth}`);
});

test('the prior stands until there are five samples', (t) => {
  const quantile = new RunningQuantile(0.5, 9);
  for (const sample of [3, 1, 2, 5]) quantile.add(sample);
  t.is(quantile.value, 9);
  quantile.add(4);
  t.true(quantile.value > 2.5 && quantile.value < 3.5, `${quantile.value}`);
});

test('it stays finite for samples of nought and beyond the last bin', (t) => {
  const quantile = new RunningQuantile(0.9, 1);
  for (let i = 0; i < 1000; i++) quantile.add(0);
  t.true(quantile.value >= 0 && quantile.value <= 0.05);
  for (let i = 0; i < 100_000; i++) quantile.add(1e9);
  t.true(quantile.value > 3000 && quantile.value < 1e4, `${quantile.value}`);
});

test('counts are halved when one is full, and the estimate stays', (t) => {
  const random = new Random(2, 'quantile');
  const quantile = new RunningQuantile(0.9, 0);
  for (let i = 0; i < 400_000; i++) quantile.add(1 + 0.01 * random.uniform());
  t.true(Math.abs(quantile.value - 1) < 0.08, `${quantile.value}`);
});
