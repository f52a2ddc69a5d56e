/** A datagram port over the SDK's UDP: frames go to one collector, and only what comes from its address is heard. */
import UDP from 'embedded:io/socket/udp';
import type { Port } from '../../modules/board.js';
import type { Address, Network } from './network.js';

/** Datagrams of strangers that one call throws away at most. */
const STRANGERS_MAX = 8;

export class UdpPort implements Port {
  readonly carrier = 'datagram';
  private socket: UDP | null = null;
  private readonly network: Network;
  private readonly localPort: number;
  private readonly collector: Address;

  /** `localPort`: where the board hears polls. */
  constructor(network: Network, localPort: number, collector: Address) {
    this.network = network;
    this.localPort = localPort;
    this.collector = collector;
  }

  trySend(bytes: Uint8Array, length: number): boolean {
    const socket = this.open();
    if (socket === null) return false;
    try {
      socket.write(bytes.subarray(0, length), this.collector.host, this.collector.port);
      return true;
    } catch {
      // No route, or no room now: what was not sent stays in the log.
      return false;
    }
  }

  receive(into: Uint8Array): number {
    const socket = this.open();
    if (socket === null) return 0;
    for (let i = 0; i < STRANGERS_MAX; i++) {
      const datagram = socket.read();
      if (datagram === undefined) return 0;
      if (datagram.address !== this.collector.host || datagram.byteLength > into.length) continue;
      into.set(new Uint8Array(datagram));
      return datagram.byteLength;
    }
    return 0;
  }

  private open(): UDP | null {
    if (this.socket === null && this.network.isUp) this.socket = new UDP({ port: this.localPort });
    return this.socket;
  }
}
