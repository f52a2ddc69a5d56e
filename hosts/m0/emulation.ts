/**
 * The image on an emulated RP2040, in emulated real time: a timer of 10 ms, the capture's ring filled as by DMA, and what
 * the image asks for at a BKPT. A tick that takes longer than 10 ms delays the next ones; blocks then wait in the ring.
 */
import { createHash } from 'node:crypto';
import { RP2040 } from 'rp2040js';
import type { Elf } from './elf.js';
import type { RawBlocks } from './raw-blocks.js';

const CLOCK_HZ = 125e6;
const CYCLES_PER_US = CLOCK_HZ / 1e6;
const BLOCK_US = 10_000;
const SRAM = 0x20000000;
const FLASH = 0x10000000;
const SRAM_BYTES = 264 * 1024;
/** Where the image keeps its data: the second megabyte. */
const DATA = 0x100000;
const ERASE_BYTES = 4096;
const TIMER_PAGE = 0x40054;
const TIMERAWH = 0x24;
const TIMERAWL = 0x28;
const SAMPLE_CYCLES = 509;
const STACK_PATTERN = 0xa5;

/** As in machine.c and natives.c. */
const ASK_STATE = 1;
const ASK_WAIT = 2;
const ASK_FAIL = 3;
const ASK_READ = 4;
const ASK_ERASE = 5;
const ASK_WRITE = 6;
const ASK_HASH = 7;
const ASK_SIGN = 8;
const ASK_SIGNED = 9;
const ASK_SEND = 10;

/** As in capture.h. */
const RING_BLOCKS = 70;
const RING_HEAD_BYTES = 36;
const RAW_BLOCK_BYTES = 260;

export interface EmulationOptions {
  readonly elf: Elf;
  readonly state: number;
  /** Of the state, in microseconds: when its clock and capture go on from. */
  readonly nowUs: number;
  readonly flash: Uint8Array;
  /** The wires from there on. */
  readonly blocks: RawBlocks;
  readonly count: number;
  readonly signMs: number;
  sign(bytes: Uint8Array): Uint8Array;
}

/** One tick of the timer. */
export interface Tick {
  /** Cycles of each block read in it: from the tick's start or the read before to the read after. */
  readonly blocks: readonly number[];
  /** Cycles after the last block: frames, signatures, the log, links. */
  readonly idle: number;
}

export interface EmulationResult {
  readonly ticks: readonly Tick[];
  readonly frames: readonly { readonly atUs: number; readonly bytes: Uint8Array }[];
  /** When each signature was asked for, in microseconds of the board's clock. */
  readonly signsUs: readonly number[];
  readonly lostBlocks: number;
  /** Deepest that the C stack went. */
  readonly stackBytes: number;
  /** Cycles by function, sampled. */
  readonly profile: ReadonlyMap<string, number>;
  readonly wallMs: number;
}

export class Emulation {
  private readonly options: EmulationOptions;
  private readonly chip = new RP2040();
  private readonly memory: Buffer;
  private readonly flash: Buffer;
  private readonly ring: number;
  private cycles = 0;
  private startUs = 0;
  private blocksGiven = 0;
  private ticksGiven = 0;
  private isOver = false;
  private tickStart = 0;
  private marks: number[] = [];
  private signature: Uint8Array = new Uint8Array(64);
  private signedUs = -1;
  private readonly ticks: Tick[] = [];
  private readonly frames: { atUs: number; bytes: Uint8Array }[] = [];
  private readonly signsUs: number[] = [];

  constructor(options: EmulationOptions) {
    this.options = options;
    const { chip } = this;
    this.memory = Buffer.from(chip.sram.buffer, chip.sram.byteOffset, SRAM_BYTES);
    this.flash = Buffer.from(chip.flash.buffer, chip.flash.byteOffset, chip.flash.length);
    this.flash.fill(0xff);
    this.flash.set(options.flash, DATA);
    for (const { loadAddress, content } of options.elf.segments) this.flash.set(content, loadAddress - FLASH);
    this.memory.fill(STACK_PATTERN);
    this.ring = (options.elf.symbols.get('captureRing') as number) - SRAM;
    chip.core.PC = options.elf.entry & ~1;
    chip.core.SP = SRAM + SRAM_BYTES;
    chip.onBreak = (code: number) => this.answer(code);
    this.trapFlashWrites();
    this.replaceTimer();
  }

  run(): EmulationResult {
    const { core } = this.chip;
    const started = performance.now();
    const samples = new Map<number, number>();
    let nextSample = SAMPLE_CYCLES;
    while (!this.isOver) {
      const spent = core.executeInstruction();
      // an answer moves the count on: it is read only after it
      this.cycles += spent;
      if (this.cycles < nextSample) continue;
      nextSample = this.cycles + SAMPLE_CYCLES;
      if (this.ticks.length > 0) samples.set(core.PC, (samples.get(core.PC) ?? 0) + SAMPLE_CYCLES);
    }
    const { ticks, frames, signsUs } = this;
    const reads = ticks.reduce((sum, { blocks }) => sum + blocks.length, 0);
    const waiting = this.blocksGiven - this.memory.readUInt32LE(this.ring + 12) + this.startSequence;
    return {
      ...{ ticks, frames, signsUs },
      lostBlocks: this.blocksGiven - reads - waiting,
      stackBytes: this.stackBytes(),
      profile: this.byFunction(samples),
      wallMs: performance.now() - started,
    };
  }

  private get startSequence(): number {
    return Math.round(this.options.nowUs / BLOCK_US);
  }

  private get nowUs(): number {
    return this.startUs + this.cycles / CYCLES_PER_US;
  }

  private answer(code: number): void {
    const { registers } = this.chip.core;
    const [a, b, c] = registers;
    if (code === ASK_WAIT) this.wait();
    else if (code === ASK_READ) this.marks.push(this.cycles);
    else if (code === ASK_STATE) registers[0] = this.options.state;
    else if (code === ASK_FAIL) throw new Error(`the image says: ${this.text(a)}`);
    else if (code === ASK_ERASE) this.flash.fill(0xff, DATA + a, DATA + a + ERASE_BYTES);
    else if (code === ASK_WRITE) this.bytes(b, c).forEach((byte, i) => {
      this.flash[DATA + a + i] &= byte;
    });
    else if (code === ASK_HASH) this.bytes(c, 32).set(createHash('sha256').update(this.bytes(a, b)).digest());
    else if (code === ASK_SIGN) registers[0] = this.startSignature(this.bytes(a, b));
    else if (code === ASK_SIGNED) registers[0] = this.pollSignature(this.bytes(a, 64));
    else if (code === ASK_SEND) registers[0] = this.frames.push({ atUs: this.nowUs, bytes: Buffer.from(this.bytes(a, b)) }) ? 1 : 0;
    else throw new Error(`BKPT ${code} at 0x${this.chip.core.PC.toString(16)}`);
  }

  /** A tick is over; time passes until the next one is due. */
  private wait(): void {
    if (this.ticksGiven === 0) this.begin();
    else this.endTick();
    this.ticksGiven++;
    const dueUs = this.options.nowUs + this.ticksGiven * BLOCK_US;
    if (this.nowUs < dueUs) this.cycles = Math.ceil((dueUs - this.startUs) * CYCLES_PER_US);
    while (this.blocksGiven < this.options.count && this.options.nowUs + (this.blocksGiven + 1) * BLOCK_US <= this.nowUs)
      this.giveBlock();
    this.isOver = this.ticksGiven > this.options.count;
    this.tickStart = this.cycles;
    this.marks = [];
  }

  /** The capture and the clock go on from the state's time. */
  private begin(): void {
    const { memory, ring, options } = this;
    const { analogChannels, digitalChannels, levels } = options.blocks;
    this.startUs = options.nowUs - this.cycles / CYCLES_PER_US;
    memory.writeUInt32LE(analogChannels, ring);
    memory.writeUInt32LE(digitalChannels, ring + 4);
    memory.writeUInt32LE(this.startSequence, ring + 8);
    memory.writeUInt32LE(this.startSequence, ring + 12);
    memory.writeBigUInt64LE(BigInt(options.nowUs + BLOCK_US), ring + 16);
    memory.writeBigUInt64LE(BigInt(Math.round(this.startUs)), ring + 24);
    memory.writeUInt32LE(levels, ring + 32);
  }

  private giveBlock(): void {
    const { memory, ring, options } = this;
    const sequence = this.startSequence + this.blocksGiven++;
    options.blocks.next(memory, ring + RING_HEAD_BYTES + (sequence % RING_BLOCKS) * RAW_BLOCK_BYTES);
    memory.writeUInt32LE(sequence + 1, ring + 8);
  }

  private endTick(): void {
    const { marks, tickStart } = this;
    const blocks: number[] = [];
    let from = tickStart;
    for (let i = 1; i < marks.length; i++) {
      blocks.push(marks[i] - from);
      from = marks[i];
    }
    this.ticks.push({ blocks, idle: this.cycles - (marks[marks.length - 1] ?? tickStart) });
  }

  private startSignature(bytes: Uint8Array): number {
    if (this.signedUs >= 0) return 0;
    this.signature = this.options.sign(bytes);
    this.signedUs = this.nowUs + this.options.signMs * 1000;
    this.signsUs.push(this.nowUs);
    return 1;
  }

  private pollSignature(into: Uint8Array): number {
    if (this.signedUs < 0) return 2;
    if (this.nowUs < this.signedUs) return 0;
    into.set(this.signature);
    this.signedUs = -1;
    return 1;
  }

  /** Plain memory in the stock emulator; on the chip a store there is a fault. */
  private trapFlashWrites(): void {
    const { chip } = this;
    for (const name of ['writeUint8', 'writeUint16', 'writeUint32'] as const) {
      const write = chip[name].bind(chip);
      chip[name] = (address: number, value: number) => {
        if (address >>> 28 === 1) throw new Error(`store to flash 0x${address.toString(16)} at 0x${chip.core.PC.toString(16)}`);
        write(address, value);
      };
    }
  }

  private replaceTimer(): void {
    const timer = this.chip.peripherals[TIMER_PAGE];
    timer.readUint32 = (offset: number) => {
      const us = Math.floor(this.cycles / CYCLES_PER_US);
      if (offset === TIMERAWL) return us % 2 ** 32;
      if (offset === TIMERAWH) return Math.floor(us / 2 ** 32);
      throw new Error(`timer register 0x${offset.toString(16)}`);
    };
  }

  private bytes(address: number, length: number): Buffer {
    const at = (address >>> 0) - SRAM;
    if (at >= 0 && at + length <= SRAM_BYTES) return this.memory.subarray(at, at + length);
    const inFlash = (address >>> 0) - FLASH;
    if (inFlash >= 0 && inFlash + length <= this.flash.length) return this.flash.subarray(inFlash, inFlash + length);
    throw new Error(`${length} bytes at 0x${(address >>> 0).toString(16)}`);
  }

  private text(address: number): string {
    const text = this.bytes(address, 80);
    return text.toString('latin1', 0, Math.max(text.indexOf(0), 0));
  }

  private stackBytes(): number {
    const { memory, options } = this;
    let at = 0x20000;
    while (at < SRAM_BYTES && memory[at] === STACK_PATTERN) at++;
    return options.count === 0 ? 0 : SRAM_BYTES - at;
  }

  private byFunction(samples: ReadonlyMap<number, number>): Map<string, number> {
    const profile = new Map<string, number>();
    const { functions } = this.options.elf;
    for (const [pc, cycles] of samples) {
      let low = 0;
      let high = functions.length;
      while (high - low > 1) {
        const middle = (low + high) >> 1;
        if (functions[middle].address <= pc) low = middle;
        else high = middle;
      }
      const { name } = functions[low];
      profile.set(name, (profile.get(name) ?? 0) + cycles);
    }
    return profile;
  }
}
