/**
 * An I2C controller as a master (RP2040 datasheet 4.3, DW_apb_i2c), and the parts on its wires: every start, byte and stop
 * takes its time at the programmed clock; an address that no part has, and a byte that one refuses, is an abort.
 */
import type { Alarm, VirtualClock } from './clock.js';
import { IRQ, type SetInterrupt } from './interrupts.js';
import { RegisterBlock } from './register-block.js';

/** A part on the bus, byte by byte. */
export interface I2cPart {
  /** 7-bit. */
  readonly address: number;
  /** The master addresses it; false is a NACK (asleep, busy). */
  start(isRead: boolean): boolean;
  /** The master writes a byte; false is a NACK. */
  write(byte: number): boolean;
  /** The master reads a byte. `isLast`: it will not acknowledge it. */
  read(isLast: boolean): number;
  stop(): void;
  /** SDA is low for this long (address 0 is sent): what wakes some parts. */
  wake?(lowUs: number): void;
}

const CON = 0x00;
const TAR = 0x04;
const DATA_CMD = 0x10;
const SS_SCL_HCNT = 0x14;
const SS_SCL_LCNT = 0x18;
const FS_SCL_HCNT = 0x1c;
const FS_SCL_LCNT = 0x20;
const INTR_STAT = 0x2c;
const INTR_MASK = 0x30;
const RAW_INTR_STAT = 0x34;
const RX_TL = 0x38;
const TX_TL = 0x3c;
const CLR_INTR = 0x40;
const ENABLE = 0x6c;
const STATUS = 0x70;
const TXFLR = 0x74;
const RXFLR = 0x78;
const TX_ABRT_SOURCE = 0x80;
const ENABLE_STATUS = 0x9c;
const COMP_VERSION = 0xf8;
const COMP_TYPE = 0xfc;

/** Reading one of these clears its interrupt. */
const CLEARS: Readonly<Record<number, number>> = {
  68: 1 << 0,
  72: 1 << 1,
  76: 1 << 3,
  80: 1 << 5,
  84: 1 << 6,
  88: 1 << 7,
  92: 1 << 8,
  96: 1 << 9,
  100: 1 << 10,
  104: 1 << 11,
  168: 1 << 12,
};

const INT_RX_UNDER = 1 << 0;
const INT_RX_OVER = 1 << 1;
const INT_RX_FULL = 1 << 2;
const INT_TX_OVER = 1 << 3;
const INT_TX_EMPTY = 1 << 4;
const INT_TX_ABORT = 1 << 6;
const INT_ACTIVITY = 1 << 8;
const INT_STOP = 1 << 9;
const INT_START = 1 << 10;

const CMD_READ = 1 << 8;
const CMD_STOP = 1 << 9;
const CMD_RESTART = 1 << 10;
const DATA_FIRST = 1 << 11;
const CON_FULL_HOLD = 1 << 9;
const SPEED_STANDARD = 1;

const ABORT_ADDRESS = 1 << 0;
const ABORT_DATA = 1 << 3;
const ABORT_USER = 1 << 16;

const FIFO_WORDS = 16;
const BYTE_BITS = 9;

const RESETS: Readonly<Record<number, number>> = {
  [CON]: 0x65,
  [TAR]: 0x55,
  [SS_SCL_HCNT]: 0x28,
  [SS_SCL_LCNT]: 0x2f,
  [FS_SCL_HCNT]: 0x06,
  [FS_SCL_LCNT]: 0x0d,
  [INTR_MASK]: 0x8ff,
};

export class I2c extends RegisterBlock {
  private readonly clkSys: () => number;
  private readonly setInterrupt: (isHigh: boolean) => void;
  private readonly alarm: Alarm;
  private readonly parts: I2cPart[] = [];
  private readonly registers = new Map<number, number>();
  private readonly tx: number[] = [];
  private readonly rx: number[] = [];
  private isEnabled = false;
  private latched = 0;
  private abortSource = 0;
  /** What happens when the bits on the wires are over; null: the wires stand still. */
  private next: (() => void) | null = null;
  /** Between start and stop. */
  private isOpen = false;
  private isReading = false;
  private isFirst = false;
  private selected: I2cPart | null = null;

  constructor(index: number, clock: VirtualClock, clkSys: () => number, setInterrupt: SetInterrupt) {
    super();
    this.clkSys = clkSys;
    this.setInterrupt = (isHigh) => setInterrupt(IRQ.I2C0 + index, isHigh);
    this.alarm = clock.createAlarm(() => {
      const next = this.next!;
      this.next = null;
      next();
      this.proceed();
      this.update();
    });
    this.reset();
  }

  attach(part: I2cPart): void {
    this.parts.push(part);
  }

  reset(): void {
    this.alarm.cancel();
    this.registers.clear();
    for (const [offset, value] of Object.entries(RESETS)) this.registers.set(Number(offset), value);
    this.isEnabled = false;
    this.latched = 0;
    this.abortSource = 0;
    this.next = null;
    this.isOpen = false;
    this.selected = null;
    this.tx.length = 0;
    this.rx.length = 0;
    this.update();
  }

  override readUint32(offset: number): number {
    const cleared = CLEARS[offset];
    if (cleared !== undefined) return this.clear(cleared);
    switch (offset) {
      case DATA_CMD:
        return this.readData();
      case INTR_STAT:
        return this.raw & this.register(INTR_MASK);
      case RAW_INTR_STAT:
        return this.raw;
      case CLR_INTR:
        return this.clear(~0);
      case ENABLE:
      case ENABLE_STATUS:
        return this.isEnabled ? 1 : 0;
      case STATUS:
        return this.status;
      case TXFLR:
        return this.tx.length;
      case RXFLR:
        return this.rx.length;
      case TX_ABRT_SOURCE:
        return this.abortSource;
      case COMP_VERSION:
        return 0x3230312a;
      case COMP_TYPE:
        return 0x44570140;
      default:
        return this.register(offset);
    }
  }

  override writeUint32(offset: number, value: number): void {
    if (offset === DATA_CMD) this.writeCommand(value);
    else if (offset === ENABLE) this.writeEnable(value);
    else this.registers.set(offset, value);
    this.proceed();
    this.update();
  }

  private register(offset: number): number {
    return this.registers.get(offset) ?? 0;
  }

  private get raw(): number {
    const isTxEmpty = this.isEnabled && this.tx.length <= this.register(TX_TL);
    return this.latched | (isTxEmpty ? INT_TX_EMPTY : 0) | (this.rx.length > this.register(RX_TL) ? INT_RX_FULL : 0);
  }

  private get status(): number {
    const isActive = this.isOpen || this.next !== null;
    return (
      (isActive ? 0x21 : 0) |
      (this.tx.length < FIFO_WORDS ? 2 : 0) |
      (this.tx.length === 0 ? 4 : 0) |
      (this.rx.length > 0 ? 8 : 0) |
      (this.rx.length >= FIFO_WORDS ? 16 : 0)
    );
  }

  private clear(bits: number): number {
    const wasSet = (this.latched & bits) !== 0;
    this.latched &= ~bits;
    if ((bits & INT_TX_ABORT) !== 0) this.abortSource = 0;
    this.update();
    return wasSet ? 1 : 0;
  }

  private readData(): number {
    const value = this.rx.shift();
    if (value === undefined) this.latched |= INT_RX_UNDER;
    this.proceed();
    this.update();
    return value ?? 0;
  }

  /** 4.3.7: while an abort stands, the transmit FIFO takes nothing. */
  private writeCommand(value: number): void {
    if (!this.isEnabled || (this.latched & INT_TX_ABORT) !== 0) return;
    if (this.tx.length >= FIFO_WORDS) this.latched |= INT_TX_OVER;
    else this.tx.push(value & 0x7ff);
  }

  private writeEnable(value: number): void {
    if ((value & 2) !== 0 && this.isOpen) this.abort(ABORT_USER);
    this.isEnabled = (value & 1) !== 0;
    if (this.isEnabled) return;
    this.tx.length = 0;
    this.rx.length = 0;
    if (this.isOpen && this.next === null) this.stop();
  }

  /** The next command goes onto the wires, when they are free. */
  private proceed(): void {
    if (this.next !== null || this.tx.length === 0 || !this.isEnabled) return;
    const command = this.tx[0];
    const isRead = (command & CMD_READ) !== 0;
    const isHeld = isRead && this.rx.length >= FIFO_WORDS && (this.register(CON) & CON_FULL_HOLD) !== 0;
    if (isHeld) return;
    const isRestart = (command & CMD_RESTART) !== 0 && !this.isFirst;
    if (!this.isOpen || isRead !== this.isReading || isRestart) this.address(isRead);
    else this.transfer(command);
  }

  /** Start or repeated start, and the address. */
  private address(isRead: boolean): void {
    const address = this.register(TAR) & 0x7f;
    this.isOpen = true;
    this.isReading = isRead;
    this.isFirst = true;
    this.latched |= INT_START | INT_ACTIVITY;
    if (address === 0) for (const part of this.parts) part.wake?.((BYTE_BITS * this.bitNs) / 1000);
    const part = this.parts.find((candidate) => candidate.address === address);
    const isAcknowledged = part?.start(isRead) === true;
    this.selected = isAcknowledged ? (part ?? null) : null;
    this.after(1 + BYTE_BITS, () => {
      if (!isAcknowledged) this.abort(ABORT_ADDRESS);
    });
  }

  private transfer(command: number): void {
    this.tx.shift();
    const isLast = (command & CMD_STOP) !== 0;
    const first = this.isFirst ? DATA_FIRST : 0;
    this.isFirst = false;
    if ((command & CMD_READ) !== 0) {
      const byte = this.selected?.read(isLast) ?? 0xff;
      this.after(BYTE_BITS, () => {
        if (this.rx.length >= FIFO_WORDS) this.latched |= INT_RX_OVER;
        else this.rx.push(byte | first);
        if (isLast) this.stop();
      });
      return;
    }
    const isAcknowledged = this.selected?.write(command & 0xff) ?? false;
    this.after(BYTE_BITS, () => {
      if (!isAcknowledged) this.abort(ABORT_DATA);
      else if (isLast) this.stop();
    });
  }

  private abort(reason: number): void {
    this.abortSource |= reason | (this.tx.length << 23);
    this.tx.length = 0;
    this.latched |= INT_TX_ABORT;
    this.stop();
  }

  private stop(): void {
    this.selected?.stop();
    this.selected = null;
    this.after(1, () => {
      this.isOpen = false;
      this.latched |= INT_STOP;
    });
  }

  private get bitNs(): number {
    const isStandard = ((this.register(CON) >>> 1) & 3) === SPEED_STANDARD;
    const counts = isStandard
      ? this.register(SS_SCL_HCNT) + this.register(SS_SCL_LCNT)
      : this.register(FS_SCL_HCNT) + this.register(FS_SCL_LCNT);
    return (counts * 1e9) / this.clkSys();
  }

  private after(bits: number, next: () => void): void {
    this.next = next;
    this.alarm.schedule(bits * this.bitNs);
  }

  private update(): void {
    this.setInterrupt((this.raw & this.register(INTR_MASK)) !== 0);
  }
}
