/**
 * What is wired to this pico board: edit it for an installation. The example is a tank with its inlet pump and outlet
 * valve, eight 4-20 mA loops at the SPI converter and eight lines of 24 V.
 */
import type { AnalogConfiguration, Configuration } from '../../modules/config/configuration.js';
import type { SignerSettings } from '../keys/open-signer.js';
import { deepFreeze } from '../moddable/deep-freeze.js';
import { ANALOG_INPUTS, PINS } from './pins.js';

/** At the SPI converter: 49.9 ohm, gain 2, 12 bits over 2.5 V (../front-end.md). */
const COUNTS_4_MA = 654;
const COUNTS_20_MA = 3270;
const BLOCKS_PER_SECOND = 100;

/** Ranges of the loops, in the order of the channels: name, unit, value at 4 mA and at 20 mA, alarm limits. */
const LOOPS: readonly (readonly [string, string, number, number, number | null, number | null])[] = [
  ['level', 'm', 0, 2, 0.3, 1.7],
  ['inlet-flow', 'l/s', 0, 12, null, null],
  ['outlet-flow', 'l/s', 0, 8, null, null],
  ['pump-pressure', 'hPa', 0, 4000, null, null],
  ['motor-current', 'A', 0, 20, null, null],
  ['tank-temperature', 'Cel', 0, 50, null, null],
  ['valve-position', '%', 0, 100, null, null],
  ['outlet-pressure', 'hPa', 0, 250, null, null],
];

const CONTACTS: readonly string[] = [
  'pump-order',
  'pump-auxiliary',
  'valve-order',
  'valve-opened',
  'valve-closed',
  'high-level',
  'low-level',
  'plc-running',
];

const analog = LOOPS.map(([name, unit, low, high, lowLimit, highLimit]): AnalogConfiguration => {
  const resolution = (high - low) / (COUNTS_20_MA - COUNTS_4_MA);
  const scale = { countsLow: COUNTS_4_MA, countsHigh: COUNTS_20_MA, low, high, resolution };
  return { name, kind: 'current', unit, ...scale, lowLimit, highLimit };
});

const channelOf = (contact: string) => LOOPS.length + CONTACTS.indexOf(contact);
const pair = (name: string, order: string, execution: string, isInverted: boolean) => ({
  name,
  order: channelOf(order),
  execution: channelOf(execution),
  isInverted,
});

export const CONFIGURATION: Configuration = deepFreeze({
  analog,
  digital: CONTACTS.map((name) => ({ name, kind: 'contact', debounceMs: 20 })),
  pairs: [
    pair('pump', 'pump-order', 'pump-auxiliary', false),
    pair('valve-opens', 'valve-order', 'valve-opened', false),
    pair('valve-leaves-closed', 'valve-order', 'valve-closed', true),
  ],
  cycleStart: null,
  blockUs: 10_000,
  blockSamples: 10,
  modelBlocks: 10,
  learnBlocks: 300 * BLOCKS_PER_SECOND,
  falseAlarmsPerDay: 1,
  neighboursMax: 3,
  hasOccupancy: false,
  heartbeatMs: 10_000,
  readingsMs: 60_000,
  address: 1,
});

/** What the configuration's digest is made of; written while the image is linked. */
export const CONFIGURATION_TEXT = JSON.stringify(CONFIGURATION);

/** The input of each channel, in the configuration's order. */
export const ANALOG_WIRING: readonly number[] = Object.freeze([
  ANALOG_INPUTS.AI1,
  ANALOG_INPUTS.AI2,
  ANALOG_INPUTS.AI3,
  ANALOG_INPUTS.AI4,
  ANALOG_INPUTS.AI5,
  ANALOG_INPUTS.AI6,
  ANALOG_INPUTS.AI7,
  ANALOG_INPUTS.AI8,
]);
export const DIGITAL_WIRING: readonly number[] = Object.freeze([
  PINS.DI1,
  PINS.DI2,
  PINS.DI3,
  PINS.DI4,
  PINS.DI5,
  PINS.DI6,
  PINS.DI7,
  PINS.DI8,
]);

/** `software`: the key lies in the chip's flash. `atecc608`: in the secure element on the I2C pins. */
export const SIGNER_SETTINGS: SignerSettings = Object.freeze({ signer: 'software' });
/** Of the RS-485 line, in bits a second. */
export const BAUD = 115_200;
/** A slice of a signature takes 0.1 s, the erase of a sector 0.4 s at most. */
export const WATCHDOG_MS = 4000;
