/**
 * Theft of product: the PLC gives 5 % fewer pulses than the flow that it measures, and tells SCADA the flow's own rate.
 * It shows in sums, not in a moment: hours are played.
 */
import { FLOW, FLOW_PULSES } from '../plants/drive-lines.js';
import type { Scenario } from './scenario.js';

const SHARE = 0.95;
/** It begins while the gas flows, in m3/s. */
const FLOWING = 0.5;

export const pulseMinus5: Scenario = {
  name: 'pulse-minus-5',
  expected: 'attack',
  plant: 'drive',
  atS: 400,
  watchS: 10_800,
  shows: ['flow-pulses', 'flow'],
  apply(world) {
    const { commands } = world.plc;
    let given = Number.NaN;
    let measured = 0;
    return () => {
      if (world.onsetUs === null && !(commands[FLOW_PULSES] > FLOWING && world.plant.values[FLOW] > FLOWING)) return;
      // the PLC writes once a scan; what stands on its output between two writes is what was put there
      if (commands[FLOW_PULSES] === given) return;
      measured = commands[FLOW_PULSES];
      given = SHARE * measured;
      commands[FLOW_PULSES] = given;
      world.lies.set('flow-pulses', () => measured);
      world.markOnset();
    };
  },
};
