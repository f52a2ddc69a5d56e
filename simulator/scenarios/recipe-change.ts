/** Another recipe, inside what was learned: the consumer wants water for longer, and pauses for shorter, than usual. */
import { type Recipe, TankProgram } from '../plants/tank-program.js';
import type { Scenario } from './scenario.js';

/** The long half of the usual demands, the short half of the usual pauses. */
const CHANGED: Recipe = { demandS: [25, 35], pauseS: [4, 7] };

export const recipeChange: Scenario = {
  name: 'recipe-change',
  expected: 'quiet',
  plant: 'tank',
  atS: 400,
  watchS: 1800,
  shows: ['level', 'valve-position'],
  apply(world) {
    const { program } = world.plc;
    if (!(program instanceof TankProgram)) throw new Error('this program is not the tank');
    program.recipe = CHANGED;
    world.markOnset();
    return null;
  },
};
