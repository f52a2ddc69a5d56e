/** The inlet flow's loop touches the 24 V supply: more current than any transmitter drives. */
import { INLET_FLOW } from '../plants/tank-lines.js';
import type { Scenario } from './scenario.js';

const SHORTED_MA = 23;

export const shortToSupply: Scenario = {
  name: 'short-to-supply',
  expected: 'fault',
  plant: 'tank',
  atS: 400,
  watchS: 60,
  shows: ['inlet-flow'],
  apply(world) {
    const loop = world.wires.loops[INLET_FLOW];
    loop.forgedMa = SHORTED_MA;
    loop.source = 'forged';
    world.markOnset();
    return () => {};
  },
};
