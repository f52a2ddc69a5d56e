/** The witness's configuration for a plant, as an installer would write it from the plant's lines. */
import type { Configuration } from '../modules/config/configuration.js';
import { countsAt, type LoopLine } from './current-loop.js';
import type { DigitalLine } from './wires.js';

/** An order and the contact that must answer it, by their numbers among the 24 V lines. */
export interface ContactPairLine {
  readonly name: string;
  readonly order: number;
  readonly execution: number;
  readonly isInverted: boolean;
}

/** Longer than any contact bounces (`SETTLE_MS_MAX`). */
const DEBOUNCE_MS = 20;

/**
 * Milliseconds of a row of the models: the rate of pulses is told in steps of one pulse per row. The boards' pulse
 * input counts pulses per sample, an analog line from 0 to 1 (hosts/pico/README.md).
 */
const ROW_MS = 100;

/** `cycleStart`: the 24 V line whose rising edge begins a machine cycle; null: the plant has no cycle. */
export function configurationOf(
  loops: readonly LoopLine[],
  lines: readonly DigitalLine[],
  pairs: readonly ContactPairLine[],
  cycleStart: number | null,
): Configuration {
  return {
    analog: loops.map((loop) => {
      const countsLow = countsAt(loop, 4);
      const countsHigh = countsAt(loop, 20);
      return {
        name: loop.name,
        kind: loop.isPulse ? 'voltage' : 'current',
        unit: loop.unit,
        countsLow,
        countsHigh,
        low: loop.low,
        high: loop.high,
        resolution: (loop.high - loop.low) / (loop.isPulse ? ROW_MS : countsHigh - countsLow),
        lowLimit: loop.lowLimit,
        highLimit: loop.highLimit,
      };
    }),
    digital: lines.map((line) => ({ name: line.name, kind: 'contact', debounceMs: DEBOUNCE_MS })),
    pairs: pairs.map(({ name, order, execution, isInverted }) => ({
      name,
      order: loops.length + order,
      execution: loops.length + execution,
      isInverted,
    })),
    cycleStart: cycleStart === null ? null : loops.length + cycleStart,
    blockUs: 10000,
    blockSamples: 10,
    modelBlocks: 10,
    learnBlocks: 30000,
    falseAlarmsPerDay: 1,
    neighboursMax: 2,
    hasOccupancy: false,
    heartbeatMs: 10000,
    readingsMs: 60000,
    address: 1,
  };
}
