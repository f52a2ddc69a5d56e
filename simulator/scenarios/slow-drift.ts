/**
 * Stealthy falsification: what the flow temperature's transmitter tells is bent by a little of its span in an hour. The
 * PLC holds what it is told at its set-point, so SCADA sees nothing but the set-point held.
 */
import { FLOW_TEMPERATURE } from '../plants/heating-lines.js';
import type { World } from '../world.js';
import type { Scenario } from './scenario.js';

const SPAN_MA = 16;
const HOUR_MS = 3_600_000;
const HOUR_S = 3600;

/** The event of a drift of `percent` of span an hour. */
export function drift(world: World, percent: number): null {
  world.wires.loops[FLOW_TEMPERATURE].bendMaPerMs = ((percent / 100) * SPAN_MA) / HOUR_MS;
  world.markOnset();
  return null;
}

export const slowDrift: Scenario = {
  name: 'slow-drift',
  expected: 'attack',
  plant: 'heating',
  atS: 400,
  watchS: 24 * HOUR_S,
  shows: ['flow-temperature', 'network-return'],
  apply: (world) => drift(world, 0.1),
};

/** The same ten times slower, over 14 days: played only when it is named. */
export const slowerDrift: Scenario = {
  ...slowDrift,
  name: 'slow-drift-14-days',
  watchS: 14 * 24 * HOUR_S,
  isLong: true,
  apply: (world) => drift(world, 0.01),
};
