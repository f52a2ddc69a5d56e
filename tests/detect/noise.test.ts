import test from 'ava';
import { ANALOG_COUNT, ANALOG_SUM, ANALOG_SUM_SQUARES, Block } from '../../modules/capture/block.js';
import type { AnalogSignal } from '../../modules/condition/analog-signal.js';
import { DETECTOR_NOISE } from '../../modules/detect/finding.js';
import { NoiseDetector } from '../../modules/detect/noise.js';
import { Ranking } from '../../modules/detect/ranking.js';
import { INLET_FLOW, LEVEL, OUTLET_PRESSURE } from '../../simulator/plants/tank-lines.js';
import { Random } from '../../simulator/random.js';
import { FedRows } from './fed-rows.js';
import { TankRun } from './tank-run.js';

/** Puts `current` in place of the transmitter of `loop` and gives the seconds until the noise alarms. */
function secondsWith(seed: number, loop: number, seconds: number, current: (run: TankRun, ms: number) => number) {
  const run = new TankRun(seed);
  const { wires } = run.simulation.world;
  wires.loops[loop].source = 'forged';
  run.forge((ms) => {
    wires.loops[loop].forgedMa = current(run, ms);
  });
  const at = run.secondsUntilAlarm(DETECTOR_NOISE, seconds);
  return { at, run };
}

for (const seed of [1, 2]) {
  test(`a level that is right but has no noise of a transmitter alarms within 30 s and is named (seed ${seed})`, (t) => {
    const { at, run } = secondsWith(seed, LEVEL, 30, ({ simulation: { world } }) =>
      world.wires.loops[LEVEL].currentFor(world.tank.levelM),
    );
    t.log(`${at} s`);
    t.true(at > 0);
    const { channel, observed, expectedLow } = run.explain(DETECTOR_NOISE);
    t.is(channel[0], LEVEL);
    t.true(observed < expectedLow, `${observed} of ${expectedLow}`);
    t.true(run.hasIncident);
  });

  test(`noise that is twice as large alarms within 30 s (seed ${seed})`, (t) => {
    const random = new Random(seed, 'forged');
    const { at } = secondsWith(seed, OUTLET_PRESSURE, 30, ({ simulation: { world } }) => {
      return world.wires.loops[OUTLET_PRESSURE].transmitterMa + 0.02 * random.gaussian();
    });
    t.log(`${at} s`);
    t.true(at > 0);
  });

  test(`white noise of the right size in place of correlated noise alarms within 2 min (seed ${seed})`, (t) => {
    const random = new Random(seed, 'forged');
    const { at } = secondsWith(seed, INLET_FLOW, 120, ({ simulation: { world } }) => {
      const loop = world.wires.loops[INLET_FLOW];
      return loop.currentFor(world.tank.values[INLET_FLOW]) + (loop.line.signal.noiseUa / 1000) * random.gaussian();
    });
    t.log(`${at} s`);
    t.true(at > 0);
  });
}

test('with one sample a block there is no noise, no member and no score', (t) => {
  const detector = new NoiseDetector([], 3, 1, new Ranking(3));
  t.false(detector.isWatching);
  t.is(detector.members, 0);
  t.is(detector.units, 0);
});

const RAM_NOISE = 10;
const RAM_SPEED = 12;
const RAM_CYCLE_ROWS = 8;
const RAM_DOWN_ROWS = 2;
const RAM_UP_FROM_ROW = 5;

/** One channel that goes down, rests, goes up and rests; in counts, 1 kS/s, ten blocks a row. */
class Ram {
  readonly detector = new NoiseDetector([{ gain: 1 } as AnalogSignal], 1, 10, new Ranking(1));
  private readonly rows = new FedRows(this.detector, 1, 6000, 36_000);
  private readonly block = new Block(1, 0);
  private readonly random = new Random(1, 'ram');
  private counts = 30_000;
  private row = 0;

  constructor() {
    this.block.isFresh = 0;
    for (let i = 0; i < 6000; i++) this.play(1);
    for (let i = 0; i < 200; i++) this.play(1);
  }

  /** A row of the cycle with `noise` times the usual noise; with `speed` the ram moves on at this speed instead. */
  play(noise: number, speed = this.speed()): number {
    const { block, random, detector } = this;
    for (let k = 0; k < 10; k++) {
      block.analog[ANALOG_COUNT] = 10;
      block.analog[ANALOG_SUM] = 0;
      block.analog[ANALOG_SUM_SQUARES] = 0;
      for (let i = 0; i < 10; i++) {
        this.counts += speed;
        const count = Math.round(this.counts + noise * RAM_NOISE * random.gaussian());
        block.analog[ANALOG_SUM] += count;
        block.analog[ANALOG_SUM_SQUARES] += count * count;
      }
      detector.takeBlock(block);
    }
    this.row++;
    return this.rows.feed([this.counts]);
  }

  private speed(): number {
    const at = this.row % RAM_CYCLE_ROWS;
    if (at < RAM_DOWN_ROWS) return -RAM_SPEED;
    return at >= RAM_UP_FROM_ROW && at < RAM_UP_FROM_ROW + RAM_DOWN_ROWS ? RAM_SPEED : 0;
  }

  /** Largest score of `rows` rows. */
  most(rows: number, noise: number, speed?: number): number {
    let most = 0;
    for (let i = 0; i < rows; i++) most = Math.max(most, this.play(noise, speed));
    return most;
  }
}

test('a machine that pauses or only moves has the noise that it had', (t) => {
  const ram = new Ram();
  t.true(ram.most(3000, 1) < 1, 'in its cycle');
  t.true(ram.most(3000, 1, 0) < 1, 'at rest');
  t.true(ram.most(3000, 1, 2 * RAM_SPEED) < 1, 'moving');
});

test('a machine in its cycle with noise twice as large, or half as large, alarms', (t) => {
  t.true(new Ram().most(100, 2) > 1, 'twice');
  t.true(new Ram().most(100, 0.5) > 1, 'half');
});

test('a signal without noise alarms although it moves', (t) => {
  t.true(new Ram().most(100, 0, 0.3) > 1);
});
