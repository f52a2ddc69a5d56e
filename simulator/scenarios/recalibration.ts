/** The outlet flow's transmitter is calibrated: announced, then five points over its span, then a small correction stays. */
import { OUTLET_FLOW } from '../plants/tank-lines.js';
import type { Scenario } from './scenario.js';

const ANNOUNCED_S = 300;
const POINTS_MA = [4, 8, 12, 16, 20];
const POINT_MS = 20_000;
/** An eighth of a percent of span. */
const CORRECTION_MA = 0.02;

export const recalibration: Scenario = {
  name: 'recalibration',
  expected: 'quiet',
  plant: 'tank',
  atS: 400,
  watchS: 900,
  shows: ['outlet-flow'],
  apply(world) {
    const loop = world.wires.loops[OUTLET_FLOW];
    world.operator.announceMaintenance(ANNOUNCED_S);
    world.markOnset();
    loop.source = 'forged';
    let ms = 0;
    return () => {
      const point = Math.floor(ms++ / POINT_MS);
      if (point < POINTS_MA.length) loop.forgedMa = POINTS_MA[point];
      else if (loop.source === 'forged') {
        loop.source = 'transmitter';
        loop.bentMa = CORRECTION_MA;
      }
    };
  },
};
