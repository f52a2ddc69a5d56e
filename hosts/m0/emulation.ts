/**
 * The image on an emulated RP2040, in emulated real time: a timer of 10 ms, the capture's ring filled as by DMA, and what
 * the image asks for at a BKPT. A tick that takes longer than 10 ms delays the next ones; blocks then wait in the ring.
 */
import { createHash } from 'node:crypto';
import type { Alarm } from '../../simulator/rp2040/clock.js';
import { Rp2040 } from '../../simulator/rp2040/rp2040.js';
import type { ModuleCode } from './image.js';
import type { ImageFile } from './image-file.js';
import { RAW_BLOCK_BYTES, type RawBlocks } from './raw-blocks.js';

export const CLOCK_HZ = 125e6;
const CYCLES_PER_MS = CLOCK_HZ / 1000;
const BLOCK_US = 10_000;
const SRAM = 0x20000000;
const FLASH = 0x10000000;
/** The states lie beyond the chip's own 2 MB. */
const FLASH_BYTES = 16 << 20;
/** Where the image keeps its data. */
const DATA = 0x180000;
const ERASE_BYTES = 4096;
const PAGE_BYTES = 256;
/** W25Q16JV, typical. */
const ERASE_MS = 45;
const PAGE_MS = 0.4;
/** Between two samples of the profile: a prime, so as not to beat with any loop. */
const SAMPLE_CYCLES = 2003;
const STACK_PATTERN = 0xa5;
const STACK_FROM = 0x2d000;

/** As in machine.c and natives.c; below them are the boot ROM's own. */
const ASK_STATE = 65;
const ASK_WAIT = 66;
const ASK_FAIL = 67;
const ASK_READ = 68;
const ASK_ERASE = 69;
const ASK_WRITE = 70;
const ASK_HASH = 71;
const ASK_SIGN = 72;
const ASK_SIGNED = 73;
const ASK_SEND = 74;
const ASK_RECEIVE = 75;

/** As in capture.h. */
const RING_BLOCKS = 70;
const RING_HEAD_BYTES = 56;

export interface EmulationOptions {
  readonly image: ImageFile;
  readonly modules: readonly ModuleCode[];
  readonly state: number;
  /** Of the state, in microseconds: when its clock and capture go on from. */
  readonly nowUs: number;
  readonly flash: Uint8Array;
  /** The wires from there on. */
  readonly blocks: RawBlocks;
  readonly count: number;
  readonly signMs: number;
  sign(bytes: Uint8Array): Uint8Array;
  /** What a port has in a tick, empty when nothing is left. */
  receive?(port: number, tick: number): Uint8Array;
}

/** One tick of the timer. */
export interface Tick {
  /** Cycles of each block read in it: from the tick's start or the read before to the read after. */
  readonly blocks: readonly number[];
  /** Cycles after the last block: frames, the log, links. Not those that the flash chip kept the CPU waiting. */
  readonly idle: number;
  readonly waited: number;
}

export interface EmulationResult {
  readonly ticks: readonly Tick[];
  readonly frames: readonly { readonly atUs: number; readonly bytes: Uint8Array }[];
  /** When each signature was asked for, in microseconds of the board's clock. */
  readonly signsUs: readonly number[];
  readonly lostBlocks: number;
  /** Deepest that the C stack went. */
  readonly stackBytes: number;
  /** The C heap's end. */
  readonly heapEnd: number;
  /** Cycles by function of C, and by module of JavaScript with all that it calls; sampled. */
  readonly functions: ReadonlyMap<string, number>;
  readonly modules: ReadonlyMap<string, number>;
  /** The board's time at the end. */
  readonly nowUs: number;
  readonly wallMs: number;
}

export class Emulation {
  private readonly options: EmulationOptions;
  private readonly chip = new Rp2040({ flashBytes: FLASH_BYTES });
  private readonly memory: Buffer;
  private readonly flash: Buffer;
  private readonly ring: number;
  private readonly due: Alarm;
  private readonly ticks: Tick[] = [];
  private readonly frames: { atUs: number; bytes: Uint8Array }[] = [];
  private readonly signsUs: number[] = [];
  private readonly functions = new Map<string, number>();
  private readonly modules = new Map<string, number>();
  /** The board's time when the chip's was 0. */
  private baseUs = 0;
  private blocksGiven = 0;
  private isBegun = false;
  private tickStart = 0;
  /** Cycles of this tick that the flash chip kept the CPU waiting. */
  private waited = 0;
  private marks: number[] = [];
  private signature: Uint8Array = new Uint8Array(64);
  private signedUs = -1;

  constructor(options: EmulationOptions) {
    this.options = options;
    const { chip } = this;
    const { cpu, clock, sram, flash } = chip;
    this.memory = Buffer.from(sram.buffer, sram.byteOffset, sram.length);
    this.flash = Buffer.from(flash.buffer, flash.byteOffset, flash.length);
    this.flash.set(options.flash, DATA);
    for (const { address, bytes } of options.image.segments) this.flash.set(bytes, address - FLASH);
    this.memory.fill(STACK_PATTERN);
    this.ring = options.image.addressOf('captureRing') - SRAM;
    const ofRom = cpu.onBreak;
    cpu.onBreak = (code) => (code >= ASK_STATE ? this.answer(code) : ofRom(code));
    this.due = clock.createAlarm(() => {
      cpu.isEventSet = true;
    });
    const sampler = clock.createAlarm(() => {
      sampler.schedule(SAMPLE_CYCLES * clock.nanosPerCycle);
      if (this.isBegun && cpu.sleep === 'no') this.sample();
    });
    sampler.schedule(0);
  }

  run(): EmulationResult {
    const { options, chip } = this;
    const started = performance.now();
    chip.runUntilUs(Number.MAX_SAFE_INTEGER / 1e6);
    const { ticks, frames, signsUs } = this;
    const read = this.memory.readUInt32LE(this.ring + 20) - this.startSequence;
    const handed = ticks.reduce((sum, { blocks }) => sum + blocks.length, 0);
    return {
      ...{ ticks, frames, signsUs, lostBlocks: read - handed, stackBytes: this.stackBytes() },
      heapEnd: this.memory.readUInt32LE(options.image.addressOf('heapTop') - SRAM),
      ...{ functions: this.functions, modules: this.modules },
      nowUs: options.nowUs + ticks.length * BLOCK_US,
      wallMs: performance.now() - started,
    };
  }

  private get startSequence(): number {
    return Math.round(this.options.nowUs / BLOCK_US);
  }

  private get nowUs(): number {
    return this.baseUs + this.chip.cycles / (CLOCK_HZ / 1e6);
  }

  private answer(code: number): void {
    const { r } = this.chip.cpu;
    const [a, b, c] = r;
    if (code === ASK_WAIT) this.wait();
    else if (code === ASK_READ) this.marks.push(this.chip.cycles);
    else if (code === ASK_STATE) r[0] = this.options.state;
    else if (code === ASK_FAIL) throw new Error(`the image says: ${this.text(a)}`);
    else if (code === ASK_ERASE) this.erase(a);
    else if (code === ASK_WRITE) this.write(a, this.bytes(b, c));
    else if (code === ASK_HASH) this.bytes(c, 32).set(createHash('sha256').update(this.bytes(a, b)).digest());
    else if (code === ASK_SIGN) r[0] = this.startSignature(Uint8Array.from(this.bytes(a, b)));
    else if (code === ASK_SIGNED) r[0] = this.pollSignature(a);
    else if (code === ASK_SEND) r[0] = this.send(Uint8Array.from(this.bytes(a, b)));
    else if (code === ASK_RECEIVE) r[0] = this.receive(a, this.bytes(b, c));
    else this.chip.cpu.stop(`breakpoint ${code}`);
  }

  /** A tick is over; the CPU sleeps until the next one is due. */
  private wait(): void {
    const { chip, options } = this;
    if (this.isBegun) this.endTick();
    else this.begin();
    if (this.ticks.length === options.count) {
      chip.stop();
      return;
    }
    const dueUs = options.nowUs + (this.ticks.length + 1) * BLOCK_US;
    const dueCycles = Math.ceil((dueUs - this.baseUs) * (CLOCK_HZ / 1e6));
    this.tickStart = Math.max(chip.cycles, dueCycles);
    if (chip.cycles < dueCycles) {
      this.due.scheduleAt(dueCycles * chip.clock.nanosPerCycle);
      chip.cpu.startSleep('wfe');
    }
    this.waited = 0;
    this.marks = [];
    const untilUs = Math.max(dueUs, this.nowUs);
    while (options.nowUs + (this.blocksGiven + 1) * BLOCK_US <= untilUs + 1e-3) this.giveBlock();
  }

  /** The capture and the clock go on from the state's time. */
  private begin(): void {
    const { memory, ring, options } = this;
    this.isBegun = true;
    this.baseUs = Math.round(options.nowUs - this.chip.cycles / (CLOCK_HZ / 1e6));
    memory.writeBigUInt64LE(BigInt(this.baseUs), ring);
    memory.writeBigUInt64LE(BigInt(options.nowUs + BLOCK_US), ring + 8);
    memory.writeUInt32LE(this.startSequence, ring + 16);
    memory.writeUInt32LE(this.startSequence, ring + 20);
    options.blocks.levels.forEach((level, i) => {
      memory.writeInt32LE(level, ring + 24 + 4 * i);
    });
  }

  private giveBlock(): void {
    const { memory, ring, options } = this;
    const sequence = this.startSequence + this.blocksGiven++;
    options.blocks.next(memory, ring + RING_HEAD_BYTES + (sequence % RING_BLOCKS) * RAW_BLOCK_BYTES);
    memory.writeUInt32LE(sequence + 1, ring + 16);
  }

  private endTick(): void {
    const { marks, tickStart } = this;
    const blocks: number[] = [];
    let from = tickStart;
    for (let i = 1; i < marks.length; i++) {
      blocks.push(marks[i] - from);
      from = marks[i];
    }
    this.ticks.push({ blocks, idle: this.chip.cycles - from - this.waited, waited: this.waited });
  }

  private erase(at: number): void {
    this.flash.fill(0xff, DATA + at, DATA + at + ERASE_BYTES);
    this.keepWaiting(ERASE_MS);
  }

  private write(at: number, bytes: Uint8Array): void {
    bytes.forEach((byte, i) => {
      this.flash[DATA + at + i] &= byte;
    });
    this.keepWaiting(PAGE_MS * (Math.floor((at + bytes.length - 1) / PAGE_BYTES) - Math.floor(at / PAGE_BYTES) + 1));
  }

  private keepWaiting(ms: number): void {
    const cycles = ms * CYCLES_PER_MS;
    this.chip.clock.cycles += cycles;
    this.waited += cycles;
  }

  private startSignature(bytes: Uint8Array): number {
    if (this.signedUs >= 0) return 0;
    this.signature = this.options.sign(bytes);
    this.signedUs = this.nowUs + this.options.signMs * 1000;
    this.signsUs.push(this.nowUs);
    return 1;
  }

  private pollSignature(into: number): number {
    if (this.signedUs < 0) return 2;
    if (this.nowUs < this.signedUs) return 0;
    this.bytes(into, 64).set(this.signature);
    this.signedUs = -1;
    return 1;
  }

  private send(bytes: Uint8Array): number {
    this.frames.push({ atUs: this.nowUs, bytes });
    return 1;
  }

  private receive(port: number, into: Buffer): number {
    const came = this.options.receive?.(port, this.ticks.length) ?? new Uint8Array(0);
    into.set(came.subarray(0, into.length));
    return Math.min(came.length, into.length);
  }

  private bytes(address: number, length: number): Buffer {
    const memory = address >>> 28 === SRAM >>> 28 ? this.memory : this.flash;
    const at = (address & 0x0fffffff) >>> 0;
    if (at + length > memory.length) throw new Error(`${length} bytes at 0x${(address >>> 0).toString(16)}`);
    return memory.subarray(at, at + length);
  }

  private text(address: number): string {
    const text = this.bytes(address, 80);
    return text.toString('latin1', 0, Math.max(text.indexOf(0), 0));
  }

  private sample(): void {
    const { image } = this.options;
    add(this.functions, image.functionAt(this.chip.cpu.r[15]));
    add(this.modules, this.runningModule());
  }

  /** The word nearest to the stack's top that points into byte code is what XS's loop keeps as its program counter. */
  private runningModule(): string {
    const { memory, options } = this;
    for (let at = this.chip.cpu.r[13] - SRAM; at < memory.length; at += 4) {
      const word = memory.readUInt32LE(at);
      const found = options.modules.find(({ address, bytes }) => word >= address && word < address + bytes);
      if (found !== undefined) return found.path;
    }
    return 'C';
  }

  private stackBytes(): number {
    let at = STACK_FROM;
    while (at < this.memory.length && this.memory[at] === STACK_PATTERN) at++;
    return this.memory.length - at;
  }
}

function add(profile: Map<string, number>, name: string): void {
  profile.set(name, (profile.get(name) ?? 0) + SAMPLE_CYCLES);
}
