/**
 * After Stuxnet 315: the blower, at its working frequency of 1064 Hz, is driven at 1410 Hz for 15 min, a minute after
 * that at 2 Hz. SCADA is told what it was told before.
 */
import { OIL_PUMP_ORDER, RUN_ORDER, SPEED_REFERENCE } from '../plants/drive-lines.js';
import { SCAN_MS } from '../plc.js';
import { alteringProgram } from './altered-program.js';
import { holdReport } from './held-report.js';
import type { Scenario } from './scenario.js';

const WORKING_HZ = 1064;
const FAST_HZ = 1410;
const SLOW_HZ = 2;
const FAST_MS = 900_000;
const PAUSE_MS = 60_000;

export const driveOverspeed: Scenario = {
  name: 'drive-overspeed',
  expected: 'attack',
  plant: 'drive',
  atS: 400,
  watchS: 1200,
  shows: ['speed-reference', 'speed-feedback', 'vibration', 'receiver-pressure'],
  apply(world) {
    let scans = -1;
    return alteringProgram(world, (outputs, commands) => {
      if (scans < 0 && commands[SPEED_REFERENCE] !== WORKING_HZ) return;
      if (scans < 0) holdReport(world);
      const ms = ++scans * SCAN_MS;
      commands[SPEED_REFERENCE] = ms < FAST_MS ? FAST_HZ : ms < FAST_MS + PAUSE_MS ? WORKING_HZ : SLOW_HZ;
      outputs[RUN_ORDER] = 1;
      outputs[OIL_PUMP_ORDER] = 1;
    });
  },
};
