/** The witness's configuration for a plant, as an installer would write it from the plant's lines. */
import type { Configuration, InterlockConfiguration, PairConfiguration } from '../modules/config/configuration.js';
import { countsAt, type LoopLine } from './current-loop.js';
import type { DigitalLine } from './wires.js';

/** An order and the contact that must answer it, and what makes its mode, by their numbers among the 24 V lines. */
export interface ContactPairLine {
  readonly name: string;
  readonly order: number;
  readonly execution: number;
  readonly isInverted: boolean;
  readonly mode?: readonly number[];
}

/** An order on a 24 V line and the loop that must answer it, by their numbers. */
export interface LevelPairLine {
  readonly name: string;
  readonly order: number;
  readonly loop: number;
  readonly mode?: readonly number[];
}

/** A command on one loop and the feedback on another, by their numbers. */
export interface FollowPairLine {
  readonly name: string;
  readonly command: number;
  readonly loop: number;
  readonly mode?: readonly number[];
}

/** A pair of any kind. */
export type PairLine = ContactPairLine | LevelPairLine | FollowPairLine;

/** A 24 V line whose level must bring outputs to theirs, by their numbers. */
export interface InterlockLine {
  readonly name: string;
  readonly line: number;
  readonly level: number;
  readonly outputs: readonly { readonly line: number; readonly level: number }[];
  /** Response time that the plant's documents state, in milliseconds; without it what is learned counts. */
  readonly withinMs?: number;
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
  pairs: readonly PairLine[],
  cycleStart: number | null,
  interlocks: readonly InterlockLine[] = [],
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
    pairs: pairs.map((pair) => wirePair(pair, loops.length)),
    ...(interlocks.length === 0 ? {} : { interlocks: interlocks.map((lock) => wireInterlock(lock, loops.length)) }),
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

/** Channel numbers: loops first, then 24 V lines from `first`. */
function wirePair(pair: PairLine, first: number): PairConfiguration {
  const named = { name: pair.name, ...(pair.mode && { mode: pair.mode.map((line) => first + line) }) };
  if ('command' in pair) return { ...named, order: pair.command, execution: pair.loop, isInverted: false };
  const order = first + pair.order;
  if ('loop' in pair) return { ...named, order, execution: pair.loop, isInverted: false };
  return { ...named, order, execution: first + pair.execution, isInverted: pair.isInverted };
}

function wireInterlock(lock: InterlockLine, first: number): InterlockConfiguration {
  const { name, line, level, outputs, withinMs = null } = lock;
  return {
    ...{ name, channel: first + line, level, above: null, below: null, withinMs },
    outputs: outputs.map((output) => ({ channel: first + output.line, level: output.level })),
  };
}
