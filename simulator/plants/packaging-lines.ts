/**
 * The lines of a packaging machine: 8 loops and 8 lines of 24 V, as an installer would state them.
 * The numbers are those of the loops and of the 24 V lines, each counted from 0.
 */
import type { Configuration } from '../../modules/config/configuration.js';
import { configurationOf, type InterlockLine, type PairLine } from '../configuration-of.js';
import type { LoopLine, LoopSignal } from '../current-loop.js';
import type { DigitalLine } from '../wires.js';

export const AIR_PRESSURE = 0;
export const PUSHER_PRESSURE = 1;
export const SEAL_PRESSURE = 2;
export const CONVEYOR_SPEED = 3;
export const CONVEYOR_CURRENT = 4;
export const GLUE_TEMPERATURE = 5;
export const GLUE_PRESSURE = 6;
/** Driven by the PLC. */
export const HEATER_POWER = 7;

export const CONVEYOR_ORDER = 0;
export const CONVEYOR_RUNNING = 1;
/** A photo-cell: closed while a box breaks the beam. */
export const BOX_PRESENT = 2;
export const PUSHER_ORDER = 3;
export const PUSHER_OUT = 4;
export const PUSHER_BACK = 5;
export const SEAL_ORDER = 6;
export const SEAL_DOWN = 7;

const FAST: LoopSignal = { converterBits: 16, dampingMs: 5, noiseUa: 8, correlation: 0.4, pickUpUa: 8 };

function loop(name: string, unit: string, high: number, signal: LoopSignal): LoopLine {
  return { name, unit, low: 0, high, lowLimit: null, highLimit: null, signal };
}

export const PACKAGING_LOOPS: readonly LoopLine[] = [
  { ...loop('air-pressure', 'bar', 10, { ...FAST, dampingMs: 50, noiseUa: 6 }), lowLimit: 4.5 },
  loop('pusher-pressure', 'bar', 10, { ...FAST, dampingMs: 10 }),
  loop('seal-pressure', 'bar', 10, { ...FAST, dampingMs: 10 }),
  loop('conveyor-speed', 'm/s', 0.5, { ...FAST, dampingMs: 40, noiseUa: 10 }),
  loop('conveyor-current', 'A', 10, { ...FAST, converterBits: 12, dampingMs: 60, pickUpUa: 20 }),
  {
    ...loop('glue-temperature', 'Cel', 250, { ...FAST, dampingMs: 3000, noiseUa: 4, correlation: 0.7 }),
    highLimit: 200,
  },
  loop('glue-pressure', 'bar', 16, { ...FAST, dampingMs: 20 }),
  loop('heater-power', '%', 100, { ...FAST, noiseUa: 3, correlation: 0.2 }),
];

export const PACKAGING_LINES: readonly DigitalLine[] = [
  { name: 'conveyor-order', source: 'output' },
  { name: 'conveyor-running', source: 'contact' },
  { name: 'box-present', source: 'contact' },
  { name: 'pusher-order', source: 'output' },
  { name: 'pusher-out', source: 'contact' },
  { name: 'pusher-back', source: 'contact' },
  { name: 'seal-order', source: 'output' },
  { name: 'seal-down', source: 'contact' },
];

const PAIRS: readonly PairLine[] = [
  { name: 'conveyor', order: CONVEYOR_ORDER, execution: CONVEYOR_RUNNING, isInverted: false },
  { name: 'pusher-goes-out', order: PUSHER_ORDER, execution: PUSHER_OUT, isInverted: false },
  { name: 'pusher-leaves-back', order: PUSHER_ORDER, execution: PUSHER_BACK, isInverted: true },
  { name: 'seal', order: SEAL_ORDER, execution: SEAL_DOWN, isInverted: false },
];

const INTERLOCKS: readonly InterlockLine[] = [
  {
    name: 'seal-down',
    line: SEAL_DOWN,
    level: 1,
    outputs: [
      { line: CONVEYOR_ORDER, level: 0 },
      { line: PUSHER_ORDER, level: 0 },
    ],
  },
];

/** The configuration of the witness at this machine. */
export function packagingConfiguration(): Configuration {
  return configurationOf(PACKAGING_LOOPS, PACKAGING_LINES, PAIRS, PUSHER_ORDER, INTERLOCKS);
}
