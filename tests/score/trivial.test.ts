import test from 'ava';
import type { Recording } from '../../hosts/bench/recording.js';
import { TRIVIAL } from './trivial.js';

function recording(signals: Readonly<Record<string, readonly number[]>>): Recording {
  const values = Object.values(signals).map((signal) => Float64Array.from(signal));
  return {
    file: 'plant.csv',
    series: 'plant',
    from: 0,
    end: values[0].length,
    names: Object.keys(signals),
    time: Float64Array.from(values[0], (_, row) => row),
    values,
  };
}

/** Rows at which the detector alarms. */
function alarms(name: string, learn: Recording, watch: Recording, rowsPerAlarm = 100): number[] {
  const score = TRIVIAL[name]({ learn: [learn], watch: [watch], rowsPerAlarm });
  if (score.length !== watch.time.length) throw new Error(`${score.length} scores`);
  return score.flatMap((value, row) => (value > 1 ? [row] : []));
}

const LEARN = recording({ a: [0, 1, 2, 1, 0, 1], b: [5, 5, 5, 5, 5, 5] });

test('always and never are what they say', (t) => {
  t.deepEqual(alarms('always', LEARN, LEARN), [0, 1, 2, 3, 4, 5]);
  t.deepEqual(alarms('never', LEARN, LEARN), []);
});

test('range, sigma and step look at every signal, and a missing value is none', (t) => {
  t.deepEqual(alarms('range', LEARN, LEARN), []);
  t.deepEqual(alarms('range', LEARN, recording({ a: [2, 2.1, 1, -0.1], b: [5, 5, 5.1, Number.NaN] })), [1, 2, 3]);
  t.deepEqual(alarms('sigma', LEARN, recording({ a: [2.8, 3, 1, 1], b: [5, 5, 5, 5] })), [1]);
  t.deepEqual(alarms('sigma', LEARN, recording({ a: [1, 1], b: [5, 5.01] })), [1]);
  t.deepEqual(alarms('step', LEARN, recording({ a: [9, 10, 8.9, 8.9], b: [5, 5, 5, 6] })), [2, 3]);
});

test('random alarms are as frequent as they should be, and the same again', (t) => {
  const rows = 20_000;
  const long = recording({ a: new Array(rows).fill(0), b: new Array(rows).fill(5) });
  const random = alarms('random', LEARN, long);
  t.true(Math.abs(random.length / rows - 0.05) < 0.01, `${random.length}`);
  t.deepEqual(alarms('random', LEARN, long), random);
  const budget = alarms('budget', LEARN, long, 1000);
  const begun = budget.filter((row, i) => i === 0 || row > budget[i - 1] + 1).length;
  t.true(begun > 8 && begun < 40, `${begun} episodes in 20 budget periods`);
});
