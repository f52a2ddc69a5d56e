/**
 * The tank whose valve takes twice as long while the consumer's booster pump runs: an actuator set to go in steps all the
 * time is late for the mode without the booster, and what the mode with it takes.
 */
import test, { type ExecutionContext } from 'ava';
import type { Configuration } from '../../modules/config/configuration.js';
import { DETECTOR_ORDER, VERDICT_LATE } from '../../modules/detect/finding.js';
import { KIND_INCIDENT, KIND_MODEL } from '../../modules/frame/kinds.js';
import { TankBooster } from '../../simulator/plants/tank-booster.js';
import { Simulation } from '../../simulator/simulation.js';
import { Witness } from '../sensor/witness.js';
import type { ReceivedFrame } from '../sign/received-frame.js';

const LEARN_S = 2400;
const WATCH_S = 900;
const ATTACK_S = 300;
const VALVE_OPENS = 1;
const VALVE_TRAVEL = 4;
const VALVE_PAIRS = [VALVE_OPENS, 2, VALVE_TRAVEL];

function withoutModes(c: Configuration): Configuration {
  return { ...c, pairs: c.pairs.map(({ mode: _, ...pair }) => pair) };
}

/** Late orders that incidents told, by pair, before the actuator was changed and after; and all model frames. */
function play(t: ExecutionContext, seed: number, hasModes: boolean) {
  const simulation = new Simulation('normal', seed, undefined, 'tank-booster');
  const plant = simulation.world.plant;
  if (!(plant instanceof TankBooster)) throw new Error('another plant');
  const configuration = { ...simulation.configuration, learnBlocks: 100 * LEARN_S };
  const witness = new Witness(hasModes ? configuration : withoutModes(configuration));
  const late = (frames: readonly ReceivedFrame[]) =>
    frames
      .filter(({ kind, body }) => kind === KIND_INCIDENT && body.get(4) === DETECTOR_ORDER)
      .map(({ body }) => body.get(12) as [number, number])
      .filter(([pair, verdict]) => VALVE_PAIRS.includes(pair) && verdict === VERDICT_LATE)
      .map(([pair]) => pair);
  witness.play(simulation, LEARN_S + WATCH_S);
  const learned = witness.frames();
  plant.isAlwaysStepping = true;
  witness.play(simulation, ATTACK_S);
  const told = { before: late(learned), after: late(witness.frames()) };
  t.log(`seed ${seed}, ${hasModes ? 'modes' : 'no modes'}: late ${JSON.stringify(told)}`);
  return { ...told, models: learned.filter(({ kind }) => kind === KIND_MODEL) };
}

/** The modes of `pair` in the model frames: [mode, low, high, ...]. */
function learnedOf(models: readonly ReceivedFrame[], pair: number): unknown[][] {
  const pairs = models.flatMap(({ body }) => (body.get(9) as [number, ...unknown[][]][] | undefined) ?? []);
  const [, ...modes] = pairs.find(([index]) => index === pair) ?? [-1];
  return modes;
}

for (const seed of [1, 2, 3])
  test(`a valve that is late for its mode is told with modes and missed without (seed ${seed})`, (t) => {
    const withModes = play(t, seed, true);
    t.deepEqual(withModes.before, []);
    t.true(withModes.after.includes(VALVE_OPENS) || withModes.after.includes(VALVE_TRAVEL));
    const travel = learnedOf(withModes.models, VALVE_TRAVEL);
    t.deepEqual(
      travel.map(([mode]) => mode),
      [null, 0, 1],
      'a model frame tells the modes',
    );
    const [all, alone, boosted] = travel.map(([, , high]) => high as number[]);
    const [ordersAll, , longestAll] = all;
    const [ordersAlone, , longestAlone, boundAlone] = alone;
    const [ordersBoosted, , longestBoosted] = boosted;
    t.true(ordersAlone > 10 && ordersBoosted > 10 && ordersAlone + ordersBoosted <= ordersAll);
    t.true(longestAll >= longestBoosted, 'an order in which the mode switched is one of all');
    t.true(longestBoosted > 1.8 * longestAlone && longestBoosted > boundAlone, JSON.stringify(travel));
    const without = play(t, seed, false);
    t.deepEqual(without.before, []);
    t.deepEqual(without.after, []);
  });
