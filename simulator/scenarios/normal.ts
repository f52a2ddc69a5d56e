/** Nothing but the plant doing its work. */
import type { Scenario } from './scenario.js';

export const normal: Scenario = {
  name: 'normal',
  expected: 'quiet',
  plant: null,
  atS: null,
  watchS: 3600,
  shows: ['level'],
  apply: () => () => {},
};
