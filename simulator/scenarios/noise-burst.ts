/** A welder nearby: two seconds of electrical noise on the pump pressure's loop, far inside its limits. */
import { PUMP_PRESSURE } from '../plants/tank-lines.js';
import type { Scenario } from './scenario.js';

const BURST_MS = 2000;
const NOISE_MA = 0.05;

export const noiseBurst: Scenario = {
  name: 'noise-burst',
  expected: 'quiet',
  plant: 'tank',
  atS: 400,
  watchS: 300,
  shows: ['pump-pressure'],
  apply(world) {
    const loop = world.wires.loops[PUMP_PRESSURE];
    let ms = 0;
    world.markOnset();
    return () => {
      loop.bentMa = ms++ < BURST_MS ? NOISE_MA * world.random.gaussian() : 0;
    };
  },
};
