/**
 * After Triton: the rotor loses its balance, the vibration switch opens, and the PLC's trip output stays where it is;
 * the blower runs on, and SCADA is told what it was told before. The other way round, everything trips at once with
 * nothing wrong: trip release, run order and oil pump drop in one scan while the rotor still turns.
 */
import { Drive } from '../plants/drive.js';
import { AT_SPEED, OIL_PUMP_ORDER, RUN_ORDER, SPEED_REFERENCE, TRIP_RELEASE } from '../plants/drive-lines.js';
import type { World } from '../world.js';
import { alteringProgram, alterProgram } from './altered-program.js';
import { holdReport } from './held-report.js';
import type { Scenario } from './scenario.js';

/** Beyond the vibration switch at every speed of the program. */
const UNBALANCE = 6;

/** Below the lowest set-point of the program; it is at speed, too, when it has just been told to start. */
const WORKING_HZ_MIN = 950;

/** True while the blower is on its working speed and will be for seconds. */
function isFilling({ plant, plc }: World): boolean {
  const isRunning = plant instanceof Drive && plant.contacts[AT_SPEED] === 1 && plc.outputs[RUN_ORDER] === 1;
  return isRunning && plant.speedHz > WORKING_HZ_MIN;
}

export const tripBlocked: Scenario = {
  name: 'trip-blocked',
  expected: 'attack',
  plant: 'drive',
  atS: 400,
  watchS: 60,
  shows: ['vibration-normal', 'trip-release', 'vibration', 'speed-feedback'],
  apply(world) {
    return () => {
      if (world.onsetUs !== null || !isFilling(world)) return;
      const referenceHz = world.plc.commands[SPEED_REFERENCE];
      (world.plant as Drive).unbalance = UNBALANCE;
      holdReport(world);
      world.markOnset();
      alterProgram(world, (outputs, commands) => {
        outputs[TRIP_RELEASE] = 1;
        outputs[RUN_ORDER] = 1;
        outputs[OIL_PUMP_ORDER] = 1;
        commands[SPEED_REFERENCE] = referenceHz;
      });
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
    let isTripped = false;
    return alteringProgram(world, (outputs) => {
      if (!isTripped && !isFilling(world)) return;
      if (!isTripped) holdReport(world);
      isTripped = true;
      outputs[TRIP_RELEASE] = 0;
      outputs[RUN_ORDER] = 0;
      outputs[OIL_PUMP_ORDER] = 0;
    });
  },
};
