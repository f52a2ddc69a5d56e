/**
 * The tank's lines: 8 loops and 8 lines of 24 V, as an installer would state them.
 * The numbers are those of the loops and of the 24 V lines, each counted from 0.
 */
import type { Configuration } from '../../modules/config/configuration.js';
import { configurationOf, type PairLine } from '../configuration-of.js';
import type { LoopLine } from '../current-loop.js';
import type { DigitalLine } from '../wires.js';

export const LEVEL = 0;
export const INLET_FLOW = 1;
export const OUTLET_FLOW = 2;
export const PUMP_PRESSURE = 3;
export const MOTOR_CURRENT = 4;
export const TANK_TEMPERATURE = 5;
export const VALVE_POSITION = 6;
export const OUTLET_PRESSURE = 7;

export const PUMP_ORDER = 0;
export const PUMP_AUXILIARY = 1;
export const VALVE_ORDER = 2;
export const VALVE_OPENED = 3;
export const VALVE_CLOSED = 4;
export const HIGH_LEVEL = 5;
/** Closed while the probe is wet, so that a cut wire reads as an empty tank. */
export const LOW_LEVEL = 6;
/** Toggles every 500 ms while the program runs. */
export const PLC_RUNNING = 7;

export const TANK_LOOPS: readonly LoopLine[] = [
  {
    name: 'level',
    unit: 'm',
    low: 0,
    high: 2,
    lowLimit: 0.3,
    highLimit: 1.7,
    signal: { converterBits: 16, dampingMs: 100, noiseUa: 6, correlation: 0.6, pickUpUa: 4 },
  },
  {
    name: 'inlet-flow',
    unit: 'l/s',
    low: 0,
    high: 12,
    lowLimit: null,
    highLimit: null,
    signal: { converterBits: 16, dampingMs: 150, noiseUa: 12, correlation: 0.8, pickUpUa: 7 },
  },
  {
    name: 'outlet-flow',
    unit: 'l/s',
    low: 0,
    high: 8,
    lowLimit: null,
    highLimit: null,
    signal: { converterBits: 16, dampingMs: 150, noiseUa: 10, correlation: 0.8, pickUpUa: 5 },
  },
  {
    name: 'pump-pressure',
    unit: 'hPa',
    low: 0,
    high: 4000,
    lowLimit: null,
    highLimit: null,
    signal: { converterBits: 16, dampingMs: 30, noiseUa: 8, correlation: 0.4, pickUpUa: 10 },
  },
  {
    name: 'motor-current',
    unit: 'A',
    low: 0,
    high: 20,
    lowLimit: null,
    highLimit: null,
    signal: { converterBits: 12, dampingMs: 60, noiseUa: 9, correlation: 0.5, pickUpUa: 20 },
  },
  {
    name: 'tank-temperature',
    unit: 'Cel',
    low: 0,
    high: 50,
    lowLimit: null,
    highLimit: null,
    signal: { converterBits: 12, dampingMs: 4000, noiseUa: 5, correlation: 0.7, pickUpUa: 4 },
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
    name: 'outlet-pressure',
    unit: 'hPa',
    low: 0,
    high: 250,
    lowLimit: null,
    highLimit: null,
    signal: { converterBits: 16, dampingMs: 30, noiseUa: 8, correlation: 0.4, pickUpUa: 8 },
  },
];

export const TANK_DIGITAL_LINES: readonly DigitalLine[] = [
  { name: 'pump-order', source: 'output' },
  { name: 'pump-auxiliary', source: 'contact' },
  { name: 'valve-order', source: 'output' },
  { name: 'valve-opened', source: 'contact' },
  { name: 'valve-closed', source: 'contact' },
  { name: 'high-level', source: 'contact' },
  { name: 'low-level', source: 'contact' },
  { name: 'plc-running', source: 'output' },
];

export const TANK_PAIRS: readonly PairLine[] = [
  { name: 'pump', order: PUMP_ORDER, execution: PUMP_AUXILIARY, isInverted: false },
  { name: 'valve-opens', order: VALVE_ORDER, execution: VALVE_OPENED, isInverted: false },
  { name: 'valve-leaves-closed', order: VALVE_ORDER, execution: VALVE_CLOSED, isInverted: true },
  { name: 'pump-flow', order: PUMP_ORDER, loop: INLET_FLOW },
  { name: 'valve-travel', order: VALVE_ORDER, loop: VALVE_POSITION },
];

/** The configuration of the witness at this tank. */
export function tankConfiguration(): Configuration {
  return tankConfigurationOf(TANK_DIGITAL_LINES, TANK_PAIRS);
}

/** The same of a variant of it. */
export function tankConfigurationOf(lines: readonly DigitalLine[], pairs: readonly PairLine[]): Configuration {
  return configurationOf(TANK_LOOPS, lines, pairs, null);
}
