/**
 * After Oldsmar, 2021: an analog output steps to its end value; here the heating valve's command, to 100 %. SCADA is told
 * the readings of the minutes before.
 */
import { VALVE_COMMAND } from '../plants/heating-lines.js';
import { alteringProgram } from './altered-program.js';
import { behindReplay } from './scada-replay.js';
import type { Scenario } from './scenario.js';

const RECORDED_S = 300;

export const dosingToClamp: Scenario = {
  name: 'dosing-to-clamp',
  expected: 'attack',
  plant: 'heating',
  atS: 400,
  watchS: RECORDED_S + 1200,
  shows: ['valve-command', 'flow-temperature'],
  apply: (world) =>
    behindReplay(
      world,
      alteringProgram(world, (_outputs, commands) => {
        commands[VALVE_COMMAND] = 100;
      }),
      RECORDED_S,
    ),
};
