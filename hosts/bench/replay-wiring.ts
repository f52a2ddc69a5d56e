/**
 * The configuration for a replay: what the learning rows show, or what a wiring file states.
 * A wiring file is JSON: { "signals"?: [names], "falseAlarmsPerDay"?: n, "resolution"?: step of all, or { name: step } }.
 */
import { readFileSync } from 'node:fs';
import type { AnalogConfiguration, Configuration } from '../../modules/config/configuration.js';
import { CHANNELS_MAX, NEIGHBOURS_MAX } from '../../modules/limits.js';
import { InputError, type Recording, rowSeconds, signalOf } from './recording.js';

export interface Wiring {
  readonly signals?: readonly string[];
  readonly falseAlarmsPerDay?: number;
  /** Smallest step that the measuring chain tells, in engineering units. */
  readonly resolution?: number | Readonly<Record<string, number>>;
}

const WIRING_KEYS = new Set(['signals', 'falseAlarmsPerDay', 'resolution']);

export function readWiring(file: string): Wiring {
  let wiring: Wiring;
  try {
    wiring = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new InputError(`${file}: ${(error as Error).message.split('\n')[0]}`);
  }
  if (typeof wiring !== 'object' || wiring === null) throw new InputError(`${file}: not a wiring object`);
  for (const key of Object.keys(wiring)) if (!WIRING_KEYS.has(key)) throw new InputError(`${file}: unknown key ${key}`);
  return wiring;
}

/** One row of the recording is one block of one sample and one step of the models. */
export function replayConfiguration(
  learn: readonly Recording[],
  watch: readonly Recording[],
  wiring: Wiring,
  falseAlarmsPerDay: number | undefined,
): Configuration {
  const names = wiring.signals ?? learn[0].names;
  if (names.length > CHANNELS_MAX) throw new InputError(`${names.length} signals, at most ${CHANNELS_MAX}`);
  for (const recording of [...learn, ...watch]) for (const name of names) signalOf(recording, name);
  const rows = learn.reduce((sum, recording) => sum + recording.time.length, 0);
  if (rows < 8) throw new InputError(`${rows} rows to learn from, at least 8 are needed`);
  const blockUs = Math.max(1, Math.round(rowSeconds(learn[0]) * 1e6));
  const reportMs = Math.max(60_000, Math.ceil((blockUs / 1000) * 500));
  return {
    analog: names.map((name) => inferChannel(name, learn, statedResolution(wiring, name))),
    digital: [],
    pairs: [],
    blockUs,
    blockSamples: 1,
    modelBlocks: 1,
    learnBlocks: rows,
    falseAlarmsPerDay: falseAlarmsPerDay ?? wiring.falseAlarmsPerDay ?? 1,
    neighboursMax: Math.min(NEIGHBOURS_MAX, names.length - 1),
    heartbeatMs: reportMs,
    readingsMs: reportMs,
    address: 1,
  };
}

function statedResolution(wiring: Wiring, name: string): number | undefined {
  return typeof wiring.resolution === 'number' ? wiring.resolution : wiring.resolution?.[name];
}

function inferChannel(name: string, learn: readonly Recording[], stated: number | undefined): AnalogConfiguration {
  const values = [...new Set(learn.flatMap((recording) => [...signalOf(recording, name)]))].filter(Number.isFinite);
  values.sort((a, b) => a - b);
  let step = Number.POSITIVE_INFINITY;
  for (let i = 1; i < values.length; i++) step = Math.min(step, values[i] - values[i - 1]);
  return {
    name: name.slice(0, 32),
    kind: 'direct',
    unit: '',
    countsLow: 0,
    countsHigh: 1,
    low: values[0] ?? 0,
    high: values[values.length - 1] ?? 0,
    resolution: stated ?? (Number.isFinite(step) ? step : 0),
    lowLimit: null,
    highLimit: null,
  };
}
