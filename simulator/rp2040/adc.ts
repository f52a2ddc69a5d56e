/**
 * The ADC (RP2040 datasheet 4.9): 96 cycles of a 48 MHz clock per conversion, paced by DIV, round robin, a FIFO of four
 * with its threshold for interrupt and DMA.
 */
import type { Alarm, VirtualClock } from './clock.js';
import type { Dma } from './dma.js';
import { DREQ, IRQ, type SetInterrupt } from './interrupts.js';
import { RegisterBlock } from './register-block.js';

const CS = 0x00;
const RESULT = 0x04;
const FCS = 0x08;
const FIFO = 0x0c;
const DIV = 0x10;
const INTR = 0x14;
const INTE = 0x18;
const INTF = 0x1c;
const INTS = 0x20;

const CS_ENABLE = 1 << 0;
const CS_START_ONCE = 1 << 2;
const CS_START_MANY = 1 << 3;
const CS_READY = 1 << 8;
const CS_WRITABLE = 0x001f700b;
const FCS_ENABLE = 1 << 0;
const FCS_SHIFT = 1 << 1;
const FCS_DREQ = 1 << 3;
const FCS_EMPTY = 1 << 8;
const FCS_FULL = 1 << 9;
const FCS_UNDER = 1 << 10;
const FCS_OVER = 1 << 11;
const FCS_WRITABLE = 0x0f00000f;

const FIFO_DEPTH = 4;
const CONVERSION_CYCLES = 96;
const CYCLE_NS = 1e9 / 48e6;
const INPUTS = 5;

export class Adc extends RegisterBlock {
  /** Counts of an input, 0 to 4095, at the moment its conversion starts. Inputs 0 to 3 are GPIO 26 to 29. */
  read: (input: number, atNs: number) => number = () => 0;
  private readonly clock: VirtualClock;
  private readonly dma: Dma;
  private readonly setInterrupt: (isHigh: boolean) => void;
  private readonly endAlarm: Alarm;
  private readonly startAlarm: Alarm;
  private readonly fifo: number[] = [];
  private control = 0;
  private fifoControl = 0;
  private divider = 0;
  private enable = 0;
  private force = 0;
  private result = 0;
  private sample = 0;

  constructor(clock: VirtualClock, dma: Dma, setInterrupt: SetInterrupt) {
    super();
    this.clock = clock;
    this.dma = dma;
    this.setInterrupt = (isHigh) => setInterrupt(IRQ.ADC_FIFO, isHigh);
    this.endAlarm = clock.createAlarm(() => this.endConversion());
    this.startAlarm = clock.createAlarm(() => this.startConversion());
  }

  reset(): void {
    this.endAlarm.cancel();
    this.startAlarm.cancel();
    this.fifo.length = 0;
    this.control = this.fifoControl = this.divider = this.enable = this.force = this.result = 0;
    this.update();
  }

  override readUint32(offset: number): number {
    switch (offset) {
      case CS:
        return this.control | (this.isReady ? CS_READY : 0);
      case RESULT:
        return this.result;
      case FCS: {
        const level = this.fifo.length;
        return this.fifoControl | (level << 16) | (level === 0 ? FCS_EMPTY : 0) | (level >= FIFO_DEPTH ? FCS_FULL : 0);
      }
      case FIFO:
        return this.readFifo();
      case DIV:
        return this.divider;
      case INTR:
        return this.isAtThreshold ? 1 : 0;
      case INTE:
        return this.enable;
      case INTF:
        return this.force;
      case INTS:
        return this.status;
      default:
        return 0;
    }
  }

  override writeUint32(offset: number, value: number): void {
    switch (offset) {
      case CS:
        this.writeControl(value);
        return;
      case FCS: {
        const sticky = this.fifoControl & (FCS_UNDER | FCS_OVER) & ~this.written;
        this.fifoControl = (value & FCS_WRITABLE) | sticky;
        break;
      }
      case DIV:
        this.divider = value & 0xffffff;
        return;
      case INTE:
        this.enable = value & 1;
        break;
      case INTF:
        this.force = value & 1;
    }
    this.update();
  }

  private get isReady(): boolean {
    return (this.control & CS_ENABLE) !== 0 && !this.endAlarm.isScheduled;
  }

  private get isAtThreshold(): boolean {
    return this.fifo.length >= ((this.fifoControl >>> 24) & 15);
  }

  private get status(): number {
    return ((this.isAtThreshold ? 1 : 0) & this.enable) | this.force;
  }

  private writeControl(value: number): void {
    this.control = value & CS_WRITABLE;
    if ((value & CS_ENABLE) === 0) {
      this.endAlarm.cancel();
      this.startAlarm.cancel();
      return;
    }
    if ((value & CS_START_MANY) === 0) this.startAlarm.cancel();
    const isStarted = (value & (CS_START_ONCE | CS_START_MANY)) !== 0;
    if (isStarted && !this.endAlarm.isScheduled && !this.startAlarm.isScheduled) this.startConversion();
  }

  private startConversion(): void {
    const input = (this.control >>> 12) & 7;
    this.sample = this.read(input, this.clock.nanos) & 0xfff;
    this.endAlarm.schedule(CONVERSION_CYCLES * CYCLE_NS);
    if ((this.control & CS_START_MANY) !== 0) this.scheduleNext();
  }

  /** 4.9.4: INT + FRAC / 256 + 1 cycles from start to start, where a conversion is not longer. */
  private scheduleNext(): void {
    const cycles = this.divider === 0 ? CONVERSION_CYCLES : 1 + this.divider / 256;
    this.startAlarm.schedule(Math.max(cycles, CONVERSION_CYCLES) * CYCLE_NS);
  }

  private endConversion(): void {
    this.result = this.sample;
    if ((this.fifoControl & FCS_ENABLE) !== 0) {
      if (this.fifo.length >= FIFO_DEPTH) this.fifoControl |= FCS_OVER;
      else this.fifo.push((this.fifoControl & FCS_SHIFT) !== 0 ? this.sample >>> 4 : this.sample);
    }
    this.selectNext();
    this.update();
  }

  private selectNext(): void {
    const robin = (this.control >>> 16) & 31;
    if (robin === 0) return;
    let input = (this.control >>> 12) & 7;
    do input = (input + 1) % INPUTS;
    while ((robin & (1 << input)) === 0);
    this.control = (this.control & ~(7 << 12)) | (input << 12);
  }

  private readFifo(): number {
    const value = this.fifo.shift();
    if (value === undefined) this.fifoControl |= FCS_UNDER;
    this.update();
    return value ?? 0;
  }

  private update(): void {
    this.setInterrupt(this.status !== 0);
    const isRequested = (this.fifoControl & FCS_DREQ) !== 0 && this.fifo.length > 0 && this.isAtThreshold;
    this.dma.setRequest(DREQ.ADC, isRequested);
  }
}
