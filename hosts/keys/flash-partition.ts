/** A part of a flash as a flash of its own: whole sectors, addresses from 0. */
import { assert } from '../../modules/base/assert.js';
import type { FlashPort } from '../../modules/board.js';

export class FlashPartition implements FlashPort {
  readonly eraseBytes: number;
  readonly size: number;
  private readonly flash: FlashPort;
  private readonly start: number;

  /** `start` and `size` in bytes, multiples of the flash's `eraseBytes`. */
  constructor(flash: FlashPort, start: number, size: number) {
    const { eraseBytes } = flash;
    assert(start >= 0 && size > 0 && start + size <= flash.size, 'partition: it is outside the flash');
    assert(start % eraseBytes === 0 && size % eraseBytes === 0, 'partition: it is not whole sectors');
    this.flash = flash;
    this.start = start;
    this.size = size;
    this.eraseBytes = eraseBytes;
  }

  erase(start: number): void {
    this.check(start, this.eraseBytes);
    this.flash.erase(this.start + start);
  }

  read(at: number, into: Uint8Array, length: number): void {
    this.check(at, length);
    this.flash.read(this.start + at, into, length);
  }

  write(at: number, from: Uint8Array, length: number): void {
    this.check(at, length);
    this.flash.write(this.start + at, from, length);
  }

  private check(at: number, length: number): void {
    assert(at >= 0 && length >= 0 && at + length <= this.size, 'partition: an access goes beyond it');
  }
}
