/**
 * MCP3208, 12 bit, 8 inputs, over SPI: an ECMA-419 sensor class (ECMA-419 clause 13) for commissioning and slow channels.
 * A board's capture reads the converter in C at 1 kHz; this class must not be used beside it.
 *
 *   24 clocks a conversion (DS21298, section 5 and figure 6-1), mode 0:
 *   out  0 0 0 0 0 1 S D2 | D1 D0 x x x x x x | x x x x x x x x      S: single-ended
 *   in   x x x x x x x x  | x x x 0 B11 .. B8 | B7 .. B0
 */

/** What the driver uses of an ECMA-419 SPI instance. */
export interface SpiIo {
  /** Exchanges the bytes in place, select held for all of them. */
  transfer(bytes: Uint8Array): void;
  close(): void;
}

export interface SpiOptions {
  readonly hz?: number;
  readonly mode?: number;
}

export interface Mcp3208Options {
  /** The SPI class and, beside it, its own options (port, pins, select). */
  readonly sensor: SpiOptions & { readonly io: new (options: SpiOptions) => SpiIo };
}

export interface Mcp3208Configuration {
  /** Inputs that `sample` converts, in this order: 0 to 7. All of them at first. */
  readonly inputs?: readonly number[];
}

/** Counts of the inputs, 0 to 4095: input voltage / reference voltage x 4096. */
export interface Mcp3208Sample {
  readonly counts: readonly number[];
}

/** Permitted down to 2.7 V. */
const HZ_MAX = 1_000_000;
const INPUTS = 8;
const START_SINGLE_ENDED = 0x06;

export class Mcp3208 {
  #io: SpiIo | undefined;
  #inputs: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 7];
  readonly #bytes = new Uint8Array(3);

  constructor(options: Mcp3208Options) {
    this.#io = new options.sensor.io({ hz: HZ_MAX, mode: 0, ...options.sensor });
  }

  configure(options: Mcp3208Configuration): void {
    if (options.inputs === undefined) return;
    for (let i = 0; i < options.inputs.length; i++) {
      const input = options.inputs[i];
      if (!(Number.isInteger(input) && input >= 0 && input < INPUTS)) throw new RangeError(`no input ${input}`);
    }
    this.#inputs = options.inputs.slice();
  }

  get configuration(): Mcp3208Configuration {
    return { inputs: this.#inputs.slice() };
  }

  sample(): Mcp3208Sample {
    const counts: number[] = [];
    for (let i = 0; i < this.#inputs.length; i++) counts.push(this.#convert(this.#inputs[i]));
    return { counts };
  }

  close(): void {
    this.#io?.close();
    this.#io = undefined;
  }

  #convert(input: number): number {
    if (this.#io === undefined) throw new Error('closed');
    const bytes = this.#bytes;
    bytes[0] = START_SINGLE_ENDED | (input >> 2);
    bytes[1] = (input & 3) << 6;
    bytes[2] = 0;
    this.#io.transfer(bytes);
    // The bit before the result is 0; a line that floats high or a part that is missing shows there.
    if ((bytes[1] & 0x10) !== 0) throw new Error('no answer');
    return ((bytes[1] & 0x0f) << 8) | bytes[2];
  }
}
