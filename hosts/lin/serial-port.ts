/** A serial device of Linux as a port: an RS-485 adapter that switches its driver itself, or a pseudo-terminal. */
import Serial from 'embedded:io/serial';
import type { Port } from '../../modules/board.js';

/** The most that the SDK's serial device takes at once. */
const PIECE_BYTES = 1024;

/** A device sends in its own time: what it cannot take at once waits here, and nothing more is accepted meanwhile. */
export class SerialPort implements Port {
  readonly carrier = 'serial';
  private readonly device: Serial;
  private waiting: Uint8Array | null = null;
  private isWritable = false;

  constructor(device: string, baud: number) {
    const onWritable = () => {
      this.isWritable = true;
      this.sendPiece();
    };
    this.device = new Serial({ device, baud, format: 'buffer', onWritable });
  }

  trySend(bytes: Uint8Array, length: number): boolean {
    if (this.waiting !== null) return false;
    this.waiting = bytes.slice(0, length);
    if (this.isWritable) this.sendPiece();
    return true;
  }

  receive(into: Uint8Array): number {
    const bytes = this.device.read(into.length);
    if (bytes === undefined) return 0;
    into.set(new Uint8Array(bytes));
    return bytes.byteLength;
  }

  private sendPiece(): void {
    const { waiting } = this;
    if (waiting === null) return;
    const piece = waiting.slice(0, PIECE_BYTES);
    this.waiting = piece.length < waiting.length ? waiting.slice(piece.length) : null;
    this.isWritable = false;
    this.device.write(piece.buffer);
  }
}
