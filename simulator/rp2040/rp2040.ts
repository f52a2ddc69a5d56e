/**
 * An emulated RP2040 that behaves as the datasheet says where the firmware depends on it.
 *
 *     const chip = new Rp2040({ eraseMs: 400 });
 *     chip.loadUf2(readFileSync('wirewitness.uf2'));
 *     chip.gpio(3).set(true);
 *     chip.adc.read = (input, atNs) => ...;
 *     chip.uart[1].onByte = (byte, startNs, endNs) => ...;
 *     chip.runUntilUs(2_000_000);
 *
 * rp2040js 1.4.1 gives the registers that it has right (clocks, PLLs, oscillator, pads, SPI, USB, system info, the
 * interpolators); CPU, interrupt controller, bus, boot ROM, flash, PIO, DMA, ADC, PWM, UART, I2C, timer, watchdog and pins
 * are ours. Not modelled: XIP cache misses, bus contention, the second core, USB hosts, analogue accuracy.
 */
import { type GPIOPin, type Peripheral, RP2040 } from 'rp2040js';
import { Adc } from './adc.js';
import { BootRom } from './boot-rom.js';
import { Bus } from './bus.js';
import { VirtualClock } from './clock.js';
import { CortexM0, type Hook } from './cortex-m0.js';
import { Dma } from './dma.js';
import { FlashChip } from './flash-chip.js';
import { I2c } from './i2c.js';
import { type ElfImage, readElf, type Segment, uf2Segments } from './image.js';
import { DREQ, IRQ } from './interrupts.js';
import { RingOscillator } from './oscillator.js';
import { type Pin, PinBank } from './pins.js';
import { Pio } from './pio.js';
import { Pwm } from './pwm.js';
import { PlainRegisters } from './register-block.js';
import { RESET_BIT, Resets } from './resets.js';
import { Sio } from './sio.js';
import { SystemControl } from './system-control.js';
import { Timer } from './timer.js';
import { Uart } from './uart.js';
import { Watchdog } from './watchdog.js';
import { QspiPins, XipControl, XipSsi } from './xip-ssi.js';

export interface Rp2040Options {
  /** Size of the flash chip, a power of two; 2 MB as on a Pico. */
  readonly flashBytes?: number;
  /** The flash chip's unique id, 8 bytes. */
  readonly uniqueId?: Uint8Array;
  /** Per sector: 45 ms typical, 400 ms at most. */
  readonly eraseMs?: number;
  /** Per page. */
  readonly programMs?: number;
  /** Of the ring oscillator's random bits. */
  readonly seed?: number;
}

const FLASH_BASE = 0x10000000;
const BOOT2_BYTES = 256;
const BOOT2_RAM = 0x20041f00;
const SRAM_BASE = 0x20000000;
const DEFAULT_ID = [0xe6, 0x60, 0x58, 0x38, 0x83, 0x00, 0x00, 0x01];
/** CHIP_RESET: the last reset was a power-on (2.12.8). */
const HAD_POR = 0x100;

/** rp2040js's registers that are used as they are, by their reset bits. */
const FOREIGN: readonly (readonly [keyof typeof RESET_BIT, number])[] = [
  ['SYSINFO', 0x40000000],
  ['SYSCFG', 0x40004000],
  ['IO_BANK0', 0x40014000],
  ['PADS_BANK0', 0x4001c000],
  ['PADS_QSPI', 0x40020000],
  ['PLL_SYS', 0x40028000],
  ['PLL_USB', 0x4002c000],
  ['BUSCTRL', 0x40030000],
  ['SPI0', 0x4003c000],
  ['SPI1', 0x40040000],
  ['RTC', 0x4005c000],
  ['TBMAN', 0x4006c000],
];

export class Rp2040 {
  readonly clock = new VirtualClock();
  readonly bus: Bus;
  readonly cpu: CortexM0;
  readonly pins = new PinBank();
  readonly flashChip: FlashChip;
  readonly dma: Dma;
  readonly pio: readonly Pio[];
  readonly uart: readonly Uart[];
  readonly adc: Adc;
  readonly pwm: Pwm;
  readonly watchdog: Watchdog;
  readonly i2c: readonly I2c[];
  /** Resets by the watchdog or by software since power-on. */
  resets = 0;
  /** Cycles that the CPU slept. */
  sleptCycles = 0;
  private readonly mcu: RP2040;
  private readonly ssi: XipSsi;
  private readonly resetController = new Resets();
  private readonly systemControl: SystemControl;
  private isStarted = false;
  private isResetAsked = false;
  private isStopped = false;

  constructor(options: Rp2040Options = {}) {
    const { clock, pins } = this;
    this.bus = new Bus(options.flashBytes ?? 2 << 20, () => this.cpu.r[15] - 2);
    this.cpu = new CortexM0(this.bus, clock);
    this.mcu = new RP2040(clock);
    const setInterrupt = (irq: number, isHigh: boolean) => this.cpu.setInterrupt(irq, isHigh);
    const times = { eraseMs: options.eraseMs ?? 45, programMs: options.programMs ?? 0.4 };
    const id = options.uniqueId ?? Uint8Array.from(DEFAULT_ID);
    this.flashChip = new FlashChip(this.bus.flash, id, times, () => clock.nanos);
    this.ssi = new XipSsi(this.mcu, this.bus, this.flashChip);
    const rom = new BootRom(this.bus, this.flashChip, this.ssi);
    this.cpu.onBreak = (code) => rom.handleBreak(this.cpu, code);
    this.systemControl = new SystemControl(this.cpu, clock);
    this.dma = new Dma(clock, this.bus, setInterrupt);
    this.pio = [0, 1].map((i) => new Pio(i, clock, pins, this.dma, setInterrupt));
    this.uart = [0, 1].map((i) => {
      const lines = { irq: IRQ.UART0 + i, dreqTx: DREQ.UART0_TX + 2 * i, dreqRx: DREQ.UART0_RX + 2 * i };
      return new Uart(i, clock, () => this.mcu.clkPeri, pins, this.dma, lines, setInterrupt);
    });
    this.adc = new Adc(clock, this.dma, setInterrupt);
    this.pwm = new Pwm(clock, pins, this.dma, setInterrupt);
    this.watchdog = new Watchdog(clock);
    this.i2c = [0, 1].map((i) => new I2c(i, clock, () => this.mcu.clkSys, setInterrupt));
    this.connectPins();
    this.connectForeign(setInterrupt);
    this.mapRegisters(options.seed ?? 1, setInterrupt);
    this.watchdog.onReset = () => this.askReset();
    this.systemControl.onResetRequest = () => this.askReset();
  }

  /** The chip's RAM, from 0x20000000. */
  get sram(): Uint8Array {
    return this.bus.sram;
  }

  get flash(): Uint8Array {
    return this.bus.flash;
  }

  /** clk_sys cycles since power-on, those asleep included. */
  get cycles(): number {
    return this.clock.cycles;
  }

  /** Cycles that the CPU worked. */
  get busyCycles(): number {
    return this.clock.cycles - this.sleptCycles;
  }

  get nowUs(): number {
    return this.clock.nanos / 1000;
  }

  get clkSys(): number {
    return this.mcu.clkSys;
  }

  gpio(index: number): Pin {
    return this.pins.pins[index];
  }

  /** Throws an Error of one line where the file is no UF2 for this chip. */
  loadUf2(file: Uint8Array): void {
    this.loadSegments(uf2Segments(file));
  }

  loadBinary(bytes: Uint8Array, address = FLASH_BASE): void {
    this.loadSegments([{ address, bytes }]);
  }

  /** Loads what belongs into flash and gives the symbols. */
  loadElf(file: Uint8Array): ElfImage {
    const image = readElf(file);
    this.loadSegments(image.segments);
    return image;
  }

  private loadSegments(segments: readonly Segment[]): void {
    for (const { address, bytes } of segments) {
      const isFlash = address >>> 24 === FLASH_BASE >>> 24;
      const memory = isFlash ? this.bus.flash : this.bus.sram;
      const offset = address - (isFlash ? FLASH_BASE : SRAM_BASE);
      if (offset < 0 || offset + bytes.length > memory.length) {
        throw new Error(`the image does not fit: ${bytes.length} bytes at 0x${address.toString(16)}`);
      }
      memory.set(bytes, offset);
    }
  }

  /** Runs `hook` whenever the CPU is about to execute the instruction at `address`. */
  onAddress(address: number, hook: Hook): void {
    this.cpu.addHook(address, hook);
  }

  /** Characters for a UART's RX line, one after the other at its baud rate. */
  uartReceive(uart: number, bytes: Uint8Array | readonly number[]): void {
    for (const byte of bytes) this.uart[uart].receive(byte);
  }

  /** Ends the run after the instruction that is executing. */
  stop(): void {
    this.isStopped = true;
    this.clock.interruptRun();
  }

  /** Lets the chip run until this time since power-on, or until `stop`. Throws an EmulatorError where it cannot go on. */
  runUntilUs(us: number): void {
    const { clock, cpu } = this;
    if (!this.isStarted) this.powerOn();
    this.isStopped = false;
    clock.runUntil(us * 1000);
    while (!this.isStopped && clock.nanos + 1e-3 < us * 1000) {
      if (cpu.sleep === 'no') cpu.run();
      else this.sleepOn();
      clock.serveAlarms();
      if (this.isResetAsked) this.resetChip();
    }
  }

  powerOn(): void {
    this.isStarted = true;
    this.resets = 0;
    this.flashChip.reset();
    this.watchdog.powerOn();
    this.boot();
  }

  private sleepOn(): void {
    if (this.cpu.wakes()) {
      this.cpu.sleep = 'no';
      return;
    }
    const before = this.clock.cycles;
    this.clock.skip();
    this.sleptCycles += this.clock.cycles - before;
  }

  private askReset(): void {
    this.isResetAsked = true;
    this.clock.interruptRun();
  }

  /** RAM, watchdog scratch and reason stay. */
  private resetChip(): void {
    this.isResetAsked = false;
    this.resets++;
    this.watchdog.reset();
    this.boot();
  }

  /** What the boot ROM does with a flash image: boot2 runs from RAM; without a valid one the vectors are at the start. */
  private boot(): void {
    this.systemControl.reset();
    this.resetController.resetAll();
    const { flash, sram } = this.bus;
    const boot2 = flash.subarray(0, BOOT2_BYTES);
    if (crc32(boot2.subarray(0, 252)) === new DataView(boot2.buffer).getUint32(252, true)) {
      sram.set(boot2, BOOT2_RAM - SRAM_BASE);
      this.ssi.exitXip();
      this.cpu.reset(BOOT2_RAM, BOOT2_RAM, 0);
      return;
    }
    this.ssi.enterXip();
    const entry = this.bus.read32(FLASH_BASE + 4) >>> 0;
    if ((entry & 1) === 0 || entry >>> 28 < 1 || entry >>> 28 > 2) {
      throw new Error('the image has neither a second stage with a valid checksum nor vectors at the start of flash');
    }
    this.cpu.reset(this.bus.read32(FLASH_BASE), entry, 0xffffffff);
    this.cpu.vtor = FLASH_BASE;
  }

  private connectPins(): void {
    const { pins, pwm, pio } = this;
    pins.onInput = (index, isHigh) => {
      pwm.pinChanged(index, isHigh);
      pio[0].pinChanged(index);
      pio[1].pinChanged(index);
    };
    pins.onInterrupt = () => {
      this.cpu.setInterrupt(
        IRQ.IO_BANK0,
        pins.pins.some((pin) => pin.irqValue),
      );
    };
  }

  /** rp2040js's peripherals ask their chip for pins, interrupts and DMA: they get ours. */
  private connectForeign(setInterrupt: (irq: number, isHigh: boolean) => void): void {
    const { mcu, pins, dma, clock } = this;
    const silent = () => {};
    mcu.logger = { debug: silent, info: silent, warn: silent, error: silent };
    pins.pins.forEach((pin, i) => {
      mcu.gpio[i] = pin as unknown as GPIOPin;
    });
    mcu.setInterrupt = setInterrupt;
    mcu.updateIOInterrupt = () => pins.onInterrupt();
    mcu.dma.dreq.forEach((isHigh, dreq) => {
      if (isHigh && dreq >= DREQ.SPI0_TX && dreq < DREQ.UART0_TX) dma.setRequest(dreq, true);
    });
    mcu.dma.setDREQ = (dreq: number) => dma.setRequest(dreq, true);
    mcu.dma.clearDREQ = (dreq: number) => dma.setRequest(dreq, false);
    mcu.addClockListener((hertz) => clock.setFrequency(hertz));
  }

  private mapRegisters(seed: number, setInterrupt: (irq: number, isHigh: boolean) => void): void {
    const { bus, mcu } = this;
    const timer = new Timer(this.clock, setInterrupt);
    bus.attachCore(new Sio(mcu.sio, this.pins), this.systemControl);
    bus.attachUsbRam(mcu.usbDPRAMView, (offset, value) => mcu.usbCtrl.DPRAMUpdated(offset, value));
    bus.attach(0x14000000, new XipControl(mcu));
    bus.attach(0x18000000, this.ssi);
    bus.attach(0x4000c000, this.resetController);
    bus.attach(0x40058000, this.watchdog);
    bus.attach(0x40060000, new RingOscillator(seed));
    bus.attach(0x40064000, new PlainRegisters({ 0: 0x10b1, 8: HAD_POR }));
    // Of rp2040js: those that are never held in reset (the boot ROM leaves USB so), then the others.
    for (const base of [0x40008000, 0x40010000, 0x40024000, 0x50110000]) bus.attach(base, this.foreign(base));
    for (const [name, base] of FOREIGN) bus.attach(base, this.foreign(base), RESET_BIT[name]);
    bus.attach(0x40018000, new QspiPins(mcu, this.ssi), RESET_BIT.IO_QSPI);
    this.mapOwn(0x40034000, this.uart[0], RESET_BIT.UART0);
    this.mapOwn(0x40038000, this.uart[1], RESET_BIT.UART1);
    this.mapOwn(0x40044000, this.i2c[0], RESET_BIT.I2C0);
    this.mapOwn(0x40048000, this.i2c[1], RESET_BIT.I2C1);
    this.mapOwn(0x4004c000, this.adc, RESET_BIT.ADC);
    this.mapOwn(0x40050000, this.pwm, RESET_BIT.PWM);
    this.mapOwn(0x40054000, timer, RESET_BIT.TIMER);
    this.mapOwn(0x50000000, this.dma, RESET_BIT.DMA);
    this.mapOwn(0x50200000, this.pio[0], RESET_BIT.PIO0);
    this.mapOwn(0x50300000, this.pio[1], RESET_BIT.PIO1);
    this.resetController.peripherals.set(RESET_BIT.IO_BANK0, this.pins);
    this.resetController.onHeld = (held) => {
      bus.held = held;
    };
  }

  private foreign(base: number): Peripheral {
    return this.mcu.peripherals[base >>> 12];
  }

  private mapOwn(base: number, block: Peripheral & { reset(): void }, resetBit: number): void {
    this.bus.attach(base, block, resetBit);
    this.resetController.peripherals.set(resetBit, block);
  }
}

/** CRC-32 with polynomial 0x04c11db7, unreflected, as the boot ROM checks boot2 (datasheet 2.8.1.3.1). */
function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let i = 0; i < 8; i++) crc = (crc << 1) ^ (crc < 0 ? 0x04c11db7 : 0);
  }
  return crc >>> 0;
}
