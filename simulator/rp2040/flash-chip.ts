/**
 * The flash chip, a Winbond W25Q16JV (data sheet revision H): its SPI commands byte by byte, sectors of 4 KB, pages of
 * 256 bytes. Erase and program take emulated time, during which only the status register answers; a program clears bits.
 */
import { EmulatorError } from './emulator-error.js';

export const SECTOR_BYTES = 4096;
export const PAGE_BYTES = 256;
export const BLOCK_BYTES = 65536;

const WRITE_STATUS = 0x01;
const PAGE_PROGRAM = 0x02;
const READ_DATA = 0x03;
const WRITE_DISABLE = 0x04;
const READ_STATUS_1 = 0x05;
const WRITE_ENABLE = 0x06;
const FAST_READ = 0x0b;
const SECTOR_ERASE = 0x20;
const READ_STATUS_2 = 0x35;
const READ_UNIQUE_ID = 0x4b;
const BLOCK_ERASE_32K = 0x52;
const READ_JEDEC_ID = 0x9f;
const BLOCK_ERASE_64K = 0xd8;

const STATUS_BUSY = 1;
const STATUS_WRITE_ENABLED = 2;
const STATUS_2_QUAD = 2;

/** Manufacturer Winbond, W25Q, 2^21 bytes. */
const JEDEC_ID = [0xef, 0x40, 0x15];

export interface FlashTimes {
  /** Sector erase: 45 ms typical, 400 ms at most. */
  readonly eraseMs: number;
  /** Page program: 0.4 ms typical, 3 ms at most. */
  readonly programMs: number;
}

/** Told of each operation when it starts; throws to let the power fail there. */
export type FlashObserver = (operation: 'erase' | 'program', address: number, bytes: number) => void;

export class FlashChip {
  readonly memory: Uint8Array;
  readonly uniqueId: Uint8Array;
  times: FlashTimes;
  observer: FlashObserver | null = null;
  erasedSectors = 0;
  programmedPages = 0;
  private busyUntilNs = 0;
  private isWriteEnabled = false;
  private status2 = STATUS_2_QUAD;
  private isSelected = false;
  private command = 0;
  private received: number[] = [];
  private readonly nowNs: () => number;

  constructor(memory: Uint8Array, uniqueId: Uint8Array, times: FlashTimes, nowNs: () => number) {
    this.memory = memory;
    this.uniqueId = uniqueId;
    this.times = times;
    this.nowNs = nowNs;
  }

  get isBusy(): boolean {
    return this.nowNs() < this.busyUntilNs;
  }

  /** Power-on: nothing in progress, the contents stay. */
  reset(): void {
    this.busyUntilNs = 0;
    this.isWriteEnabled = false;
    this.isSelected = false;
  }

  erase(address: number, bytes: number): void {
    this.begin('erase', address, bytes);
    this.memory.fill(0xff, address, address + bytes);
    this.erasedSectors += bytes / SECTOR_BYTES;
    this.busyUntilNs = this.nowNs() + (bytes / SECTOR_BYTES) * this.times.eraseMs * 1e6;
  }

  program(address: number, data: Uint8Array): void {
    this.begin('program', address, data.length);
    for (let i = 0; i < data.length; i++) this.memory[address + i] &= data[i];
    this.programmedPages++;
    this.busyUntilNs = this.nowNs() + this.times.programMs * 1e6;
  }

  private begin(operation: 'erase' | 'program', address: number, bytes: number): void {
    if (this.isBusy) throw new EmulatorError(`flash ${operation} while the chip is busy`, 0);
    if (address + bytes > this.memory.length) throw new EmulatorError(`flash ${operation} beyond the chip's end`, 0);
    this.observer?.(operation, address, bytes);
  }

  select(): void {
    if (this.isSelected) return;
    this.isSelected = true;
    this.received = [];
  }

  /** The end of a command: erase, program and the write enable take effect here. */
  deselect(): void {
    if (!this.isSelected) return;
    this.isSelected = false;
    if (this.received.length > 0 && !this.isBusy) this.execute();
  }

  /** One byte in, one byte out. */
  exchange(byte: number): number {
    this.received.push(byte);
    const at = this.received.length - 1;
    if (at === 0) {
      this.command = byte;
      return 0xff;
    }
    if (this.command === READ_STATUS_1) {
      return (this.isBusy ? STATUS_BUSY : 0) | (this.isWriteEnabled ? STATUS_WRITE_ENABLED : 0);
    }
    if (this.command === READ_STATUS_2) return this.status2;
    if (this.isBusy) return 0xff;
    if (this.command === READ_JEDEC_ID) return JEDEC_ID[(at - 1) % 3];
    if (this.command === READ_UNIQUE_ID) return at < 5 ? 0xff : this.uniqueId[(at - 5) % 8];
    if (this.command === READ_DATA && at >= 4) return this.memory[(this.address + at - 4) % this.memory.length];
    if (this.command === FAST_READ && at >= 5) return this.memory[(this.address + at - 5) % this.memory.length];
    return 0xff;
  }

  private get address(): number {
    return (((this.received[1] << 16) | (this.received[2] << 8) | this.received[3]) >>> 0) % this.memory.length;
  }

  private execute(): void {
    switch (this.command) {
      case WRITE_ENABLE:
        this.isWriteEnabled = true;
        return;
      case WRITE_DISABLE:
        this.isWriteEnabled = false;
        return;
      case SECTOR_ERASE:
        this.eraseIfEnabled(SECTOR_BYTES);
        return;
      case BLOCK_ERASE_32K:
        this.eraseIfEnabled(8 * SECTOR_BYTES);
        return;
      case BLOCK_ERASE_64K:
        this.eraseIfEnabled(16 * SECTOR_BYTES);
        return;
      case WRITE_STATUS:
        if (this.isWriteEnabled && this.received.length > 2) this.status2 = this.received[2];
        this.isWriteEnabled = false;
        return;
      case PAGE_PROGRAM:
        this.programIfEnabled();
    }
  }

  private eraseIfEnabled(bytes: number): void {
    if (!this.isWriteEnabled || this.received.length !== 4) return;
    this.isWriteEnabled = false;
    this.erase(this.address & ~(bytes - 1), bytes);
  }

  /** Bytes beyond the page's end wrap to its start. */
  private programIfEnabled(): void {
    if (!this.isWriteEnabled || this.received.length < 5) return;
    this.isWriteEnabled = false;
    const page = new Uint8Array(PAGE_BYTES).fill(0xff);
    const start = this.address & (PAGE_BYTES - 1);
    for (let i = 4; i < this.received.length; i++) page[(start + i - 4) % PAGE_BYTES] = this.received[i];
    this.program(this.address & ~(PAGE_BYTES - 1), page);
  }
}
