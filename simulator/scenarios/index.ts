/** Every scenario that the simulator can play. */
import { normal } from './normal.js';
import { orderNotExecuted } from './order-not-executed.js';
import type { Scenario } from './scenario.js';
import { sensorFalsified } from './sensor-falsified.js';
import { wireBreak } from './wire-break.js';

export const SCENARIOS: readonly Scenario[] = [normal, orderNotExecuted, sensorFalsified, wireBreak];

/** Throws with the known names when there is none of this name. */
export function scenarioNamed(name: string): Scenario {
  const scenario = SCENARIOS.find((candidate) => candidate.name === name);
  if (scenario !== undefined) return scenario;
  throw new Error(`unknown scenario '${name}'; known: ${SCENARIOS.map((known) => known.name).join(', ')}`);
}
