/**
 * What the installer states: edit it, then build. Eight analog and eight digital lines of a small pumping station;
 * counts after the front end of the wiring page (README.md): 4 mA, 20 mA and 10 V at the MCP3208 with a 2.5 V reference.
 */
import type { AnalogConfiguration, Configuration, DigitalConfiguration } from '../../modules/config/configuration.js';
import type { SignerSettings } from '../keys/open-signer.js';
import { deepFreeze } from '../moddable/deep-freeze.js';
import type { Address } from '../moddable/network.js';

const COUNTS_4_MA = 654;
const COUNTS_20_MA = 3270;
const COUNTS_10_V = 3257;

function current(name: string, unit: string, low: number, high: number): AnalogConfiguration {
  const resolution = (high - low) / (COUNTS_20_MA - COUNTS_4_MA);
  return {
    name,
    kind: 'current',
    unit,
    countsLow: COUNTS_4_MA,
    countsHigh: COUNTS_20_MA,
    low,
    high,
    resolution,
    lowLimit: null,
    highLimit: null,
  };
}

function voltage(name: string, unit: string, low: number, high: number): AnalogConfiguration {
  const resolution = (high - low) / COUNTS_10_V;
  return {
    name,
    kind: 'voltage',
    unit,
    countsLow: 0,
    countsHigh: COUNTS_10_V,
    low,
    high,
    resolution,
    lowLimit: null,
    highLimit: null,
  };
}

function contact(name: string): DigitalConfiguration {
  return { name, kind: 'contact', debounceMs: 10 };
}

export const CONFIGURATION: Configuration = deepFreeze({
  analog: [
    current('level', 'm', 0, 6),
    current('inlet-flow', 'l/s', 0, 50),
    current('outlet-flow', 'l/s', 0, 50),
    current('pressure', 'Pa', 0, 1e6),
    current('motor-current-1', 'A', 0, 20),
    current('motor-current-2', 'A', 0, 20),
    voltage('speed-order', '%', 0, 100),
    voltage('valve-position', '%', 0, 100),
  ],
  digital: [
    contact('pump-1-order'),
    contact('pump-1-auxiliary'),
    contact('pump-2-order'),
    contact('pump-2-auxiliary'),
    contact('valve-order'),
    contact('valve-open'),
    contact('high-level-switch'),
    contact('emergency-stop'),
  ],
  pairs: [
    { name: 'pump-1', order: 8, execution: 9, isInverted: false },
    { name: 'pump-2', order: 10, execution: 11, isInverted: false },
    { name: 'valve', order: 12, execution: 13, isInverted: false },
  ],
  cycleStart: null,
  blockUs: 10000,
  blockSamples: 10,
  modelBlocks: 10,
  learnBlocks: 8640000,
  falseAlarmsPerDay: 1,
  neighboursMax: 2,
  hasOccupancy: false,
  heartbeatMs: 10000,
  readingsMs: 60000,
  address: 1,
} as const);

/** The inputs that the channels are on: converter inputs 0 to 7 or 8, the pulse counter; digital inputs 0 to 7. */
export const ANALOG_INPUTS: readonly number[] = Object.freeze([0, 1, 2, 3, 4, 5, 6, 7]);
export const DIGITAL_INPUTS: readonly number[] = Object.freeze([0, 1, 2, 3, 4, 5, 6, 7]);

/** The configuration as it is given to the firmware: the boot frame states its digest. */
export const CONFIGURATION_TEXT = JSON.stringify(CONFIGURATION);

/** The collector that frames are pushed to, and the port that polls come to (UDP) and that it connects to (TCP). */
export const COLLECTOR: Address = Object.freeze({ host: '192.168.1.10', port: 4750 });
export const LOCAL_PORT = 4750;
/** A fixed address is one thing less that an attacker can answer for; null asks DHCP. */
export const STATIC_ADDRESS = Object.freeze({ address: '192.168.1.20', mask: '255.255.255.0', gateway: '192.168.1.1' });

export const SERIAL_BAUD = 115200;
/** A pause for a signature or an erased sector is below a second. */
export const WATCHDOG_MS = 8000;

/** Where the device key is: 'atecc608' where the secure element is fitted. */
export const SIGNER: SignerSettings = Object.freeze({ signer: 'software' });
