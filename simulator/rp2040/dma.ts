/**
 * The DMA controller (RP2040 datasheet 2.5): 12 channels, chains, rings, requests by level and by pulse, the four pacing
 * timers (X/Y of clk_sys), and a bus error where the DMA has no way to go.
 *
 * A transfer takes two cycles, one to read and one to write; the next may start after it. Sniffing is not modelled.
 */
import type { Bus } from './bus.js';
import type { Alarm, VirtualClock } from './clock.js';
import { IRQ, type SetInterrupt } from './interrupts.js';
import { RegisterBlock } from './register-block.js';

const CHANNELS = 12;
const TREQS = 64;
const TREQ_TIMER0 = 59;
const TREQ_PERMANENT = 63;

const INTR = 0x400;
const INTE0 = 0x404;
const INTF0 = 0x408;
const INTS0 = 0x40c;
const INTE1 = 0x414;
const INTF1 = 0x418;
const INTS1 = 0x41c;
const TIMER0 = 0x420;
const TIMER3 = 0x42c;
const MULTI_CHAN_TRIGGER = 0x430;
const CHAN_ABORT = 0x444;
const N_CHANNELS = 0x448;

const CTRL_ENABLE = 1;
const CTRL_INCR_READ = 1 << 4;
const CTRL_INCR_WRITE = 1 << 5;
const CTRL_RING_WRITE = 1 << 10;
const CTRL_QUIET = 1 << 21;
const CTRL_BSWAP = 1 << 22;
const CTRL_SNIFF = 1 << 23;
const CTRL_BUSY = 1 << 24;
const CTRL_WRITE_ERROR = 1 << 29;
const CTRL_READ_ERROR = 1 << 30;
const CTRL_AHB_ERROR = 1 << 31;
const CTRL_WRITABLE = 0x00ffffff;

const TRANSFER_CYCLES = 2;
/** The credit counter of a channel saturates here (2.5.3.2). */
const CREDITS_MAX = 63;

/** Which of a channel's four registers an offset of its four alias rows means. */
const FIELDS = ['read', 'write', 'count', 'control'] as const;
const ALIASES: readonly (readonly (typeof FIELDS)[number][])[] = [
  ['read', 'write', 'count', 'control'],
  ['control', 'read', 'write', 'count'],
  ['control', 'count', 'read', 'write'],
  ['control', 'write', 'count', 'read'],
];

class Channel {
  read = 0;
  write = 0;
  count = 0;
  reload = 0;
  control: number;
  /** Pulses not yet answered by a transfer. */
  credits = 0;
  readonly alarm: Alarm;
  readonly index: number;

  constructor(index: number, clock: VirtualClock, transfer: (channel: Channel) => void) {
    this.index = index;
    this.control = index << 11;
    this.alarm = clock.createAlarm(() => transfer(this));
  }

  get treq(): number {
    return (this.control >>> 15) & 63;
  }

  get isActive(): boolean {
    return (this.control & (CTRL_ENABLE | CTRL_BUSY)) === (CTRL_ENABLE | CTRL_BUSY);
  }
}

export class Dma extends RegisterBlock {
  /** Told of every transfer, for benches and tests. */
  onTransfer: ((channel: number, atNs: number) => void) | null = null;
  private readonly clock: VirtualClock;
  private readonly bus: Bus;
  private readonly setInterrupt: SetInterrupt;
  private readonly channels: readonly Channel[];
  private readonly requests = new Uint8Array(TREQS);
  private readonly timers = new Uint32Array(4);
  private readonly timerAlarms: readonly Alarm[];
  private raw = 0;
  private readonly enables = [0, 0];
  private readonly forces = [0, 0];

  constructor(clock: VirtualClock, bus: Bus, setInterrupt: SetInterrupt) {
    super();
    this.clock = clock;
    this.bus = bus;
    this.setInterrupt = setInterrupt;
    this.channels = Array.from({ length: CHANNELS }, (_, i) => new Channel(i, clock, (c) => this.transfer(c)));
    this.timerAlarms = [0, 1, 2, 3].map((i) => clock.createAlarm(() => this.tick(i)));
  }

  reset(): void {
    for (const channel of this.channels) {
      channel.alarm.cancel();
      channel.control = channel.index << 11;
      channel.read = channel.write = channel.count = channel.reload = channel.credits = 0;
    }
    for (const alarm of this.timerAlarms) alarm.cancel();
    this.timers.fill(0);
    this.raw = 0;
    this.enables.fill(0);
    this.forces.fill(0);
    this.update();
  }

  /** A peripheral's request line is a level: transfers follow as long as it is high. */
  setRequest(treq: number, isHigh: boolean): void {
    const level = isHigh ? 1 : 0;
    if (this.requests[treq] === level) return;
    this.requests[treq] = level;
    if (isHigh) for (const channel of this.channels) if (channel.treq === treq) this.schedule(channel);
  }

  /** A request that is worth one transfer. */
  pulse(treq: number): void {
    for (const channel of this.channels) {
      if (channel.treq !== treq || !channel.isActive) continue;
      if (channel.credits < CREDITS_MAX) channel.credits++;
      this.schedule(channel);
    }
  }

  override readUint32(offset: number): number {
    if (offset < CHANNELS * 0x40) {
      const channel = this.channels[offset >>> 6];
      return channel[ALIASES[(offset >>> 4) & 3][(offset >>> 2) & 3]] >>> 0;
    }
    if (offset >= TIMER0 && offset <= TIMER3) return this.timers[(offset - TIMER0) >> 2];
    if (offset >= 0x800) {
      const channel = this.channels[(offset - 0x800) >>> 6];
      if (channel !== undefined) return (offset & 4) === 0 ? channel.credits : channel.reload;
    }
    switch (offset) {
      case INTR:
        return this.raw;
      case INTE0:
        return this.enables[0];
      case INTF0:
        return this.forces[0];
      case INTS0:
        return this.status(0);
      case INTE1:
        return this.enables[1];
      case INTF1:
        return this.forces[1];
      case INTS1:
        return this.status(1);
      case N_CHANNELS:
        return CHANNELS;
      default:
        return 0;
    }
  }

  override writeUint32(offset: number, value: number): void {
    if (offset < CHANNELS * 0x40) this.writeChannel(this.channels[offset >>> 6], offset & 0x3f, value);
    else if (offset >= TIMER0 && offset <= TIMER3) this.writeTimer((offset - TIMER0) >> 2, value);
    else if (offset === MULTI_CHAN_TRIGGER) this.forEach(value, (channel) => this.start(channel));
    else if (offset === CHAN_ABORT) this.forEach(value, (channel) => this.abort(channel));
    else if (offset >= 0x800 && (offset & 0x3f) === 0) {
      const channel = this.channels[(offset - 0x800) >>> 6];
      if (channel !== undefined) channel.credits = 0;
    } else this.writeInterrupt(offset, value);
  }

  private writeInterrupt(offset: number, value: number): void {
    if (offset === INTR || offset === INTS0 || offset === INTS1) this.raw &= ~this.written;
    else if (offset === INTE0) this.enables[0] = value & 0xffff;
    else if (offset === INTF0) this.forces[0] = value & 0xffff;
    else if (offset === INTE1) this.enables[1] = value & 0xffff;
    else if (offset === INTF1) this.forces[1] = value & 0xffff;
    this.update();
  }

  private forEach(bits: number, action: (channel: Channel) => void): void {
    for (const channel of this.channels) if ((bits & (1 << channel.index)) !== 0) action(channel);
  }

  private writeChannel(channel: Channel, offset: number, value: number): void {
    const field = ALIASES[offset >>> 4][(offset >>> 2) & 3];
    if (field === 'control') this.writeControl(channel, value);
    else if (field === 'count') channel.reload = value;
    else channel[field] = value;
    // 2.5.2.1: the last register of each row triggers; zero is a null trigger.
    if ((offset & 0xc) !== 0xc) return;
    if (value !== 0) this.start(channel);
    else if ((channel.control & CTRL_QUIET) !== 0) this.raise(channel);
  }

  private writeControl(channel: Channel, value: number): void {
    if ((value & CTRL_SNIFF) !== 0) throw new Error('the DMA sniffer is not modelled');
    const errors = channel.control & (CTRL_READ_ERROR | CTRL_WRITE_ERROR) & ~this.written;
    channel.control = (channel.control & CTRL_BUSY) | errors | (value & CTRL_WRITABLE);
    if (errors !== 0) channel.control |= CTRL_AHB_ERROR;
    if (channel.isActive) this.schedule(channel);
    else channel.alarm.cancel();
  }

  private start(channel: Channel): void {
    if ((channel.control & CTRL_ENABLE) === 0 || (channel.control & CTRL_BUSY) !== 0) return;
    channel.count = channel.reload;
    if (channel.count === 0) return;
    channel.control |= CTRL_BUSY;
    this.schedule(channel);
  }

  private abort(channel: Channel): void {
    channel.control &= ~CTRL_BUSY;
    channel.credits = 0;
    channel.alarm.cancel();
  }

  private isRequested(channel: Channel): boolean {
    const { treq } = channel;
    return treq === TREQ_PERMANENT || channel.credits > 0 || this.requests[treq] !== 0;
  }

  private schedule(channel: Channel): void {
    if (!channel.isActive || channel.alarm.isScheduled) return;
    if (this.isRequested(channel)) channel.alarm.schedule(TRANSFER_CYCLES * this.clock.nanosPerCycle);
    else if (channel.treq >= TREQ_TIMER0) this.startTimer(channel.treq - TREQ_TIMER0);
  }

  private transfer(channel: Channel): void {
    if (!this.isRequested(channel)) return;
    if (channel.credits > 0) channel.credits--;
    if (!this.move(channel)) {
      channel.control &= ~CTRL_BUSY;
      return;
    }
    this.onTransfer?.(channel.index, this.clock.nanos);
    channel.count--;
    if (channel.count > 0) this.schedule(channel);
    else this.finish(channel);
  }

  private finish(channel: Channel): void {
    channel.control &= ~CTRL_BUSY;
    if ((channel.control & CTRL_QUIET) === 0) this.raise(channel);
    const chainTo = (channel.control >>> 11) & 15;
    if (chainTo !== channel.index && chainTo < CHANNELS) this.start(this.channels[chainTo]);
  }

  /** One read and one write; false when the bus refuses. */
  private move(channel: Channel): boolean {
    const { bus } = this;
    const { control, read, write } = channel;
    const size = (control >>> 2) & 3;
    const error = bus.isCorePrivate(read) ? CTRL_READ_ERROR : bus.isCorePrivate(write) ? CTRL_WRITE_ERROR : 0;
    if (error !== 0) {
      channel.control |= error | CTRL_AHB_ERROR;
      return false;
    }
    const isSwapped = (control & CTRL_BSWAP) !== 0;
    if (size === 0) bus.write8(write, bus.read8(read));
    else if (size === 1) {
      const value = bus.read16(read);
      bus.write16(write, isSwapped ? ((value & 0xff) << 8) | (value >>> 8) : value);
    } else {
      const value = bus.read32(read);
      bus.write32(write, isSwapped ? swap(value) : value);
    }
    const ringBits = (control >>> 6) & 15;
    const isWriteRing = (control & CTRL_RING_WRITE) !== 0;
    const step = 1 << size;
    if ((control & CTRL_INCR_READ) !== 0) channel.read = advance(read, step, isWriteRing ? 0 : ringBits);
    if ((control & CTRL_INCR_WRITE) !== 0) channel.write = advance(write, step, isWriteRing ? ringBits : 0);
    return true;
  }

  private writeTimer(i: number, value: number): void {
    this.timers[i] = value;
    this.timerAlarms[i].cancel();
    for (const channel of this.channels) {
      if (channel.treq === TREQ_TIMER0 + i && channel.isActive) this.startTimer(i);
    }
  }

  /** 2.5.7: X/Y of clk_sys, one request per period, at most one a cycle. */
  private startTimer(i: number): void {
    const x = this.timers[i] >>> 16;
    const y = this.timers[i] & 0xffff;
    if (x === 0 || y === 0 || this.timerAlarms[i].isScheduled) return;
    this.timerAlarms[i].schedule(Math.max(1, y / x) * this.clock.nanosPerCycle);
  }

  private tick(i: number): void {
    const isUsed = this.channels.some((channel) => channel.treq === TREQ_TIMER0 + i && channel.isActive);
    if (!isUsed) return;
    this.startTimer(i);
    this.pulse(TREQ_TIMER0 + i);
  }

  private raise(channel: Channel): void {
    this.raw |= 1 << channel.index;
    this.update();
  }

  private status(i: number): number {
    return (this.raw & this.enables[i]) | this.forces[i];
  }

  private update(): void {
    this.setInterrupt(IRQ.DMA_0, this.status(0) !== 0);
    this.setInterrupt(IRQ.DMA_0 + 1, this.status(1) !== 0);
  }
}

function advance(address: number, step: number, ringBits: number): number {
  if (ringBits === 0) return (address + step) >>> 0;
  const mask = (1 << ringBits) - 1;
  return ((address & ~mask) | ((address + step) & mask)) >>> 0;
}

function swap(value: number): number {
  return (value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24);
}
