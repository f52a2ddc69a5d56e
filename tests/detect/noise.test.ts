import test from 'ava';
import { DETECTOR_NOISE } from '../../modules/detect/finding.js';
import { NoiseDetector } from '../../modules/detect/noise.js';
import { Ranking } from '../../modules/detect/ranking.js';
import { INLET_FLOW, LEVEL, OUTLET_PRESSURE } from '../../simulator/plants/tank-lines.js';
import { Random } from '../../simulator/random.js';
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

  test(`white noise of the right size in place of correlated noise alarms within 60 s (seed ${seed})`, (t) => {
    const random = new Random(seed, 'forged');
    const { at } = secondsWith(seed, INLET_FLOW, 60, ({ simulation: { world } }) => {
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
