/** Links of this host over the SDK's ECMA-419 sockets and serial device. */
import Serial from 'embedded:io/serial';
import UDP from 'embedded:io/socket/udp';
import type { Port } from '../../modules/board.js';
import type { Address } from './options.js';

/** The most that the SDK's serial device takes at once. */
const SERIAL_PIECE_BYTES = 1024;

/** Frames go to one collector; only what comes from it is heard. */
export class UdpPort implements Port {
  readonly carrier = 'datagram';
  private readonly socket = new UDP({});
  private readonly collector: Address;

  constructor(collector: Address) {
    this.collector = collector;
  }

  trySend(bytes: Uint8Array, length: number): boolean {
    try {
      this.socket.write(bytes.subarray(0, length), this.collector.host, this.collector.port);
      return true;
    } catch {
      // No route, or no room now: what was not sent stays in the log.
      return false;
    }
  }

  receive(into: Uint8Array): number {
    const { host, port } = this.collector;
    for (let datagram = this.socket.read(); datagram !== undefined; datagram = this.socket.read()) {
      if (datagram.address !== host || datagram.port !== port || datagram.byteLength > into.length) continue;
      into.set(new Uint8Array(datagram));
      return datagram.byteLength;
    }
    return 0;
  }
}

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
    const piece = waiting.slice(0, SERIAL_PIECE_BYTES);
    this.waiting = piece.length < waiting.length ? waiting.slice(piece.length) : null;
    this.isWritable = false;
    this.device.write(piece.buffer);
  }
}
