/** The cross-check file: which register of a PLC or SCADA reports which channel of a board, and how near it must be. */
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { SourceError, systemReason } from '../source.js';

const TABLES = ['holding', 'input'] as const;
const TYPES = ['int16', 'uint16', 'int32', 'uint32', 'float32'] as const;
const ORDERS = ['big', 'little'] as const;
const HOLD_MS_DEFAULT = 20_000;
const EVERY_MS_DEFAULT = 500;

/** How one channel is reported. */
export interface Reported {
  readonly table: (typeof TABLES)[number];
  /** Address as in the Modbus message, from 0. */
  readonly register: number;
  readonly type: (typeof TYPES)[number];
  /** Of the two words of a 32-bit value, which comes first: the high one (big) or the low one (little). */
  readonly words: (typeof ORDERS)[number];
  /** Engineering value = raw value x scale + offset. */
  readonly scale: number;
  readonly offset: number;
  /** Largest difference of the means that is none, in the channel's unit. */
  readonly tolerance: number;
}

export interface Plan {
  /** Device id or key identifier; undefined: every device that has a channel of this name. */
  readonly device: string | undefined;
  /** Modbus unit identifier. */
  readonly unit: number;
  readonly everyMs: number;
  /** How long they must differ before it is said, and agree before it is taken back. */
  readonly holdMs: number;
  /** By name of the channel. */
  readonly channels: ReadonlyMap<string, Reported>;
}

const SCHEMA = {
  type: 'object',
  required: ['channels'],
  additionalProperties: false,
  properties: {
    device: { type: 'string', pattern: '^[0-9a-f]{16}$' },
    unit: { type: 'integer', minimum: 0, maximum: 255 },
    everyMs: { type: 'number', minimum: 50, maximum: 60_000 },
    holdMs: { type: 'number', minimum: 0, maximum: 86_400_000 },
    channels: {
      type: 'object',
      minProperties: 1,
      additionalProperties: {
        type: 'object',
        required: ['register', 'type', 'tolerance'],
        additionalProperties: false,
        properties: {
          table: { enum: TABLES },
          register: { type: 'integer', minimum: 0, maximum: 65535 },
          type: { enum: TYPES },
          words: { enum: ORDERS },
          scale: { type: 'number' },
          offset: { type: 'number' },
          tolerance: { type: 'number', exclusiveMinimum: 0 },
        },
      },
    },
  },
} as const;

/** A SourceError of one line, naming the place, when the file is not one. */
export function loadPlan(path: string): Plan {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new SourceError(`${path}: ${systemReason(error)}`);
  }
  let plan: unknown;
  try {
    plan = parse(text);
  } catch (error) {
    throw new SourceError(`${path}: not YAML: ${systemReason(error)}`);
  }
  const ajv = new Ajv();
  if (!ajv.validate(SCHEMA, plan)) {
    const [{ instancePath, message, params }] = ajv.errors as NonNullable<typeof ajv.errors>;
    const which = params.additionalProperty ?? params.allowedValues?.join(', ');
    throw new SourceError(`${path}: ${instancePath.slice(1) || 'the file'} ${message}${which ? `: ${which}` : ''}`);
  }
  const given = plan as Partial<Plan> & { channels: Record<string, Partial<Reported> & { type: Reported['type'] }> };
  return {
    device: given.device,
    unit: given.unit ?? 1,
    everyMs: given.everyMs ?? EVERY_MS_DEFAULT,
    holdMs: given.holdMs ?? HOLD_MS_DEFAULT,
    channels: new Map(Object.entries(given.channels).map(([name, channel]) => [name, complete(channel)])),
  };
}

function complete(channel: Partial<Reported>): Reported {
  return { table: 'holding', words: 'big', scale: 1, offset: 0, ...channel } as Reported;
}
