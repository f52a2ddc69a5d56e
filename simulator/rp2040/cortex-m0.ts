/**
 * The ARM Cortex-M0+ (ARMv6-M Architecture Reference Manual; Cortex-M0+ TRM for cycles): registers, exceptions, the loop.
 * What each instruction does is in thumb.ts. Lines of the interrupt controller are levels, pending bits are latched
 * (B3.4): a line that falls before its handler ran still is served, one that stays high is served again.
 */
import type { Bus } from './bus.js';
import type { VirtualClock } from './clock.js';
import { EmulatorError, hex } from './emulator-error.js';
import { HANDLERS } from './thumb.js';

export const EXCEPTION_NMI = 2;
export const EXCEPTION_HARD_FAULT = 3;
export const EXCEPTION_SVCALL = 11;
export const EXCEPTION_PENDSV = 14;
export const EXCEPTION_SYSTICK = 15;
export const EXCEPTION_IRQ0 = 16;

/** TRM 3.4: 15 cycles from the request to the handler's first instruction; the way back is as long as a POP of 8. */
const ENTRY_CYCLES = 15;
const RETURN_CYCLES = 12;

/** Below every real priority. */
const IDLE_PRIORITY = 4;

export type Hook = (cpu: CortexM0) => void;

export class CortexM0 {
  /** r0 to r12, SP, LR, and in r[15] the address of the next instruction. */
  readonly r = new Int32Array(16);
  /** N is the sign of this, Z is set when `zero` is 0. */
  negative = 0;
  zero = 1;
  carry = false;
  overflow = false;

  isMasked = false;
  isHandler = false;
  usesProcessStack = false;
  bankedSp = 0;
  ipsr = 0;

  vtor = 0;
  /** Lines as the peripherals drive them, and the latched requests. */
  lines = 0;
  pending = 0;
  enabled = 0;
  /** Of each of the 32 interrupts, 0 to 3. */
  readonly irqPriority = new Uint8Array(32);
  svcallPriority = 0;
  pendsvPriority = 0;
  systickPriority = 0;
  isNmiPending = false;
  isSvcallPending = false;
  isPendsvPending = false;
  isSystickPending = false;
  sevOnPend = false;
  sleepOnExit = false;

  /** Set by whatever may let an exception in. */
  mayInterrupt = false;
  isEventSet = false;
  sleep: 'no' | 'wfi' | 'wfe' = 'no';
  /** Instructions since power-on. */
  instructions = 0;

  readonly bus: Bus;
  readonly clock: VirtualClock;
  /** Called at BKPT; throws where the image has no business with one. */
  onBreak: (code: number) => void = (code) => this.stop(`breakpoint ${code}`);
  private readonly hooks = new Map<number, Hook[]>();
  private readonly hookFilter = new Uint8Array(1 << 14);

  constructor(bus: Bus, clock: VirtualClock) {
    this.bus = bus;
    this.clock = clock;
  }

  reset(stackPointer: number, entry: number, lr: number): void {
    this.r.fill(0);
    this.r[13] = stackPointer & ~3;
    this.r[14] = lr;
    this.r[15] = entry & ~1;
    this.isMasked = false;
    this.isHandler = false;
    this.usesProcessStack = false;
    this.ipsr = 0;
    this.vtor = 0;
    this.lines = 0;
    this.pending = 0;
    this.enabled = 0;
    this.irqPriority.fill(0);
    this.svcallPriority = 0;
    this.pendsvPriority = 0;
    this.systickPriority = 0;
    this.isNmiPending = false;
    this.isSvcallPending = false;
    this.isPendsvPending = false;
    this.isSystickPending = false;
    this.sevOnPend = false;
    this.sleepOnExit = false;
    this.isEventSet = false;
    this.sleep = 'no';
  }

  /** Runs `hook` whenever the instruction at `address` is about to be executed. */
  addHook(address: number, hook: Hook): void {
    const pc = address & ~1;
    const list = this.hooks.get(pc) ?? [];
    list.push(hook);
    this.hooks.set(pc, list);
    this.hookFilter[(pc >>> 1) & 0x3fff] = 1;
  }

  /** Instructions until the clock's limit is reached or the CPU sleeps. */
  run(): void {
    const { r, bus, clock, hookFilter } = this;
    while (clock.cycles < clock.limitCycles) {
      if (this.mayInterrupt && this.takeException()) continue;
      const pc = r[15];
      if (hookFilter[(pc >>> 1) & 0x3fff] !== 0) this.runHooks(pc);
      const opcode = bus.fetch(pc);
      r[15] = pc + 2;
      this.instructions++;
      // Not in one expression: handlers add cycles of their own (exception return, boot ROM).
      const cycles = HANDLERS[opcode >>> 6](this, opcode);
      clock.cycles += cycles;
    }
  }

  stop(what: string): never {
    throw new EmulatorError(what, this.r[15] - 2);
  }

  /** A peripheral drives its interrupt line. */
  setInterrupt(irq: number, isHigh: boolean): void {
    const bit = 1 << irq;
    if (!isHigh) {
      this.lines &= ~bit;
      return;
    }
    if ((this.lines & bit) !== 0) return;
    this.lines |= bit;
    this.pend(bit);
  }

  /** Latches requests, as the lines or a write to ISPR do. */
  pend(bits: number): void {
    if (this.sevOnPend && (bits & ~this.pending) !== 0) this.isEventSet = true;
    this.pending |= bits;
    this.mayInterrupt = true;
  }

  /** A write to ICPR: what is still asked for stays pending. */
  unpend(bits: number): void {
    this.pending = (this.pending & ~bits) | this.lines;
    this.mayInterrupt = true;
  }

  /** B1.5.18 and B1.5.19: what ends a WFI or a WFE. */
  wakes(): boolean {
    if (this.sleep === 'wfe' && this.isEventSet) {
      this.isEventSet = false;
      return true;
    }
    const priority = this.priorityOf(this.ipsr);
    if (this.sleep === 'wfe' && this.isMasked) return this.isNmiPending;
    return this.pendingException(priority) !== 0;
  }

  priorityOf(exception: number): number {
    if (exception === 0) return IDLE_PRIORITY;
    if (exception >= EXCEPTION_IRQ0) return this.irqPriority[exception - EXCEPTION_IRQ0];
    if (exception === EXCEPTION_SVCALL) return this.svcallPriority;
    if (exception === EXCEPTION_PENDSV) return this.pendsvPriority;
    if (exception === EXCEPTION_SYSTICK) return this.systickPriority;
    return exception === EXCEPTION_HARD_FAULT ? -1 : -2;
  }

  /** The pending exception of the highest priority above `priority`, the lowest number first; 0: none. */
  pendingException(priority: number): number {
    if (this.isNmiPending && priority > -2) return EXCEPTION_NMI;
    let best = priority;
    let found = 0;
    if (this.isSvcallPending && this.svcallPriority < best) {
      best = this.svcallPriority;
      found = EXCEPTION_SVCALL;
    }
    if (this.isPendsvPending && this.pendsvPriority < best) {
      best = this.pendsvPriority;
      found = EXCEPTION_PENDSV;
    }
    if (this.isSystickPending && this.systickPriority < best) {
      best = this.systickPriority;
      found = EXCEPTION_SYSTICK;
    }
    let bits = this.pending & this.enabled;
    while (bits !== 0) {
      const irq = 31 - Math.clz32(bits & -bits);
      bits &= bits - 1;
      if (this.irqPriority[irq] < best) {
        best = this.irqPriority[irq];
        found = EXCEPTION_IRQ0 + irq;
      }
    }
    return found;
  }

  /** B1.5.8, B1.5.10. */
  exceptionReturn(value: number): void {
    const kind = value & 0xf;
    if (kind !== 1 && kind !== 9 && kind !== 13) this.stop(`exception return to ${hex(value)}`);
    const irq = this.ipsr - EXCEPTION_IRQ0;
    if (irq >= 0 && (this.lines & (1 << irq)) !== 0) this.pending |= 1 << irq;
    this.isHandler = kind === 1;
    this.setStack(kind === 13);
    const { r, bus } = this;
    const frame = r[13];
    for (let i = 0; i < 4; i++) r[i] = bus.read32(frame + 4 * i);
    r[12] = bus.read32(frame + 16);
    r[14] = bus.read32(frame + 20);
    r[15] = bus.read32(frame + 24) & ~1;
    const xpsr = bus.read32(frame + 28);
    r[13] = (frame + 32) | ((xpsr & 0x200) !== 0 ? 4 : 0);
    this.setFlags(xpsr);
    this.ipsr = xpsr & 0x3f;
    this.isEventSet = true;
    this.mayInterrupt = true;
    this.clock.cycles += RETURN_CYCLES;
    if (this.sleepOnExit && !this.isHandler) this.startSleep('wfi');
  }

  startSleep(kind: 'wfi' | 'wfe'): void {
    if (kind === 'wfe' && this.isEventSet) {
      this.isEventSet = false;
      return;
    }
    this.sleep = kind;
    this.clock.interruptRun();
  }

  setStack(usesProcessStack: boolean): void {
    if (usesProcessStack === this.usesProcessStack) return;
    const sp = this.r[13];
    this.r[13] = this.bankedSp;
    this.bankedSp = sp;
    this.usesProcessStack = usesProcessStack;
  }

  get flags(): number {
    return (
      (this.negative < 0 ? 0x80000000 : 0) |
      (this.zero === 0 ? 0x40000000 : 0) |
      (this.carry ? 0x20000000 : 0) |
      (this.overflow ? 0x10000000 : 0)
    );
  }

  setFlags(xpsr: number): void {
    this.negative = xpsr | 0;
    this.zero = (xpsr & 0x40000000) !== 0 ? 0 : 1;
    this.carry = (xpsr & 0x20000000) !== 0;
    this.overflow = (xpsr & 0x10000000) !== 0;
  }

  private takeException(): boolean {
    this.mayInterrupt = false;
    let priority = this.priorityOf(this.ipsr);
    if (this.isMasked && priority > 0) priority = 0;
    const exception = this.pendingException(priority);
    if (exception === 0) return false;
    if (exception >= EXCEPTION_IRQ0) this.pending &= ~(1 << (exception - EXCEPTION_IRQ0));
    else if (exception === EXCEPTION_NMI) this.isNmiPending = false;
    else if (exception === EXCEPTION_SVCALL) this.isSvcallPending = false;
    else if (exception === EXCEPTION_PENDSV) this.isPendsvPending = false;
    else this.isSystickPending = false;
    this.enter(exception);
    return true;
  }

  /** B1.5.6, B1.5.7. */
  private enter(exception: number): void {
    const { r, bus } = this;
    const aligned = (r[13] & 4) !== 0 ? 0x200 : 0;
    const frame = (r[13] - 32) & ~7;
    for (let i = 0; i < 4; i++) bus.write32(frame + 4 * i, r[i]);
    bus.write32(frame + 16, r[12]);
    bus.write32(frame + 20, r[14]);
    bus.write32(frame + 24, r[15]);
    bus.write32(frame + 28, this.flags | 0x01000000 | aligned | this.ipsr);
    r[13] = frame;
    r[14] = this.isHandler ? 0xfffffff1 : this.usesProcessStack ? 0xfffffffd : 0xfffffff9;
    this.setStack(false);
    this.isHandler = true;
    this.ipsr = exception;
    this.isEventSet = true;
    const vector = bus.read32(this.vtor + 4 * exception);
    if ((vector & 1) === 0) this.stop(`vector ${exception} is ${hex(vector)}, not a Thumb address`);
    r[15] = vector & ~1;
    this.clock.cycles += ENTRY_CYCLES;
  }

  private runHooks(pc: number): void {
    const list = this.hooks.get(pc);
    if (list === undefined) return;
    for (const hook of list) hook(this);
  }
}
