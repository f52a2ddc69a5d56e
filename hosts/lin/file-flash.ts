/** NOR flash over a file: what was erased reads as 0xFF, a write that would set a bit is refused. */
import type { FlashPort } from '../../modules/board.js';

/** Bytes at addresses; they throw when they cannot. */
export interface FileBytes {
  /** Size of the file now. */
  readonly bytes: number;
  read(at: number, into: Uint8Array, length: number): void;
  write(at: number, from: Uint8Array, length: number): void;
}

export class FileFlash implements FlashPort {
  readonly eraseBytes: number;
  readonly size: number;
  private readonly file: FileBytes;
  private readonly sector: Uint8Array;

  /** An empty file becomes erased flash; any other must have the flash's size. */
  constructor(file: FileBytes, size: number, eraseBytes: number) {
    this.file = file;
    this.size = size;
    this.eraseBytes = eraseBytes;
    this.sector = new Uint8Array(eraseBytes);
    const { bytes } = file;
    if (bytes === 0) for (let start = 0; start < size; start += eraseBytes) this.erase(start);
    else if (bytes !== size) throw new Error(`flash: the file has ${bytes} bytes, not ${size}`);
  }

  erase(start: number): void {
    if (start % this.eraseBytes !== 0) throw new Error(`flash: erase at ${start} is not the start of a sector`);
    this.check(start, this.eraseBytes);
    this.file.write(start, this.sector.fill(0xff), this.eraseBytes);
  }

  read(at: number, into: Uint8Array, length: number): void {
    this.check(at, length);
    this.file.read(at, into, length);
  }

  write(at: number, from: Uint8Array, length: number): void {
    this.check(at, length);
    const { sector } = this;
    for (let done = 0; done < length; ) {
      const count = Math.min(length - done, sector.length);
      this.file.read(at + done, sector, count);
      for (let i = 0; i < count; i++) {
        if ((from[done + i] & ~sector[i]) !== 0) throw new Error(`flash: write at ${at + done + i} would set bits`);
        sector[i] = from[done + i];
      }
      this.file.write(at + done, sector, count);
      done += count;
    }
  }

  private check(at: number, length: number): void {
    if (at < 0 || length < 0 || at + length > this.size)
      throw new Error(`flash: ${length} bytes at ${at} are outside its ${this.size} bytes`);
  }
}
