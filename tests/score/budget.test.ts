import test from 'ava';
import { poissonAtLeast, pool, type Stretch, stretchOf } from './budget.js';
import type { LearningLevel } from './harness.js';

const RATES = { learnedRows: 100, rowsPerAlarm: 50 };

function predictions(alarms: string) {
  const alarm = [...alarms].map((cell) => (cell === '#' ? 1 : 0));
  return { series: alarm.map(() => 's'), row: alarm.map((_, i) => i), alarm, score: alarm.map(() => 0) };
}

function stretch(alarms: string, labels: string, isUntilFirst = false, level: LearningLevel = 'sufficient'): Stretch {
  const learning = { level, convergence: 1 };
  const labelled = [...labels].map((cell) => (cell === '!' ? 1 : 0));
  return stretchOf(predictions(alarms), labelled, isUntilFirst, { ...RATES, learning });
}

const dots = (count: number) => '.'.repeat(count);

test('every episode on clean rows is a false one, and alarms that are close are one episode', (t) => {
  const { rows, falseEpisodes, announced } = stretch(`##.#${dots(30)}#${dots(65)}`, dots(100));
  t.is(falseEpisodes, 2);
  t.is(rows, 100);
  t.is(announced, 2);
});

test('an episode that touches a labelled row or its settling is no false one, and these rows are not clean', (t) => {
  const labels = `${dots(50)}!!${dots(48)}`;
  t.is(stretch(`${dots(45)}#######${dots(48)}`, labels).falseEpisodes, 0);
  t.is(stretch(`${dots(60)}#${dots(39)}`, labels).falseEpisodes, 0);
  const later = stretch(`${dots(80)}#${dots(19)}`, labels);
  t.is(later.falseEpisodes, 1);
  t.is(later.rows, 78);
  const lasting = stretch(`#${dots(79)}#${dots(19)}`, labels, true);
  t.is(lasting.falseEpisodes, 1);
  t.is(lasting.rows, 50);
});

test('no rate below one alarm in three learnings is announced, and none while not learned', (t) => {
  const learning = { level: 'sufficient', convergence: 1 } as const;
  const rates = { learning, learnedRows: 10, rowsPerAlarm: 50 };
  t.is(stretchOf(predictions(dots(60)), [], false, rates).announced, 2);
  t.is(stretch(dots(100), '', false, 'not learned').announced, 0);
});

test('stretches are pooled by what learning said of itself', (t) => {
  const at = (level: LearningLevel, falseEpisodes: number, announced: number) => ({
    level,
    falseEpisodes,
    announced,
    rows: 10,
  });
  const pools = pool([at('sufficient', 1, 2), at('not learned', 9, 0), at('sufficient', 4, 3)]);
  t.deepEqual([...pools.keys()], ['sufficient', 'not learned']);
  const { probability, ...counts } = pools.get('sufficient')!;
  t.deepEqual(counts, { stretches: 2, rows: 20, observed: 5, announced: 5, ratio: 1 });
  t.true(Math.abs(probability! - 0.5595067) < 1e-6);
  t.like(pools.get('not learned'), { observed: 9, ratio: null, probability: null });
});

test('the Poisson probability of at least so many holds in both tails (scipy.stats.poisson.sf)', (t) => {
  const near = (count: number, mean: number, expected: number) =>
    t.true(Math.abs(poissonAtLeast(count, mean) / expected - 1) < 1e-6, `${count} of ${mean}`);
  near(0, 3, 1);
  near(1, 1, 0.6321205588);
  near(3, 1, 0.0803013971);
  near(10, 1, 1.114254783e-7);
  near(20, 30, 0.9781265315586);
  near(60, 30, 9.2518688049e-7);
});
