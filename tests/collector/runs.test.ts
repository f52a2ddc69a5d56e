import test from 'ava';
import { Runs } from '../../hosts/collector/runs.js';
import { createRandom } from './seeded-random.js';

test('runs answer as a plain set does, whatever is added', (t) => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = createRandom(seed);
    const [runs, set] = [new Runs(), new Set<number>()];
    for (let i = 0; i < 60; i++) {
      const first = Math.floor(random() * 80);
      const last = first + Math.floor(random() * 6);
      runs.add(first, last);
      for (let n = first; n <= last; n++) set.add(n);
      const list = runs.list();
      t.true(list.every((run, at) => run.first <= run.last && (at === 0 || list[at - 1].last + 1 < run.first)));
    }
    t.is(runs.size, set.size, `seed ${seed}`);
    t.is(runs.end, Math.max(...set) + 1);
    for (let n = 0; n < 90; n++) {
      t.is(runs.has(n), set.has(n), `seed ${seed}, ${n}`);
      let missing = n;
      while (set.has(missing)) missing++;
      t.is(runs.firstMissing(n), missing);
      const held = [...set].filter((m) => m >= n);
      t.is(runs.firstHeld(n), held.length === 0 ? undefined : Math.min(...held));
    }
  }
});

test('gaps and differences are named', (t) => {
  const runs = new Runs([
    { first: 3, last: 5 },
    { first: 9, last: 9 },
    { first: 6, last: 6 },
  ]);
  t.deepEqual(runs.list(), [
    { first: 3, last: 6 },
    { first: 9, last: 9 },
  ]);
  t.deepEqual(runs.gaps(1), [
    { first: 1, last: 2 },
    { first: 7, last: 8 },
  ]);
  t.deepEqual(new Runs([{ first: 1, last: 9 }]).without(runs), runs.gaps(1));
  t.deepEqual(runs.without(new Runs([{ first: 0, last: 100 }])), []);
  t.deepEqual(runs.without(new Runs()), runs.list());
});
