/** The flash port over the board's C. */
import type { FlashPort } from '../../modules/board.js';
import { flashBytes, flashErase, flashEraseBytes, flashRead, flashWrite } from './natives.js';

export class NativeFlash implements FlashPort {
  readonly size = flashBytes();
  readonly eraseBytes = flashEraseBytes();

  erase(start: number): void {
    flashErase(start);
  }

  read(at: number, into: Uint8Array, length: number): void {
    flashRead(at, into, length);
  }

  write(at: number, from: Uint8Array, length: number): void {
    flashWrite(at, from, length);
  }
}
