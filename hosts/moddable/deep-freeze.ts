/** Freezes a value and all in it: what a preloaded module exports lies in ROM and must not look writable. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  const values = Object.values(value);
  for (let i = 0; i < values.length; i++) deepFreeze(values[i]);
  return Object.freeze(value);
}
