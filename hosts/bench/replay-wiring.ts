/**
 * The configuration for a replay: what the learning rows show, or what a wiring file states.
 * A wiring file is JSON, all keys optional:
 *
 *     { "signals": [names], "kinds": { name: "direct" | "contact" }, "units": { name: unit },
 *       "resolution": step of all or { name: step }, "falseAlarmsPerDay": n,
 *       "pairs": [{ "order": name, "execution": name, "isInverted": false }], "cycleStart": name of a contact }
 *
 * Where time goes back a machine cycle starts, if it does so often enough in the learning rows and no contact is stated.
 * Without a stated kind a signal is a contact when it has two values in the learning rows, or only 0, or only 1 while
 * others are contacts; every other signal is an analog value. A contact is closed above the middle of its two values,
 * above 0.5 where it has not two.
 */
import { readFileSync } from 'node:fs';
import {
  type AnalogConfiguration,
  type Configuration,
  CYCLE_AT_GAP,
  type PairConfiguration,
} from '../../modules/config/configuration.js';
import { CHANNELS_MAX, NAME_BYTES_MAX, NEIGHBOURS_MAX } from '../../modules/limits.js';
import { fewValues, InputError, type Recording, rowSeconds, signalOf } from './recording.js';

/** An order and its execution, by the names of two signals. */
export interface WiredPair {
  readonly order: string;
  readonly execution: string;
  readonly isInverted?: boolean;
}

export interface Wiring {
  readonly signals?: readonly string[];
  readonly kinds?: Readonly<Record<string, 'direct' | 'contact'>>;
  readonly units?: Readonly<Record<string, string>>;
  /** Smallest step that the measuring chain tells, in engineering units. */
  readonly resolution?: number | Readonly<Record<string, number>>;
  readonly falseAlarmsPerDay?: number;
  readonly pairs?: readonly WiredPair[];
  /** The contact whose closing starts a machine cycle. */
  readonly cycleStart?: string;
}

/** Time that goes back this often in the learning rows is a machine's cycle, not a clock that was set. */
const CYCLES_RECOGNISED = 3;

const WIRING_KEYS = new Set(['signals', 'kinds', 'units', 'resolution', 'falseAlarmsPerDay', 'pairs', 'cycleStart']);

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
  const { signals, kinds, units, falseAlarmsPerDay, resolution, pairs, cycleStart } = wiring;
  if (!isRecordOf(kinds, (kind) => kind === 'direct' || kind === 'contact')) return 'kinds: direct or contact by name';
  if (!isRecordOf(units, (unit) => typeof unit === 'string')) return 'units: a unit by name is wanted';
  if (pairs !== undefined && !(Array.isArray(pairs) && pairs.every(isPair)))
    return 'pairs: a list of { order, execution } is wanted';
  const isNames = Array.isArray(signals) && signals.length > 0 && signals.every((name) => typeof name === 'string');
  if (signals !== undefined && !isNames) return 'signals: a list of names is wanted';
  if (falseAlarmsPerDay !== undefined && !(typeof falseAlarmsPerDay === 'number' && falseAlarmsPerDay > 0))
    return 'falseAlarmsPerDay: a number above 0 is wanted';
  if (cycleStart !== undefined && typeof cycleStart !== 'string') return 'cycleStart: the name of a contact is wanted';
  const isStep = (step: unknown) => typeof step === 'number' && step >= 0;
  const steps = typeof resolution === 'object' && resolution !== null ? Object.values(resolution) : [resolution];
  if (resolution !== undefined && !steps.every(isStep)) return 'resolution: a step, or one per name, is wanted';
  return null;
}

/** True for a record of such values, and for none at all. */
function isRecordOf(record: unknown, isValue: (value: unknown) => boolean): boolean {
  if (record === undefined) return true;
  return (
    typeof record === 'object' && record !== null && !Array.isArray(record) && Object.values(record).every(isValue)
  );
}

function isPair(pair: Partial<WiredPair> | null): boolean {
  return typeof pair?.order === 'string' && typeof pair.execution === 'string';
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
  for (const named of [wiring.kinds, wiring.units]) for (const name of Object.keys(named ?? {})) known(names, name);
  const contacts = contactsAmong(names, learn, wiring);
  const values = names.filter((name) => !contacts.includes(name));
  return {
    analog: values.map((name) => inferChannel(name, learn, wiring)),
    digital: contacts.map((name) => ({ name, kind: 'contact', debounceMs: 0 })),
    pairs: (wiring.pairs ?? []).map((pair) => wirePair(pair, contacts, values)),
    cycleStart: cycleStartOf(wiring, contacts, values.length, learn),
    blockUs,
    blockSamples: 1,
    modelBlocks: 1,
    learnBlocks: rows,
    falseAlarmsPerDay: falseAlarmsPerDay ?? wiring.falseAlarmsPerDay ?? 1,
    neighboursMax: Math.max(0, Math.min(NEIGHBOURS_MAX, names.length - 1)),
    hasOccupancy: true,
    heartbeatMs: reportMs,
    readingsMs: reportMs,
    address: 1,
  };
}

/** The signals that are contacts, as stated or inferred. */
function contactsAmong(names: readonly string[], learn: readonly Recording[], { kinds }: Wiring): string[] {
  const values = new Map(names.map((name) => [name, fewValues(learn, name)]));
  const count = (name: string) => values.get(name)?.length;
  const hasContacts = names.some((name) => kinds?.[name] === 'contact' || (!kinds?.[name] && count(name) === 2));
  return names.filter((name) => {
    if (kinds?.[name] !== undefined) return kinds[name] === 'contact';
    const value = values.get(name)?.[0];
    return count(name) === 2 || (hasContacts && count(name) === 1 && (value === 0 || value === 1));
  });
}

function known(names: readonly string[], name: string): void {
  if (!names.includes(name)) throw new InputError(`the wiring names ${name}, which is no signal`);
}

/** A contact answered by a contact or a value, or a value by a value. */
function wirePair(
  { order, execution, isInverted }: WiredPair,
  contacts: readonly string[],
  values: readonly string[],
): PairConfiguration {
  const where = `the wiring pairs ${order} and ${execution}`;
  const channel = (name: string) => {
    const i = values.indexOf(name);
    if (i < 0 && !contacts.includes(name)) throw new InputError(`${where}: ${name} is no signal`);
    return i < 0 ? values.length + contacts.indexOf(name) : i;
  };
  if (values.includes(order) && contacts.includes(execution))
    throw new InputError(`${where}: ${execution} is a contact and cannot answer a value`);
  const pair: PairConfiguration = {
    name: `${order} -> ${execution}`,
    order: channel(order),
    execution: channel(execution),
    isInverted: isInverted === true,
  };
  return pair;
}

function cycleStartOf(
  { cycleStart }: Wiring,
  contacts: readonly string[],
  first: number,
  learn: readonly Recording[],
): number | null {
  if (cycleStart !== undefined) {
    const i = contacts.indexOf(cycleStart);
    if (i < 0) throw new InputError(`the wiring starts a cycle with ${cycleStart}, which is no contact`);
    return first + i;
  }
  let returns = 0;
  for (const { time } of learn) for (let i = 1; i < time.length; i++) if (time[i] < time[i - 1]) returns++;
  return returns >= CYCLES_RECOGNISED ? CYCLE_AT_GAP : null;
}

function inferChannel(name: string, learn: readonly Recording[], wiring: Wiring): AnalogConfiguration {
  const { resolution } = wiring;
  const stated = typeof resolution === 'number' ? resolution : resolution?.[name];
  const values = [...new Set(learn.flatMap((recording) => [...signalOf(recording, name)]))].filter(Number.isFinite);
  values.sort((a, b) => a - b);
  let step = Number.POSITIVE_INFINITY;
  for (let i = 1; i < values.length; i++) step = Math.min(step, values[i] - values[i - 1]);
  return {
    name,
    kind: 'direct',
    unit: wiring.units?.[name] ?? '',
    countsLow: 0,
    countsHigh: 1,
    low: values[0] ?? 0,
    high: values[values.length - 1] ?? 0,
    resolution: stated ?? (Number.isFinite(step) ? step : 0),
    lowLimit: null,
    highLimit: null,
  };
}
