/** Programmer's errors: an assertion stays on in the product; the host records it and resets. */

/** Throws when `isTrue` is false. `reason` is a plain literal: one sentence that names what was violated. */
export function assert(isTrue: boolean, reason: string): asserts isTrue {
  if (!isTrue) fail(reason);
}

/** @offStep the way out of a programmer's error; nothing runs after it. */
function fail(reason: string): never {
  throw new Error(reason);
}
