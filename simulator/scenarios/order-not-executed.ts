/**
 * The coil's wire is cut behind the tap: the next order to the pump stays without contactor, auxiliary and flow,
 * while SCADA is told that the pump runs.
 */
import { PUMP_ORDER } from '../plants/tank-lines.js';
import type { Scenario } from './scenario.js';

const USUAL_FLOW_LPS = 8;

export const orderNotExecuted: Scenario = {
  name: 'order-not-executed',
  expected: 'attack',
  plant: 'tank',
  atS: 400,
  watchS: 120,
  shows: ['pump-auxiliary', 'inlet-flow'],
  apply(world) {
    let before = world.plc.outputs[PUMP_ORDER];
    return () => {
      const order = world.plc.outputs[PUMP_ORDER];
      if (order === 1 && before === 0 && !world.tank.contactor.isCut) {
        world.tank.contactor.isCut = true;
        world.lies.set('pump-auxiliary', () => world.plc.outputs[PUMP_ORDER]);
        world.lies.set('inlet-flow', () => world.plc.outputs[PUMP_ORDER] * USUAL_FLOW_LPS);
        world.markOnset();
      }
      before = order;
    };
  },
};
