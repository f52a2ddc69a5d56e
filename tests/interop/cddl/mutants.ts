/** CBOR items with one thing wrong each: of another type, out of range, one member too few or too many. */
import { Tagged } from 'cborg';

export interface Mutant {
  /** Where, and what was done. */
  readonly name: string;
  readonly item: unknown;
}

/** What the description leaves free. Paths are labels and indexes; `*` stands for any index. */
export interface Freedom {
  /** Members that may be missing. */
  readonly optional: readonly string[];
  /** Numbers are right here, also below 0. */
  readonly signed: readonly string[];
  /** Byte strings and lists of any length. */
  readonly long: readonly string[];
  /** Numbers of which only the first few are right: codes. */
  readonly codes: readonly string[];
}

const has = (list: readonly string[], path: readonly (string | number)[]) =>
  list.includes(path.map((step) => (typeof step === 'number' ? '*' : step)).join(' '));

/** Beyond every code there is. */
const NO_CODE = 200;
const NO_LABEL = 99;

/** All mutants of an item; `path`: to it. */
export function mutantsOf(item: unknown, free: Freedom, path: readonly (string | number)[] = []): Mutant[] {
  const name = path.join(' ') || 'the item';
  const mutants: Mutant[] = [
    { name: `${name} is true`, item: true },
    { name: `${name} is 1.5`, item: 1.5 },
  ];
  if (typeof item !== 'string') mutants.push({ name: `${name} is a text`, item: 'text' });
  else mutants.push({ name: `${name} is a byte string`, item: new Uint8Array(item.length) });
  if (typeof item === 'number') mutants.push(...ofNumber(name, has(free.signed, path), has(free.codes, path)));
  else if (!has(free.signed, path)) mutants.push({ name: `${name} is a number`, item: -1 });
  if (item instanceof Uint8Array) mutants.push(...ofBytes(name, item, has(free.long, path)));
  if (item instanceof Map) mutants.push(...ofMap(name, item, free, path));
  if (item instanceof Tagged) mutants.push(...ofTagged(name, item, free, path));
  if (Array.isArray(item)) mutants.push(...ofArray(name, item, free, path));
  return mutants;
}

function ofNumber(name: string, isSigned: boolean, isCode: boolean): Mutant[] {
  const mutants: Mutant[] = [];
  if (!isSigned) mutants.push({ name: `${name} is negative`, item: -2 });
  if (isCode) mutants.push({ name: `${name} is no code`, item: NO_CODE });
  return mutants;
}

function ofBytes(name: string, item: Uint8Array, isLong: boolean): Mutant[] {
  if (isLong) return [];
  return [
    { name: `${name} is a byte longer`, item: Uint8Array.of(...item, 0) },
    { name: `${name} is a byte shorter`, item: item.slice(1) },
  ];
}

function ofMap(name: string, item: Map<number, unknown>, free: Freedom, path: readonly (string | number)[]): Mutant[] {
  const mutants: Mutant[] = [
    { name: `${name} has another label`, item: new Map([...item, [NO_LABEL, 0]]) },
    { name: `${name} is a list`, item: [...item.values()] },
  ];
  for (const [label, value] of item) {
    const inner = [...path, `${label}`];
    if (!has(free.optional, inner))
      mutants.push({
        name: `${inner.join(' ')} is missing`,
        item: new Map([...item].filter(([other]) => other !== label)),
      });
    for (const mutant of mutantsOf(value, free, inner))
      mutants.push({ name: mutant.name, item: new Map([...item, [label, mutant.item]]) });
  }
  return mutants;
}

function ofTagged(name: string, item: Tagged, free: Freedom, path: readonly (string | number)[]): Mutant[] {
  return [
    { name: `${name} has another tag`, item: new Tagged(item.tag + 1, item.value) },
    { name: `${name} has no tag`, item: item.value },
    ...mutantsOf(item.value, free, [...path, 'tag']).map((mutant) => ({
      name: mutant.name,
      item: new Tagged(item.tag, mutant.item),
    })),
  ];
}

function ofArray(name: string, item: readonly unknown[], free: Freedom, path: readonly (string | number)[]): Mutant[] {
  const mutants: Mutant[] = [{ name: `${name} has true behind it`, item: [...item, true] }];
  if (!has(free.long, path)) {
    mutants.push({ name: `${name} has one item more`, item: [...item, 0] });
    mutants.push({ name: `${name} has one item less`, item: item.slice(1) });
  }
  for (const [i, value] of item.entries())
    for (const mutant of mutantsOf(value, free, [...path, i]))
      mutants.push({ name: mutant.name, item: item.map((one, j) => (j === i ? mutant.item : one)) });
  return mutants;
}
