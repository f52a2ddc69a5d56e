/**
 * A configuration as it travels in commands: CBOR (RFC 8949) of its JSON form. The names of CONFIGURATION_NAMES stand
 * as their number in that list, others as text; numbers are integers below 2^53 or doubles.
 */
import type { Configuration } from './configuration.js';

/** Names of members. New ones are added at the end. */
export const CONFIGURATION_NAMES: readonly string[] = Object.freeze([
  'analog',
  'digital',
  'pairs',
  'cycleStart',
  'blockUs',
  'blockSamples',
  'modelBlocks',
  'learnBlocks',
  'falseAlarmsPerDay',
  'neighboursMax',
  'hasOccupancy',
  'heartbeatMs',
  'readingsMs',
  'address',
  'name',
  'kind',
  'unit',
  'countsLow',
  'countsHigh',
  'low',
  'high',
  'resolution',
  'lowLimit',
  'highLimit',
  'debounceMs',
  'order',
  'execution',
  'isInverted',
  'oneWayTimes',
  'interlocks',
  'channel',
  'level',
  'above',
  'below',
  'outputs',
  'withinMs',
  'rawBeforeMs',
  'rawAfterMs',
]);
const DEPTH_MAX = 6;
const FALSE = 0xf4;
const TRUE = 0xf5;
const NULL = 0xf6;
const DOUBLE = 0xfb;

/** Reads it; throws where the bytes are not of this form. What it says is not checked. */
export function parseConfiguration(bytes: Uint8Array): Configuration {
  const decoder = new Decoder(bytes);
  const value = decoder.item(0);
  if (decoder.at !== bytes.length) throw new Error('configuration: bytes follow it');
  return value as Configuration;
}

class Decoder {
  at = 0;
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  item(depth: number): unknown {
    const initial = this.next();
    if (initial === FALSE || initial === TRUE) return initial === TRUE;
    if (initial === NULL) return null;
    if (initial === DOUBLE) return this.double();
    const argument = this.argument(initial & 31);
    const major = initial >> 5;
    if (major === 0) return argument;
    if (major === 1) return -1 - argument;
    if (major === 3) return this.text(argument);
    if (depth === DEPTH_MAX || argument > this.bytes.length) throw new Error('configuration: nested too deeply');
    if (major === 4) return this.array(argument, depth + 1);
    if (major === 5) return this.members(argument, depth + 1);
    throw new Error('configuration: an item that has no place in it');
  }

  private next(): number {
    if (this.at >= this.bytes.length) throw new Error('configuration: cut short');
    return this.bytes[this.at++];
  }

  private argument(information: number): number {
    if (information < 24) return information;
    if (information > 27) throw new Error('configuration: a length that is not stated');
    let value = 0;
    for (let i = 1 << (information - 24); i > 0; i--) value = value * 256 + this.next();
    return value;
  }

  private double(): number {
    if (this.at + 8 > this.bytes.length) throw new Error('configuration: cut short');
    const view = new DataView(this.bytes.buffer, this.bytes.byteOffset + this.at, 8);
    this.at += 8;
    return view.getFloat64(0);
  }

  /** UTF-8 of one to four bytes a character. */
  private text(length: number): string {
    const end = this.at + length;
    let text = '';
    while (this.at < end) {
      const first = this.next();
      let more = first < 0x80 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
      let code = more === 0 ? first : first & (0x3f >> more);
      for (; more > 0; more--) code = code * 64 + (this.next() & 63);
      text += String.fromCodePoint(code);
    }
    return text;
  }

  private array(items: number, depth: number): unknown[] {
    const array: unknown[] = [];
    for (let i = 0; i < items; i++) array.push(this.item(depth));
    return array;
  }

  private members(pairs: number, depth: number): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    for (let i = 0; i < pairs; i++) {
      const key = this.item(depth);
      const name = typeof key === 'number' ? CONFIGURATION_NAMES[key] : key;
      if (typeof name !== 'string') throw new Error('configuration: a member that has no name');
      object[name] = this.item(depth);
    }
    return object;
  }
}
