/** The PLC restarts: its outputs drop, and some seconds later its program begins anew. */
import type { Program } from '../plc.js';
import type { Scenario } from './scenario.js';

const DOWN_MS = 8000;

/** Outputs drop. */
const STOPPED: Program = {
  scan: (_inputs, outputs) => {
    outputs.fill(0);
  },
};

export const plcRestart: Scenario = {
  name: 'plc-restart',
  expected: 'quiet',
  plant: 'tank',
  atS: 400,
  watchS: 600,
  shows: ['pump-order', 'level'],
  apply(world) {
    const { plc } = world;
    const before = plc.outputs.slice();
    let downMs = 0;
    return () => {
      if (downMs === 0) plc.program = STOPPED;
      if (plc.outputs.some((level, i) => level !== before[i])) world.markOnset();
      if (++downMs === DOWN_MS) plc.program = world.createProgram();
    };
  },
};
