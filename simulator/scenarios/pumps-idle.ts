/**
 * After Maroochy 2000, where pumps stood still while the sewage rose: here the pump that fills gets no order while the
 * tank runs low, and neither level nor low-level alarm reaches SCADA.
 */
import { PUMP_ORDER } from '../plants/tank-lines.js';
import { alteringProgram } from './altered-program.js';
import { behindReplay } from './scada-replay.js';
import type { Scenario } from './scenario.js';

export const pumpsIdle: Scenario = {
  name: 'pumps-idle',
  expected: 'attack',
  plant: 'tank',
  atS: 400,
  watchS: 900,
  shows: ['level', 'low-level'],
  apply: (world) =>
    behindReplay(
      world,
      alteringProgram(world, (outputs) => {
        outputs[PUMP_ORDER] = 0;
      }),
    ),
};
