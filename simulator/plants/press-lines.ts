/**
 * The lines of a press fed by a conveyor: 8 loops and 8 lines of 24 V, as an installer would state them.
 * The numbers are those of the loops and of the 24 V lines, each counted from 0.
 */
import type { Configuration } from '../../modules/config/configuration.js';
import { type ContactPairLine, configurationOf } from '../configuration-of.js';
import type { LoopLine, LoopSignal } from '../current-loop.js';
import type { DigitalLine } from '../wires.js';

export const RAM_POSITION = 0;
export const OIL_PRESSURE = 1;
export const CLAMP_PRESSURE = 2;
export const AIR_SUPPLY = 3;
export const CONVEYOR_CURRENT = 4;
export const PUMP_CURRENT = 5;
export const OIL_TEMPERATURE = 6;
export const PRESS_FORCE = 7;

export const CONVEYOR_ORDER = 0;
export const CONVEYOR_RUNNING = 1;
/** A light barrier: closed while a part breaks the beam. */
export const PART_PRESENT = 2;
export const CLAMP_ORDER = 3;
export const CLAMPED = 4;
/** Down while 1, up while 0. */
export const RAM_ORDER = 5;
export const RAM_DOWN = 6;
export const RAM_UP = 7;

const FAST: LoopSignal = { converterBits: 16, dampingMs: 5, noiseUa: 8, correlation: 0.4, pickUpUa: 8 };

function loop(name: string, unit: string, high: number, signal: LoopSignal): LoopLine {
  return { name, unit, low: 0, high, lowLimit: null, highLimit: null, signal };
}

export const PRESS_LOOPS: readonly LoopLine[] = [
  loop('ram-position', 'mm', 400, { ...FAST, noiseUa: 5 }),
  { ...loop('oil-pressure', 'bar', 250, { ...FAST, dampingMs: 10 }), highLimit: 240 },
  loop('clamp-pressure', 'bar', 10, { ...FAST, dampingMs: 20 }),
  loop('air-supply', 'bar', 10, { ...FAST, dampingMs: 50, noiseUa: 6 }),
  loop('conveyor-current', 'A', 10, { ...FAST, converterBits: 12, dampingMs: 60, pickUpUa: 20 }),
  loop('pump-current', 'A', 40, { ...FAST, converterBits: 12, dampingMs: 60, pickUpUa: 20 }),
  loop('oil-temperature', 'Cel', 100, { ...FAST, converterBits: 12, dampingMs: 4000, noiseUa: 5, correlation: 0.7 }),
  loop('press-force', 'kN', 300, { ...FAST, noiseUa: 10 }),
];

export const PRESS_LINES: readonly DigitalLine[] = [
  { name: 'conveyor-order', source: 'output' },
  { name: 'conveyor-running', source: 'contact' },
  { name: 'part-present', source: 'contact' },
  { name: 'clamp-order', source: 'output' },
  { name: 'clamped', source: 'contact' },
  { name: 'ram-order', source: 'output' },
  { name: 'ram-down', source: 'contact' },
  { name: 'ram-up', source: 'contact' },
];

const PAIRS: readonly ContactPairLine[] = [
  { name: 'conveyor', order: CONVEYOR_ORDER, execution: CONVEYOR_RUNNING, isInverted: false },
  { name: 'clamp', order: CLAMP_ORDER, execution: CLAMPED, isInverted: false },
  { name: 'ram-goes-down', order: RAM_ORDER, execution: RAM_DOWN, isInverted: false },
  { name: 'ram-leaves-top', order: RAM_ORDER, execution: RAM_UP, isInverted: true },
];

/** The configuration of the witness at this press. */
export function pressConfiguration(): Configuration {
  return configurationOf(PRESS_LOOPS, PRESS_LINES, PAIRS, CLAMP_ORDER);
}
