/**
 * Somebody holds the hand override of the pusher's valve: the pusher goes out with no order on the wire, while the belt
 * runs. SCADA is told that it rests.
 */
import { Packaging } from '../plants/packaging.js';
import { BOX_PRESENT, CONVEYOR_ORDER, PUSHER_ORDER, SEAL_ORDER } from '../plants/packaging-lines.js';
import type { World } from '../world.js';
import { holdReport } from './held-report.js';
import type { Scenario } from './scenario.js';

const FORCED_MS = 700;
/** The pusher is back again and the glue's pressure is what it was. */
const OVER_MS = 2000;
/** How long the belt has run since the last box: the next is a second away. */
const RESTED_MS = 300;

function isFeeding({ plant, plc }: World): boolean {
  const { outputs } = plc;
  return (
    outputs[CONVEYOR_ORDER] === 1 && outputs[PUSHER_ORDER] + outputs[SEAL_ORDER] + plant.contacts[BOX_PRESENT] === 0
  );
}

export const unorderedMove: Scenario = {
  name: 'unordered-move',
  expected: 'attack',
  plant: 'packaging',
  atS: 400,
  watchS: 30,
  shows: ['pusher-back', 'pusher-out', 'pusher-order', 'pusher-pressure'],
  apply(world) {
    const { plant } = world;
    if (!(plant instanceof Packaging)) throw new Error('this plant is not the packaging machine');
    let [restedMs, ms] = [Number.NaN, -1];
    return () => {
      restedMs = isFeeding(world) ? restedMs + 1 : 0;
      if (ms < 0 && !(restedMs >= RESTED_MS)) return;
      ms++;
      if (ms === 0) {
        plant.pusher.isForced = true;
        holdReport(world, ['pusher-out', 'pusher-back', 'pusher-pressure', 'glue-pressure']);
        world.markOnset();
      }
      if (ms === FORCED_MS) plant.pusher.isForced = false;
      if (ms === OVER_MS) world.lies.clear();
    };
  },
};
