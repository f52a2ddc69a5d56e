/** Announced: somebody opens and shuts the valve by hand at the PLC's panel, with the pump off. */
import { PUMP_ORDER, VALVE_ORDER } from '../plants/tank-lines.js';
import { forceOutput } from './force.js';
import type { Scenario } from './scenario.js';

const ANNOUNCED_S = 600;
const BY_HAND_MS = 240_000;
const OPEN_MS = 9000;
const CYCLE_MS = 60_000;

export const manualMode: Scenario = {
  name: 'manual-mode',
  expected: 'quiet',
  plant: 'tank',
  atS: 400,
  watchS: 1200,
  shows: ['valve-position', 'level'],
  apply(world) {
    world.operator.announceMaintenance(ANNOUNCED_S);
    let ms = 0;
    return () => {
      if (ms >= BY_HAND_MS) return;
      forceOutput(world, PUMP_ORDER, 0);
      forceOutput(world, VALVE_ORDER, ms % CYCLE_MS < OPEN_MS ? 1 : 0);
      ms++;
    };
  },
};
