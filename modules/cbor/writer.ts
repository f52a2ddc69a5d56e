/**
 * Deterministic CBOR (RFC 8949 section 4.2.1) into a caller's buffer: shortest heads, definite lengths.
 * The caller writes map keys in bytewise order (0, 1, ..., then -1, -2, ...). Overflow is sticky: write everything,
 * then look once at `isOverflowed`.
 */

import { assert } from '../base/assert.js';
import type { TextTable } from './text.js';

const POWERS_OF_TEN = Object.freeze([1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12]);
const MANTISSA_MAX = 9007199254740991;
/** Largest number of decimal places that `decimal` writes. */
export const DECIMALS_MAX = 12;

/** Writes into one buffer from a position on. */
export class CborWriter {
  readonly buffer: Uint8Array;
  position = 0;
  isOverflowed = false;

  constructor(buffer: Uint8Array) {
    this.buffer = buffer;
  }

  /** Starts again at byte `at` of the buffer. */
  reset(at: number): void {
    this.position = at;
    this.isOverflowed = false;
  }

  /** Head of a data item: major type 0 to 7, argument 0 to 2^53 - 1. */
  private head(major: number, argument: number): void {
    const top = major << 5;
    if (argument < 24) this.byte(top | argument);
    else if (argument < 256) {
      this.byte(top | 24);
      this.byte(argument);
    } else if (argument < 65536) {
      this.byte(top | 25);
      this.byte(argument >>> 8);
      this.byte(argument & 255);
    } else if (argument < 4294967296) {
      this.byte(top | 26);
      this.word(argument);
    } else {
      this.byte(top | 27);
      const high = Math.floor(argument / 4294967296);
      this.word(high);
      this.word(argument - high * 4294967296);
    }
  }

  private word(value: number): void {
    this.byte((value >>> 24) & 255);
    this.byte((value >>> 16) & 255);
    this.byte((value >>> 8) & 255);
    this.byte(value & 255);
  }

  private byte(value: number): void {
    const at = this.position;
    if (at >= this.buffer.length) this.isOverflowed = true;
    else {
      this.buffer[at] = value;
      this.position = at + 1;
    }
  }

  /** Unsigned integer up to 2^53 - 1. */
  uint(value: number): void {
    assert(value >= 0 && value <= 9007199254740991 && Math.floor(value) === value, 'cbor: not an unsigned integer');
    this.head(0, value);
  }

  /** Integer from -2^53 + 1 to 2^53 - 1. */
  int(value: number): void {
    if (value < 0) this.head(1, -1 - value);
    else this.uint(value === 0 ? 0 : value);
  }

  /** Byte string: the first `length` bytes. */
  bytes(from: Uint8Array, length: number): void {
    this.bytesFrom(from, 0, length);
  }

  /** Byte string: `length` bytes from from[start] on. */
  bytesFrom(from: Uint8Array, start: number, length: number): void {
    this.head(2, length);
    for (let i = 0; i < length; i++) this.byte(from[start + i]);
  }

  /** Head of a byte string whose `length` bytes the caller puts in place. */
  bytesHead(length: number): void {
    this.head(2, length);
  }

  /** Text string, from its UTF-8 bytes (`createText`). */
  text(utf8: Uint8Array): void {
    this.head(3, utf8.length);
    this.put(utf8);
  }

  /** Text `first` of the table. */
  textAt(table: TextTable, first: number): void {
    this.head(3, table.lengthOf(first));
    this.putText(table, first);
  }

  /** One text string made of two of the table. */
  textOf(table: TextTable, first: number, second: number): void {
    this.head(3, table.lengthOf(first) + table.lengthOf(second));
    this.putText(table, first);
    this.putText(table, second);
  }

  private putText(table: TextTable, i: number): void {
    const { bytes, ends } = table;
    for (let at = table.startOf(i); at < ends[i]; at++) this.byte(bytes[at]);
  }

  private put(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i++) this.byte(bytes[i]);
  }

  array(items: number): void {
    this.head(4, items);
  }

  map(pairs: number): void {
    this.head(5, pairs);
  }

  tag(tag: number): void {
    this.head(6, tag);
  }

  null(): void {
    this.byte(0xf6);
  }

  /**
   * A number with `decimals` (0 to DECIMALS_MAX) places after the point, fewer where it is too large for them: an
   * integer when none are left, else a decimal fraction (tag 4, RFC 8949 section 3.4.4) without trailing zeros. Null
   * when it is not finite; held to 2^53 - 1 when it is beyond.
   */
  decimal(value: number, decimals: number): void {
    if (!(value - value === 0)) {
      this.null();
      return;
    }
    let mantissa = Math.round(value * POWERS_OF_TEN[decimals]);
    while (decimals > 0 && (mantissa > MANTISSA_MAX || mantissa < -MANTISSA_MAX))
      mantissa = Math.round(value * POWERS_OF_TEN[--decimals]);
    if (mantissa > MANTISSA_MAX) mantissa = MANTISSA_MAX;
    if (mantissa < -MANTISSA_MAX) mantissa = -MANTISSA_MAX;
    while (decimals > 0 && mantissa % 10 === 0) {
      mantissa /= 10;
      decimals--;
    }
    if (decimals > 0) {
      this.tag(4);
      this.array(2);
      this.int(-decimals);
    }
    this.int(mantissa);
  }
}
