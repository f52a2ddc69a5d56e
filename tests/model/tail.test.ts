import test from 'ava';
import { TAIL_CLUSTERS_MAX } from '../../modules/limits.js';
import { RunningQuantile } from '../../modules/model/running-quantile.js';
import { Tail } from '../../modules/model/tail.js';
import { Random } from '../../simulator/random.js';

const GAP_ROWS = 10;

/** The threshold of detection.md point 4, with the clusters found in plain sight. */
function threshold(scores: readonly number[], rowsPerAlarm: number): number {
  const quantile = new RunningQuantile(0.9, [Infinity]);
  let level = Infinity;
  const clusters: number[] = [];
  let [most, below] = [0, 0];
  scores.forEach((score) => {
    const isAbove = score > level;
    level = quantile.add(0, score);
    if (isAbove) {
      most = Math.max(most, score);
      below = 0;
    } else if (most > 0 && ++below === GAP_ROWS) {
      clusters.push(most);
      most = 0;
      below = 0;
    }
  });
  if (most > 0) clusters.push(most);
  clusters.sort((a, b) => b - a);
  const kept = clusters.slice(0, TAIL_CLUSTERS_MAX);
  const u = kept.length === TAIL_CLUSTERS_MAX ? Math.max(level, kept[kept.length - 1]) : level;
  const above = kept.filter((x) => x >= u);
  const sum = above.reduce((so, x) => so + Math.log(x / u), 0) + 0.2 * 5;
  const excess = Math.max(1, (above.length * rowsPerAlarm) / scores.length);
  return u * Math.exp(sum * (excess ** (1 / (above.length + 5)) - 1));
}

function fill(scores: readonly number[]): Tail {
  const tail = new Tail();
  for (const score of scores) tail.add(score);
  return tail;
}

/** Scores whose tail falls as x^-(1 / gamma). */
function paretoScores(seed: number, count: number, gamma: number): number[] {
  const random = new Random(seed, 'tail');
  return Array.from({ length: count }, () => random.uniform() ** -gamma);
}

test('the threshold of a known list is that of the formula', (t) => {
  // Ones, and three clusters of which the largest are 4, 8 and 2; the third ends with the list.
  const scores: number[] = [];
  for (const peaks of [[3, 4], [8], [2, 1.9]]) {
    for (let i = 0; i < 60; i++) scores.push(1);
    scores.push(...peaks);
  }
  for (const rowsPerAlarm of [1, 100, 1000, 1e6]) {
    const tail = fill(scores);
    const value = tail.threshold(rowsPerAlarm);
    const u = tail.level;
    const n = 3;
    const sum = Math.log(4 / u) + Math.log(8 / u) + Math.log(2 / u) + 1;
    const excess = Math.max(1, (n * rowsPerAlarm) / scores.length);
    const expected = u * Math.exp(sum * (excess ** (1 / (n + 5)) - 1));
    t.true(Math.abs(value / expected - 1) < 1e-12, `${rowsPerAlarm}: ${value}, not ${expected}`);
    t.true(Math.abs(value / threshold(scores, rowsPerAlarm) - 1) < 1e-12);
  }
});

for (const seed of [1, 2, 3])
  for (const count of [200, 1000, 8000])
    test(`${count} random scores give the threshold of the formula (seed ${seed})`, (t) => {
      const scores = paretoScores(seed, count, 0.4);
      for (const rowsPerAlarm of [10, 1000, 100_000]) {
        const value = fill(scores).threshold(rowsPerAlarm);
        const expected = threshold(scores, rowsPerAlarm);
        t.true(Math.abs(value / expected - 1) < 1e-12, `${rowsPerAlarm}: ${value}, not ${expected}`);
      }
    });

test('rarer alarms mean a higher threshold, and never one below the quantile', (t) => {
  const scores = paretoScores(4, 3000, 0.3);
  let before = 0;
  for (const rowsPerAlarm of [1, 10, 100, 1000, 1e4, 1e5, 1e6]) {
    const value = fill(scores).threshold(rowsPerAlarm);
    t.true(value >= before, `${rowsPerAlarm}: ${value} after ${before}`);
    before = value;
  }
  t.true(before > 3 * fill(scores).threshold(1));
});

test('two scores in one cluster count once, 11 rows apart twice', (t) => {
  const quiet = Array.from({ length: 200 }, () => 1);
  const peaks = (gap: number) => [...quiet, 5, ...quiet.slice(0, gap), 5, ...quiet];
  const [near, far] = [9, 11].map((gap) => fill(peaks(gap)).threshold(1e5));
  t.true(far > near);
  t.true(Math.abs(near / threshold(peaks(9), 1e5) - 1) < 1e-12);
  t.true(Math.abs(far / threshold(peaks(11), 1e5) - 1) < 1e-12);
});

test('without any cluster the threshold is twice the quantile', (t) => {
  const tail = fill(Array.from({ length: 50 }, (_, i) => 0.9 ** i));
  t.is(tail.threshold(1e6), 2 * tail.level);
  t.true(new Tail().threshold(100) > 0, 'also without any score');
});

test('with a floor, scores below it set no threshold, and none above it count as one', (t) => {
  const scores = Array.from({ length: 400 }, (_, i) => (i % 40 === 0 ? 1 : 0));
  const thresholds = [100, 400, 40_000].map((rowsPerAlarm) => {
    const tail = new Tail(1.5, 16);
    for (const score of scores) tail.add(score);
    return tail.threshold(rowsPerAlarm);
  });
  t.is(thresholds[0], 1.5);
  t.is(thresholds[1], 1.5);
  t.true(Math.abs(thresholds[2] / (1.5 * Math.exp(100 ** (1 / 6) - 1)) - 1) < 1e-12, `${thresholds[2]}`);
});

test('with a floor, clusters above it raise the threshold', (t) => {
  const tail = new Tail(1.5, 16);
  for (let i = 0; i < 400; i++) tail.add(i % 100 === 99 ? 3 : 0);
  const expected = 1.5 * Math.exp((4 * Math.log(2) + 1) * (((4 * 4000) / 400) ** (1 / (4 + 5)) - 1));
  const value = tail.threshold(4000);
  t.true(Math.abs(value / expected - 1) < 1e-12, `${value}, not ${expected}`);
});

test('an alarm budget learned from a heavy tail is kept on fresh scores within a factor of three (seeds 1 to 20)', (t) => {
  const rowsPerAlarm = 2000;
  const watched = 40_000;
  let alarms = 0;
  for (let seed = 1; seed <= 20; seed++) {
    const limit = fill(paretoScores(seed, 2000, 0.3)).threshold(rowsPerAlarm);
    alarms += paretoScores(1000 + seed, watched, 0.3).filter((score) => score > limit).length;
  }
  const budget = (20 * watched) / rowsPerAlarm;
  t.log(`${alarms} alarms, budget ${budget}`);
  t.true(alarms < 3 * budget && alarms > budget / 10, `${alarms} alarms, budget ${budget}`);
});
