/** Every scenario that the simulator can play. */

import { busJabber } from './bus-jabber.js';
import { clockStep } from './clock-step.js';
import { discreetNightCycle } from './discreet-night-cycle.js';
import { dosingToClamp } from './dosing-to-clamp.js';
import { driveOverspeed } from './drive-overspeed.js';
import { manualMode } from './manual-mode.js';
import { noiseBurst } from './noise-burst.js';
import { normal } from './normal.js';
import { orderNotExecuted } from './order-not-executed.js';
import { plcRestart } from './plc-restart.js';
import { pulseMinus5 } from './pulse-minus-5.js';
import { pumpsIdle } from './pumps-idle.js';
import { recalibration } from './recalibration.js';
import { recipeChange } from './recipe-change.js';
import { scanTimeChange } from './scan-time-change.js';
import type { Scenario } from './scenario.js';
import { seasonShift } from './season-shift.js';
import { sensorFalsified } from './sensor-falsified.js';
import { setpointShift } from './setpoint-shift.js';
import { shortToSupply } from './short-to-supply.js';
import { slowDrift, slowerDrift } from './slow-drift.js';
import { supplyDip } from './supply-dip.js';
import { trainingPoisoned } from './training-poisoned.js';
import { tripBlocked, tripsAtOnce } from './trip-blocked.js';
import { unorderedMove } from './unordered-move.js';
import { valveAgeing } from './valve-ageing.js';
import { valveOpenLegitimatePath } from './valve-open-legitimate-path.js';
import { valvesShutReplay } from './valves-shut-replay.js';
import { wireBreak } from './wire-break.js';

export const SCENARIOS: readonly Scenario[] = [
  normal,
  orderNotExecuted,
  valvesShutReplay,
  valveOpenLegitimatePath,
  setpointShift,
  sensorFalsified,
  dosingToClamp,
  pumpsIdle,
  slowDrift,
  slowerDrift,
  trainingPoisoned,
  driveOverspeed,
  tripBlocked,
  tripsAtOnce,
  unorderedMove,
  discreetNightCycle,
  scanTimeChange,
  pulseMinus5,
  busJabber,
  wireBreak,
  shortToSupply,
  supplyDip,
  recipeChange,
  plcRestart,
  recalibration,
  manualMode,
  valveAgeing,
  clockStep,
  seasonShift,
  noiseBurst,
];

/** Throws with the known names when there is none of this name. */
export function scenarioNamed(name: string): Scenario {
  const scenario = SCENARIOS.find((candidate) => candidate.name === name);
  if (scenario !== undefined) return scenario;
  throw new Error(`unknown scenario '${name}'; known: ${SCENARIOS.map((known) => known.name).join(', ')}`);
}
