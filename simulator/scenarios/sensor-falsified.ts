/**
 * Somebody drives the level loop in the transmitter's place: for a minute a synthetic copy of the level, right in the mean
 * but without the surface's waves and the transmitter's noise; then the transmitter's last 21 s, recorded, over and over.
 */
import { LEVEL, OUTLET_FLOW, OUTLET_PRESSURE } from '../plants/tank-lines.js';
import type { Scenario } from './scenario.js';

/** The most that SCADA is told of what betrays a level too high. */
const TOLD_HPA_MAX = 118;
const TOLD_LPS_MAX = 4.6;
/** How long the synthetic copy lasts. */
export const COPY_MS = 60000;
/** Length of the stretch that is replayed. */
export const REPLAY_MS = 21000;

export const sensorFalsified: Scenario = {
  name: 'sensor-falsified',
  expected: 'attack',
  plant: 'tank',
  atS: 400,
  watchS: 300,
  shows: ['level'],
  apply(world) {
    const loop = world.wires.loops[LEVEL];
    const recordedMa = new Float64Array(REPLAY_MS);
    let atMs = 0;
    loop.source = 'forged';
    world.lies.set('outlet-pressure', () => Math.min(world.plant.values[OUTLET_PRESSURE], TOLD_HPA_MAX));
    world.lies.set('outlet-flow', () => Math.min(world.plant.values[OUTLET_FLOW], TOLD_LPS_MAX));
    world.markOnset();
    return () => {
      // The loop steps after this: what the transmitter drives now is known one sample later.
      if (atMs < COPY_MS) {
        recordedMa[atMs % REPLAY_MS] = loop.transmitterMa;
        loop.forgedMa = loop.currentFor(world.tank.levelM);
      } else {
        loop.forgedMa = recordedMa[atMs % REPLAY_MS];
      }
      atMs++;
    };
  },
};
