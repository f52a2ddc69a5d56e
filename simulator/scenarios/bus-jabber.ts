/**
 * Somebody floods the bus that the witness reports on (after Fuxnet, Moscollector 2024): the collector hears nothing any more.
 * The wires between PLC and plant know nothing of it.
 */
import type { Scenario } from './scenario.js';

export const busJabber: Scenario = {
  name: 'bus-jabber',
  expected: 'attack',
  plant: 'tank',
  atS: 400,
  watchS: 300,
  shows: ['level'],
  isOnBus: true,
  apply(world) {
    world.bus.isJabbered = true;
    world.markOnset();
    return null;
  },
};
