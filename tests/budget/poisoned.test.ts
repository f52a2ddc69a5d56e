/** What holds of learning that a drift has poisoned; all figures: `poisoned.ts`. */
import test from 'ava';
import { NOT_LEARNED } from '../../modules/model/sufficiency.js';
import {
  cleanCase,
  firstNoticed,
  KINDS,
  type Kind,
  type PoisonOptions,
  poison,
  poisonedCase,
} from './poisoned-plant.js';

const SEEDS: readonly number[] = [1, 2, 3];

/** Hours until the lie is noticed; Infinity when it is not. */
function hoursUntilNoticed(kind: Kind, options: PoisonOptions): number {
  return firstNoticed(kind, poison(options))?.hours ?? Number.POSITIVE_INFINITY;
}

test('a drift of 0.1 %/h after clean learning is noticed within 6 h where neighbours tell (seeds 1 to 3)', (t) => {
  for (const learnHours of [12, 24, 72])
    for (const seed of SEEDS) {
      const hours = hoursUntilNoticed('pressure', cleanCase('pressure', seed, learnHours, 0.1));
      t.true(hours < 6, `learned ${learnHours} h, seed ${seed}: ${hours}`);
    }
});

for (const kind of KINDS) {
  test(`${kind}: a drift of 1 %/h after 72 h of clean learning is noticed within 24 h (seeds 1 to 3)`, (t) => {
    for (const seed of SEEDS) {
      const hours = hoursUntilNoticed(kind, cleanCase(kind, seed, 72, 1));
      t.true(hours < 24, `seed ${seed}: ${hours}`);
    }
  });

  test(`${kind}: learning says that it has not learned through 72 h of 1 %/h (seeds 1 to 3)`, (t) => {
    for (const seed of SEEDS)
      t.is(poison({ ...poisonedCase(kind, seed, 72, 1, 'stops'), watchHours: 1 }).level, NOT_LEARNED);
  });

  test(`${kind}: a drift of 1 %/h that was learned for 24 h and jumps back is noticed at once (seeds 1 to 3)`, (t) => {
    for (const seed of SEEDS) {
      const hours = hoursUntilNoticed(kind, { ...poisonedCase(kind, seed, 24, 1, 'jumps back'), watchHours: 1 });
      t.true(hours < 0.5, `seed ${seed}: ${hours}`);
    }
  });
}

test('a drift of 0.1 %/h that was learned for 72 h and jumps back is noticed (seeds 1 to 3)', (t) => {
  let noticed = 0;
  for (const seed of SEEDS) {
    const told = { ...poisonedCase('pressure', seed, 72, 0.1, 'jumps back'), watchHours: 1 };
    t.true(hoursUntilNoticed('pressure', told) < 0.5, `pressure, seed ${seed}`);
    for (const kind of ['level', 'heat'] as const)
      if (hoursUntilNoticed(kind, poisonedCase(kind, seed, 72, 0.1, 'jumps back')) < Number.POSITIVE_INFINITY)
        noticed++;
  }
  // the jump is two spreads of the level: a matter of luck where nothing else tells
  t.true(noticed >= 4, `${noticed} of 6`);
});
