/**
 * The lines of a high-speed blower on a frequency converter: 8 loops, one of them counted pulses, and 8 lines of 24 V,
 * as an installer would state them. The numbers are those of the loops and of the 24 V lines, each counted from 0.
 */
import type { Configuration } from '../../modules/config/configuration.js';
import { configurationOf, type InterlockLine, type PairLine } from '../configuration-of.js';
import type { LoopLine, LoopSignal } from '../current-loop.js';
import type { DigitalLine } from '../wires.js';

/** Driven by the PLC. */
export const SPEED_REFERENCE = 0;
export const SPEED_FEEDBACK = 1;
export const MOTOR_CURRENT = 2;
export const VIBRATION = 3;
export const BEARING_TEMPERATURE = 4;
export const RECEIVER_PRESSURE = 5;
export const FLOW = 6;
/** Driven by the PLC: what the gas is sold by, 500 pulses per cubic metre. */
export const FLOW_PULSES = 7;

export const RUN_ORDER = 0;
export const RUNNING = 1;
/** The converter's own word: the speed is where the reference wants it. */
export const AT_SPEED = 2;
/** Holds the breaker in; 0 trips it. */
export const TRIP_RELEASE = 3;
export const BREAKER_CLOSED = 4;
/** A switch on the bearing: opens on strong vibration, so that a cut wire reads as a trip. */
export const VIBRATION_NORMAL = 5;
export const OIL_PUMP_ORDER = 6;
export const OIL_PUMP_RUNNING = 7;

/** Hour of the day at which a simulation begins. */
export const START_HOUR = 7;

const FAST: LoopSignal = { converterBits: 16, dampingMs: 20, noiseUa: 6, correlation: 0.3, pickUpUa: 8 };

function loop(name: string, unit: string, high: number, signal: LoopSignal): LoopLine {
  return { name, unit, low: 0, high, lowLimit: null, highLimit: null, signal };
}

export const DRIVE_LOOPS: readonly LoopLine[] = [
  loop('speed-reference', 'Hz', 1600, { ...FAST, dampingMs: 5, noiseUa: 3, correlation: 0.2 }),
  loop('speed-feedback', 'Hz', 1600, FAST),
  loop('motor-current', 'A', 200, { ...FAST, converterBits: 12, dampingMs: 60, noiseUa: 9, pickUpUa: 20 }),
  loop('vibration', 'mm/s', 20, { ...FAST, dampingMs: 300, noiseUa: 12, correlation: 0.6 }),
  loop('bearing-temperature', 'Cel', 150, { ...FAST, dampingMs: 4000, noiseUa: 4, correlation: 0.7, pickUpUa: 5 }),
  { ...loop('receiver-pressure', 'mbar', 1000, { ...FAST, dampingMs: 50, noiseUa: 8 }), highLimit: 950 },
  loop('flow', 'm3/s', 2, { ...FAST, dampingMs: 100, noiseUa: 8, correlation: 0.7, pickUpUa: 6 }),
  { ...loop('flow-pulses', 'm3/s', 2, FAST), isPulse: true },
];

export const DRIVE_LINES: readonly DigitalLine[] = [
  { name: 'run-order', source: 'output' },
  { name: 'running', source: 'contact' },
  { name: 'at-speed', source: 'contact' },
  { name: 'trip-release', source: 'output' },
  { name: 'breaker-closed', source: 'contact' },
  { name: 'vibration-normal', source: 'contact' },
  { name: 'oil-pump-order', source: 'output' },
  { name: 'oil-pump-running', source: 'contact' },
];

const PAIRS: readonly PairLine[] = [
  { name: 'run', order: RUN_ORDER, execution: RUNNING, isInverted: false },
  { name: 'breaker', order: TRIP_RELEASE, execution: BREAKER_CLOSED, isInverted: false },
  { name: 'oil-pump', order: OIL_PUMP_ORDER, execution: OIL_PUMP_RUNNING, isInverted: false },
  { name: 'speed', command: SPEED_REFERENCE, loop: SPEED_FEEDBACK },
];

/** Normal operation never trips: this one must be stated, it cannot be learned. */
const INTERLOCKS: readonly InterlockLine[] = [
  {
    name: 'vibration-trip',
    line: VIBRATION_NORMAL,
    level: 0,
    outputs: [
      { line: TRIP_RELEASE, level: 0 },
      { line: RUN_ORDER, level: 0 },
    ],
    // it never trips in normal operation, so there is nothing to learn: the blower's safety requirements state it
    withinMs: 100,
  },
];

/** The configuration of the witness at this blower. */
export function driveConfiguration(): Configuration {
  return configurationOf(DRIVE_LOOPS, DRIVE_LINES, PAIRS, null, INTERLOCKS);
}
