/**
 * An MCP3208 on four pins (Microchip DS21298E, figures 5-1 and 6-1), bit by bit: start bit, SGL/DIFF, D2, D1, D0; the
 * input is held at the falling edge after one clock more, then a null bit and 12 bits leave at falling edges, MSB first.
 */
import type { Pin } from './pins.js';
import type { Rp2040 } from './rp2040.js';

export interface Mcp3208Pins {
  readonly cs: number;
  readonly sck: number;
  readonly mosi: number;
  readonly miso: number;
}

const COMMAND_BITS = 5;
const RESULT_BITS = 12;
const COUNTS_MAX = 4095;
const SINGLE_ENDED = 8;

export class Mcp3208 {
  /** Counts of an input, 0 to 4095, at the moment it is held. */
  read: (input: number, atNs: number) => number = () => 0;
  conversions = 0;
  /** Shortest time between rising edges of the clock, in ns: 500 is the limit at 5 V, 1000 at 2.7 V. */
  clockNsMin = Number.POSITIVE_INFINITY;
  private readonly miso: Pin;
  private readonly mosi: Pin;
  private isSelected = false;
  /** Rising edges since the start bit, it included. */
  private clocks = 0;
  private command = 0;
  private result = 0;
  private lastRiseNs = Number.NEGATIVE_INFINITY;
  private readonly nowNs: () => number;

  constructor(chip: Rp2040, pins: Mcp3208Pins) {
    this.miso = chip.gpio(pins.miso);
    this.mosi = chip.gpio(pins.mosi);
    this.nowNs = () => chip.clock.nanos;
    chip.gpio(pins.cs).onChange((isHigh) => this.select(!isHigh));
    chip.gpio(pins.sck).onChange((isHigh) => {
      if (!this.isSelected) return;
      if (isHigh) this.rise();
      else this.fall();
    });
  }

  private select(isSelected: boolean): void {
    this.isSelected = isSelected;
    this.clocks = 0;
    this.command = 0;
    this.lastRiseNs = Number.NEGATIVE_INFINITY;
    if (!isSelected) this.miso.set(null);
  }

  private rise(): void {
    const nowNs = this.nowNs();
    this.clockNsMin = Math.min(this.clockNsMin, nowNs - this.lastRiseNs);
    this.lastRiseNs = nowNs;
    if (this.clocks === 0 && !this.mosi.isHigh) return;
    this.clocks++;
    if (this.clocks > 1 && this.clocks <= COMMAND_BITS) this.command = (this.command << 1) | (this.mosi.isHigh ? 1 : 0);
  }

  private fall(): void {
    const bit = this.clocks - COMMAND_BITS - 1;
    if (bit < 0) return;
    if (bit === 0) {
      this.result = this.convert();
      this.miso.set(false);
    } else this.miso.set(bit <= RESULT_BITS ? ((this.result >>> (RESULT_BITS - bit)) & 1) === 1 : false);
    if (bit === RESULT_BITS) this.conversions++;
  }

  /** Single-ended, or the difference of a pair (table 5-2). */
  private convert(): number {
    const nowNs = this.nowNs();
    const input = this.command & 7;
    let counts = this.read(input, nowNs);
    if ((this.command & SINGLE_ENDED) === 0) counts -= this.read(input ^ 1, nowNs);
    return Math.min(Math.max(Math.round(counts), 0), COUNTS_MAX);
  }
}
