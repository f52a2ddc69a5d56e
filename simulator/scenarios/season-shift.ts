/** It turns cold for good: the mean outside temperature falls within hours, but not below what nights were learned to be. */
import { Heating } from '../plants/heating.js';
import type { Scenario } from './scenario.js';

const SHIFT_K = -2;
const SHIFT_MS = 4 * 3_600_000;
const STEP_MS = 1000;

export const seasonShift: Scenario = {
  name: 'season-shift',
  expected: 'quiet',
  plant: 'heating',
  atS: 400,
  watchS: 6 * 3600,
  shows: ['outside-temperature', 'flow-temperature'],
  apply(world) {
    const { plant } = world;
    if (!(plant instanceof Heating)) throw new Error('this plant is not the heating');
    let ms = 0;
    world.markOnset();
    return () => {
      if (ms % STEP_MS === 0 && ms <= SHIFT_MS) plant.seasonK = (SHIFT_K * ms) / SHIFT_MS;
      ms++;
    };
  },
};
