/**
 * CDDL as JSON Schema (draft 2020-12), so that ajv can judge: only what frames.cddl uses, the rest throws. CBOR as JSON:
 * a map is an object whose keys are the diagnostic notation of the labels, a byte string { bytes: hexadecimal } with
 * `cbor` where it is one item, a tagged item { tag, value }.
 */
import { type DecodeOptions, decode, Tagged } from 'cborg';
import { type Phrase, parseCddl } from './parse.js';

type Schema = Record<string, unknown>;

/** A member of a group: how often, under which label, of what type. */
interface Entry {
  readonly key: string | undefined;
  readonly schema: Schema;
  readonly min: number;
  readonly max: number;
}

const PRELUDE: Readonly<Record<string, Schema>> = Object.freeze({
  uint: { type: 'integer', minimum: 0 },
  int: { type: 'integer' },
  tstr: { type: 'string' },
  bstr: bytesLike({ type: 'string' }),
  null: { type: 'null' },
});

function bytesLike(bytes: Schema, cbor?: Schema): Schema {
  return {
    type: 'object',
    properties: { bytes, cbor: cbor ?? true },
    required: cbor ? ['bytes', 'cbor'] : ['bytes'],
    additionalProperties: false,
  };
}

function bytesOf(least: number, most: number): Schema {
  return bytesLike({ type: 'string', minLength: 2 * least, maxLength: 2 * most });
}

function choice(schemas: readonly Schema[]): Schema {
  return schemas.length === 1 ? schemas[0] : { anyOf: schemas };
}

function unknown(phrase: Phrase): Error {
  return new Error(`not translated: ${phrase.rule} '${phrase.text}'`);
}

function part(phrase: Phrase, rule: string): Phrase | undefined {
  return phrase.parts.find((one) => one.rule === rule);
}

/** The schemas of all rules that are types. */
export class CddlSchemas {
  readonly $defs: Record<string, Schema> = {};
  private readonly groups = new Map<string, Phrase>();

  constructor(cddl: string) {
    const rules = parseCddl(cddl);
    const types = new Map<string, Phrase>();
    for (const rule of rules) {
      const [name, assign, what] = rule.parts;
      if (rule.parts.length !== 3 || assign.text !== '=') throw unknown(rule);
      if (name.text in PRELUDE || types.has(name.text) || this.groups.has(name.text))
        throw new Error(`${name.text} is defined twice`);
      if (what.rule === 'type') types.set(name.text, what);
      else this.groups.set(name.text, what);
    }
    for (const [name, type] of types) this.$defs[name] = this.ofType(type);
    const known = new Set(Object.keys(this.$defs));
    JSON.stringify(this.$defs, (key, value) => {
      if (key === '$ref' && !known.has(value.slice('#/$defs/'.length))) throw new Error(`${value} is not defined`);
      return value;
    });
  }

  private ofType(type: Phrase): Schema {
    return choice(type.parts.map((type1) => this.ofType1(type1)));
  }

  private ofType1(type1: Phrase): Schema {
    const [first, operator, second] = type1.parts;
    if (operator === undefined) return this.ofType2(first);
    if (operator.rule === 'rangeop' && operator.text === '..')
      return { type: 'integer', minimum: integerOf(first), maximum: integerOf(second) };
    switch (`${first.text} ${operator.text}`) {
      case 'bstr .size': {
        const range = part(second, 'type')?.parts[0].parts;
        return range === undefined
          ? bytesOf(integerOf(second), integerOf(second))
          : bytesOf(integerOf(range[0]), integerOf(range[2]));
      }
      case 'bstr .cbor':
        return bytesLike({ type: 'string' }, this.ofType2(second));
      case 'uint .le':
        return { type: 'integer', minimum: 0, maximum: integerOf(second) };
      default:
        throw unknown(type1);
    }
  }

  private ofType2(type2: Phrase): Schema {
    const [first] = type2.parts;
    if (first?.rule === 'value') return { const: JSON.parse(first.text) };
    if (first?.rule === 'typename' && type2.parts.length === 1 && type2.text === first.text)
      return PRELUDE[first.text] ?? { $ref: `#/$defs/${first.text}` };
    switch (type2.text[0]) {
      case '(':
        return this.ofType(first);
      case '{':
        return choice(this.choicesOf(first).map(mapOf));
      case '[':
        return choice(this.choicesOf(first).map(arrayOf));
    }
    const tag = /^#6\.(\d+)\(/.exec(type2.text);
    if (tag === null) throw unknown(type2);
    const properties = { tag: { const: Number(tag[1]) }, value: this.ofType(first) };
    return { type: 'object', properties, required: ['tag', 'value'], additionalProperties: false };
  }

  /** The ways a group can be filled. */
  private choicesOf(group: Phrase): Entry[][] {
    return group.parts.flatMap(({ parts }) =>
      parts.reduce<Entry[][]>(
        (before, entry) => before.flatMap((entries) => this.entriesOf(entry).map((more) => [...entries, ...more])),
        [[]],
      ),
    );
  }

  private entriesOf(entry: Phrase): Entry[][] {
    const { min, max } = occurrenceOf(part(entry, 'occur')?.text);
    const inner = part(entry, 'group');
    if (inner !== undefined && min === 1 && max === 1) return this.choicesOf(inner);
    const type = part(entry, 'type');
    const named = type && this.groups.get(type.text);
    if (named !== undefined && min === 1 && max === 1) return this.entriesOf(named);
    if (type === undefined || named !== undefined) throw unknown(entry);
    return [[{ key: keyOf(part(entry, 'memberkey')), schema: this.ofType(type), min, max }]];
  }
}

function integerOf(phrase: Phrase): number {
  const value = Number(phrase.text);
  if (!Number.isSafeInteger(value)) throw unknown(phrase);
  return value;
}

function occurrenceOf(text = '1*1'): { min: number; max: number } {
  if (text === '?') return { min: 0, max: 1 };
  if (text === '+') return { min: 1, max: Infinity };
  const [min, max] = text.split('*');
  return { min: Number(min), max: max === '' ? Infinity : Number(max) };
}

/** The label as JSON has it: an integer as it is, text in quotes. */
function keyOf(memberkey: Phrase | undefined): string | undefined {
  if (memberkey === undefined) return undefined;
  const [label] = memberkey.parts;
  if (label.rule === 'bareword') return JSON.stringify(label.text);
  if (!/^(-?\d+|".*")$/.test(label.text)) throw unknown(memberkey);
  return label.text;
}

function mapOf(entries: readonly Entry[]): Schema {
  const properties: Record<string, Schema> = {};
  for (const { key, schema, max } of entries) {
    if (key === undefined || max !== 1 || key in properties) throw new Error(`not translated: members under ${key}`);
    properties[key] = schema;
  }
  const required = entries.filter(({ min }) => min === 1).map(({ key }) => key);
  return { type: 'object', properties, required, additionalProperties: false };
}

/** Items in order; only the last may be there more or less often than once. */
function arrayOf(entries: readonly Entry[]): Schema {
  const fixed = entries.filter(({ min, max }) => min === 1 && max === 1);
  const last = entries[fixed.length];
  if (entries.length > fixed.length + 1 || entries.slice(0, fixed.length).some((entry, i) => entry !== fixed[i]))
    throw new Error('not translated: items after some that may be missing');
  const minItems = fixed.length + (last?.min ?? 0);
  const maxItems = fixed.length + (last?.max ?? 0);
  return {
    type: 'array',
    ...(fixed.length > 0 ? { prefixItems: fixed.map(({ schema }) => schema) } : {}),
    items: last?.schema ?? false,
    minItems,
    ...(maxItems < Infinity ? { maxItems } : {}),
  };
}

const STRICT: DecodeOptions = {
  strict: true,
  useMaps: true,
  rejectDuplicateMapKeys: true,
  allowIndefinite: false,
  tags: Tagged.preserve(4, 18),
};

/** The CBOR item in `bytes` as JSON. */
export function jsonOf(bytes: Uint8Array): unknown {
  return toJson(decode(bytes, STRICT));
}

function toJson(item: unknown): unknown {
  if (item instanceof Uint8Array) return bytesToJson(item);
  if (item instanceof Tagged) return { tag: item.tag, value: toJson(item.value) };
  if (item instanceof Map)
    return Object.fromEntries([...item].map(([label, value]) => [JSON.stringify(toJson(label)), toJson(value)]));
  if (Array.isArray(item)) return item.map(toJson);
  return typeof item === 'bigint' ? Number(item) : item;
}

function bytesToJson(item: Uint8Array): unknown {
  const bytes = Buffer.from(item).toString('hex');
  try {
    return { bytes, cbor: jsonOf(item) };
  } catch {
    return { bytes };
  }
}
