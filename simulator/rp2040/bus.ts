/**
 * The bus fabric (RP2040 datasheet 2.1, 2.2): memories, and the way to the peripherals.
 *
 * Stricter than the chip: what there ends in a hard fault or in garbage stops the run with its address and the PC: flash
 * read while it cannot be read in place (XIP off), a store to flash, a peripheral that is held in reset, an unmapped or
 * unaligned address. The DMA has no way
 * to the SIO and the CPU's private bus (2.1.1): it gets a bus error.
 */
import type { Peripheral } from 'rp2040js';
import { EmulatorError, hex } from './emulator-error.js';

const ROM_BYTES = 16384;
const SRAM_BYTES = 264 * 1024;
const FLASH_BASE = 0x10;
const SRAM_BASE = 0x20000000;

/** What a private bus (SIO, system control space) looks like from here. */
export interface WordRegisters {
  readUint32(offset: number): number;
  writeUint32(offset: number, value: number): void;
}

interface Mapped {
  readonly peripheral: Peripheral;
  readonly resetMask: number;
}

export class Bus {
  readonly rom = new Uint8Array(ROM_BYTES);
  readonly sram = new Uint8Array(SRAM_BYTES);
  readonly flash: Uint8Array;
  /** False between exit_xip and the moment the SSI is set up for reading in place again. */
  isXipOn = false;
  /** Where the CPU is, for what stops a run. */
  readonly pcOf: () => number;
  private readonly rom16 = new Uint16Array(this.rom.buffer);
  private readonly sram16 = new Uint16Array(this.sram.buffer);
  private readonly sram32 = new Int32Array(this.sram.buffer);
  private readonly rom32 = new Int32Array(this.rom.buffer);
  private readonly flash16: Uint16Array;
  private readonly flash32: Int32Array;
  /** The chip wraps addresses beyond its size. */
  private readonly flashMask: number;
  /** Bits of the peripherals that are held in reset. */
  held = 0;
  private readonly peripherals = new Map<number, Mapped>();
  private sio!: WordRegisters;
  private systemControl!: WordRegisters;
  private usbRam!: DataView;
  private onUsbRam!: (offset: number, value: number) => void;

  /** `flashBytes` is a power of two. */
  constructor(flashBytes: number, pcOf: () => number) {
    this.flash = new Uint8Array(flashBytes).fill(0xff);
    this.flash16 = new Uint16Array(this.flash.buffer);
    this.flash32 = new Int32Array(this.flash.buffer);
    this.flashMask = flashBytes - 1;
    this.pcOf = pcOf;
  }

  /** `resetBit`: of the reset controller, where the peripheral has one. */
  attach(base: number, peripheral: Peripheral, resetBit?: number): void {
    this.peripherals.set(base >>> 14, { peripheral, resetMask: resetBit === undefined ? 0 : 1 << resetBit });
  }

  attachCore(sio: WordRegisters, systemControl: WordRegisters): void {
    this.sio = sio;
    this.systemControl = systemControl;
  }

  attachUsbRam(view: DataView, onWrite: (offset: number, value: number) => void): void {
    this.usbRam = view;
    this.onUsbRam = onWrite;
  }

  fetch(address: number): number {
    const top = address >>> 24;
    if (top === FLASH_BASE) {
      if (!this.isXipOn) this.refuseXip(address, 'fetch');
      return this.flash16[(address & this.flashMask) >> 1];
    }
    const offset = address - SRAM_BASE;
    if (offset >= 0 && offset < SRAM_BYTES) return this.sram16[offset >> 1];
    if (address >= 0 && address < ROM_BYTES) return this.rom16[address >> 1];
    return this.read16(address);
  }

  read32(address: number): number {
    const offset = address - SRAM_BASE;
    if (offset >= 0 && offset < SRAM_BYTES && (offset & 3) === 0) return this.sram32[offset >> 2];
    this.checkAlignment(address, 3);
    const top = address >>> 24;
    if (top >= FLASH_BASE && top < FLASH_BASE + 4) {
      if (!this.isXipOn) this.refuseXip(address, 'read');
      return this.flash32[(address & this.flashMask) >> 2];
    }
    if (top === 0 && address < ROM_BYTES) return this.rom32[address >> 2];
    return this.readRegister(address);
  }

  read16(address: number): number {
    const offset = address - SRAM_BASE;
    if (offset >= 0 && offset < SRAM_BYTES && (offset & 1) === 0) return this.sram16[offset >> 1];
    this.checkAlignment(address, 1);
    return (this.read32(address & ~3) >>> ((address & 2) * 8)) & 0xffff;
  }

  read8(address: number): number {
    const offset = address - SRAM_BASE;
    if (offset >= 0 && offset < SRAM_BYTES) return this.sram[offset];
    return (this.read32(address & ~3) >>> ((address & 3) * 8)) & 0xff;
  }

  write32(address: number, value: number): void {
    const offset = address - SRAM_BASE;
    if (offset >= 0 && offset < SRAM_BYTES && (offset & 3) === 0) {
      this.sram32[offset >> 2] = value;
      return;
    }
    this.checkAlignment(address, 3);
    this.writeRegister(address, value);
  }

  write16(address: number, value: number): void {
    const offset = address - SRAM_BASE;
    if (offset >= 0 && offset < SRAM_BYTES && (offset & 1) === 0) {
      this.sram16[offset >> 1] = value;
      return;
    }
    this.checkAlignment(address, 1);
    if (this.isUsbRam(address)) {
      this.usbRam.setUint16(address & 0xfff, value, true);
      this.onUsbRam(address & 0xffc, this.usbRam.getUint32(address & 0xffc, true));
      return;
    }
    // 2.1.4: narrow writes to registers are repeated over the whole word.
    this.writeRegister(address & ~3, (value & 0xffff) | (value << 16));
  }

  write8(address: number, value: number): void {
    const offset = address - SRAM_BASE;
    if (offset >= 0 && offset < SRAM_BYTES) {
      this.sram[offset] = value;
      return;
    }
    if (this.isUsbRam(address)) {
      this.usbRam.setUint8(address & 0xfff, value);
      this.onUsbRam(address & 0xffc, this.usbRam.getUint32(address & 0xffc, true));
      return;
    }
    this.writeRegister(address & ~3, Math.imul(value & 0xff, 0x01010101));
  }

  /** 2.1.1: masters other than the cores reach neither the SIO nor a core's private bus. */
  isCorePrivate(address: number): boolean {
    return address >>> 28 >= 0xd;
  }

  private isUsbRam(address: number): boolean {
    return address >>> 12 === 0x50100;
  }

  private readRegister(address: number): number {
    const top = address >>> 28;
    if (top === 0xd) return this.sio.readUint32(address & 0x0fffffff) | 0;
    if (top === 0xe) return this.systemControl.readUint32(address & 0xfff) | 0;
    if (this.isUsbRam(address)) return this.usbRam.getInt32(address & 0xfff, true);
    const mapped = this.mappedAt(address, 'read of unmapped', 'read of');
    // 2.1.2: the aliases read like the register itself.
    return mapped.peripheral.readUint32(address & 0xfff) | 0;
  }

  private writeRegister(address: number, value: number): void {
    const top = address >>> 28;
    if (top === 0xd) this.sio.writeUint32(address & 0x0fffffff, value >>> 0);
    else if (top === 0xe) this.systemControl.writeUint32(address & 0xfff, value >>> 0);
    else if (this.isUsbRam(address)) {
      this.usbRam.setInt32(address & 0xfff, value, true);
      this.onUsbRam(address & 0xfff, value);
    } else {
      const mapped = this.mappedAt(address, top === 1 ? 'store to flash' : 'write to unmapped', 'write to');
      mapped.peripheral.writeUint32Atomic(address & 0xfff, value >>> 0, (address >>> 12) & 3);
    }
  }

  /** The peripheral at an address, which must be there and out of reset. */
  private mappedAt(address: number, whereNone: string, access: string): Mapped {
    const mapped = this.peripherals.get(address >>> 14);
    if (mapped === undefined) return this.refuse(whereNone, address);
    if ((mapped.resetMask & this.held) === 0) return mapped;
    return this.refuse(`${access} a peripheral that is held in reset, at`, address);
  }

  private checkAlignment(address: number, mask: number): void {
    if ((address & mask) !== 0) this.refuse('unaligned access to', address);
  }

  private refuseXip(address: number, how: string): never {
    return this.refuse(`${how} of flash while it is not readable (XIP is off), at`, address);
  }

  private refuse(what: string, address: number): never {
    throw new EmulatorError(`${what} ${hex(address)}`, this.pcOf());
  }
}
