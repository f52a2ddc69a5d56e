import test from 'ava';
import { DETECTOR_REPLAY } from '../../modules/detect/finding.js';
import { Ranking } from '../../modules/detect/ranking.js';
import { ReplayDetector } from '../../modules/detect/replay.js';
import { LEVEL } from '../../simulator/plants/tank-lines.js';
import { Random } from '../../simulator/random.js';
import { FedRows } from './fed-rows.js';
import { TankRun } from './tank-run.js';

const LEARN_ROWS = 1000;

/** A channel that wanders, and one that stands still. */
class Wandering {
  readonly rows: FedRows;
  private value = 0;
  private readonly random: Random;

  constructor(seed: number) {
    this.random = new Random(seed, 'replay');
    this.rows = new FedRows(new ReplayDetector(2, new Ranking(2)), 2, LEARN_ROWS, 1e4);
  }

  next(): number {
    this.value = 0.95 * this.value + this.random.gaussian();
    return this.value;
  }

  /** The largest score over `rows` rows of `next`. */
  run(rows: number, next = () => this.next()): number {
    let largest = 0;
    for (let i = 0; i < rows; i++) {
      const score = this.rows.feed([next(), 7]);
      if (score > largest) largest = score;
    }
    return largest;
  }
}

for (const seed of [1, 2, 3]) {
  test(`a minute of the level, recorded and played back, alarms within 30 s and names its length (seed ${seed})`, (t) => {
    const run = new TankRun(seed);
    const loop = run.simulation.world.wires.loops[LEVEL];
    const recorded: number[] = [];
    run.forge(() => recorded.push(loop.transmitterMa));
    t.is(run.secondsUntilAlarm(DETECTOR_REPLAY, 30), -1);
    loop.source = 'forged';
    run.forge((ms) => {
      loop.forgedMa = recorded[ms % recorded.length];
    });
    const at = run.secondsUntilAlarm(DETECTOR_REPLAY, 30);
    t.log(`${at} s`);
    t.true(at > 0);
    const { channel, observed } = run.explain(DETECTOR_REPLAY);
    t.is(channel[0], LEVEL);
    t.is(observed, 300);
    t.true(run.hasIncident);
  });

  test(`100 rows that repeat exactly alarm, once, and are over soon after (seed ${seed})`, (t) => {
    const channel = new Wandering(seed);
    t.is(channel.run(LEARN_ROWS + 2000), 0);
    const again = Array.from({ length: 100 }, () => channel.next());
    let i = 0;
    t.true(channel.run(100, () => again[i++]) <= 1);
    t.true(channel.run(100, () => again[i++ % 100]) > 1);
    t.is(channel.rows.explain().observed, 100);
    channel.run(40);
    t.is(channel.run(300), 0);
  });

  test(`what differs by a small part of its usual moves is no replay (seed ${seed})`, (t) => {
    const channel = new Wandering(seed);
    const random = new Random(seed, 'difference');
    channel.run(LEARN_ROWS + 100);
    const stretch: number[] = [];
    t.true(channel.run(200, () => stretch[stretch.push(channel.next()) - 1]) <= 1);
    let i = 0;
    t.true(channel.run(200, () => stretch[i++] + 0.5 * random.gaussian()) <= 1);
  });
}

test('a machine that repeats itself while it is learned does not alarm', (t) => {
  const random = new Random(1, 'cycle');
  const cycle = Array.from({ length: 60 }, () => random.gaussian());
  const detector = new ReplayDetector(1, new Ranking(1));
  const rows = new FedRows(detector, 1, LEARN_ROWS, 1e4);
  for (let i = 0; i < 4 * LEARN_ROWS; i++) t.is(rows.feed([cycle[i % cycle.length]]), 0);
});
