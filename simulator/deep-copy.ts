/**
 * A copy of an object and of all that it refers to, prototypes and cycles included: a simulation can go on in several
 * ways from one moment. Functions are shared, so nothing that is copied may keep state in a closure.
 */

export function deepCopy<T>(original: T): T {
  return copyOf(original, new Map()) as T;
}

function copyOf(value: unknown, copies: Map<object, unknown>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const known = copies.get(value);
  if (known !== undefined) return known;
  if (ArrayBuffer.isView(value)) {
    const copy = (value as Float64Array).slice();
    copies.set(value, copy);
    return copy;
  }
  if (value instanceof Map) {
    const copy = new Map();
    copies.set(value, copy);
    for (const [key, held] of value) copy.set(copyOf(key, copies), copyOf(held, copies));
    return copy;
  }
  const copy = Array.isArray(value) ? [] : Object.create(Object.getPrototypeOf(value));
  copies.set(value, copy);
  for (const key of Object.keys(value)) copy[key] = copyOf((value as Record<string, unknown>)[key], copies);
  return copy;
}
