/** Where items stand within bytes that are known to be deterministic CBOR (deterministic.ts): for passing them on unchanged. */
const MAJOR_BYTES = 2;
const MAJOR_TEXT = 3;
const MAJOR_ARRAY = 4;
const MAJOR_MAP = 5;
const MAJOR_TAG = 6;

interface Head {
  readonly major: number;
  readonly argument: number;
  readonly end: number;
}

function headAt(bytes: Uint8Array, at: number): Head {
  const major = bytes[at] >> 5;
  const information = bytes[at] & 31;
  if (information < 24) return { major, argument: information, end: at + 1 };
  const length = 1 << (information - 24);
  let argument = 0;
  for (let i = 1; i <= length; i++) argument = argument * 256 + bytes[at + i];
  return { major, argument, end: at + 1 + length };
}

/** Where the item that begins at `at` ends. */
export function itemEnd(bytes: Uint8Array, at: number): number {
  const { major, argument, end } = headAt(bytes, at);
  if (major === MAJOR_BYTES || major === MAJOR_TEXT) return end + argument;
  const items = major === MAJOR_ARRAY ? argument : major === MAJOR_MAP ? 2 * argument : major === MAJOR_TAG ? 1 : 0;
  let next = end;
  for (let i = 0; i < items; i++) next = itemEnd(bytes, next);
  return next;
}

/** The value of an unsigned-integer label in the map that `bytes` are; undefined when it is not there. */
export function labelled(bytes: Uint8Array, label: number): Uint8Array | undefined {
  const { major, argument, end } = headAt(bytes, 0);
  if (major !== MAJOR_MAP) return undefined;
  let at = end;
  for (let i = 0; i < argument; i++) {
    const key = headAt(bytes, at);
    const start = itemEnd(bytes, at);
    at = itemEnd(bytes, start);
    if (key.major === 0 && key.argument === label) return bytes.subarray(start, at);
  }
  return undefined;
}
