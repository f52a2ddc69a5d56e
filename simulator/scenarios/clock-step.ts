/** Somebody sets the wall clock an hour back. The wires know nothing of it. */
import type { Scenario } from './scenario.js';

const STEP_S = -3600;

export const clockStep: Scenario = {
  name: 'clock-step',
  expected: 'quiet',
  plant: 'tank',
  atS: 400,
  watchS: 600,
  shows: ['level'],
  apply(world) {
    world.operator.stepWallClock(STEP_S);
    world.markOnset();
    return null;
  },
};
