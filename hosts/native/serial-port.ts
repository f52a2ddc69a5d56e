/** A serial port over the board's C: RS-485, half duplex. */
import type { Port } from '../../modules/board.js';
import { serialOpen, serialReceive, serialSend } from './natives.js';

export class SerialPort implements Port {
  readonly carrier = 'serial';

  constructor(baud: number, pins: readonly number[]) {
    serialOpen(baud, pins);
  }

  trySend(bytes: Uint8Array, length: number): boolean {
    return serialSend(bytes, length);
  }

  receive(into: Uint8Array): number {
    return serialReceive(into);
  }
}
