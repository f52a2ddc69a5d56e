/**
 * Strict CBOR reader over a caller's buffer: accepts only the deterministic encoding (RFC 8949 section 4.2.1) of
 * unsigned integers below 2^53, byte strings, arrays and maps. Anything else is an error, and errors are
 * sticky: read everything, then look once at `hasError`.
 */
export class CborReader {
  buffer: Uint8Array;
  position = 0;
  end = 0;
  hasError = false;
  /** True when the error is only that the input ends too early (a stream may bring the rest). */
  isShort = false;
  /** Length that the last byte string said it has. */
  argument = 0;

  constructor(buffer: Uint8Array) {
    this.buffer = buffer;
  }

  /** Reads buffer[start] to buffer[end - 1] from now on. */
  reset(start: number, end: number): void {
    this.position = start;
    this.end = end;
    this.hasError = false;
    this.isShort = false;
  }

  /** Head of the next item when its major type is `major`; the argument, or 0 and an error. */
  private head(major: number): number {
    if (this.hasError) return 0;
    const { buffer, end } = this;
    let position = this.position;
    if (position >= end) return this.short();
    const initial = buffer[position++];
    if (initial >> 5 !== major) return this.refuse();
    this.position = position;
    const information = initial & 31;
    if (information < 24) return information;
    if (information > 27) return this.refuse();
    const bytes = 1 << (information - 24);
    const after = position + bytes;
    if (after > end) return this.short();
    let value = buffer[position++];
    while (position < after) value = value * 256 + buffer[position++];
    this.position = after;
    const smallest = bytes === 1 ? 24 : bytes === 2 ? 256 : bytes === 4 ? 65536 : 4294967296;
    return value < smallest || value > 9007199254740991 ? this.refuse() : value;
  }

  /** What was read cannot stand there: an error from now on. Answers 0. */
  refuse(): number {
    this.hasError = true;
    return 0;
  }

  private short(): number {
    this.hasError = true;
    this.isShort = true;
    return 0;
  }

  uint(): number {
    return this.head(0);
  }

  /** Takes the unsigned integer `value`; anything else is an error. */
  expect(value: number): void {
    if (this.head(0) !== value) this.refuse();
  }

  /** Takes two bytes if they are these; anything else is an error. */
  expectBytes(first: number, second: number): void {
    const { buffer, position } = this;
    if (position + 1 >= this.end) this.short();
    else if (buffer[position] !== first || buffer[position + 1] !== second) this.refuse();
    this.position = position + 2;
  }

  /** Major type of the next item, which is not taken; -1 where there is none. */
  major(): number {
    return this.hasError || this.position >= this.end ? -1 : this.buffer[this.position] >> 5;
  }

  /** Number of items. */
  array(): number {
    return this.head(4);
  }

  /** Number of pairs. */
  map(): number {
    return this.head(5);
  }

  /**
   * Byte string: its length; the bytes are at `position - length`. An error when it is longer than `lengthMax` bytes.
   */
  bytes(lengthMax: number): number {
    this.argument = this.head(2);
    if (this.argument > lengthMax) return this.refuse();
    if (this.position + this.argument > this.end) return this.short();
    this.position += this.argument;
    return this.argument;
  }
}
