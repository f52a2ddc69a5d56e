/**
 * After Stuxnet 417: the outlet valve is shut and the pump runs on, until the tank runs over; SCADA is told 21 s of
 * recorded readings, over and over.
 */
import { PUMP_ORDER, VALVE_ORDER } from '../plants/tank-lines.js';
import { alteringProgram } from './altered-program.js';
import { behindReplay } from './scada-replay.js';
import type { Scenario } from './scenario.js';

export const valvesShutReplay: Scenario = {
  name: 'valves-shut-replay',
  expected: 'attack',
  plant: 'tank',
  atS: 400,
  watchS: 200,
  shows: ['level', 'outlet-flow'],
  apply: (world) =>
    behindReplay(
      world,
      alteringProgram(world, (outputs) => {
        outputs[VALVE_ORDER] = 0;
        outputs[PUMP_ORDER] = 1;
      }),
    ),
};
