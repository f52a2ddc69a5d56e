/**
 * The coil's wire is cut behind the tap: the next order to the pump stays without contactor, auxiliary and flow,
 * while SCADA is told that the pump runs and that the tank fills.
 */
import * as line from '../plants/tank-lines.js';
import type { World } from '../world.js';
import type { Scenario } from './scenario.js';

/** What a running pump shows. */
const USUAL = { 'inlet-flow': 8, 'pump-pressure': 1580, 'motor-current': 3.8 };
const FULL_M = 1.14;
/** The tank fills by so much in a millisecond while the valve is open. */
const FILLING_M = 6e-6;

export const orderNotExecuted: Scenario = {
  name: 'order-not-executed',
  expected: 'attack',
  plant: 'tank',
  atS: 400,
  watchS: 120,
  shows: ['pump-auxiliary', 'inlet-flow'],
  apply(world) {
    let before = world.plc.outputs[line.PUMP_ORDER];
    let toldM = 0;
    return () => {
      const order = world.plc.outputs[line.PUMP_ORDER];
      const { contactor, levelM } = world.tank;
      if (order === 1 && before === 0 && !contactor.isCut) {
        contactor.isCut = true;
        toldM = levelM;
        lie(world, () => toldM);
        world.markOnset();
      }
      if (order === 1) toldM = Math.min(toldM + FILLING_M, FULL_M);
      before = order;
    };
  },
};

function lie({ plc, lies, plant }: World, levelM: () => number): void {
  const temperatureC = plant.values[line.TANK_TEMPERATURE];
  lies.set('pump-auxiliary', () => plc.outputs[line.PUMP_ORDER]);
  lies.set('level', levelM);
  lies.set('tank-temperature', () => temperatureC);
  lies.set('low-level', () => 1);
  lies.set('high-level', () => (levelM() > 1.1 ? 1 : 0));
  for (const [name, value] of Object.entries(USUAL)) lies.set(name, () => value * plc.outputs[line.PUMP_ORDER]);
}
