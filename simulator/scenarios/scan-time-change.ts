/**
 * Another program is loaded into the PLC: it runs the machine as before, and has more to do, so that a scan takes 13 ms
 * instead of 10. It takes over in the scan whose outputs would have moved next; SCADA sees the machine working.
 */
import type { Scenario } from './scenario.js';

const SCAN_MS = 13;

export const scanTimeChange: Scenario = {
  name: 'scan-time-change',
  expected: 'attack',
  plant: 'packaging',
  atS: 400,
  watchS: 120,
  shows: ['pusher-order', 'pusher-out'],
  apply(world) {
    const { plc } = world;
    const before = plc.outputs.slice();
    return () => {
      if (world.onsetUs !== null || plc.outputs.every((level, i) => level === before[i])) return;
      for (let i = 0; i < before.length; i++) plc.outputs[i] = before[i];
      plc.load(plc.program, SCAN_MS);
      world.markOnset();
    };
  },
};
