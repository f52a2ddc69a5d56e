import test from 'ava';
import { MemoryArchive } from './memory-archive.js';
import {
  ContactBench,
  LAMP,
  LEARN_ROWS,
  LOWER,
  learned,
  PUMP,
  ROWS_PER_ALARM,
  runUntil,
  SPARE,
  TwoTanks,
  UPPER,
  VALVE,
} from './tank-contacts.js';

const SEEDS = [1, 2, 3];

test('normal operation keeps the four detectors together within twice their budget (seeds 1 to 10)', (t) => {
  const rows = 16_000;
  let episodes = 0;
  const by = [0, 0, 0, 0];
  for (let seed = 1; seed <= 10; seed++) {
    const { bench, plant } = learned(seed);
    const last = [-100, -100, -100, -100];
    let lastOfAny = -100;
    bench.watch(plant, rows, undefined, (row) => {
      bench.detectors.forEach(({ score }, i) => {
        if (score <= 1) return;
        if (row - last[i] > 20) by[i]++;
        last[i] = row;
        if (row - lastOfAny > 20) episodes++;
        lastOfAny = row;
      });
    });
  }
  const budget = (10 * rows) / ROWS_PER_ALARM;
  t.log(`${episodes} episodes, budget ${budget}; dwell, guard, sequence, occupancy: ${by}`);
  t.true(episodes <= 2 * budget, `${episodes} episodes, budget ${budget}`);
});

for (const seed of SEEDS) {
  test(`a pump that stops far above its level is told by its guard, with the band it had (seed ${seed})`, (t) => {
    const { bench, plant } = learned(seed);
    runUntil(bench, plant, () => plant.values[PUMP] === 1 && plant.values[UPPER] < 60);
    plant.pumpOpensAt = 95;
    runUntil(bench, plant, () => plant.values[UPPER] > 86);
    t.true(bench.guard.score > 1, `it should have switched: ${bench.guard.score}`);
    runUntil(bench, plant, () => plant.values[PUMP] === 0);
    t.true(bench.guard.score > 1, `it switched where it never did: ${bench.guard.score}`);
    const finding = bench.explain(bench.guard);
    t.deepEqual(finding.channel.slice(0, finding.channels), [PUMP, UPPER]);
    t.true(finding.expectedLow > 78 && finding.expectedHigh < 86, `${finding.expectedLow} to ${finding.expectedHigh}`);
    t.true(finding.observed > 90);
  });

  test(`a pump that stops too early is told by its guard for ten rows (seed ${seed})`, (t) => {
    const { bench, plant } = learned(seed);
    runUntil(bench, plant, () => plant.values[PUMP] === 1 && plant.values[UPPER] > 40);
    plant.pumpOpensAt = 50;
    runUntil(bench, plant, () => plant.values[PUMP] === 0);
    bench.watch(plant, 1);
    t.true(bench.guard.score > 1, `${bench.guard.score}`);
    plant.pumpOpensAt = 80;
    bench.watch(plant, 20);
    t.true(bench.guard.score < 1);
  });

  test(`a stuck pump makes dwell grow, and its end is the end of it (seed ${seed})`, (t) => {
    const { bench, plant } = learned(seed);
    runUntil(bench, plant, () => plant.values[PUMP] === 0 && plant.values[UPPER] > 60);
    plant.isPumpStuck = true;
    const scores: number[] = [];
    bench.watch(plant, 400, undefined, () => scores.push(bench.dwell.score));
    t.true(scores[scores.length - 1] > 1, 'stuck');
    const first = scores.findIndex((score) => score > 1);
    for (let i = first + 1; i < scores.length; i++) t.true(scores[i] >= scores[i - 1], `row ${i}`);
    const finding = bench.explain(bench.dwell);
    t.is(finding.channel[0], PUMP);
    t.true(finding.observed > finding.expectedHigh);
    plant.isPumpStuck = false;
    plant.values[UPPER] = 19;
    bench.watch(plant, 12);
    t.true(bench.dwell.score < 1, `it rings on: ${bench.dwell.score}`);
  });

  test(`a lamp that is lit while the valve is shut is told by sequence (seed ${seed})`, (t) => {
    const { bench, plant } = learned(seed);
    runUntil(bench, plant, () => plant.values[VALVE] === 0 && plant.values[LOWER] > 60);
    bench.watch(plant, 6, (values) => {
      values[LAMP] = 1;
    });
    t.true(bench.sequence.score > 1, `${bench.sequence.score}`);
    const finding = bench.explain(bench.sequence);
    t.true(finding.channel.slice(0, finding.channels).includes(LAMP));
  });

  test(`a contact that never moved while learning is told when it does (seed ${seed})`, (t) => {
    const { bench, plant } = learned(seed);
    bench.watch(plant, 6, (values) => {
      values[SPARE] = 1;
    });
    t.true(bench.sequence.score > 1, `${bench.sequence.score}`);
    t.deepEqual(bench.explain(bench.sequence).channel[0], SPARE);
  });

  test(`a level that stands still while the pump fills is told by occupancy (seed ${seed})`, (t) => {
    const { bench, plant } = learned(seed);
    const filling = () => plant.values[PUMP] === 1 && plant.values[UPPER] > 35 && plant.values[UPPER] < 45;
    runUntil(bench, plant, filling);
    const held = plant.values[UPPER];
    const lied = bench.most(plant, 12, (values) => {
      values[UPPER] = held;
    });
    t.true(lied.occupancy > 1, `${lied.occupancy}`);
    t.is(bench.explain(bench.occupancy).channel[0], UPPER);
  });

  test(`a leak that empties the filling tank is told by occupancy (seed ${seed})`, (t) => {
    const { bench, plant } = learned(seed);
    runUntil(bench, plant, () => plant.values[PUMP] === 1 && plant.values[UPPER] > 60);
    plant.leak = 4;
    t.true(bench.most(plant, 15).occupancy > 1);
  });

  test(`detectors that were carried through an archive score the same to the bit (seed ${seed})`, (t) => {
    const { bench, plant } = learned(seed);
    const loaded = new ContactBench();
    const kept = new MemoryArchive();
    for (const isLoading of [false, true]) {
      if (isLoading) kept.load();
      for (const { detectors } of [isLoading ? loaded : bench])
        for (const detector of detectors)
          for (let unit = 0; unit < detector.archiveUnits; unit++) detector.archive(unit, kept);
    }
    t.is(kept.read, kept.stored.length, 'all that was saved was loaded');
    for (const detector of bench.detectors) detector.restart();
    bench.row.isFresh = true;
    let largest = 0;
    for (let i = 0; i < 3000; i++) {
      plant.pumpOpensAt = i > 1500 ? 92 : 80;
      plant.step();
      bench.take(plant.values, -1);
      loaded.take(plant.values, -1);
      bench.detectors.forEach(({ score }, d) => {
        if (score !== loaded.detectors[d].score) t.fail(`row ${i}, detector ${d}`);
        if (score > largest) largest = score;
      });
    }
    t.true(largest > 1);
  });
}

test('after a gap nothing of before adds up with what comes', (t) => {
  const { bench, plant } = learned(1);
  plant.isPumpStuck = true;
  bench.watch(plant, 600);
  t.true(bench.dwell.score > 1);
  for (const detector of bench.detectors) detector.restart();
  bench.row.isFresh = true;
  bench.watch(plant, 1);
  for (const { score } of bench.detectors) t.is(score, 0);
});

test('inputs that cannot be trusted are no events', (t) => {
  const { bench, plant } = learned(2);
  const most = bench.most(plant, 400, (values) => {
    values[PUMP] = NaN;
    values[SPARE] = NaN;
  });
  t.true(most.dwell <= 1 && most.guard <= 1 && most.sequence <= 1, JSON.stringify(most));
});

test('a state of one row is a glitch where states are long', (t) => {
  const { bench, plant } = learned(3);
  runUntil(bench, plant, () => plant.values[PUMP] === 1 && plant.values[UPPER] > 35);
  const once = bench.most(plant, 1, (values) => {
    values[PUMP] = 0;
  });
  const after = bench.most(plant, 3);
  t.true(once.guard <= 1 && after.guard <= 1 && after.dwell <= 1);
  const twice = bench.most(plant, 2, (values) => {
    values[PUMP] = 0;
  });
  t.true(Math.max(twice.guard, bench.most(plant, 3).dwell) > 1, 'two rows are a state');
});

test('without contacts there is nothing to do and nothing to say', (t) => {
  const bench = new ContactBench(2, 0);
  for (let i = 1; i <= LEARN_ROWS; i++) bench.take([i % 50, i % 70], i / LEARN_ROWS);
  for (const detector of bench.detectors) {
    t.is(detector.members, 0);
    t.is(detector.units, 0);
    detector.calibrate(1000);
  }
  bench.take([1000, 1000], -1);
  for (const { score } of bench.detectors) t.is(score, 0);
});

test('rarer alarms mean higher thresholds of occupancy', (t) => {
  const lied = [1000, 100_000].map((rowsPerAlarm) => {
    const plant = new TwoTanks(1);
    const bench = new ContactBench();
    bench.learn(plant, LEARN_ROWS, rowsPerAlarm);
    runUntil(bench, plant, () => plant.values[PUMP] === 1 && plant.values[UPPER] > 60);
    return bench.most(plant, 1, (values) => {
      values[UPPER] -= 20;
    }).occupancy;
  });
  t.true(lied[0] > 1.5 * lied[1], `${lied}`);
});
