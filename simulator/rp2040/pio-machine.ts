/**
 * One PIO state machine (RP2040 datasheet 3.2 to 3.5), stepped on the emulated clock: an instruction per divided clock,
 * delay cycles, side-set, stalls that end at the clock edge after their condition has come true.
 *
 * Not modelled: OUT_STICKY and INLINE_OUT_EN (3.5.6), the input synchroniser's two cycles, jitter of fractional dividers.
 */
import type { Alarm, VirtualClock } from './clock.js';
import type { Pio } from './pio.js';

export const REGISTER = { CLKDIV: 0, EXECCTRL: 4, SHIFTCTRL: 8, ADDR: 12, INSTR: 16, PINCTRL: 20 } as const;

const EXEC_STATUS_RX = 1 << 4;
const EXEC_SIDE_PINDIR = 1 << 29;
const EXEC_SIDE_ENABLE = 1 << 30;
const EXEC_STALLED = 1 << 31;
const SHIFT_AUTOPUSH = 1 << 16;
const SHIFT_AUTOPULL = 1 << 17;
const SHIFT_IN_RIGHT = 1 << 18;
const SHIFT_OUT_RIGHT = 1 << 19;
const SHIFT_JOIN_TX = 1 << 30;
const SHIFT_JOIN_RX = 1 << 31;

const EXECCTRL_RESET = 0x1f << 12;
const SHIFTCTRL_RESET = 3 << 18;
const PINCTRL_RESET = 5 << 26;

/** What a stalled machine waits for. */
type Stall = 'none' | 'pin' | 'irq' | 'tx' | 'rx';

export class StateMachine {
  readonly tx: number[] = [];
  readonly rx: number[] = [];
  pc = 0;
  x = 0;
  y = 0;
  stall: Stall = 'none';
  /** The pin that a stalled WAIT looks at. */
  stallPin = 0;
  private isr = 0;
  private isrCount = 0;
  private osr = 0;
  private osrCount = 32;
  private nextPc = 0;
  /** An instruction to execute in place of the next one: from OUT EXEC, MOV EXEC or SMx_INSTR. */
  private forced: number | null = null;
  private queued: number | null = null;
  private isWaitingForIrq = false;

  private isEnabled = false;
  private clkdiv = 0x10000;
  private execctrl = EXECCTRL_RESET;
  private shiftctrl = SHIFTCTRL_RESET;
  private pinctrl = PINCTRL_RESET;
  /** Time of a clock edge; the others lie whole periods from it. */
  private edgeNs = 0;
  private readonly alarm: Alarm;
  private readonly clock: VirtualClock;
  private readonly pio: Pio;
  private readonly index: number;

  constructor(pio: Pio, clock: VirtualClock, index: number) {
    this.pio = pio;
    this.clock = clock;
    this.index = index;
    this.alarm = clock.createAlarm(() => this.tick());
  }

  reset(): void {
    this.setEnabled(false);
    this.restart();
    this.tx.length = 0;
    this.rx.length = 0;
    this.pc = this.x = this.y = this.osr = 0;
    this.clkdiv = 0x10000;
    this.execctrl = EXECCTRL_RESET;
    this.shiftctrl = SHIFTCTRL_RESET;
    this.pinctrl = PINCTRL_RESET;
  }

  get txDepth(): number {
    return (this.shiftctrl & SHIFT_JOIN_TX) !== 0 ? 8 : (this.shiftctrl & SHIFT_JOIN_RX) !== 0 ? 0 : 4;
  }

  get rxDepth(): number {
    return (this.shiftctrl & SHIFT_JOIN_RX) !== 0 ? 8 : (this.shiftctrl & SHIFT_JOIN_TX) !== 0 ? 0 : 4;
  }

  get enabled(): boolean {
    return this.isEnabled;
  }

  readRegister(offset: number): number {
    switch (offset) {
      case REGISTER.CLKDIV:
        return this.clkdiv;
      case REGISTER.EXECCTRL:
        return this.execctrl | (this.forced !== null && this.stall !== 'none' ? EXEC_STALLED : 0);
      case REGISTER.SHIFTCTRL:
        return this.shiftctrl;
      case REGISTER.ADDR:
        return this.pc;
      case REGISTER.INSTR:
        return this.forced ?? this.pio.instructions[this.pc];
      default:
        return this.pinctrl;
    }
  }

  writeRegister(offset: number, value: number): void {
    if (offset === REGISTER.CLKDIV) this.clkdiv = value & 0xffffff00;
    else if (offset === REGISTER.EXECCTRL) this.execctrl = value & 0x7fffffff;
    else if (offset === REGISTER.SHIFTCTRL) this.writeShiftControl(value);
    else if (offset === REGISTER.INSTR) this.executeNow(value & 0xffff);
    else if (offset === REGISTER.PINCTRL) this.pinctrl = value;
  }

  /** CTRL.SM_ENABLE. */
  setEnabled(isEnabled: boolean): void {
    if (isEnabled === this.isEnabled) return;
    this.isEnabled = isEnabled;
    this.alarm.cancel();
    if (isEnabled) this.scheduleTick(this.clock.nanos + this.periodNs);
  }

  /** CTRL.SM_RESTART: everything but the registers, the PC and the scratch registers. */
  restart(): void {
    this.isr = 0;
    this.isrCount = 0;
    this.osrCount = 32;
    this.forced = null;
    this.queued = null;
    this.isWaitingForIrq = false;
    this.stall = 'none';
    if (this.isEnabled) this.scheduleTick(this.clock.nanos + this.periodNs);
  }

  /** CTRL.CLKDIV_RESTART: the divided clock's edges count from now. */
  restartDivider(): void {
    this.edgeNs = this.clock.nanos;
    if (this.isEnabled && this.stall === 'none') this.scheduleTick(this.edgeNs + this.periodNs);
  }

  /** Something that a stalled machine may wait for has changed: it looks again at its next clock edge. */
  poke(stall: Stall): void {
    if (this.stall !== stall) return;
    if (!this.isEnabled) {
      this.retryForced();
      return;
    }
    if (this.alarm.isScheduled) return;
    const period = this.periodNs;
    const edges = Math.floor((this.clock.nanos - this.edgeNs) / period + 1e-6) + 1;
    this.scheduleTick(this.edgeNs + edges * period);
  }

  /** 3.5.4.2: a free output shift register is refilled as soon as the FIFO has a word. */
  refill(): void {
    if ((this.shiftctrl & SHIFT_AUTOPULL) === 0 || this.osrCount < this.pullThreshold || this.tx.length === 0) return;
    this.osr = this.takeTx();
    this.osrCount = 0;
  }

  private get periodNs(): number {
    const integer = this.clkdiv >>> 16;
    const divider = integer === 0 ? 65536 : integer + ((this.clkdiv >>> 8) & 0xff) / 256;
    return divider * this.clock.nanosPerCycle;
  }

  private get pushThreshold(): number {
    return (this.shiftctrl >>> 20) & 31 || 32;
  }

  private get pullThreshold(): number {
    return (this.shiftctrl >>> 25) & 31 || 32;
  }

  private writeShiftControl(value: number): void {
    const isJoinChanged = ((this.shiftctrl ^ value) & (SHIFT_JOIN_TX | SHIFT_JOIN_RX)) !== 0;
    this.shiftctrl = value;
    if (!isJoinChanged) return;
    this.tx.length = 0;
    this.rx.length = 0;
    this.pio.fifoChanged(this.index);
  }

  private scheduleTick(atNs: number): void {
    this.alarm.scheduleAt(atNs);
  }

  private tick(): void {
    this.edgeNs = this.clock.nanos;
    const cycles = this.step();
    if (cycles > 0) this.scheduleTick(this.edgeNs + cycles * this.periodNs);
    this.pio.drivePins();
  }

  /** One instruction; answers the cycles until the next, 0 when it stalls. */
  private step(): number {
    const isForced = this.forced !== null;
    const instruction = this.forced ?? this.pio.instructions[this.pc];
    const wrapTop = (this.execctrl >>> 12) & 31;
    const following = this.pc === wrapTop ? (this.execctrl >>> 7) & 31 : (this.pc + 1) & 31;
    this.nextPc = isForced ? this.pc : following;
    this.sideSet(instruction);
    this.stall = this.execute(instruction);
    if (this.stall !== 'none') {
      this.pio.stalled(this.index, this.stall);
      return 0;
    }
    this.pc = this.nextPc;
    this.forced = this.queued;
    this.queued = null;
    if (instruction >>> 13 !== 3) this.refill();
    return 1 + (isForced ? 0 : this.delayOf(instruction));
  }

  /** SMx_INSTR: executed whether or not the machine runs. */
  private executeNow(instruction: number): void {
    this.alarm.cancel();
    this.forced = instruction;
    const cycles = this.step();
    this.pio.drivePins();
    if (this.isEnabled && cycles > 0) this.scheduleTick(this.clock.nanos + this.periodNs);
  }

  private retryForced(): void {
    if (this.forced === null) return;
    this.step();
    this.pio.drivePins();
  }

  private delayOf(instruction: number): number {
    return (instruction >>> 8) & 31 & ((1 << (5 - (this.pinctrl >>> 29))) - 1);
  }

  private sideSet(instruction: number): void {
    let bits = this.pinctrl >>> 29;
    if (bits === 0) return;
    const field = (instruction >>> 8) & 31;
    let value = field >>> (5 - bits);
    if ((this.execctrl & EXEC_SIDE_ENABLE) !== 0) {
      bits--;
      if (value >>> bits === 0) return;
      value &= (1 << bits) - 1;
    }
    const isDirection = (this.execctrl & EXEC_SIDE_PINDIR) !== 0;
    this.pio.writePins(isDirection, value, (this.pinctrl >>> 10) & 31, bits);
  }

  private execute(instruction: number): Stall {
    const operand = instruction & 0xff;
    switch (instruction >>> 13) {
      case 0:
        if (this.condition(operand >>> 5)) this.nextPc = operand & 31;
        return 'none';
      case 1:
        return this.wait(operand);
      case 2:
        return this.shiftIn(operand);
      case 3:
        return this.shiftOut(operand);
      case 4:
        return (operand & 0x80) !== 0 ? this.pull(operand) : this.push(operand);
      case 5:
        this.move(operand);
        return 'none';
      case 6:
        return this.interrupt(operand);
      default:
        this.set(operand);
        return 'none';
    }
  }

  private condition(kind: number): boolean {
    switch (kind) {
      case 1:
        return this.x === 0;
      case 2:
        this.x = (this.x - 1) | 0;
        return this.x !== -1;
      case 3:
        return this.y === 0;
      case 4:
        this.y = (this.y - 1) | 0;
        return this.y !== -1;
      case 5:
        return this.x !== this.y;
      case 6:
        return (this.pio.inputs & (1 << ((this.execctrl >>> 24) & 31))) !== 0;
      case 7:
        return this.osrCount < this.pullThreshold;
      default:
        return true;
    }
  }

  private wait(operand: number): Stall {
    const isHigh = (operand & 0x80) !== 0;
    const source = (operand >>> 5) & 3;
    if (source === 2) {
      const flag = 1 << this.flagOf(operand & 31);
      if (((this.pio.flags & flag) !== 0) !== isHigh) return 'irq';
      if (isHigh) this.pio.setFlags(this.pio.flags & ~flag);
      return 'none';
    }
    this.stallPin = source === 0 ? operand & 31 : ((operand & 31) + ((this.pinctrl >>> 15) & 31)) & 31;
    return ((this.pio.inputs & (1 << this.stallPin)) !== 0) === isHigh ? 'none' : 'pin';
  }

  private flagOf(index: number): number {
    return (index & 16) === 0 ? index & 7 : (index & 4) | (((index & 3) + this.index) & 3);
  }

  private source(kind: number): number {
    switch (kind) {
      case 0:
        return rotateRight(this.pio.inputs, (this.pinctrl >>> 15) & 31);
      case 1:
        return this.x;
      case 2:
        return this.y;
      case 5: {
        const level = (this.execctrl & EXEC_STATUS_RX) !== 0 ? this.rx.length : this.tx.length;
        return level < (this.execctrl & 15) ? -1 : 0;
      }
      case 6:
        return this.isr;
      case 7:
        return this.osr;
      default:
        return 0;
    }
  }

  private shiftIn(operand: number): Stall {
    const bits = operand & 31 || 32;
    const isPushed = (this.shiftctrl & SHIFT_AUTOPUSH) !== 0 && this.isrCount + bits >= this.pushThreshold;
    if (isPushed && this.rx.length >= this.rxDepth) return 'rx';
    const value = lowBits(this.source(operand >>> 5), bits);
    if (bits === 32) this.isr = value;
    else if ((this.shiftctrl & SHIFT_IN_RIGHT) !== 0) this.isr = (this.isr >>> bits) | (value << (32 - bits));
    else this.isr = (this.isr << bits) | value;
    this.isrCount = Math.min(32, this.isrCount + bits);
    if (isPushed) this.pushIsr();
    return 'none';
  }

  private pushIsr(): void {
    this.rx.push(this.isr);
    this.isr = 0;
    this.isrCount = 0;
    this.pio.fifoChanged(this.index);
  }

  private shiftOut(operand: number): Stall {
    if ((this.shiftctrl & SHIFT_AUTOPULL) !== 0 && this.osrCount >= this.pullThreshold) {
      if (this.tx.length === 0) return 'tx';
      this.refill();
    }
    const bits = operand & 31 || 32;
    let value = this.osr;
    if (bits === 32) this.osr = 0;
    else if ((this.shiftctrl & SHIFT_OUT_RIGHT) !== 0) {
      value = lowBits(this.osr, bits);
      this.osr >>>= bits;
    } else {
      value = this.osr >>> (32 - bits);
      this.osr <<= bits;
    }
    this.osrCount = Math.min(32, this.osrCount + bits);
    this.writeOut(operand >>> 5, value | 0, bits);
    this.refill();
    return 'none';
  }

  private writeOut(destination: number, value: number, bits: number): void {
    switch (destination) {
      case 0:
      case 4:
        this.writeOutPins(destination === 4, value);
        return;
      case 1:
        this.x = value;
        return;
      case 2:
        this.y = value;
        return;
      case 5:
        this.nextPc = value & 31;
        return;
      case 6:
        this.isr = value;
        this.isrCount = bits;
        return;
      case 7:
        this.queued = value & 0xffff;
    }
  }

  private writeOutPins(isDirection: boolean, value: number): void {
    this.pio.writePins(isDirection, value, this.pinctrl & 31, (this.pinctrl >>> 20) & 63);
  }

  private push(operand: number): Stall {
    if ((operand & 0x40) !== 0 && this.isrCount < this.pushThreshold) return 'none';
    if (this.rx.length < this.rxDepth) this.pushIsr();
    else if ((operand & 0x20) !== 0) return 'rx';
    else {
      this.pio.stalled(this.index, 'rx');
      this.isr = 0;
      this.isrCount = 0;
    }
    return 'none';
  }

  private pull(operand: number): Stall {
    const isFull = this.osrCount < this.pullThreshold;
    if (isFull && ((operand & 0x40) !== 0 || (this.shiftctrl & SHIFT_AUTOPULL) !== 0)) return 'none';
    if (this.tx.length > 0) this.osr = this.takeTx();
    else if ((operand & 0x20) !== 0) return 'tx';
    else this.osr = this.x;
    this.osrCount = 0;
    return 'none';
  }

  private takeTx(): number {
    const word = this.tx.shift()!;
    this.pio.fifoChanged(this.index);
    return word;
  }

  private move(operand: number): void {
    const operation = (operand >>> 3) & 3;
    let value = this.source(operand & 7);
    if (operation === 1) value = ~value;
    else if (operation === 2) value = reverse(value);
    const destination = operand >>> 5;
    if (destination === 7) {
      this.osr = value;
      this.osrCount = 0;
    } else if (destination === 4) this.queued = value & 0xffff;
    // 3 is reserved for MOV and null for OUT; ISR: the count is cleared.
    else this.writeOut(destination, value, 0);
  }

  private interrupt(operand: number): Stall {
    const flag = 1 << this.flagOf(operand & 31);
    if ((operand & 0x40) !== 0) {
      this.pio.setFlags(this.pio.flags & ~flag);
      return 'none';
    }
    if (!this.isWaitingForIrq) this.pio.setFlags(this.pio.flags | flag);
    this.isWaitingForIrq = (operand & 0x20) !== 0 && (this.pio.flags & flag) !== 0;
    return this.isWaitingForIrq ? 'irq' : 'none';
  }

  private set(operand: number): void {
    const value = operand & 31;
    const destination = operand >>> 5;
    if (destination === 1) this.x = value;
    else if (destination === 2) this.y = value;
    else if (destination === 0 || destination === 4) {
      this.pio.writePins(destination === 4, value, (this.pinctrl >>> 5) & 31, (this.pinctrl >>> 26) & 7);
    }
  }
}

function lowBits(value: number, bits: number): number {
  return bits === 32 ? value : value & ((1 << bits) - 1);
}

function rotateRight(value: number, bits: number): number {
  return bits === 0 ? value : (value >>> bits) | (value << (32 - bits));
}

function reverse(value: number): number {
  let result = 0;
  for (let i = 0; i < 32; i++) result |= ((value >>> i) & 1) << (31 - i);
  return result;
}
