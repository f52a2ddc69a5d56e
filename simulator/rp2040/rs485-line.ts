/**
 * An RS-485 line at a UART: half duplex, as its driver-enable pin lets it be. What the chip sends while the driver is off
 * does not reach the line and is counted; how long the driver stays on after the last stop bit is measured.
 */
import type { Alarm } from './clock.js';
import type { Rp2040 } from './rp2040.js';
import type { Uart } from './uart.js';

/** Left on the line by the chip. */
export type LineListener = (byte: number, endNs: number) => void;

export class Rs485Line {
  onByte: LineListener = () => {};
  /** Characters that the chip sent with its driver off for some of their time. */
  spoiled = 0;
  /** Times that the driver was switched on while somebody else was sending. */
  collisions = 0;
  /** Times that the driver was on. */
  transmissions = 0;
  /** From the end of the last stop bit to the driver's release, in ns: the longest, and the shortest (below 0: cut). */
  releaseNsMax = Number.NEGATIVE_INFINITY;
  releaseNsMin = Number.POSITIVE_INFINITY;
  private readonly chip: Rp2040;
  private readonly uart: Uart;
  private isDriven = false;
  private drivenSinceNs = 0;
  private lastEndNs = -1;
  private readonly waiting: number[] = [];
  private readonly feed: Alarm;

  constructor(chip: Rp2040, uart: number, driverEnablePin: number) {
    this.chip = chip;
    this.uart = chip.uart[uart];
    this.feed = chip.clock.createAlarm(() => this.deliver());
    this.uart.onByte = (byte, startNs, endNs) => this.take(byte, startNs, endNs);
    chip.gpio(driverEnablePin).onChange((isHigh) => this.drive(isHigh));
  }

  /** Characters from the other end; they wait until the chip's driver is off. */
  send(bytes: Iterable<number>): void {
    for (const byte of bytes) this.waiting.push(byte);
    if (!this.feed.isScheduled && !this.isDriven) this.feed.schedule(this.uart.characterNs);
  }

  /** True while the other end has not sent all of it. */
  get isSending(): boolean {
    return this.waiting.length > 0;
  }

  private deliver(): void {
    if (this.isDriven) return;
    const byte = this.waiting.shift();
    if (byte === undefined) return;
    this.uart.arrive(byte);
    if (this.waiting.length > 0) this.feed.schedule(this.uart.characterNs);
  }

  private drive(isHigh: boolean): void {
    const nowNs = this.chip.clock.nanos;
    this.isDriven = isHigh;
    if (isHigh) {
      this.drivenSinceNs = nowNs;
      this.transmissions++;
      if (this.feed.isScheduled) this.collisions++;
      this.feed.cancel();
      return;
    }
    if (this.lastEndNs >= this.drivenSinceNs) {
      this.releaseNsMax = Math.max(this.releaseNsMax, nowNs - this.lastEndNs);
      this.releaseNsMin = Math.min(this.releaseNsMin, nowNs - this.lastEndNs);
    }
    if (this.waiting.length > 0) this.feed.schedule(this.uart.characterNs);
  }

  private take(byte: number, startNs: number, endNs: number): void {
    this.lastEndNs = endNs;
    if (this.isDriven && this.drivenSinceNs <= startNs) this.onByte(byte, endNs);
    else this.spoiled++;
  }
}
