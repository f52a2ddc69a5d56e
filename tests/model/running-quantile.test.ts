import test from 'ava';
import { RunningQuantile } from '../../modules/model/running-quantile.js';
import { Random } from '../../simulator/random.js';

for (const seed of [1, 2, 3])
  for (const p of [0.5, 0.9])
    test(`the ${p} quantile of lognormal samples is found to 15 % (seed ${seed})`, (t) => {
      const random = new Random(seed, 'quantile');
      const quantile = new RunningQuantile(0);
      const samples = Array.from({ length: 20000 }, () => 7 * Math.exp(random.gaussian()));
      let [sum, count] = [0, 0];
      samples.forEach((sample, i) => {
        quantile.add(sample, p);
        if (i < 5000) return;
        sum += quantile.value;
        count++;
      });
      const truth = [...samples].sort((a, b) => a - b)[Math.floor(p * samples.length)];
      t.true(Math.abs(sum / count / truth - 1) < 0.15, `${sum / count}, not ${truth}`);
      t.true(Math.abs(quantile.value / truth - 1) < 0.3, `last ${quantile.value}`);
    });

test('the first sample is the first estimate, and the estimate stays positive', (t) => {
  const quantile = new RunningQuantile(0);
  quantile.add(3, 0.9);
  t.is(quantile.value, 3);
  for (let i = 0; i < 10000; i++) quantile.add(0, 0.9);
  t.true(quantile.value > 0);
  t.true(quantile.value < 1e-3);
});

test('it follows samples that grew', (t) => {
  const quantile = new RunningQuantile(0);
  for (let i = 0; i < 500; i++) quantile.add(1, 0.9);
  for (let i = 0; i < 500; i++) quantile.add(10, 0.9);
  t.true(quantile.value > 9, `${quantile.value}`);
});
