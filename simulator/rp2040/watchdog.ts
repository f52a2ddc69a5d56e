/**
 * The watchdog (RP2040 datasheet 4.7): resets the chip when it is not fed, keeps the reason and eight scratch words.
 * Erratum RP2040-E1: the counter falls by two per microsecond.
 */
import type { Alarm, VirtualClock } from './clock.js';
import { RegisterBlock } from './register-block.js';

const CTRL = 0x00;
const LOAD = 0x04;
const REASON = 0x08;
const SCRATCH0 = 0x0c;
const SCRATCH7 = 0x28;
const TICK = 0x2c;

const CTRL_TRIGGER = 1 << 31;
const CTRL_ENABLE = 1 << 30;
const CTRL_PAUSE_BITS = 7 << 24;
const TICK_ENABLE = 1 << 9;
const TICK_RUNNING = 1 << 10;
const NS_PER_COUNT = 500;

export const REASON_TIMER = 1;
export const REASON_FORCE = 2;

export class Watchdog extends RegisterBlock {
  readonly scratch = new Uint32Array(8);
  reason = 0;
  onReset: () => void = () => {};
  private readonly clock: VirtualClock;
  private readonly alarm: Alarm;
  private control = CTRL_PAUSE_BITS;
  private tick = TICK_ENABLE;
  /** The counter while it stands. */
  private count = 0;
  private load = 0;

  constructor(clock: VirtualClock) {
    super();
    this.clock = clock;
    this.alarm = clock.createAlarm(() => this.fire(REASON_TIMER));
  }

  /** Power-on. */
  powerOn(): void {
    this.reset();
    this.reason = 0;
    this.scratch.fill(0);
  }

  /** A reset by the watchdog itself leaves reason and scratch. */
  reset(): void {
    this.alarm.cancel();
    this.control = CTRL_PAUSE_BITS;
    this.tick = TICK_ENABLE;
    this.count = 0;
  }

  override readUint32(offset: number): number {
    if (offset >= SCRATCH0 && offset <= SCRATCH7) return this.scratch[(offset - SCRATCH0) >> 2];
    switch (offset) {
      case CTRL:
        return (this.control & (CTRL_ENABLE | CTRL_PAUSE_BITS)) | (this.remaining() & 0xffffff);
      case REASON:
        return this.reason;
      case TICK:
        return this.tick | ((this.tick & TICK_ENABLE) !== 0 ? TICK_RUNNING : 0);
      default:
        return 0;
    }
  }

  override writeUint32(offset: number, value: number): void {
    if (offset >= SCRATCH0 && offset <= SCRATCH7) {
      this.scratch[(offset - SCRATCH0) >> 2] = value;
      return;
    }
    if (offset === LOAD) this.load = value & 0xffffff;
    const count = offset === LOAD ? this.load : this.remaining();
    if (offset === CTRL) this.control = value & (CTRL_ENABLE | CTRL_PAUSE_BITS);
    if (offset === TICK) this.tick = value & 0x3ff;
    this.restart(count);
    if (offset === CTRL && (this.written & CTRL_TRIGGER) !== 0) this.fire(REASON_FORCE);
  }

  private get isRunning(): boolean {
    return (this.control & CTRL_ENABLE) !== 0 && (this.tick & TICK_ENABLE) !== 0;
  }

  private remaining(): number {
    if (!this.alarm.isScheduled) return this.count;
    return Math.max(0, Math.ceil((this.alarm.atNs - this.clock.nanos) / NS_PER_COUNT));
  }

  private restart(count: number): void {
    this.count = count;
    this.alarm.cancel();
    if (this.isRunning) this.alarm.schedule(count * NS_PER_COUNT);
  }

  private fire(reason: number): void {
    this.reason = reason;
    this.alarm.cancel();
    this.onReset();
  }
}
