import test from 'ava';
import { QUALITY_BAD } from '../../modules/condition/quality.js';
import { RateDetector } from '../../modules/detect/rate.js';
import { Random } from '../../simulator/random.js';
import { FedRows } from './fed-rows.js';

const LEARN_ROWS = 1000;

/** A channel that rests and now and then switches by 10, a restless one, and one that never moves. */
class Moving {
  readonly detector = new RateDetector([0.01, 0.01, 0.01]);
  readonly rows: FedRows;
  private readonly random: Random;
  private level = 0;
  private n = 0;

  constructor(seed: number, rowsPerAlarm: number) {
    this.random = new Random(seed, 'rate');
    this.rows = new FedRows(this.detector, 3, LEARN_ROWS, rowsPerAlarm);
  }

  next(): number[] {
    if (++this.n % 50 === 0) this.level = 10 - this.level;
    return [this.level + 0.05 * this.random.gaussian(), this.random.gaussian(), 3];
  }

  /** Rows of `rows` whose score was above 1. */
  alarms(rows: number): number {
    let alarms = 0;
    for (let i = 0; i < rows; i++) if (this.rows.feed(this.next()) > 1) alarms++;
    return alarms;
  }
}

test('20 channels of switching and noise keep within twice the budget of one alarm in 3,000 rows (seeds 1 to 20)', (t) => {
  let alarms = 0;
  for (let seed = 1; seed <= 20; seed++) alarms += new Moving(seed, 3000).alarms(LEARN_ROWS + 3000);
  t.log(`${alarms} alarms of 20`);
  t.true(alarms <= 40);
});

for (const seed of [1, 2, 3]) {
  test(`a jump of three times the largest move ever alarms in its row, and in no other (seed ${seed})`, (t) => {
    const moving = new Moving(seed, 3000);
    t.is(moving.alarms(LEARN_ROWS + 200), 0);
    const [, b, c] = moving.next();
    t.true(moving.rows.feed([35, b, c]) > 1);
    const finding = moving.rows.explain();
    t.is(finding.channel[0], 0);
    t.is(finding.observed, 35);
    t.true(finding.expectedHigh < 35 && finding.expectedHigh > 10, `${finding.expectedHigh}`);
    t.true(moving.rows.feed([35, b, c]) < 1, 'it stays where it is');
  });

  test(`the step that it always made does not alarm, and a quiet channel's own jump does (seed ${seed})`, (t) => {
    const moving = new Moving(seed, 3000);
    moving.alarms(LEARN_ROWS + 200);
    const [a, , c] = moving.next();
    t.true(moving.rows.feed([a, 20, c]) > 1);
    t.is(moving.rows.explain().channel[0], 1);
  });
}

test('a channel that never moved is not watched, and no jump is seen across a gap or a value that cannot be used', (t) => {
  const moving = new Moving(4, 3000);
  moving.alarms(LEARN_ROWS + 100);
  const [a, b] = moving.next();
  t.true(moving.rows.feed([a, b, 1000]) < 1);
  t.true(moving.rows.feed([a + 100, b, 3], QUALITY_BAD) < 1);
  t.true(moving.rows.feed([a, b, 3]) < 1);
  t.true(moving.rows.feed([a + 100, b, 3], 0, true) < 1);
  t.is(new RateDetector([1, 1]).members, 0);
});
