/**
 * The boot ROM (RP2040 datasheet 2.8), which rp2040js does not have: its tables are laid out as in the chip, the look-up
 * runs as Thumb code, the functions are a breakpoint each whose work is done here and charged in cycles.
 *
 * The flash functions wait in a loop of Thumb code, so that interrupts, DMA and peripherals go on meanwhile as they do
 * while the real ROM polls the chip.
 */
import type { Bus } from './bus.js';
import type { CortexM0 } from './cortex-m0.js';
import { BLOCK_BYTES, type FlashChip, PAGE_BYTES, SECTOR_BYTES } from './flash-chip.js';
import { DOUBLE_FUNCTIONS, type RomFunction, SINGLE_FUNCTIONS, TABLE_BYTES } from './soft-float.js';
import type { XipSsi } from './xip-ssi.js';

/** B2 silicon. */
const ROM_VERSION = 3;
const COPYRIGHT = '(C) emulated boot ROM';
const LOOKUP = [0x8802, 0x428a, 0xd004, 0x3004, 0x2a00, 0xd1f9, 0x2000, 0x4770, 0x8840, 0x4770];
const BX_LR = 0x4770;
const BKPT = 0xbe00;
/** cmp r3, #0; bne to the breakpoint before; bx lr */
const WAIT_TAIL = [0x2b00, 0xd1fc, BX_LR];

/** Calls, set-up of the SSI and the commands before the wait: some 60 bytes at clk_sys / 6 (bootrom's flash code). */
const EXIT_XIP_CYCLES = 3000;
/** One read of the status register, 16 bits at clk_sys / 6, and the loop around it. */
const POLL_CYCLES = 150;
/** Sending 260 bytes at clk_sys / 6. */
const PAGE_CYCLES = 12500;

/** Datasheet 2.8.3.1.1, average cycles of ROM V2/V3: popcount, reverse, clz, ctz. */
const POPCOUNT_CYCLES = 20;
const REVERSE_CYCLES = 22;
const CLZ_CYCLES = 10;
const CTZ_CYCLES = 11;

/**
 * Cycles of the memory functions, counted from their inner loops on a Cortex-M0+: LDM and STM of four registers with
 * subtract and branch for whole words, load, store, add and branch for single bytes.
 */
const CALL_CYCLES = 20;
const COPY_16_BYTES_CYCLES = 13;
const SET_16_BYTES_CYCLES = 8;
const COPY_BYTE_CYCLES = 7;
const SET_BYTE_CYCLES = 5;

/** Does a ROM function's work, answers its cycles. */
type RomHook = (cpu: CortexM0) => number;

export class BootRom {
  private readonly bus: Bus;
  private readonly chip: FlashChip;
  private readonly ssi: XipSsi;
  private readonly view: DataView;
  private readonly hooks: RomHook[] = [];
  private here = 0x100;
  /** What the flash function that waits does next; false when there is nothing left. */
  private continueFlash: (() => boolean) | null = null;

  constructor(bus: Bus, chip: FlashChip, ssi: XipSsi) {
    this.bus = bus;
    this.chip = chip;
    this.ssi = ssi;
    this.view = new DataView(bus.rom.buffer);
    this.layOut();
  }

  /** Breakpoints of the ROM. */
  handleBreak(cpu: CortexM0, code: number): void {
    if (cpu.r[15] >>> 0 > this.bus.rom.length || code >= this.hooks.length) cpu.stop(`breakpoint ${code}`);
    cpu.clock.cycles += this.hooks[code](cpu);
  }

  private layOut(): void {
    const { view } = this;
    this.bus.rom.set([0x4d, 0x75, 0x01, ROM_VERSION], 0x10);
    view.setUint16(0x18, this.emit(LOOKUP), true);
    view.setUint16(
      0x14,
      this.table([...this.bitFunctions(), ...this.memoryFunctions(), ...this.flashFunctions()]),
      true,
    );
    view.setUint16(0x16, this.table(this.data()), true);
  }

  /** Thumb code; answers its address with the Thumb bit. */
  private emit(halfwords: readonly number[]): number {
    const address = this.here;
    for (const halfword of halfwords) this.halfword(halfword);
    this.here = (this.here + 3) & ~3;
    return address | 1;
  }

  private halfword(value: number): void {
    this.view.setUint16(this.here, value, true);
    this.here += 2;
  }

  private hook(work: RomHook): number {
    return BKPT | (this.hooks.push(work) - 1);
  }

  private quick(work: RomHook): number {
    return this.emit([this.hook(work), BX_LR]);
  }

  /** A function that goes on in steps until `continueFlash` has nothing left. */
  private waiting(start: RomHook): number {
    const poll = this.hook((cpu) => {
      cpu.r[3] = this.chip.isBusy || this.continueFlash?.() ? 1 : 0;
      return POLL_CYCLES;
    });
    return this.emit([this.hook(start), poll, ...WAIT_TAIL]);
  }

  /** Pairs of code and address, ended by a 0. */
  private table(entries: readonly (readonly [string, number])[]): number {
    const address = this.here;
    for (const [code, target] of entries) {
      this.halfword(code.charCodeAt(0) | (code.charCodeAt(1) << 8));
      this.halfword(target);
    }
    this.halfword(0);
    this.here = (this.here + 3) & ~3;
    return address;
  }

  private bitFunctions(): [string, number][] {
    const unary = (cycles: number, of: (x: number) => number) =>
      this.quick((cpu) => {
        cpu.r[0] = of(cpu.r[0]);
        return cycles;
      });
    return [
      ['P3', unary(POPCOUNT_CYCLES, popcount)],
      ['R3', unary(REVERSE_CYCLES, reverseBits)],
      ['L3', unary(CLZ_CYCLES, Math.clz32)],
      ['T3', unary(CTZ_CYCLES, (x) => (x === 0 ? 32 : 31 - Math.clz32(x & -x)))],
    ];
  }

  private memoryFunctions(): [string, number][] {
    const set: RomHook = (cpu) => {
      const [start, value, bytes] = [cpu.r[0], cpu.r[1], cpu.r[2]];
      for (let i = 0; i < bytes; i++) this.bus.write8(start + i, value);
      return CALL_CYCLES + (bytes >>> 4) * SET_16_BYTES_CYCLES + (bytes & 15) * SET_BYTE_CYCLES;
    };
    const copy: RomHook = (cpu) => {
      const [to, from, bytes] = [cpu.r[0], cpu.r[1], cpu.r[2]];
      for (let i = 0; i < bytes; i++) this.bus.write8(to + i, this.bus.read8(from + i));
      if (((to ^ from) & 3) !== 0) return CALL_CYCLES + bytes * COPY_BYTE_CYCLES;
      return CALL_CYCLES + (bytes >>> 4) * COPY_16_BYTES_CYCLES + (bytes & 15) * COPY_BYTE_CYCLES;
    };
    const setAddress = this.quick(set);
    const copyAddress = this.quick(copy);
    return [
      ['MS', setAddress],
      ['S4', setAddress],
      ['MC', copyAddress],
      ['C4', copyAddress],
    ];
  }

  private flashFunctions(): [string, number][] {
    const refused = (name: string) => this.quick((cpu) => cpu.stop(`the image called the boot ROM's ${name}`));
    return [
      ['IF', this.quick(() => CALL_CYCLES)],
      [
        'EX',
        this.quick(() => {
          this.ssi.exitXip();
          return EXIT_XIP_CYCLES;
        }),
      ],
      ['RE', this.waiting((cpu) => this.startErase(cpu))],
      ['RP', this.waiting((cpu) => this.startProgram(cpu))],
      [
        'FC',
        this.quick(() => {
          this.ssi.overrideSelect(0);
          return CALL_CYCLES;
        }),
      ],
      [
        'CX',
        this.quick(() => {
          this.ssi.enterXip();
          return CALL_CYCLES;
        }),
      ],
      ['UB', refused('reset_to_usb_boot')],
      ['WV', refused('wait_for_vector')],
      ['DT', refused('debug_trampoline')],
      ['DE', refused('debug_trampoline_end')],
    ];
  }

  /** 2.8.3.1.3 flash_range_erase(address, count, block_size, block_cmd): whole blocks where they fit, sectors elsewhere. */
  private startErase(cpu: CortexM0): number {
    this.checkXipIsOff(cpu, 'flash_range_erase');
    let address = cpu.r[0] >>> 0;
    const end = address + (cpu.r[1] >>> 0);
    const blockBytes = cpu.r[2] >>> 0;
    if (((address | end) & (SECTOR_BYTES - 1)) !== 0) cpu.stop('flash_range_erase of a part of a sector');
    this.continueFlash = () => {
      if (address >= end) return false;
      const isBlock = blockBytes === BLOCK_BYTES && address % blockBytes === 0 && address + blockBytes <= end;
      const bytes = isBlock ? blockBytes : SECTOR_BYTES;
      this.chip.erase(address, bytes);
      address += bytes;
      return true;
    };
    return CALL_CYCLES;
  }

  /** flash_range_program(address, data, count); the data must not lie in flash. */
  private startProgram(cpu: CortexM0): number {
    this.checkXipIsOff(cpu, 'flash_range_program');
    let address = cpu.r[0] >>> 0;
    let from = cpu.r[1];
    const end = address + (cpu.r[2] >>> 0);
    if (((address | end) & (PAGE_BYTES - 1)) !== 0) cpu.stop('flash_range_program of a part of a page');
    this.continueFlash = () => {
      if (address >= end) return false;
      const page = new Uint8Array(PAGE_BYTES);
      for (let i = 0; i < PAGE_BYTES; i++) page[i] = this.bus.read8(from + i);
      this.chip.program(address, page);
      cpu.clock.cycles += PAGE_CYCLES;
      address += PAGE_BYTES;
      from += PAGE_BYTES;
      return true;
    };
    return CALL_CYCLES;
  }

  private checkXipIsOff(cpu: CortexM0, name: string): void {
    if (this.bus.isXipOn) cpu.stop(`${name} without flash_exit_xip`);
  }

  private data(): [string, number][] {
    const copyright = this.here;
    for (const byte of Buffer.from(`${COPYRIGHT}\0`)) this.view.setUint8(this.here++, byte);
    this.here = (this.here + 3) & ~3;
    const revision = this.here;
    this.here += 4;
    const start = this.here;
    const single = this.floatTable(SINGLE_FUNCTIONS);
    const double = this.floatTable(DOUBLE_FUNCTIONS);
    return [
      ['CR', copyright],
      ['GR', revision],
      ['FS', start],
      ['SF', single],
      ['SD', double],
      ['FE', this.here],
    ];
  }

  /** The byte two before a table says how many words it has. */
  private floatTable(functions: readonly RomFunction[]): number {
    const addresses = new Map<number, number>();
    for (const { offset, cycles, run } of functions) {
      addresses.set(
        offset,
        this.quick((cpu) => {
          run(cpu);
          return cycles;
        }),
      );
    }
    const missing = this.quick((cpu) => cpu.stop('the image called a boot ROM float function that is no more'));
    this.here += 4;
    this.view.setUint8(this.here - 2, TABLE_BYTES / 4);
    const table = this.here;
    for (let offset = 0; offset < TABLE_BYTES; offset += 4) {
      this.view.setUint32(table + offset, addresses.get(offset) ?? missing, true);
    }
    this.here += TABLE_BYTES;
    return table;
  }
}

function popcount(value: number): number {
  let count = 0;
  for (let bits = value; bits !== 0; bits &= bits - 1) count++;
  return count;
}

function reverseBits(value: number): number {
  let result = 0;
  for (let i = 0; i < 32; i++) result |= ((value >>> i) & 1) << (31 - i);
  return result;
}
