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
    readonly mode: readonly string[];
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

function configurationOf(wiring: Wiring, fail: (steps: string[], reason: string) => void): Configuration {
  const analog = wiring.analog.map(({ range, counts, limits, resolution, ...rest }): AnalogConfiguration => {
    const [low, high] = range;
    const [countsLow, countsHigh] = counts ?? COUNTS[rest.kind];
    const [lowLimit, highLimit] = limits;
    const step = resolution ?? Math.abs(high - low) / (countsHigh - countsLow);
    return { ...rest, countsLow, countsHigh, low, high, resolution: step, lowLimit, highLimit };
  });
  const names = [...wiring.analog, ...wiring.digital].map(({ name }) => name);
  names.forEach((name, i) => {
    const isAnalog = i < analog.length;
    const steps = [isAnalog ? 'analog' : 'digital', String(isAnalog ? i : i - analog.length), 'name'];
    if (names.indexOf(name) !== i) fail(steps, `two lines are called ${name}`);
  });
  const contact = (name: string, steps: string[]) => {
    const i = wiring.digital.findIndex((line) => line.name === name && line.kind === 'contact');
    if (i < 0) fail(steps, `no contact is called ${name}`);
    return analog.length + i;
  };
  return {
    analog,
    digital: wiring.digital.map(({ name, kind, debounceMs }) => ({ name, kind, debounceMs })),
    pairs: wiring.pairs.map(({ name, order, execution, inverted, mode }, i) => ({
      name,
      order: contact(order, ['pairs', String(i), 'order']),
      execution: contact(execution, ['pairs', String(i), 'execution']),
      isInverted: inverted,
      ...(mode.length > 0 ? { mode: mode.map((line, j) => contact(line, ['pairs', `${i}`, 'mode', `${j}`])) } : {}),
    })),
    cycleStart: wiring.cycleStart === null ? null : contact(wiring.cycleStart, ['cycleStart']),
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
    ...(wiring.oneWayTimes > 0 ? { oneWayTimes: wiring.oneWayTimes } : {}),
  };
}
