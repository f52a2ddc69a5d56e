/** The drivers of hosts/pico on the emulated chip: builds the test image, and asks it for one function at a time. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { ElfImage } from '../../simulator/rp2040/image.js';
import { Rp2040, type Rp2040Options } from '../../simulator/rp2040/rp2040.js';

/** The commands of image/main.c. */
export const CAPTURE_START = 1;
export const CAPTURE_READ = 2;
export const FLASH_ERASE = 3;
export const FLASH_WRITE = 4;
export const FLASH_READ = 5;
export const DEVICE_ID = 6;
export const SERIAL_OPEN = 7;
export const SERIAL_SEND = 8;
export const SERIAL_RECEIVE = 9;
export const SERIAL_OVERRUNS = 10;
export const DEAF = 11;
export const WATCHDOG_START = 12;
export const WATCHDOG_FEED = 13;
export const RESET_REASON = 14;
export const ENTROPY_READ = 15;
export const CLOCK = 16;
export const IMAGE_BYTES = 17;
export const ERASE_FROM_FLASH = 18;
export const RESET = 19;

/** As hosts/pico/board.ts has them: first digital, pulse, CS, SCK, MOSI, MISO, first ADC; TX, RX, driver enable. */
export const CAPTURE_PINS = [0, 11, 17, 18, 19, 16, 26];
export const SERIAL_PINS = [8, 9, 10];

/** Beside it image.bin: what lies in flash. */
export const IMAGE = 'build/pico/image.elf';
const SRAM = 0x20000000;
const STEP_US = 50;
const BOOT_US = 20_000;

/** Where image/main.c's mailbox has its parts. */
const COMMAND = 0;
const ARGUMENT = 4;
const LENGTH = 8;
const RESULT = 12;
const BLOCK = 16;
const ANALOG_INPUTS = 12;
const DIGITAL_INPUTS = 16;
const ANALOG_AT = BLOCK + 24;
const ANALOG_BYTES = 24;
const DIGITAL_AT = ANALOG_AT + ANALOG_INPUTS * ANALOG_BYTES;
const DIGITAL_BYTES = 20;
const WIRING = DIGITAL_AT + DIGITAL_INPUTS * DIGITAL_BYTES;
const PINS = WIRING + 8 + ANALOG_INPUTS + DIGITAL_INPUTS;
const BYTES = PINS + 24;

/** A block as C hands it over, its fields as in modules/capture/block.ts. */
export interface BlockRecord {
  readonly sequence: number;
  readonly lost: number;
  readonly isFresh: boolean;
  readonly timeUs: number;
  readonly analog: number[];
  readonly digital: number[];
}

/** False when the compiler for the chip is not installed. */
export function hasCompiler(): boolean {
  try {
    execFileSync('arm-none-eabi-gcc', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export function buildImage(): void {
  execFileSync('make', ['--no-print-directory', '-C', 'tests/pico/image'], { stdio: ['ignore', 'ignore', 'inherit'] });
}

export class TestBoard {
  readonly chip: Rp2040;
  readonly symbols: ElfImage['symbols'];
  private readonly memory: DataView;
  private readonly bytes: Uint8Array;
  private analogChannels = 0;
  private digitalChannels = 0;

  constructor(options: Rp2040Options = {}) {
    this.chip = new Rp2040(options);
    this.symbols = this.chip.loadElf(readFileSync(IMAGE)).symbols;
    sealBoot2(this.chip.flash);
    const { sram } = this.chip;
    const at = this.symbols.get('mailbox')! - SRAM;
    this.memory = new DataView(sram.buffer, sram.byteOffset + at, BYTES + 2048);
    this.bytes = new Uint8Array(sram.buffer, sram.byteOffset + at + BYTES, 2048);
    this.chip.runUntilUs(BOOT_US);
  }

  /** Asks for a function and lets the chip run until it is done; its result. */
  command(command: number, argument = 0, length = 0, limitUs = 5_000_000): number {
    this.begin(command, argument, length);
    const endUs = this.chip.nowUs + limitUs;
    while (this.isBusy) {
      if (this.chip.nowUs > endUs) throw new Error(`command ${command} is not done after ${limitUs} us`);
      this.chip.runUntilUs(this.chip.nowUs + STEP_US);
    }
    return this.memory.getUint32(RESULT, true);
  }

  begin(command: number, argument = 0, length = 0): void {
    this.memory.setUint32(ARGUMENT, argument, true);
    this.memory.setUint32(LENGTH, length, true);
    this.memory.setUint32(COMMAND, command, true);
  }

  get isBusy(): boolean {
    return this.memory.getUint32(COMMAND, true) !== 0;
  }

  run(us: number): void {
    this.chip.runUntilUs(this.chip.nowUs + us);
  }

  captureStart(analog: readonly number[], digital: readonly number[], pins: readonly number[] = CAPTURE_PINS): boolean {
    this.analogChannels = analog.length;
    this.digitalChannels = digital.length;
    this.memory.setInt32(WIRING, analog.length, true);
    this.memory.setInt32(WIRING + 4, digital.length, true);
    analog.forEach((input, i) => {
      this.memory.setUint8(WIRING + 8 + i, input);
    });
    digital.forEach((input, i) => {
      this.memory.setUint8(WIRING + 8 + ANALOG_INPUTS + i, input);
    });
    this.setPins(pins);
    return this.command(CAPTURE_START, 0, pins.length) === 1;
  }

  captureRead(): BlockRecord | null {
    if (this.command(CAPTURE_READ) === 0) return null;
    const { memory } = this;
    const analog: number[] = [];
    const digital: number[] = [];
    for (let i = 0; i < this.analogChannels; i++) {
      const at = ANALOG_AT + i * ANALOG_BYTES;
      for (let field = 0; field < 4; field++) analog.push(memory.getInt32(at + 4 * field, true));
      analog.push(Number(memory.getBigUint64(at + 16, true)));
    }
    for (let i = 0; i < this.digitalChannels * 5; i++) digital.push(memory.getInt32(DIGITAL_AT + 4 * i, true));
    return {
      sequence: Number(memory.getBigUint64(BLOCK, true)),
      lost: memory.getUint32(BLOCK + 8, true),
      isFresh: memory.getUint8(BLOCK + 12) === 1,
      timeUs: Number(memory.getBigUint64(BLOCK + 16, true)),
      analog,
      digital,
    };
  }

  serialOpen(baud: number, pins: readonly number[] = SERIAL_PINS): boolean {
    this.setPins(pins);
    return this.command(SERIAL_OPEN, baud, pins.length) === 1;
  }

  serialSend(bytes: Uint8Array): boolean {
    this.bytes.set(bytes);
    return this.command(SERIAL_SEND, 0, bytes.length) === 1;
  }

  serialReceive(): Uint8Array {
    return this.bytes.slice(0, this.command(SERIAL_RECEIVE, 0, this.bytes.length));
  }

  flashWrite(at: number, bytes: Uint8Array): boolean {
    this.bytes.set(bytes);
    return this.command(FLASH_WRITE, at, bytes.length) === 1;
  }

  /** The first bytes of what a command has read. */
  read(command: number, length: number, argument = 0): Uint8Array | null {
    return this.command(command, argument, length) === 1 ? this.bytes.slice(0, length) : null;
  }

  private setPins(pins: readonly number[]): void {
    pins.forEach((pin, i) => {
      this.memory.setUint8(PINS + i, pin);
    });
  }
}

/** The boot ROM starts an image only with this sum over its second stage (RP2040 datasheet 2.8.1.3.1). */
function sealBoot2(flash: Uint8Array): void {
  let crc = -1;
  for (let at = 0; at < 252; at++) {
    crc ^= flash[at] << 24;
    for (let i = 0; i < 8; i++) crc = (crc << 1) ^ (crc < 0 ? 0x04c11db7 : 0);
  }
  new DataView(flash.buffer, flash.byteOffset).setUint32(252, crc >>> 0, true);
}
