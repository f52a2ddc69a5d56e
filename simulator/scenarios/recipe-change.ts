/** Another recipe, inside what was learned: the tank is kept between levels closer together. */
import { LEVEL, TANK_LOOPS } from '../plants/tank-lines.js';
import type { Program } from '../plc.js';
import type { Scenario } from './scenario.js';

const MIDDLE_M = 1;
/** The program acts on a level this many times as far from the middle: its band is so much narrower. */
const NARROWER = 1.3;

export const recipeChange: Scenario = {
  name: 'recipe-change',
  expected: 'quiet',
  plant: 'tank',
  atS: 400,
  watchS: 1800,
  shows: ['level'],
  apply(world) {
    const { low, high } = TANK_LOOPS[LEVEL];
    const middleMa = 4 + (16 * (MIDDLE_M - low)) / (high - low);
    const usual = world.plc.program;
    const changed: Program = {
      scan(inputs, outputs, commands) {
        const currentMa = inputs.currentsMa[LEVEL];
        inputs.currentsMa[LEVEL] = middleMa + NARROWER * (currentMa - middleMa);
        usual.scan(inputs, outputs, commands);
        inputs.currentsMa[LEVEL] = currentMa;
      },
    };
    world.plc.program = changed;
    world.markOnset();
    return null;
  },
};
