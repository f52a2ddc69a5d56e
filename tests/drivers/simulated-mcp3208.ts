/** The MCP3208's side of the wires, bit by bit, after figure 5-1 of its data sheet (DS21298): what the driver talks to. */
import type { SpiIo, SpiOptions } from '../../hosts/drivers/mcp3208.js';

/** What the part has understood since select fell. */
interface Conversion {
  /** Bits after the start bit. */
  place: number;
  isSingleEnded: boolean;
  input: number;
}

export class SimulatedMcp3208 implements SpiIo {
  static opened: SimulatedMcp3208 | undefined;
  readonly options: SpiOptions;
  /** Input voltages as counts. */
  readonly inputs = [0, 0, 0, 0, 0, 0, 0, 0];
  isClosed = false;
  /** A line that nothing drives reads 1. */
  isFitted = true;
  conversions = 0;

  constructor(options: SpiOptions) {
    this.options = options;
    SimulatedMcp3208.opened = this;
  }

  /** Select falls, the clock ticks 8 times a byte, most significant bit first, select rises. */
  transfer(bytes: Uint8Array): void {
    let conversion: Conversion | undefined;
    for (let i = 0; i < bytes.length; i++) {
      let answer = 0;
      for (let bit = 7; bit >= 0; bit--) {
        const isSet = ((bytes[i] >> bit) & 1) === 1;
        if (conversion !== undefined) this.clock(conversion, isSet);
        answer = (answer << 1) | (conversion === undefined ? 1 : this.output(conversion));
        if (conversion === undefined && isSet) conversion = { place: 0, isSingleEnded: false, input: 0 };
      }
      bytes[i] = answer;
    }
  }

  close(): void {
    this.isClosed = true;
  }

  private clock(conversion: Conversion, isSet: boolean): void {
    conversion.place++;
    if (conversion.place === 1) conversion.isSingleEnded = isSet;
    else if (conversion.place <= 4) conversion.input = (conversion.input << 1) | Number(isSet);
    if (conversion.place === 4) this.conversions++;
  }

  /** After the three input bits: one clock to sample, a null bit, then 12 bits. */
  private output({ place, isSingleEnded, input }: Conversion): number {
    if (!this.isFitted || place < 6) return 1;
    if (place === 6) return 0;
    const counts = isSingleEnded ? this.inputs[input] : 0;
    return (counts >> (18 - place)) & 1;
  }
}
