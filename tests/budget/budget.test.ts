/** The short form of `npm run budget`: hours instead of days, at a budget that promises something over hours. */
import test, { type ExecutionContext } from 'ava';
import { PLANTS } from '../../simulator/plants/index.js';
import { probabilityOfAtLeast } from './poisson.js';
import { type Watched, watchPlant } from './watch-plant.js';

const SEED = 1;
const BUDGETS_PER_DAY = [24, 1];

test('the Poisson probability is that of the tables', (t) => {
  // e^-2 (1 + 2) and e^-2 (1 + 2 + 2) below 2 and 3 events
  t.true(Math.abs(probabilityOfAtLeast(2, 2) - (1 - 3 * Math.exp(-2))) < 1e-12);
  t.true(Math.abs(probabilityOfAtLeast(3, 2) - (1 - 5 * Math.exp(-2))) < 1e-12);
  t.is(probabilityOfAtLeast(0, 5), 1);
  t.true(probabilityOfAtLeast(1000, 900) > 0 && probabilityOfAtLeast(1000, 900) < 0.001);
});

/** What an hour of watching after an hour of learning brings, with every incident in the log. */
function anHour(t: ExecutionContext, plant: string): Watched[] {
  const watched = watchPlant({ plant, seed: SEED, learnHours: 1, watchHours: 1, budgetsPerDay: BUDGETS_PER_DAY });
  for (const { budgetPerDay, expected, incidents } of watched) {
    t.log(`${plant}, seed ${SEED}, ${budgetPerDay} a day: ${incidents.length} of ${expected.toFixed(2)} announced`);
    for (const incident of incidents) t.log(JSON.stringify(incident));
  }
  return watched;
}

for (const { name } of PLANTS) {
  test(`${name}: the fewer alarms are allowed, the higher are the thresholds`, (t) => {
    const [often, rarely] = anHour(t, name);
    // an hour of learning announces an alarm an hour, or at best one in three
    t.deepEqual(
      [often.expected, rarely.expected].map((expected) => Math.round(3 * expected)),
      [3, 1],
    );
    t.is(often.thresholds, 1);
    t.true(rarely.thresholds > 1.02, `${rarely.thresholds}`);
    // only the tank's rhythm is short enough to be learned in an hour
    if (name === 'tank') t.true(often.incidents.length <= 2 * often.expected);
  });
}
