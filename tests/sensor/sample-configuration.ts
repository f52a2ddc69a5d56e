/** Small configurations for tests. */
import type { AnalogConfiguration, Configuration, DigitalConfiguration } from '../../modules/config/configuration.js';

export function direct(name: string, over: Partial<AnalogConfiguration> = {}): AnalogConfiguration {
  return {
    name,
    kind: 'direct',
    unit: '',
    countsLow: 0,
    countsHigh: 1,
    low: 0,
    high: 1,
    resolution: 0.001,
    lowLimit: null,
    highLimit: null,
    ...over,
  };
}

export function contact(name: string, debounceMs = 20): DigitalConfiguration {
  return { name, kind: 'contact', debounceMs };
}

/** Two direct channels, blocks of 10 ms, rows of 10 blocks, 40 s of learning. */
export function sampleConfiguration(over: Partial<Configuration> = {}): Configuration {
  return {
    analog: [direct('a'), direct('b')],
    digital: [],
    pairs: [],
    cycleStart: null,
    blockUs: 10_000,
    blockSamples: 10,
    modelBlocks: 10,
    learnBlocks: 4000,
    falseAlarmsPerDay: 1,
    neighboursMax: 1,
    hasOccupancy: false,
    heartbeatMs: 10_000,
    readingsMs: 60_000,
    address: 1,
    ...over,
  };
}
