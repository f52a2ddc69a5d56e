/**
 * Wiring and settings as people write them: YAML or JSON, checked against a JSON Schema, then by the firmware's own check. What
 * is wrong is said in one line each: file, line, path, reason.
 */
import { readFileSync } from 'node:fs';
import { Ajv, type ErrorObject } from 'ajv';
import { LineCounter, parseDocument } from 'yaml';
import { checkConfiguration } from '../../modules/config/check.js';
import type { AnalogConfiguration, Configuration } from '../../modules/config/configuration.js';
import { WIRING_SCHEMA } from './wiring-schema.js';

/** What is wrong with a file; one line each. */
export class WiringError extends Error {}

type ContactLevel = 'open' | 'closed';

/** Says what is wrong, and where: steps of the path in the file. */
type Fail = (steps: string[], reason: string) => void;

/** As the schema says; every default is filled in. */
interface Wiring {
  readonly analog: readonly {
    readonly name: string;
    readonly kind: 'current' | 'voltage';
    readonly unit: string;
    readonly range: readonly [number, number];
    readonly counts?: readonly [number, number];
    readonly limits: readonly [number | null, number | null];
    readonly resolution?: number;
  }[];
  readonly digital: readonly {
    readonly name: string;
    readonly kind: 'contact' | 'pulse';
    readonly debounceMs: number;
  }[];
  readonly pairs: readonly {
    readonly name: string;
    readonly order: string;
    readonly execution: string;
    readonly inverted: boolean;
  }[];
  readonly interlocks: readonly {
    readonly name: string;
    readonly channel: string;
    readonly level?: ContactLevel;
    readonly above?: number;
    readonly below?: number;
    readonly outputs: Readonly<Record<string, ContactLevel>>;
    readonly withinMs?: number;
  }[];
  readonly cycleStart: string | null;
  readonly learnMinutes: number;
  readonly falseAlarmsPerDay: number;
  readonly neighboursMax: number;
  readonly heartbeatSeconds: number;
  readonly readingsSeconds: number;
  readonly address: number;
  readonly oneWayTimes: number;
}

/** As boards have them: 10 samples a block of 10 ms, models at 10 Hz. */
const BLOCK_US = 10_000;
const BLOCK_SAMPLES = 10;
const MODEL_BLOCKS = 10;
const BLOCKS_PER_MINUTE = 6000;

/** What the front end's circuit gives at the ends of a range (hosts/front-end.md). */
const COUNTS = {
  current: [654, 3270],
  voltage: [0, 3257],
} as const;

const validate = new Ajv({ allErrors: true, useDefaults: true, allowUnionTypes: true }).compile<Wiring>(WIRING_SCHEMA);

/** The configuration that a file says. */
export function compileFile(path: string): Configuration {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new WiringError(`${path}: cannot read it (${(error as NodeJS.ErrnoException).code})`);
  }
  return compileText(text, path);
}

/** `path` is only named in errors. */
export function compileText(text: string, path: string): Configuration {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false });
  const fail = (errors: readonly string[]): never => {
    throw new WiringError(errors.join('\n'));
  };
  if (document.errors.length > 0)
    fail(document.errors.map(({ pos, message }) => `${path}:${lines.linePos(pos[0]).line}: ${firstLine(message)}`));
  const lineOf = (steps: readonly string[]) => {
    for (let length = steps.length; length > 0; length--) {
      const node = document.getIn(steps.slice(0, length).map(step), true) as { range?: [number] } | undefined;
      if (node?.range) return lines.linePos(node.range[0]).line;
    }
    return 1;
  };
  const wiring: unknown = document.toJS({ maxAliasCount: 100 });
  if (!validate(wiring)) fail((validate.errors ?? []).map((error) => describe(error, path, lineOf(stepsOf(error)))));
  const configuration = configurationOf(wiring as Wiring, (steps, reason) => {
    fail([`${path}:${lineOf(steps)}: /${steps.join('/')}: ${reason}`]);
  });
  const wrong = checkConfiguration(configuration);
  if (wrong !== null) fail([`${path}: ${wrong}`]);
  return configuration;
}

function firstLine(text: string): string {
  return text.split('\n')[0];
}

function step(text: string): string | number {
  return /^\d+$/.test(text) ? Number(text) : text;
}

function stepsOf({ instancePath, keyword, params }: ErrorObject): string[] {
  const steps = instancePath.split('/').slice(1);
  return keyword === 'additionalProperties' ? [...steps, params.additionalProperty] : steps;
}

function describe(error: ErrorObject, path: string, line: number): string {
  const { keyword, params, message } = error;
  const where = `/${stepsOf(error).join('/')}`;
  if (keyword === 'additionalProperties') return `${path}:${line}: ${where}: there is no such key`;
  if (keyword === 'enum') return `${path}:${line}: ${where}: must be one of ${params.allowedValues.join(', ')}`;
  return `${path}:${line}: ${where}: ${message}`;
}

/** Channel numbers of the lines of a file, by name. */
class Lines {
  private readonly wiring: Wiring;
  private readonly fail: Fail;

  constructor(wiring: Wiring, fail: Fail) {
    this.wiring = wiring;
    this.fail = fail;
    const names = [...wiring.analog, ...wiring.digital].map(({ name }) => name);
    const { length } = wiring.analog;
    names.forEach((name, i) => {
      const steps = i < length ? ['analog', String(i), 'name'] : ['digital', String(i - length), 'name'];
      if (names.indexOf(name) !== i) fail(steps, `two lines are called ${name}`);
    });
  }

  analog(name: string, steps: string[]): number {
    const i = this.wiring.analog.findIndex((line) => line.name === name);
    if (i < 0) this.fail(steps, `no analog line is called ${name}`);
    return i;
  }

  contact(name: string, steps: string[]): number {
    const i = this.wiring.digital.findIndex((line) => line.name === name && line.kind === 'contact');
    if (i < 0) this.fail(steps, `no contact is called ${name}`);
    return this.wiring.analog.length + i;
  }

  /** An analog line or a contact. */
  any(name: string, steps: string[]): number {
    const i = this.wiring.analog.findIndex((line) => line.name === name);
    if (i >= 0) return i;
    const contact = this.wiring.digital.findIndex((line) => line.name === name && line.kind === 'contact');
    if (contact < 0) this.fail(steps, `no contact is called ${name}, and no analog line`);
    return this.wiring.analog.length + contact;
  }
}

function interlockOf(lock: Wiring['interlocks'][number], steps: string[], lines: Lines, fail: Fail) {
  const { name, channel, level, above, below, outputs, withinMs } = lock;
  const stated = [level, above, below].filter((condition) => condition !== undefined).length;
  if (stated !== 1) fail(steps, 'one of level, above and below is wanted');
  return {
    name,
    channel:
      level === undefined
        ? lines.analog(channel, [...steps, 'channel'])
        : lines.contact(channel, [...steps, 'channel']),
    level: level === undefined ? null : levelOf(level),
    above: above ?? null,
    below: below ?? null,
    outputs: Object.entries(outputs).map(([output, state]) => ({
      channel: lines.contact(output, [...steps, 'outputs', output]),
      level: levelOf(state),
    })),
    withinMs: withinMs ?? null,
  };
}

function levelOf(state: ContactLevel): number {
  return state === 'closed' ? 1 : 0;
}

function configurationOf(wiring: Wiring, fail: Fail): Configuration {
  const analog = wiring.analog.map(({ range, counts, limits, resolution, ...rest }): AnalogConfiguration => {
    const [low, high] = range;
    const [countsLow, countsHigh] = counts ?? COUNTS[rest.kind];
    const [lowLimit, highLimit] = limits;
    const step = resolution ?? Math.abs(high - low) / (countsHigh - countsLow);
    return { ...rest, countsLow, countsHigh, low, high, resolution: step, lowLimit, highLimit };
  });
  const lines = new Lines(wiring, fail);
  const interlocks = wiring.interlocks.map((lock, i) => interlockOf(lock, ['interlocks', String(i)], lines, fail));
  return {
    analog,
    digital: wiring.digital.map(({ name, kind, debounceMs }) => ({ name, kind, debounceMs })),
    pairs: wiring.pairs.map(({ name, order, execution, inverted }, i) => ({
      name,
      order: lines.any(order, ['pairs', String(i), 'order']),
      execution: lines.any(execution, ['pairs', String(i), 'execution']),
      isInverted: inverted,
    })),
    cycleStart: wiring.cycleStart === null ? null : lines.contact(wiring.cycleStart, ['cycleStart']),
    blockUs: BLOCK_US,
    blockSamples: BLOCK_SAMPLES,
    modelBlocks: MODEL_BLOCKS,
    learnBlocks: Math.round(wiring.learnMinutes * BLOCKS_PER_MINUTE),
    falseAlarmsPerDay: wiring.falseAlarmsPerDay,
    neighboursMax: wiring.neighboursMax,
    hasOccupancy: false,
    heartbeatMs: wiring.heartbeatSeconds * 1000,
    readingsMs: wiring.readingsSeconds * 1000,
    address: wiring.address,
    ...(interlocks.length > 0 ? { interlocks } : {}),
    ...(wiring.oneWayTimes > 0 ? { oneWayTimes: wiring.oneWayTimes } : {}),
  };
}
