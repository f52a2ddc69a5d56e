/**
 * The lines of a heating substation: 8 loops and 8 lines of 24 V, as an installer would state them.
 * The numbers are those of the loops and of the 24 V lines, each counted from 0.
 */
import type { Configuration } from '../../modules/config/configuration.js';
import { configurationOf, type PairLine } from '../configuration-of.js';
import type { LoopLine } from '../current-loop.js';
import type { DigitalLine } from '../wires.js';

export const NETWORK_SUPPLY = 0;
export const NETWORK_RETURN = 1;
export const FLOW_TEMPERATURE = 2;
export const RETURN_TEMPERATURE = 3;
export const OUTSIDE_TEMPERATURE = 4;
/** Driven by the PLC. */
export const VALVE_COMMAND = 5;
export const VALVE_POSITION = 6;
export const CIRCUIT_FLOW = 7;

export const PUMP_1_ORDER = 0;
export const PUMP_1_RUNNING = 1;
export const PUMP_2_ORDER = 2;
export const PUMP_2_RUNNING = 3;
export const CHARGE_ORDER = 4;
export const CHARGE_RUNNING = 5;
/** Closed while the hot water tank is cold. */
export const TANK_THERMOSTAT = 6;
/** Opens when the flow is too hot, so that a cut wire reads as too hot. */
export const SAFETY_THERMOSTAT = 7;

/** Hour of the day at which a simulation begins. */
export const START_HOUR = 7;

/** A resistance thermometer in its pocket, with a head transmitter. */
function thermometer(name: string, low: number, high: number, highLimit: number | null): LoopLine {
  return {
    name,
    unit: 'Cel',
    low,
    high,
    lowLimit: null,
    highLimit,
    signal: { converterBits: 16, dampingMs: 4000, noiseUa: 4, correlation: 0.7, pickUpUa: 5 },
  };
}

export const HEATING_LOOPS: readonly LoopLine[] = [
  thermometer('network-supply', 0, 150, null),
  thermometer('network-return', 0, 150, null),
  thermometer('flow-temperature', 0, 100, 90),
  thermometer('return-temperature', 0, 100, null),
  thermometer('outside-temperature', -30, 50, null),
  {
    name: 'valve-command',
    unit: '%',
    low: 0,
    high: 100,
    lowLimit: null,
    highLimit: null,
    signal: { converterBits: 12, dampingMs: 5, noiseUa: 3, correlation: 0.2, pickUpUa: 8 },
  },
  {
    name: 'valve-position',
    unit: '%',
    low: 0,
    high: 100,
    lowLimit: null,
    highLimit: null,
    signal: { converterBits: 12, dampingMs: 20, noiseUa: 7, correlation: 0.3, pickUpUa: 6 },
  },
  {
    name: 'circuit-flow',
    unit: 'l/s',
    low: 0,
    high: 4,
    lowLimit: null,
    highLimit: null,
    signal: { converterBits: 16, dampingMs: 300, noiseUa: 10, correlation: 0.8, pickUpUa: 6 },
  },
];

export const HEATING_LINES: readonly DigitalLine[] = [
  { name: 'pump-1-order', source: 'output' },
  { name: 'pump-1-running', source: 'contact' },
  { name: 'pump-2-order', source: 'output' },
  { name: 'pump-2-running', source: 'contact' },
  { name: 'charge-order', source: 'output' },
  { name: 'charge-running', source: 'contact' },
  { name: 'tank-thermostat', source: 'contact' },
  { name: 'safety-thermostat', source: 'contact' },
];

const PAIRS: readonly PairLine[] = [
  { name: 'pump-1', order: PUMP_1_ORDER, execution: PUMP_1_RUNNING, isInverted: false },
  { name: 'pump-2', order: PUMP_2_ORDER, execution: PUMP_2_RUNNING, isInverted: false },
  { name: 'charge-pump', order: CHARGE_ORDER, execution: CHARGE_RUNNING, isInverted: false },
  { name: 'valve', command: VALVE_COMMAND, loop: VALVE_POSITION },
];

/** The configuration of the witness at this substation. */
export function heatingConfiguration(): Configuration {
  return configurationOf(HEATING_LOOPS, HEATING_LINES, PAIRS, null);
}
