/**
 * The core's private registers: SysTick, NVIC and system control block (ARMv6-M Architecture Reference Manual B3.2 to
 * B3.4).
 */
import type { VirtualClock } from './clock.js';
import type { CortexM0 } from './cortex-m0.js';

const SYST_CSR = 0x010;
const SYST_RVR = 0x014;
const SYST_CVR = 0x018;
const SYST_CALIB = 0x01c;
const NVIC_ISER = 0x100;
const NVIC_ICER = 0x180;
const NVIC_ISPR = 0x200;
const NVIC_ICPR = 0x280;
const NVIC_IPR0 = 0x400;
const NVIC_IPR7 = 0x41c;
const CPUID = 0xd00;
const ICSR = 0xd04;
const VTOR = 0xd08;
const AIRCR = 0xd0c;
const SCR = 0xd10;
const CCR = 0xd14;
const SHPR2 = 0xd1c;
const SHPR3 = 0xd20;

const AIRCR_KEY = 0x05fa;
const AIRCR_SYSRESETREQ = 4;

export class SystemControl {
  onResetRequest: () => void = () => {};
  private readonly cpu: CortexM0;
  private readonly clock: VirtualClock;
  private readonly tickAlarm;
  private isTickOn = false;
  private isTickInterruptOn = false;
  private hasCounted = false;
  private reload = 0;
  /** The counter at `sinceNs`. */
  private count = 0;
  private sinceNs = 0;

  constructor(cpu: CortexM0, clock: VirtualClock) {
    this.cpu = cpu;
    this.clock = clock;
    this.tickAlarm = clock.createAlarm(() => this.wrapTick());
  }

  reset(): void {
    this.isTickOn = false;
    this.isTickInterruptOn = false;
    this.hasCounted = false;
    this.reload = 0;
    this.count = 0;
    this.tickAlarm.cancel();
  }

  readUint32(offset: number): number {
    const { cpu } = this;
    if (offset >= NVIC_IPR0 && offset <= NVIC_IPR7) return this.readPriorities(offset - NVIC_IPR0);
    switch (offset) {
      case SYST_CSR: {
        const value = (this.hasCounted ? 1 << 16 : 0) | 4 | (this.isTickInterruptOn ? 2 : 0) | (this.isTickOn ? 1 : 0);
        this.hasCounted = false;
        return value;
      }
      case SYST_RVR:
        return this.reload;
      case SYST_CVR:
        return this.currentTick();
      case SYST_CALIB:
        return 0x0000270f;
      case NVIC_ISER:
      case NVIC_ICER:
        return cpu.enabled;
      case NVIC_ISPR:
      case NVIC_ICPR:
        return cpu.pending;
      case CPUID:
        return 0x410cc601;
      case ICSR:
        return this.readIcsr();
      case VTOR:
        return cpu.vtor;
      case AIRCR:
        return 0xfa050000;
      case SCR:
        return (cpu.sevOnPend ? 16 : 0) | (cpu.sleepOnExit ? 2 : 0);
      case CCR:
        return 0x208;
      case SHPR2:
        return cpu.svcallPriority << 30;
      case SHPR3:
        return (cpu.systickPriority << 30) | (cpu.pendsvPriority << 22);
      default:
        return 0;
    }
  }

  writeUint32(offset: number, value: number): void {
    const { cpu } = this;
    cpu.mayInterrupt = true;
    if (offset >= NVIC_IPR0 && offset <= NVIC_IPR7) {
      for (let i = 0; i < 4; i++) cpu.irqPriority[offset - NVIC_IPR0 + i] = (value >>> (8 * i + 6)) & 3;
      return;
    }
    switch (offset) {
      case SYST_CSR:
        this.setTick((value & 1) !== 0, (value & 2) !== 0);
        return;
      case SYST_RVR:
        this.reload = value & 0xffffff;
        return;
      case SYST_CVR:
        this.restartTick(0);
        this.hasCounted = false;
        return;
      case NVIC_ISER:
        cpu.enabled |= value;
        return;
      case NVIC_ICER:
        cpu.enabled &= ~value;
        return;
      case NVIC_ISPR:
        cpu.pend(value);
        return;
      case NVIC_ICPR:
        cpu.unpend(value);
        return;
      case ICSR:
        this.writeIcsr(value);
        return;
      case VTOR:
        cpu.vtor = value & ~0xff;
        return;
      case AIRCR:
        if (value >>> 16 === AIRCR_KEY && (value & AIRCR_SYSRESETREQ) !== 0) this.onResetRequest();
        return;
      case SCR:
        cpu.sevOnPend = (value & 16) !== 0;
        cpu.sleepOnExit = (value & 2) !== 0;
        return;
      case SHPR2:
        cpu.svcallPriority = value >>> 30;
        return;
      case SHPR3:
        cpu.systickPriority = value >>> 30;
        cpu.pendsvPriority = (value >>> 22) & 3;
    }
  }

  private readPriorities(first: number): number {
    let value = 0;
    for (let i = 0; i < 4; i++) value |= this.cpu.irqPriority[first + i] << (8 * i + 6);
    return value;
  }

  private readIcsr(): number {
    const { cpu } = this;
    const isPending = (cpu.pending & cpu.enabled) !== 0;
    return (
      (cpu.isNmiPending ? 1 << 31 : 0) |
      (cpu.isPendsvPending ? 1 << 28 : 0) |
      (cpu.isSystickPending ? 1 << 26 : 0) |
      (isPending ? 1 << 22 : 0) |
      (cpu.pendingException(4) << 12) |
      cpu.ipsr
    );
  }

  private writeIcsr(value: number): void {
    const { cpu } = this;
    if (value >>> 31 !== 0) cpu.isNmiPending = true;
    if ((value & (1 << 28)) !== 0) cpu.isPendsvPending = true;
    if ((value & (1 << 27)) !== 0) cpu.isPendsvPending = false;
    if ((value & (1 << 26)) !== 0) cpu.isSystickPending = true;
    if ((value & (1 << 25)) !== 0) cpu.isSystickPending = false;
  }

  private currentTick(): number {
    if (!this.isTickOn) return this.count;
    const passed = Math.floor((this.clock.nanos - this.sinceNs) / this.clock.nanosPerCycle);
    if (passed <= this.count) return this.count - passed;
    return this.reload - ((passed - this.count - 1) % (this.reload + 1));
  }

  private setTick(isOn: boolean, isInterruptOn: boolean): void {
    this.isTickInterruptOn = isInterruptOn;
    if (isOn === this.isTickOn) return;
    const count = this.currentTick();
    this.isTickOn = isOn;
    this.restartTick(count);
  }

  private restartTick(count: number): void {
    this.count = count;
    this.sinceNs = this.clock.nanos;
    this.tickAlarm.cancel();
    if (!this.isTickOn || (this.reload === 0 && count === 0)) return;
    const ticks = count > 0 ? count : this.reload + 1;
    this.tickAlarm.schedule(ticks * this.clock.nanosPerCycle);
  }

  private wrapTick(): void {
    this.hasCounted = true;
    if (this.isTickInterruptOn) {
      this.cpu.isSystickPending = true;
      this.cpu.mayInterrupt = true;
    }
    this.restartTick(0);
  }
}
