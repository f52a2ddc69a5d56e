/**
 * After the dam of Risevatnet, 2025: the valve is ordered open for hours, through the order that always opens it; plant
 * and valve do what they are told, and SCADA is told that nothing has changed.
 */
import { VALVE_ORDER } from '../plants/tank-lines.js';
import { alteringProgram } from './altered-program.js';
import { behindReplay } from './scada-replay.js';
import type { Scenario } from './scenario.js';

export const valveOpenLegitimatePath: Scenario = {
  name: 'valve-open-legitimate-path',
  expected: 'attack',
  plant: 'tank',
  atS: 400,
  watchS: 7200,
  shows: ['outlet-flow', 'valve-position'],
  apply: (world) =>
    behindReplay(
      world,
      alteringProgram(world, (outputs) => {
        outputs[VALVE_ORDER] = 1;
      }),
    ),
};
