/**
 * After FrostyGoop, 2024: in the controller's registers the measured flow temperature is raised, so that it throttles
 * the heat although it is winter; SCADA is told the readings of the hour before.
 */
import { FLOW_TEMPERATURE, HEATING_LOOPS } from '../plants/heating-lines.js';
import { behindReplay } from './scada-replay.js';
import type { Scenario } from './scenario.js';

const SHIFT_K = 15;
const RECORDED_S = 3600;

export const setpointShift: Scenario = {
  name: 'setpoint-shift',
  expected: 'attack',
  plant: 'heating',
  atS: 400,
  watchS: RECORDED_S + 3 * 3600,
  shows: ['flow-temperature', 'valve-command'],
  apply(world) {
    const { low, high } = HEATING_LOOPS[FLOW_TEMPERATURE];
    const shiftMa = (16 * SHIFT_K) / (high - low);
    const usual = world.plc.program;
    const shifted = {
      scan(...[inputs, outputs, commands]: Parameters<typeof usual.scan>): void {
        const before = commands.slice();
        inputs.currentsMa[FLOW_TEMPERATURE] += shiftMa;
        usual.scan(inputs, outputs, commands);
        if (commands.some((command, i) => command !== before[i])) world.markOnset();
      },
    };
    return behindReplay(
      world,
      () => {
        world.plc.program = shifted;
      },
      RECORDED_S,
    );
  },
};
