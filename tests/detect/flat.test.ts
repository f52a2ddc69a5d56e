import test from 'ava';
import { QUALITY_BAD, QUALITY_GOOD } from '../../modules/condition/quality.js';
import { FlatLines } from '../../modules/detect/flat.js';
import { ModelRow } from '../../modules/model/model-row.js';
import { Random } from '../../simulator/random.js';

const RESOLUTION = 0.1;

/** One line, fed row by row. */
class FlatLine {
  private readonly lines = new FlatLines([RESOLUTION]);
  private readonly row = new ModelRow(1, 1, 1);

  private take(value: number, quality: number, isLearning: boolean): void {
    this.row.values[0] = value;
    this.row.qualities[0] = quality;
    this.lines.add(this.row, isLearning);
  }

  learn(value: number): void {
    this.take(value, QUALITY_GOOD, true);
  }

  /** The score. */
  add(value: number): number {
    this.take(value, QUALITY_GOOD, false);
    return this.lines.detectors[0].score;
  }

  lose(): void {
    this.take(0, QUALITY_BAD, false);
  }

  calibrate(): void {
    this.lines.detectors[0].calibrate();
  }
}

/** A detector that learned `rows` rows of noise with stretches of `flatRows` rows that do not move. */
function learned(rows: number, flatRows: number): FlatLine {
  const detector = new FlatLine();
  const random = new Random(1, 'flat');
  for (let i = 0; i < rows; i++) {
    const isFlat = i % 100 < flatRows;
    detector.learn(isFlat ? 5 : 1000 * random.gaussian());
  }
  detector.calibrate();
  return detector;
}

/** Rows of one value until the score is 1. */
function rowsUntilAlarm(detector: FlatLine, value = 3): number {
  for (let i = 1; i < 10_000; i++) if (detector.add(value) >= 1) return i;
  return -1;
}

test('a line that stays flat for three times the longest learned stretch and 60 rows alarms', (t) => {
  // 21 rows of one value are a stretch of 20 rows without a move, as the first one has no row before it.
  for (const [flatRows, limit] of [
    [21, 3 * 20 + 60],
    [1, 60],
  ]) {
    const rows = rowsUntilAlarm(learned(1000, flatRows));
    t.true(rows === limit || rows === limit + 1, `${flatRows}: ${rows} rows`);
  }
});

test('the score of a flat line grows with its length', (t) => {
  const detector = learned(1000, 1);
  const first = rowsUntilAlarm(detector);
  let score = 0;
  for (let i = 0; i < 60; i++) score = detector.add(3);
  t.true(first > 0 && score > 1.9 && score < 2.1, `${score}`);
});

test('a move of more than half the resolution ends it, a smaller one does not', (t) => {
  const detector = learned(1000, 1);
  for (let i = 0; i < 500; i++) t.is(detector.add(i % 2 === 0 ? 3 : 3.06), 0);
  t.true(rowsUntilAlarm(learned(1000, 1), 3) > 0);
  const creeping = learned(1000, 1);
  let score = 0;
  for (let i = 0; i < 100; i++) score = creeping.add(i % 2 === 0 ? 3 : 3.04);
  t.true(score > 1, 'jitter below half a step is flat');
});

test('a slow ramp moves: it is measured against where the stretch began', (t) => {
  const detector = learned(1000, 1);
  for (let i = 0; i < 2000; i++) t.is(detector.add(i * 0.004), 0);
});

test('a channel that was flat for a tenth of learning, or never moved, is not watched', (t) => {
  t.is(rowsUntilAlarm(learned(200, 30)), -1);
  const still = new FlatLine();
  for (let i = 0; i < 1000; i++) still.learn(7);
  still.calibrate();
  t.is(rowsUntilAlarm(still, 7), -1);
});

test('nothing is said before the end of learning', (t) => {
  const detector = new FlatLine();
  for (let i = 0; i < 500; i++) t.is(detector.add(1), 0);
});

test('a stretch does not go on across values that could not be used', (t) => {
  const detector = learned(1000, 1);
  for (let i = 0; i < 50; i++) detector.add(3);
  detector.lose();
  for (let i = 0; i < 50; i++) t.is(detector.add(3), 0);
});
