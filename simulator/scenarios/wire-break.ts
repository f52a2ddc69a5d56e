/** The inlet flow's loop breaks: no current at all. */
import { INLET_FLOW } from '../plants/tank-lines.js';
import type { Scenario } from './scenario.js';

export const wireBreak: Scenario = {
  name: 'wire-break',
  expected: 'fault',
  plant: 'tank',
  atS: 400,
  watchS: 60,
  shows: ['inlet-flow'],
  apply(world) {
    world.wires.loops[INLET_FLOW].source = 'broken';
    world.markOnset();
    return () => {};
  },
};
