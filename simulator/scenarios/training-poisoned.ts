/** The drift of `slow-drift`, begun with learning: what the witness learns from is already being bent. */
import type { Scenario } from './scenario.js';
import { drift, slowDrift } from './slow-drift.js';

export const trainingPoisoned: Scenario = {
  ...slowDrift,
  name: 'training-poisoned',
  atS: 0,
  isInLearning: true,
  apply: (world) => drift(world, 0.1),
};
