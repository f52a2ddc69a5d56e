/**
 * A UART (RP2040 datasheet 4.2, ARM PL011 TRM): FIFOs of 32, characters that take their time on the wire, the waveform on
 * the TX pin, interrupts by level with the receive timeout, DMA requests.
 *
 * The transmit interrupt is raised by the FIFO falling to its trigger level, not by being there (PL011 TRM 2.8.2).
 */
import type { Alarm, VirtualClock } from './clock.js';
import type { Dma } from './dma.js';
import type { SetInterrupt } from './interrupts.js';
import { FUNCTION_UART, type PinBank } from './pins.js';
import { RegisterBlock } from './register-block.js';

const DR = 0x000;
const RSR = 0x004;
const FR = 0x018;
const IBRD = 0x024;
const FBRD = 0x028;
const LCR_H = 0x02c;
const CR = 0x030;
const IFLS = 0x034;
const IMSC = 0x038;
const RIS = 0x03c;
const MIS = 0x040;
const ICR = 0x044;
const DMACR = 0x048;
const ID0 = 0xfe0;
const IDS = [0x11, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1];

const FR_TXFE = 0x80;
const FR_RXFF = 0x40;
const FR_TXFF = 0x20;
const FR_RXFE = 0x10;
const FR_BUSY = 0x08;
const LCR_BREAK = 0x01;
const LCR_PARITY = 0x02;
const LCR_EVEN = 0x04;
const LCR_TWO_STOP = 0x08;
const LCR_FIFO = 0x10;
const CR_ENABLE = 0x001;
const CR_LOOPBACK = 0x080;
const CR_TX = 0x100;
const CR_RX = 0x200;
const INT_RX = 0x010;
const INT_TX = 0x020;
const INT_TIMEOUT = 0x040;
const INT_OVERRUN = 0x400;
const DR_OVERRUN = 0x800;

const FIFO_BYTES = 32;
/** By the fields of IFLS: an eighth, a quarter, half, three quarters, seven eighths. */
const LEVELS = [4, 8, 16, 24, 28, 28, 28, 28];
const TIMEOUT_BITS = 32;

/** A character that was sent: when its start bit began and its last stop bit ended. */
export type ByteListener = (byte: number, startNs: number, endNs: number) => void;

export class Uart extends RegisterBlock {
  onByte: ByteListener = () => {};
  /** Characters that came while the FIFO was full. */
  overruns = 0;
  private readonly clock: VirtualClock;
  private readonly setInterrupt: (isHigh: boolean) => void;
  private readonly pins: PinBank;
  private readonly dma: Dma;
  private readonly index: number;
  private readonly dreqTx: number;
  private readonly dreqRx: number;
  /** Pins that this UART's TX can come out at. */
  private readonly txPins: number;

  private readonly tx: number[] = [];
  private readonly rx: number[] = [];
  private readonly arriving: number[] = [];
  private readonly bitAlarm: Alarm;
  private readonly arrivalAlarm: Alarm;
  private readonly timeoutAlarm: Alarm;
  /** Levels of the character on the wire, from its start bit; null: idle. */
  private frame: boolean[] | null = null;
  private frameByte = 0;
  private frameStartNs = 0;
  private frameBit = 0;
  private hasOverrun = false;

  private control = CR_TX | CR_RX;
  private line = 0;
  private integer = 0;
  private fraction = 0;
  private divider = 0;
  private triggerLevels = 0x12;
  private mask = 0;
  private raw = 0;
  private dmaControl = 0;
  private readonly clkPeri: () => number;

  constructor(
    index: number,
    clock: VirtualClock,
    clkPeri: () => number,
    pins: PinBank,
    dma: Dma,
    lines: { irq: number; dreqTx: number; dreqRx: number },
    setInterrupt: SetInterrupt,
  ) {
    super();
    this.index = index;
    this.clock = clock;
    this.clkPeri = clkPeri;
    this.pins = pins;
    this.dma = dma;
    this.dreqTx = lines.dreqTx;
    this.dreqRx = lines.dreqRx;
    this.setInterrupt = (isHigh) => setInterrupt(lines.irq, isHigh);
    this.txPins = index === 0 ? 0x10011001 : 0x01100110;
    this.bitAlarm = clock.createAlarm(() => this.endBit());
    this.arrivalAlarm = clock.createAlarm(() => this.endArrival());
    this.timeoutAlarm = clock.createAlarm(() => this.raise(INT_TIMEOUT));
    this.driveTx(true);
  }

  reset(): void {
    this.bitAlarm.cancel();
    this.arrivalAlarm.cancel();
    this.timeoutAlarm.cancel();
    this.tx.length = 0;
    this.rx.length = 0;
    this.arriving.length = 0;
    this.frame = null;
    this.control = CR_TX | CR_RX;
    this.line = 0;
    this.integer = 0;
    this.fraction = 0;
    this.divider = 0;
    this.triggerLevels = 0x12;
    this.mask = 0;
    this.raw = 0;
    this.dmaControl = 0;
    this.hasOverrun = false;
    this.driveTx(true);
    this.update();
  }

  /** A character from outside: it takes its time on the wire after those before it. */
  receive(byte: number): void {
    this.arriving.push(byte & 0xff);
    if (!this.arrivalAlarm.isScheduled) this.arrivalAlarm.schedule(this.characterNs);
  }

  get bitNs(): number {
    return (this.divider * 16 * 1e9) / this.clkPeri();
  }

  get baud(): number {
    return this.divider === 0 ? 0 : 1e9 / this.bitNs;
  }

  get characterNs(): number {
    return this.characterBits * (this.divider === 0 ? 8680 : this.bitNs);
  }

  private get dataBits(): number {
    return 5 + ((this.line >>> 5) & 3);
  }

  private get characterBits(): number {
    return 1 + this.dataBits + ((this.line & LCR_PARITY) !== 0 ? 1 : 0) + ((this.line & LCR_TWO_STOP) !== 0 ? 2 : 1);
  }

  private get depth(): number {
    return (this.line & LCR_FIFO) !== 0 ? FIFO_BYTES : 1;
  }

  private get rxTrigger(): number {
    return this.depth === 1 ? 1 : LEVELS[(this.triggerLevels >>> 3) & 7];
  }

  private get txTrigger(): number {
    return this.depth === 1 ? 0 : LEVELS[this.triggerLevels & 7];
  }

  override readUint32(offset: number): number {
    if (offset >= ID0) return IDS[(offset - ID0) >> 2] ?? 0;
    switch (offset) {
      case DR:
        return this.readData();
      case FR:
        return this.flags();
      case IBRD:
        return this.integer;
      case FBRD:
        return this.fraction;
      case LCR_H:
        return this.line;
      case CR:
        return this.control;
      case IFLS:
        return this.triggerLevels;
      case IMSC:
        return this.mask;
      case RIS:
        return this.raw;
      case MIS:
        return this.raw & this.mask;
      case DMACR:
        return this.dmaControl;
      default:
        return 0;
    }
  }

  override writeUint32(offset: number, value: number): void {
    switch (offset) {
      case DR:
        this.writeData(value & 0xff);
        return;
      case RSR:
        this.hasOverrun = false;
        return;
      case IBRD:
        this.integer = value & 0xffff;
        return;
      case FBRD:
        this.fraction = value & 0x3f;
        return;
      case LCR_H:
        this.writeLine(value);
        break;
      case CR:
        this.control = value & 0xffff;
        this.startNext();
        break;
      case IFLS:
        this.triggerLevels = value & 0x3f;
        break;
      case IMSC:
        this.mask = value & 0x7ff;
        break;
      case ICR:
        this.raw &= ~this.written;
        break;
      case DMACR:
        this.dmaControl = value & 7;
    }
    this.update();
  }

  /** 4.2.7.1: the dividers take effect when LCR_H is written. */
  private writeLine(value: number): void {
    this.line = value & 0xff;
    this.divider = this.integer + this.fraction / 64;
    if (this.frame === null) this.driveTx((value & LCR_BREAK) === 0);
  }

  private flags(): number {
    const { tx, rx, depth } = this;
    return (
      (tx.length === 0 ? FR_TXFE : 0) |
      (rx.length >= depth ? FR_RXFF : 0) |
      (tx.length >= depth ? FR_TXFF : 0) |
      (rx.length === 0 ? FR_RXFE : 0) |
      (this.frame !== null || tx.length > 0 ? FR_BUSY : 0)
    );
  }

  private writeData(byte: number): void {
    if (this.tx.length >= this.depth) return;
    this.tx.push(byte);
    if (this.tx.length > this.txTrigger) this.raw &= ~INT_TX;
    this.startNext();
    this.update();
  }

  private readData(): number {
    const value = this.rx.shift() ?? 0;
    if (this.rx.length < this.rxTrigger) this.raw &= ~INT_RX;
    if (this.rx.length === 0) {
      this.raw &= ~INT_TIMEOUT;
      this.timeoutAlarm.cancel();
    }
    this.update();
    return value;
  }

  /** Moves a character from the FIFO into the shifter. */
  private startNext(): void {
    const isOn = (this.control & (CR_ENABLE | CR_TX)) === (CR_ENABLE | CR_TX) && this.divider > 0;
    if (this.frame !== null || this.tx.length === 0 || !isOn) return;
    this.frameByte = this.tx.shift()!;
    if (this.tx.length === this.txTrigger) this.raw |= INT_TX;
    this.frame = this.levelsOf(this.frameByte);
    this.frameStartNs = this.clock.nanos;
    this.frameBit = 0;
    this.driveTx(false);
    this.bitAlarm.schedule(this.bitNs);
  }

  private levelsOf(byte: number): boolean[] {
    const levels = [false];
    let ones = 0;
    for (let i = 0; i < this.dataBits; i++) {
      const bit = (byte >>> i) & 1;
      ones += bit;
      levels.push(bit === 1);
    }
    if ((this.line & LCR_PARITY) !== 0) levels.push(((ones & 1) === 1) === ((this.line & LCR_EVEN) !== 0));
    while (levels.length < this.characterBits) levels.push(true);
    return levels;
  }

  private endBit(): void {
    const frame = this.frame!;
    this.frameBit++;
    if (this.frameBit < frame.length) {
      this.driveTx(frame[this.frameBit]);
      this.bitAlarm.scheduleAt(this.frameStartNs + (this.frameBit + 1) * this.bitNs);
      return;
    }
    this.frame = null;
    this.driveTx((this.line & LCR_BREAK) === 0);
    this.onByte(this.frameByte, this.frameStartNs, this.clock.nanos);
    if ((this.control & CR_LOOPBACK) !== 0) this.arrive(this.frameByte);
    this.startNext();
    this.update();
  }

  private driveTx(isHigh: boolean): void {
    const others = this.pins.values[FUNCTION_UART] & ~this.txPins;
    const enables = this.pins.enables[FUNCTION_UART] | this.txPins;
    this.pins.drive(FUNCTION_UART, others | (isHigh ? this.txPins : 0), enables);
  }

  private endArrival(): void {
    const byte = this.arriving.shift()!;
    if (this.arriving.length > 0) this.arrivalAlarm.schedule(this.characterNs);
    this.arrive(byte);
  }

  /** A character whose stop bit has just come in. */
  arrive(byte: number): void {
    if ((this.control & (CR_ENABLE | CR_RX)) !== (CR_ENABLE | CR_RX)) return;
    if (this.rx.length >= this.depth) {
      this.overruns++;
      this.hasOverrun = true;
      this.raw |= INT_OVERRUN;
    } else {
      this.rx.push(byte | (this.hasOverrun ? DR_OVERRUN : 0));
      this.hasOverrun = false;
      if (this.rx.length >= this.rxTrigger) this.raw |= INT_RX;
    }
    this.timeoutAlarm.schedule(TIMEOUT_BITS * this.bitNs);
    this.update();
  }

  private raise(bits: number): void {
    this.raw |= bits;
    this.update();
  }

  private update(): void {
    this.setInterrupt((this.raw & this.mask) !== 0);
    const isOn = (this.control & CR_ENABLE) !== 0;
    this.dma.setRequest(this.dreqRx, isOn && (this.dmaControl & 1) !== 0 && this.rx.length > 0);
    this.dma.setRequest(this.dreqTx, isOn && (this.dmaControl & 2) !== 0 && this.tx.length < this.depth);
  }

  get name(): string {
    return `UART${this.index}`;
  }
}
