/**
 * The configuration for a replay: what the learning rows show, or what a wiring file states.
 * A wiring file is JSON: { "signals"?: [names], "falseAlarmsPerDay"?: n, "resolution"?: step of all, or { name: step } }.
 */
import { readFileSync } from 'node:fs';
import type { AnalogConfiguration, Configuration } from '../../modules/config/configuration.js';
import { CHANNELS_MAX, NAME_BYTES_MAX, NEIGHBOURS_MAX } from '../../modules/limits.js';
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
  const wrong = wrongIn(wiring);
  if (wrong !== null) throw new InputError(`${file}: ${wrong}`);
  return wiring;
}

/** What is wrong with a wiring, null when nothing is. */
function wrongIn(wiring: Wiring): string | null {
  if (typeof wiring !== 'object' || wiring === null || Array.isArray(wiring)) return 'not a wiring object';
  for (const key of Object.keys(wiring)) if (!WIRING_KEYS.has(key)) return `unknown key ${key}`;
  const { signals, falseAlarmsPerDay, resolution } = wiring;
  const isNames = Array.isArray(signals) && signals.length > 0 && signals.every((name) => typeof name === 'string');
  if (signals !== undefined && !isNames) return 'signals: a list of names is wanted';
  if (falseAlarmsPerDay !== undefined && !(typeof falseAlarmsPerDay === 'number' && falseAlarmsPerDay > 0))
    return 'falseAlarmsPerDay: a number above 0 is wanted';
  const isStep = (step: unknown) => typeof step === 'number' && step >= 0;
  const steps = typeof resolution === 'object' && resolution !== null ? Object.values(resolution) : [resolution];
  if (resolution !== undefined && !steps.every(isStep)) return 'resolution: a step, or one per name, is wanted';
  return null;
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
  for (const name of names)
    if (name.length === 0 || Buffer.byteLength(name) > NAME_BYTES_MAX)
      throw new InputError(`${learn[0].file}: column '${name}': a name has 1 to ${NAME_BYTES_MAX} bytes`);
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
    name,
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
