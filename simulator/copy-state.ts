/**
 * Brings an object, and all that it refers to, into the state of another that the same constructors have built: a
 * simulation can go on in several ways from one moment. Values are copied into the objects that are there, which so keep
 * the shapes that engines are fast with. Functions stay as they are: nothing may keep state in a closure.
 */

type Fields = Record<string, unknown>;

/** `to` becomes as `from` is; throws where their structures differ. */
export function copyState(from: object, to: object): void {
  copyFields(from, to, new Set());
}

function copyFields(from: object, to: object, done: Set<object>): void {
  if (from === to || done.has(from)) return;
  done.add(from);
  if (Object.getPrototypeOf(from) !== Object.getPrototypeOf(to)) throw new Error('copy of state: not of the same kind');
  if (ArrayBuffer.isView(from)) {
    (to as Float64Array).set(from as Float64Array);
    return;
  }
  if (from instanceof Map) {
    if (from.size + (to as typeof from).size > 0) throw new Error('copy of state: a map with entries');
    return;
  }
  if (Array.isArray(from)) (to as unknown[]).length = from.length;
  for (const key of Object.keys(from)) {
    const value = (from as Fields)[key];
    const held = (to as Fields)[key];
    if (typeof value === 'object' && value !== null && typeof held === 'object' && held !== null)
      copyFields(value, held, done);
    else if ((typeof value === 'object' && value !== null) || typeof value === 'function') {
      if (value !== held && typeof value !== 'function') throw new Error(`copy of state: ${key} is not there`);
    } else (to as Fields)[key] = value;
  }
}
