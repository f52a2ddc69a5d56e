/**
 * After Triton: the rotor loses its balance, the vibration switch opens, and the PLC's trip output stays where it is;
 * the blower runs on, and SCADA is told what it was told before. The other way round, everything trips at once with
 * nothing wrong: trip release, run order and oil pump drop in one scan while the rotor still turns.
 */
import { Drive } from '../plants/drive.js';
import { AT_SPEED, OIL_PUMP_ORDER, RUN_ORDER, SPEED_REFERENCE, TRIP_RELEASE } from '../plants/drive-lines.js';
import type { World } from '../world.js';
import { forceCommand, forceOutput } from './force.js';
import { holdReport } from './held-report.js';
import type { Scenario } from './scenario.js';

/** Beyond the vibration switch at every speed of the program. */
const UNBALANCE = 6;

/** True while the blower is on its working speed and will be for seconds. */
function isFilling({ plant, plc }: World): boolean {
  return plant instanceof Drive && plant.contacts[AT_SPEED] === 1 && plc.outputs[RUN_ORDER] === 1;
}

export const tripBlocked: Scenario = {
  name: 'trip-blocked',
  expected: 'attack',
  plant: 'drive',
  atS: 400,
  watchS: 60,
  shows: ['vibration-normal', 'trip-release', 'vibration', 'speed-feedback'],
  apply(world) {
    let referenceHz = 0;
    return () => {
      if (world.onsetUs === null) {
        if (!isFilling(world)) return;
        (world.plant as Drive).unbalance = UNBALANCE;
        referenceHz = world.plc.commands[SPEED_REFERENCE];
        holdReport(world);
        world.markOnset();
      }
      forceOutput(world, TRIP_RELEASE, 1);
      forceOutput(world, RUN_ORDER, 1);
      forceOutput(world, OIL_PUMP_ORDER, 1);
      forceCommand(world, SPEED_REFERENCE, referenceHz);
    };
  },
};

export const tripsAtOnce: Scenario = {
  name: 'trips-at-once',
  expected: 'attack',
  plant: 'drive',
  atS: 400,
  watchS: 60,
  shows: ['trip-release', 'breaker-closed', 'run-order', 'speed-feedback'],
  apply(world) {
    return () => {
      if (world.onsetUs === null) {
        if (!isFilling(world) || !world.plc.hasWritten) return;
        holdReport(world);
      }
      forceOutput(world, TRIP_RELEASE, 0);
      forceOutput(world, RUN_ORDER, 0);
      forceOutput(world, OIL_PUMP_ORDER, 0);
    };
  },
};
