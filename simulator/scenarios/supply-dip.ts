/** The 24 V supply dips for 80 ms: no current in any loop, no level on any line. */
import type { Scenario } from './scenario.js';

const DIP_MS = 80;

export const supplyDip: Scenario = {
  name: 'supply-dip',
  expected: 'fault',
  plant: 'tank',
  atS: 400,
  watchS: 120,
  shows: ['level', 'plc-running'],
  apply(world) {
    const { wires } = world;
    let ms = 0;
    world.markOnset();
    return () => {
      wires.isSupplied = ms >= DIP_MS;
      for (const loop of wires.loops) loop.source = wires.isSupplied ? 'transmitter' : 'broken';
      ms++;
    };
  },
};
