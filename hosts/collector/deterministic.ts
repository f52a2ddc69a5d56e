/**
 * Checks that bytes are exactly one CBOR item in the deterministic encoding of RFC 8949 section 4.2.1, made only of what
 * frames are made of: integers below 2^53, byte and text strings, arrays, maps, false, true, null, decimal fractions.
 * It runs before the general decoder, so that the decoder never sees a tag or a length that nobody checked.
 */
const DEPTH_MAX = 8;
const TAG_DECIMAL_FRACTION = 4;
/** 10^64 and its inverse are far beyond any measured value and well inside a double. */
const EXPONENT_MAX = 64;

const MAJOR_NEGATIVE = 1;
const MAJOR_BYTES = 2;
const MAJOR_TEXT = 3;
const MAJOR_ARRAY = 4;
const MAJOR_MAP = 5;
const MAJOR_TAG = 6;
/** False, true, null. */
const SIMPLE_FALSE = 20;
const SIMPLE_NULL = 22;

/** Thrown inside this file only. */
class Departure extends Error {}

class ItemScanner {
  private readonly bytes: Uint8Array;
  private position = 0;
  private major = 0;
  private readonly utf8 = new TextDecoder('utf-8', { fatal: true });

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  whole(): void {
    this.item(0);
    if (this.position !== this.bytes.length) throw new Departure('bytes follow the item');
  }

  /** Reads a head: sets `major`, returns the argument. */
  private head(): number {
    const { bytes } = this;
    if (this.position >= bytes.length) throw new Departure('the item is cut short');
    const initial = bytes[this.position++];
    this.major = initial >> 5;
    const information = initial & 31;
    if (information < 24) return information;
    if (information > 27) throw new Departure('indefinite or reserved length');
    const length = 1 << (information - 24);
    if (this.major === 7) throw new Departure('a float or an unassigned simple value');
    if (this.position + length > bytes.length) throw new Departure('the item is cut short');
    let argument = 0;
    for (let i = 0; i < length; i++) argument = argument * 256 + bytes[this.position++];
    const smallest = length === 1 ? 24 : length === 2 ? 256 : length === 4 ? 65536 : 4294967296;
    if (argument < smallest) throw new Departure('not the shortest form');
    if (argument > Number.MAX_SAFE_INTEGER) throw new Departure('an integer beyond 2^53');
    return argument;
  }

  private item(depth: number): void {
    if (depth > DEPTH_MAX) throw new Departure('nested too deeply');
    const argument = this.head();
    const { major } = this;
    if (major === MAJOR_BYTES || major === MAJOR_TEXT) this.string(argument);
    else if (major === MAJOR_ARRAY) for (let i = 0; i < argument; i++) this.item(depth + 1);
    else if (major === MAJOR_MAP) this.map(argument, depth);
    else if (major === MAJOR_TAG) this.decimalFraction(argument);
    else if (major > MAJOR_TAG && (argument < SIMPLE_FALSE || argument > SIMPLE_NULL))
      throw new Departure('a float or an unassigned simple value');
  }

  private string(length: number): void {
    const start = this.position;
    if (length > this.bytes.length - start) throw new Departure('the item is cut short');
    this.position = start + length;
    if (this.major !== MAJOR_TEXT) return;
    try {
      this.utf8.decode(this.bytes.subarray(start, this.position));
    } catch {
      throw new Departure('a text that is not UTF-8');
    }
  }

  private map(pairs: number, depth: number): void {
    let before: Uint8Array | undefined;
    for (let i = 0; i < pairs; i++) {
      const start = this.position;
      this.item(depth + 1);
      const key = this.bytes.subarray(start, this.position);
      if (before !== undefined && Buffer.compare(before, key) >= 0)
        throw new Departure('map keys out of order or twice');
      before = key;
      this.item(depth + 1);
    }
  }

  private decimalFraction(tag: number): void {
    if (tag !== TAG_DECIMAL_FRACTION) throw new Departure(`tag ${tag} has no place in a frame`);
    if (this.head() !== 2 || this.major !== MAJOR_ARRAY) throw new Departure('a decimal fraction that is not a pair');
    const exponent = this.head();
    if (this.major > MAJOR_NEGATIVE || exponent > EXPONENT_MAX) throw new Departure('an exponent out of range');
    this.head();
    if (this.major > MAJOR_NEGATIVE) throw new Departure('a mantissa that is not an integer');
  }
}

/** Why `bytes` are not one deterministic item; undefined when they are. */
export function departureFromDeterministic(bytes: Uint8Array): string | undefined {
  try {
    new ItemScanner(bytes).whole();
    return undefined;
  } catch (error) {
    if (error instanceof Departure) return error.message;
    throw error;
  }
}
