/** Frames over UDP: one link message per datagram; boards push, and answer polls sent to where they speak from. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { CborReader } from '../../modules/cbor/reader.js';
import { encodePoll, readMessage } from './link-message.js';
import { type OnMessage, type Source, SourceError, systemReason } from './source.js';

const RECEIVE_BUFFER_BYTES = 1 << 21;

export class UdpSource implements Source {
  readonly peers: readonly string[] = [];
  /** About 16 datagrams: what a receive buffer of the smallest kind still takes. */
  readonly answerBytesMax = 16384;
  refused = 0;
  private readonly host: string;
  private readonly requestedPort: number;
  private socket: Socket | undefined;

  /** Port 0: one that is free (see `port`). */
  constructor(host: string, port: number) {
    this.host = host;
    this.requestedPort = port;
  }

  /** The port received on, once started. */
  get port(): number {
    return this.socket === undefined ? this.requestedPort : this.socket.address().port;
  }

  start(onMessage: OnMessage, onTrouble: (line: string) => void): Promise<void> {
    const socket = createSocket({ type: isIPv6(this.host) ? 'udp6' : 'udp4', recvBufferSize: RECEIVE_BUFFER_BYTES });
    socket.on('message', (datagram, remote) => this.receive(datagram, remote, onMessage));
    return new Promise((resolve, reject) => {
      socket.once('error', (error) => {
        socket.close();
        reject(new SourceError(`udp ${this.host}:${this.requestedPort}: ${systemReason(error)}`));
      });
      socket.bind(this.requestedPort, this.host, () => {
        socket.removeAllListeners('error');
        socket.on('error', (error) => onTrouble(`udp: ${systemReason(error)}`));
        this.socket = socket;
        resolve();
      });
    });
  }

  private receive(datagram: Uint8Array, remote: RemoteInfo, onMessage: OnMessage): void {
    const reader = new CborReader(datagram);
    reader.reset(0, datagram.length);
    const message = readMessage(reader);
    if (message === undefined || reader.position !== datagram.length) this.refused++;
    else onMessage(`${remote.address}|${remote.port}`, message);
  }

  poll(peer: string, from: number, maxBytes = this.answerBytesMax): boolean {
    return this.send(peer, encodePoll(from, maxBytes));
  }

  send(peer: string, message: Uint8Array): boolean {
    const [address, port] = peer.split('|');
    // A datagram that cannot be sent is as good as one lost on the way.
    this.socket?.send(message, Number(port), address, () => {});
    return true;
  }

  close(): Promise<void> {
    const socket = this.socket;
    this.socket = undefined;
    return new Promise((resolve) => (socket === undefined ? resolve() : socket.close(() => resolve())));
  }
}
