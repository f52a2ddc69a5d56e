import test from 'ava';
import { followQuantile } from '../../modules/model/followed-quantile.js';
import { Random } from '../../simulator/random.js';

const TURNS = 20_000;
const LATEST = 2000;

for (const seed of [1, 2, 3, 4, 5])
  test(`the quantile of samples that come in long stretches comes to rest at its place (seed ${seed})`, (t) => {
    // EWMA(0.1) of a scatter that is three times as large while a valve is open: stretches of 10 to 40 turns
    const random = new Random(seed, 'stretches');
    const samples: number[] = [];
    let smoothed = 1;
    let isLoud = false;
    let left = 0;
    let q = 0;
    let lowest = Number.POSITIVE_INFINITY;
    let highest = 0;
    for (let n = 1; n <= TURNS; n++) {
      if (--left < 0) {
        isLoud = !isLoud;
        left = 10 + random.below(31);
      }
      smoothed += 0.1 * ((isLoud ? 3 : 1) * (1 + 0.3 * random.gaussian()) - smoothed);
      samples.push(smoothed);
      q = followQuantile(q, n, smoothed, 0.9);
      if (n <= TURNS - LATEST) continue;
      if (q < lowest) lowest = q;
      if (q > highest) highest = q;
    }
    const wanted = samples.sort((a, b) => a - b)[Math.floor(0.9 * TURNS)];
    t.true(Math.abs(q / wanted - 1) < 0.05, `${q} for ${wanted}`);
    t.true(highest / lowest < 1.06, `from ${lowest} to ${highest}`);
  });
