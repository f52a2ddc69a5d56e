/**
 * Three extra runs of the blower, each as short as a fill, while nobody needs gas, as somebody would have them who takes
 * it at night. The witness knows no hour of the day: what tells is that the receiver is far from the pressure at which
 * the program starts. SCADA is told that the blower rests. Played at 15.3 h it is night at the plant, too.
 */
import {
  OIL_PUMP_ORDER,
  OIL_PUMP_RUNNING,
  RECEIVER_PRESSURE,
  RUN_ORDER,
  SPEED_REFERENCE,
} from '../plants/drive-lines.js';
import { SCAN_MS } from '../plc.js';
import type { World } from '../world.js';
import { alteringProgram } from './altered-program.js';
import { holdReport } from './held-report.js';
import type { Scenario } from './scenario.js';

const RUNS = 3;
/** The program starts at 580 mbar and stops at 680. */
const ENOUGH_MBAR = 625;
const OIL_BEFORE_MS = 1500;
const RUN_MS = 9000;
const OIL_AFTER_MS = 14000;
const WORKING_HZ = 1064;
const HZ_PER_SCAN = 3;

/** The oil pump has come to rest too. */
const RESTED_MS = 1000;

function isResting({ plant, plc }: World): boolean {
  const isOilStill = plc.outputs[OIL_PUMP_ORDER] === 0 && plant.contacts[OIL_PUMP_RUNNING] === 0;
  return isOilStill && plant.values[RECEIVER_PRESSURE] > ENOUGH_MBAR;
}

/** As the program would run it: oil first, and for a while after. */
function runOn(outputs: number[], commands: number[], ms: number): void {
  const isRunning = ms >= OIL_BEFORE_MS && ms < RUN_MS;
  const scans = Math.floor((isRunning ? ms - OIL_BEFORE_MS : ms - RUN_MS) / SCAN_MS);
  const referenceHz = isRunning ? HZ_PER_SCAN * scans : WORKING_HZ - HZ_PER_SCAN * scans;
  outputs[OIL_PUMP_ORDER] = 1;
  outputs[RUN_ORDER] = isRunning ? 1 : 0;
  if (ms >= OIL_BEFORE_MS) commands[SPEED_REFERENCE] = Math.min(Math.max(referenceHz, 0), WORKING_HZ);
}

export const discreetNightCycle: Scenario = {
  name: 'discreet-night-cycle',
  expected: 'attack',
  plant: 'drive',
  atS: 400,
  watchS: 300,
  shows: ['run-order', 'receiver-pressure', 'speed-feedback'],
  apply(world) {
    let [runs, restedMs, ms] = [0, 0, -SCAN_MS];
    return alteringProgram(world, (outputs, commands) => {
      restedMs = ms < 0 && isResting(world) ? restedMs + SCAN_MS : 0;
      if (ms < 0 && (runs === RUNS || restedMs < RESTED_MS)) return;
      if (ms < 0) holdReport(world);
      ms += SCAN_MS;
      runOn(outputs, commands, ms);
      if (ms < OIL_AFTER_MS) return;
      world.lies.clear();
      runs++;
      ms = -SCAN_MS;
    });
  },
};
