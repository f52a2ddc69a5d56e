/**
 * NOR flash in memory, for one life after another: 0xFF after an erase, a write only clears bits, and the power may go at any
 * operation. An operation is the erase of a sector or the programming of (part of) a page; a longer write is cut at pages,
 * as the chip wants it. What a power cut leaves: of a page, a prefix and one byte half programmed; of a sector, a mixture of
 * old, erased and arbitrary bytes.
 */
import type { FlashPort } from '../modules/board.js';
import { Random } from './random.js';

/** Thrown by the operation during which the power went, and by everything after it until `powerOn`. */
export class PowerCut extends Error {
  override readonly name = 'PowerCut';

  constructor(operation: number) {
    super(`power cut at flash operation ${operation}`);
  }
}

export interface FlashShape {
  readonly size: number;
  readonly eraseBytes: number;
  readonly pageBytes: number;
}

/** As a W25Q16JV: sectors of 4 KB, pages of 256 bytes. */
export const SMALL_FLASH: FlashShape = { size: 64 * 1024, eraseBytes: 4096, pageBytes: 256 };

const NEVER = -1;

export class SimulatedFlash implements FlashPort {
  readonly size: number;
  readonly eraseBytes: number;
  readonly pageBytes: number;
  /** The cells themselves: a test may damage them. */
  readonly cells: Uint8Array;
  /** How often each sector was erased. */
  readonly eraseCounts: number[] = [];
  /** Operations begun since the first power-on. */
  operations = 0;
  private cutAtOperation = NEVER;
  private isPowered = true;
  private readonly random: Random;

  /** Starts erased. */
  constructor(shape: FlashShape, seed: number) {
    if (shape.size % shape.eraseBytes !== 0 || shape.eraseBytes % shape.pageBytes !== 0) {
      throw new Error('flash: the size must be whole sectors, a sector whole pages');
    }
    this.size = shape.size;
    this.eraseBytes = shape.eraseBytes;
    this.pageBytes = shape.pageBytes;
    this.cells = new Uint8Array(shape.size).fill(0xff);
    for (let i = 0; i < shape.size / shape.eraseBytes; i++) this.eraseCounts.push(0);
    this.random = new Random(seed, 'flash');
  }

  /** The power goes during the operation of this number, counted from 0 like `operations`. */
  cutPowerAt(operation: number): void {
    this.cutAtOperation = operation;
  }

  /** The power is back; no further cut is planned. */
  powerOn(): void {
    this.isPowered = true;
    this.cutAtOperation = NEVER;
  }

  erase(start: number): void {
    if (start % this.eraseBytes !== 0) throw new Error(`flash: erase at ${start} is not the start of a sector`);
    this.checkRange(start, this.eraseBytes);
    const isCut = this.begin();
    this.eraseCounts[start / this.eraseBytes]++;
    if (isCut) this.tearErase(start);
    else this.cells.fill(0xff, start, start + this.eraseBytes);
    this.end(isCut);
  }

  read(at: number, into: Uint8Array, length: number): void {
    this.checkRange(at, length);
    if (length > into.length) throw new Error(`flash: read of ${length} bytes into ${into.length}`);
    if (!this.isPowered) throw new PowerCut(this.operations - 1);
    for (let i = 0; i < length; i++) into[i] = this.cells[at + i];
  }

  write(at: number, from: Uint8Array, length: number): void {
    this.checkRange(at, length);
    if (length > from.length) throw new Error(`flash: write of ${length} bytes from ${from.length}`);
    for (let i = 0; i < length; i++) {
      if ((from[i] & ~this.cells[at + i]) !== 0) throw new Error(`flash: write at ${at + i} would set bits`);
    }
    for (let done = 0; done < length; ) {
      const roomInPage = this.pageBytes - ((at + done) % this.pageBytes);
      const count = Math.min(roomInPage, length - done);
      this.program(at + done, from, done, count);
      done += count;
    }
  }

  private program(at: number, from: Uint8Array, offset: number, count: number): void {
    const isCut = this.begin();
    const whole = isCut ? this.random.below(count) : count;
    for (let i = 0; i < whole; i++) this.cells[at + i] = from[offset + i];
    if (isCut) this.cells[at + whole] &= from[offset + whole] | this.random.below(256);
    this.end(isCut);
  }

  private tearErase(start: number): void {
    for (let at = start; at < start + this.eraseBytes; at++) {
      const fate = this.random.below(3);
      if (fate === 1) this.cells[at] = 0xff;
      if (fate === 2) this.cells[at] = this.random.below(256);
    }
  }

  /** Counts an operation; true when the power goes during it. */
  private begin(): boolean {
    if (!this.isPowered) throw new PowerCut(this.operations - 1);
    return this.operations++ === this.cutAtOperation;
  }

  private end(isCut: boolean): void {
    if (!isCut) return;
    this.isPowered = false;
    throw new PowerCut(this.operations - 1);
  }

  private checkRange(at: number, length: number): void {
    if (at < 0 || length < 0 || at + length > this.size) {
      throw new Error(`flash: ${length} bytes at ${at} are outside its ${this.size} bytes`);
    }
  }
}
