/** A stream port over the SDK's TCP: listens for a collector; the newest connection replaces the one before. */
import Listener from 'embedded:io/socket/listener';
import TCP from 'embedded:io/socket/tcp';
import type { Port } from '../../modules/board.js';
import type { Network } from './network.js';

export class TcpPort implements Port {
  readonly carrier = 'stream';
  private listener: Listener | null = null;
  private client: TCP | null = null;
  /** Bytes that the client can be given, and that it has sent. */
  private writable = 0;
  private readable = 0;
  private readonly network: Network;
  private readonly localPort: number;

  constructor(network: Network, localPort: number) {
    this.network = network;
    this.localPort = localPort;
  }

  trySend(bytes: Uint8Array, length: number): boolean {
    this.open();
    if (this.client === null || length > this.writable) return false;
    try {
      this.client.write(bytes.subarray(0, length));
      this.writable -= length;
      return true;
    } catch {
      this.hangUp();
      return false;
    }
  }

  receive(into: Uint8Array): number {
    this.open();
    if (this.client === null || this.readable === 0) return 0;
    const length = this.readable < into.length ? this.readable : into.length;
    into.set(new Uint8Array(this.client.read(length)));
    this.readable -= length;
    return length;
  }

  private open(): void {
    if (this.listener !== null || !this.network.isUp) return;
    this.listener = new Listener({ port: this.localPort, onReadable: () => this.accept() });
  }

  private accept(): void {
    for (let from = this.listener!.read(); from !== undefined; from = this.listener!.read()) {
      this.hangUp();
      const client: TCP = new TCP({
        from,
        nodelay: true,
        onReadable: (bytes: number) => {
          if (this.client === client) this.readable = bytes;
        },
        onWritable: (bytes: number) => {
          if (this.client === client) this.writable = bytes;
        },
        onError: () => {
          if (this.client === client) this.hangUp();
        },
      });
      this.client = client;
    }
  }

  private hangUp(): void {
    this.client?.close();
    this.client = null;
    this.writable = 0;
    this.readable = 0;
  }
}
