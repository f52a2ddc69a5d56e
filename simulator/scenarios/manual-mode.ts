/** Announced: somebody opens and shuts the valve by hand at the PLC's panel, with the pump off. */
import { PUMP_ORDER, VALVE_ORDER } from '../plants/tank-lines.js';
import { alterProgram } from './altered-program.js';
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
    const startedAt = world.sample;
    const letGo = alterProgram(world, (outputs) => {
      const ms = world.sample - startedAt;
      outputs[PUMP_ORDER] = 0;
      outputs[VALVE_ORDER] = ms % CYCLE_MS < OPEN_MS ? 1 : 0;
      if (ms >= BY_HAND_MS) letGo();
    });
    return null;
  },
};
