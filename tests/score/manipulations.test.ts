import test from 'ava';
import type { Recording } from '../../hosts/bench/recording.js';
import { Random } from '../../simulator/random.js';
import {
  GRACE_ROWS,
  isManipulation,
  KINDS,
  type Kind,
  learnedOf,
  MOVED_PART,
  manipulate,
  PLACES,
  piecesCsv,
  planManipulations,
  tally,
  WARM_UP_ROWS,
  WINDOW_ROWS,
} from './manipulations.js';

const SEED = 7;
const ROWS = 1200;
const SPLIT = 700;
const PIECE_ROWS = WARM_UP_ROWS + WINDOW_ROWS + GRACE_ROWS;

/** A level that wanders, a contact, a signal that never moves, and one that stands still after learning. */
function recording(): Recording {
  const random = new Random(SEED, 'manipulations');
  const level: number[] = [];
  for (let row = 0; row < ROWS; row++) level.push(Math.round(500 + 300 * Math.sin(row / 40) + 5 * random.gaussian()));
  const values = [
    level,
    level.map((_, row) => (Math.floor(row / 80) % 2 === 0 ? 0 : 4000)),
    level.map(() => 3),
    level.map((value, row) => (row < SPLIT ? value : 500)),
  ];
  return {
    file: 'plant.csv',
    series: 'plant',
    from: 0,
    end: ROWS,
    names: ['level', 'pump', 'still', 'stopped'],
    time: Float64Array.from(level, (_, row) => row),
    values: values.map((signal) => Float64Array.from(signal)),
  };
}

test('a few values make a contact, and the smallest step between values is the sensor’s', (t) => {
  t.deepEqual(learnedOf(Float64Array.of(0, 4000, 0)), { low: 0, high: 4000, step: 4000, isContact: true });
  const values = Float64Array.of(0, 2, 4, 10, Number.NaN, 20, 22);
  t.deepEqual(learnedOf(values), { low: 0, high: 22, step: 2, isContact: false });
});

test('each kind tells what it says', (t) => {
  const values = Float64Array.from({ length: 200 }, (_, row) => row);
  const learned = { low: 0, high: 100, step: 1, isContact: false };
  const told = (kind: Kind) => manipulate(values, { signal: 0, kind, start: 100 }, learned);
  const ends = (kind: Kind) => [told(kind)[0], told(kind)[WINDOW_ROWS - 1]];
  t.is(told('freeze').length, WINDOW_ROWS);
  t.deepEqual(ends('freeze'), [99, 99]);
  t.deepEqual(ends('offset'), [120, 179]);
  t.deepEqual(ends('scale'), [70, 111]);
  t.deepEqual(ends('ramp'), [100, 179]);
  t.deepEqual(ends('replay'), [40, 99]);
  t.deepEqual(ends('zero'), [0, 0]);
  t.deepEqual(ends('flip'), [0, -59]);
});

test('what does not move the signal by enough of its learned range is no manipulation', (t) => {
  const learned = { low: 0, high: 100, step: 0, isContact: false };
  const is = (values: Float64Array, kind: Kind) => isManipulation(values, { signal: 0, kind, start: 80 }, learned);
  const still = new Float64Array(200).fill(50);
  t.false(is(still, 'freeze'));
  t.false(is(still, 'replay'));
  t.true(is(still, 'offset'));
  t.false(is(new Float64Array(200), 'zero'));
  t.false(is(new Float64Array(200), 'scale'));
  const moved = (by: number) => still.map((value, row) => (row === 100 ? value + by : value));
  t.false(is(moved(99.9 * MOVED_PART), 'freeze'));
  t.true(is(moved(100 * MOVED_PART), 'freeze'));
  const learnedStill = { low: 50, high: 50, step: 0, isContact: true };
  t.false(isManipulation(moved(50), { signal: 0, kind: 'freeze', start: 80 }, learnedStill), 'a range of nothing');
});

test(`every moving signal is manipulated in every fitting way, at places that hold what is needed (seed ${SEED})`, (t) => {
  const plan = planManipulations(recording(), SPLIT, SEED);
  for (const kind of KINDS) {
    const own = plan.manipulations.filter((manipulation) => manipulation.kind === kind);
    t.is(own.length, PLACES, kind);
    t.true(
      own.every(({ signal }) => signal === (kind === 'flip' ? 1 : 0)),
      kind,
    );
  }
  for (const { start } of plan.manipulations) {
    t.true(start >= SPLIT && start + WINDOW_ROWS + GRACE_ROWS <= ROWS, `${start}`);
    t.true(plan.places.includes(start));
  }
  t.deepEqual(planManipulations(recording(), SPLIT, SEED), plan, 'the same seed, the same plan');
  t.notDeepEqual(planManipulations(recording(), SPLIT, SEED + 1), plan);
});

test(`a piece differs from the recording in its window and its signal alone (seed ${SEED})`, (t) => {
  const plant = recording();
  const plan = planManipulations(plant, SPLIT, SEED);
  const [header, ...lines] = piecesCsv(plant, SPLIT, plan).trim().split('\n');
  t.is(header, 't_s,level,pump,still,stopped');
  t.is(lines.length, (plan.places.length + plan.manipulations.length) * PIECE_ROWS);
  const starts = [...plan.places, ...plan.manipulations.map(({ start }) => start)];
  let wrong = 0;
  lines.forEach((line, i) => {
    const piece = Math.floor(i / PIECE_ROWS);
    const row = i % PIECE_ROWS;
    const lie = plan.manipulations[piece - plan.places.length];
    const isWindow = row >= WARM_UP_ROWS && row < WARM_UP_ROWS + WINDOW_ROWS;
    const [time, ...cells] = line.split(',').map(Number);
    if (time !== row) wrong++;
    cells.forEach((cell, signal) => {
      const isSame = cell === plant.values[signal][starts[piece] - WARM_UP_ROWS + row];
      if (!isSame && !(isWindow && lie?.signal === signal)) wrong++;
    });
  });
  t.is(wrong, 0);
});

test('found is what alarms where the untouched copy does not, from the window to the end of the grace', (t) => {
  const manipulations = [1, 2, 3, 4].map(() => ({ signal: 0, kind: 'freeze' as const, start: 900 }));
  const plan = { places: [900], manipulations };
  const alarm = new Array<number>(5 * PIECE_ROWS).fill(0);
  const score = new Array<number>(5 * PIECE_ROWS).fill(0.9);
  alarm[WARM_UP_ROWS + 7] = 1;
  alarm[PIECE_ROWS + WARM_UP_ROWS - 1] = 1; // before the window
  alarm[2 * PIECE_ROWS + WARM_UP_ROWS + 7] = 1; // where the untouched copy alarms too
  alarm[3 * PIECE_ROWS + PIECE_ROWS - 1] = 1; // last row of the grace
  score[4 * PIECE_ROWS + WARM_UP_ROWS] = 1.01;
  t.deepEqual(tally({ alarm, score }, plan).freeze, { found: 2, of: 4 });
  t.deepEqual(tally({ alarm, score }, plan).flip, { found: 0, of: 0 });
});
