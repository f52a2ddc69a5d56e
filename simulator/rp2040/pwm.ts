/**
 * The PWM slices (RP2040 datasheet 4.5): free running, gated by the B pin, counting its rising or falling edges; wrap as
 * interrupt and as one DMA request (4.5.2.5); the counter readable at any moment.
 */
import type { Alarm, VirtualClock } from './clock.js';
import type { Dma } from './dma.js';
import { DREQ, IRQ, type SetInterrupt } from './interrupts.js';
import { FUNCTION_PWM, type PinBank } from './pins.js';
import { RegisterBlock } from './register-block.js';

const SLICES = 8;
const SLICE_BYTES = 0x14;
const CSR = 0x00;
const DIV = 0x04;
const CTR = 0x08;
const CC = 0x0c;
const TOP = 0x10;
const EN = 0xa0;
const INTR = 0xa4;
const INTE = 0xa8;
const INTF = 0xac;
const INTS = 0xb0;

const CSR_ENABLE = 1;
const CSR_PHASE_CORRECT = 2;
const CSR_INVERT_A = 4;
const CSR_INVERT_B = 8;
const CSR_RETARD = 1 << 6;
const CSR_ADVANCE = 1 << 7;
const MODE_FREE = 0;
const MODE_GATED = 1;
const MODE_RISING = 2;

class Slice {
  csr = 0;
  div = 0x10;
  cc = 0;
  top = 0xffff;
  /** Compare and top as they are used: taken over at a wrap. */
  private liveCc = 0;
  private liveTop = 0xffff;
  /** Position in the period at `sinceNs`, in counts; runs to twice the top and back where phase correct. */
  private position = 0;
  private sinceNs = 0;
  /** Edges towards the next count. */
  private edges = 0;
  private readonly alarm: Alarm;
  private readonly clock: VirtualClock;
  private readonly pwm: Pwm;
  readonly index: number;

  constructor(pwm: Pwm, clock: VirtualClock, index: number) {
    this.pwm = pwm;
    this.clock = clock;
    this.index = index;
    this.alarm = clock.createAlarm(() => this.reachEvent());
  }

  reset(): void {
    this.alarm.cancel();
    this.csr = 0;
    this.div = 0x10;
    this.cc = this.liveCc = 0;
    this.top = this.liveTop = 0xffff;
    this.position = 0;
    this.edges = 0;
    this.drive();
  }

  get mode(): number {
    return (this.csr >>> 4) & 3;
  }

  get isEnabled(): boolean {
    return (this.csr & CSR_ENABLE) !== 0;
  }

  get counter(): number {
    const position = this.now();
    return position > this.liveTop ? 2 * this.liveTop + 1 - position : position;
  }

  set counter(value: number) {
    this.restart(value & 0xffff);
  }

  writeCsr(value: number): void {
    const position = this.now();
    this.csr = value & 0x3f;
    this.restart(position);
    if ((value & CSR_ADVANCE) !== 0) this.count(1);
    if ((value & CSR_RETARD) !== 0) this.count(this.period - 1);
  }

  writeDiv(value: number): void {
    const position = this.now();
    this.div = value & 0xfff;
    this.restart(position);
  }

  writeCompare(cc: number, top: number): void {
    this.cc = cc;
    this.top = top & 0xffff;
    if (this.isEnabled) return;
    this.takeOver();
    this.drive();
  }

  /** The level of the B pin changed. */
  inputChanged(isHigh: boolean): void {
    if (!this.isEnabled || this.mode === MODE_FREE) return;
    if (this.mode === MODE_GATED) {
      this.restart(this.now(!isHigh));
      return;
    }
    if (isHigh !== (this.mode === MODE_RISING)) return;
    this.edges++;
    if (this.edges < this.divider) return;
    this.edges -= this.divider;
    this.count(1);
  }

  private get divider(): number {
    const integer = this.div >>> 4;
    return (integer === 0 ? 256 : integer) + (this.div & 15) / 16;
  }

  private get period(): number {
    return (this.csr & CSR_PHASE_CORRECT) !== 0 ? 2 * (this.liveTop + 1) : this.liveTop + 1;
  }

  private get isRunning(): boolean {
    return this.isEnabled && (this.mode === MODE_FREE || (this.mode === MODE_GATED && this.pwm.inputOf(this.index)));
  }

  private get countNs(): number {
    return this.divider * this.clock.nanosPerCycle;
  }

  /** The position at this moment; `wasRunning` where the input has already changed. */
  private now(wasRunning = this.isRunning): number {
    if (!wasRunning) return this.position;
    const passed = Math.floor((this.clock.nanos - this.sinceNs) / this.countNs + 1e-6);
    return (this.position + passed) % this.period;
  }

  private restart(position: number): void {
    this.position = position % this.period;
    this.sinceNs = this.clock.nanos;
    if (!this.isEnabled) this.takeOver();
    this.alarm.cancel();
    if (this.isRunning) this.scheduleEvent();
    this.drive();
  }

  /** The next wrap, or the next compare where the pins show it. */
  private scheduleEvent(): void {
    const next = this.pwm.isShown(this.index) ? this.nextEvent() : this.period;
    this.alarm.scheduleAt(this.sinceNs + (next - this.position) * this.countNs);
  }

  private nextEvent(): number {
    let next = this.period;
    for (const compare of [this.liveCc & 0xffff, this.liveCc >>> 16]) {
      const points = (this.csr & CSR_PHASE_CORRECT) !== 0 ? [compare, this.period - compare] : [compare];
      for (const point of points) if (point > this.position && point < next) next = point;
    }
    return next;
  }

  private reachEvent(): void {
    const passed = Math.round((this.clock.nanos - this.sinceNs) / this.countNs);
    this.sinceNs = this.clock.nanos;
    this.moveTo(this.position + passed);
    if (this.isRunning) this.scheduleEvent();
  }

  /** One count more without the clock: an edge, or PH_ADV. */
  private count(counts: number): void {
    this.moveTo(this.now() + counts);
    this.restart(this.position);
  }

  private moveTo(position: number): void {
    const hasWrapped = position >= this.period;
    this.position = position % this.period;
    if (hasWrapped) {
      this.takeOver();
      this.pwm.wrapped(this.index);
    }
    this.drive();
  }

  private takeOver(): void {
    this.liveCc = this.cc;
    this.liveTop = this.top;
  }

  private drive(): void {
    const counter = this.position > this.liveTop ? 2 * this.liveTop + 1 - this.position : this.position;
    const a = counter < (this.liveCc & 0xffff) !== ((this.csr & CSR_INVERT_A) !== 0);
    const b = counter < this.liveCc >>> 16 !== ((this.csr & CSR_INVERT_B) !== 0);
    this.pwm.drive(this.index, a, b, this.mode === MODE_FREE);
  }
}

export class Pwm extends RegisterBlock {
  private readonly slices: readonly Slice[];
  private readonly pins: PinBank;
  private readonly dma: Dma;
  private readonly setInterrupt: (isHigh: boolean) => void;
  private raw = 0;
  private enable = 0;
  private force = 0;

  constructor(clock: VirtualClock, pins: PinBank, dma: Dma, setInterrupt: SetInterrupt) {
    super();
    this.pins = pins;
    this.dma = dma;
    this.setInterrupt = (isHigh) => setInterrupt(IRQ.PWM_WRAP, isHigh);
    this.slices = Array.from({ length: SLICES }, (_, i) => new Slice(this, clock, i));
    for (const slice of this.slices) slice.reset();
  }

  reset(): void {
    this.raw = this.enable = this.force = 0;
    for (const slice of this.slices) slice.reset();
    this.update();
  }

  /** An input of the chip changed; only a pin whose function is PWM reaches its slice (4.5.2). */
  pinChanged(pin: number, isHigh: boolean): void {
    if ((pin & 1) === 1 && this.pins.pins[pin].functionSelect === FUNCTION_PWM) {
      this.slices[(pin >> 1) & 7].inputChanged(isHigh);
    }
  }

  inputOf(slice: number): boolean {
    return [2 * slice + 1, 2 * slice + 17].some((pin) => {
      const candidate = this.pins.pins[pin];
      return candidate !== undefined && candidate.functionSelect === FUNCTION_PWM && candidate.inputValue;
    });
  }

  /** True when a pin shows the slice's outputs. */
  isShown(slice: number): boolean {
    return [0, 1, 16, 17].some((of) => this.pins.pins[2 * slice + of]?.functionSelect === FUNCTION_PWM);
  }

  drive(slice: number, a: boolean, b: boolean, isBOutput: boolean): void {
    const { values, enables } = this.pins;
    const aBits = (0x00010001 << (2 * slice)) & 0x3fffffff;
    const bBits = (0x00020002 << (2 * slice)) & 0x3fffffff;
    const newValues = (values[FUNCTION_PWM] & ~(aBits | bBits)) | (a ? aBits : 0) | (b ? bBits : 0);
    const newEnables = (enables[FUNCTION_PWM] & ~bBits) | aBits | (isBOutput ? bBits : 0);
    this.pins.drive(FUNCTION_PWM, newValues, newEnables);
  }

  wrapped(slice: number): void {
    this.raw |= 1 << slice;
    this.update();
    this.dma.pulse(DREQ.PWM_WRAP0 + slice);
  }

  override readUint32(offset: number): number {
    if (offset < SLICES * SLICE_BYTES) {
      const slice = this.slices[Math.floor(offset / SLICE_BYTES)];
      switch (offset % SLICE_BYTES) {
        case CSR:
          return slice.csr;
        case DIV:
          return slice.div;
        case CTR:
          return slice.counter;
        case CC:
          return slice.cc;
        default:
          return slice.top;
      }
    }
    switch (offset) {
      case EN:
        return this.slices.reduce((bits, slice, i) => bits | (slice.isEnabled ? 1 << i : 0), 0);
      case INTR:
        return this.raw;
      case INTE:
        return this.enable;
      case INTF:
        return this.force;
      case INTS:
        return (this.raw & this.enable) | this.force;
      default:
        return 0;
    }
  }

  override writeUint32(offset: number, value: number): void {
    if (offset < SLICES * SLICE_BYTES) {
      this.writeSlice(this.slices[Math.floor(offset / SLICE_BYTES)], offset % SLICE_BYTES, value);
      return;
    }
    if (offset === EN) {
      for (const slice of this.slices) slice.writeCsr((slice.csr & ~1) | ((value >>> slice.index) & 1));
    } else if (offset === INTR) this.raw &= ~this.written;
    else if (offset === INTE) this.enable = value & 0xff;
    else if (offset === INTF) this.force = value & 0xff;
    this.update();
  }

  private writeSlice(slice: Slice, offset: number, value: number): void {
    if (offset === CSR) slice.writeCsr(value);
    else if (offset === DIV) slice.writeDiv(value);
    else if (offset === CTR) slice.counter = value;
    else if (offset === CC) slice.writeCompare(value, slice.top);
    else if (offset === TOP) slice.writeCompare(slice.cc, value);
  }

  private update(): void {
    this.setInterrupt(((this.raw & this.enable) | this.force) !== 0);
  }
}
