/** The microsecond timer and its four alarms (RP2040 datasheet 4.6). An alarm fires once the counter has its value. */
import type { Alarm, VirtualClock } from './clock.js';
import { IRQ, type SetInterrupt } from './interrupts.js';
import { RegisterBlock } from './register-block.js';

const TIMEHW = 0x00;
const TIMELW = 0x04;
const TIMEHR = 0x08;
const TIMELR = 0x0c;
const ALARM0 = 0x10;
const ALARM3 = 0x1c;
const ARMED = 0x20;
const TIMERAWH = 0x24;
const TIMERAWL = 0x28;
const INTR = 0x34;
const INTE = 0x38;
const INTF = 0x3c;
const INTS = 0x40;

export class Timer extends RegisterBlock {
  private readonly clock: VirtualClock;
  private readonly setInterrupt: SetInterrupt;
  private readonly alarms: readonly Alarm[];
  private readonly targets = new Uint32Array(4);
  private zeroNs = 0;
  private latchedHigh = 0;
  private writtenLow = 0;
  private raw = 0;
  private enable = 0;
  private force = 0;

  constructor(clock: VirtualClock, setInterrupt: SetInterrupt) {
    super();
    this.clock = clock;
    this.setInterrupt = setInterrupt;
    this.alarms = [0, 1, 2, 3].map((i) => clock.createAlarm(() => this.fire(i)));
  }

  reset(): void {
    this.zeroNs = this.clock.nanos;
    for (const alarm of this.alarms) alarm.cancel();
    this.raw = 0;
    this.enable = 0;
    this.force = 0;
    this.update();
  }

  private get micros(): number {
    return Math.floor((this.clock.nanos - this.zeroNs + 1e-3) / 1000);
  }

  override readUint32(offset: number): number {
    if (offset >= ALARM0 && offset <= ALARM3) return this.targets[(offset - ALARM0) >> 2];
    switch (offset) {
      case TIMEHR:
        return this.latchedHigh;
      case TIMELR:
        this.latchedHigh = Math.floor(this.micros / 2 ** 32);
        return this.micros >>> 0;
      case TIMERAWH:
        return Math.floor(this.micros / 2 ** 32);
      case TIMERAWL:
        return this.micros >>> 0;
      case ARMED:
        return this.alarms.reduce((bits, alarm, i) => bits | (alarm.isScheduled ? 1 << i : 0), 0);
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
    if (offset >= ALARM0 && offset <= ALARM3) {
      this.arm((offset - ALARM0) >> 2, value);
      return;
    }
    switch (offset) {
      case TIMELW:
        this.writtenLow = value;
        return;
      case TIMEHW:
        this.zeroNs = this.clock.nanos - (value * 2 ** 32 + this.writtenLow) * 1000;
        return;
      case ARMED:
        this.alarms.forEach((alarm, i) => {
          if ((this.written & (1 << i)) !== 0) alarm.cancel();
        });
        return;
      case INTR:
        this.raw &= ~this.written;
        break;
      case INTE:
        this.enable = value & 15;
        break;
      case INTF:
        this.force = value & 15;
    }
    this.update();
  }

  private arm(i: number, target: number): void {
    this.targets[i] = target;
    const inUs = (target - (this.micros >>> 0)) >>> 0;
    this.alarms[i].scheduleAt(this.zeroNs + (this.micros + inUs) * 1000);
  }

  private fire(i: number): void {
    this.raw |= 1 << i;
    this.update();
  }

  private update(): void {
    const status = (this.raw & this.enable) | this.force;
    for (let i = 0; i < 4; i++) this.setInterrupt(IRQ.TIMER_0 + i, (status & (1 << i)) !== 0);
  }
}
