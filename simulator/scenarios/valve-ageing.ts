/** The valve's drive wears: strokes take 20 % longer. What takes months is played in an hour, a little every minute. */
import type { Scenario } from './scenario.js';

const WEAR = 0.2;
const AGEING_MS = 3_600_000;
const STEP_MS = 60_000;

export const valveAgeing: Scenario = {
  name: 'valve-ageing',
  expected: 'quiet',
  plant: 'tank',
  atS: 400,
  watchS: 5400,
  shows: ['valve-position'],
  apply(world) {
    const { valve } = world.tank;
    let ms = 0;
    return () => {
      if (ms % STEP_MS === 0 && ms <= AGEING_MS) {
        valve.strokeFactor = 1 + (WEAR * ms) / AGEING_MS;
        if (ms > 0) world.markOnset();
      }
      ms++;
    };
  },
};
