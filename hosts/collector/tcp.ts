/** Frames over TCP: the collector connects to a board; a CBOR sequence of link messages goes both ways. */
import { connect, type Socket } from 'node:net';
import { encodePoll } from './link-message.js';
import { type OnMessage, type Source, SourceError, systemReason } from './source.js';
import { StreamReader } from './stream-reader.js';

const RECONNECT_MS = 1000;
const CONNECT_TIMEOUT_MS = 5000;

export class TcpSource implements Source {
  readonly peers: readonly string[];
  readonly answerBytesMax = 16384;
  private readonly host: string;
  private readonly port: number;
  private readonly isPatient: boolean;
  private readonly reader = new StreamReader();
  private socket: Socket | undefined;
  private reconnect: NodeJS.Timeout | undefined;
  private isClosed = false;
  private onMessage: OnMessage = () => {};
  private onTrouble: (line: string) => void = () => {};

  /** `isPatient`: a board that cannot be reached at first is no error, but tried again. */
  constructor(host: string, port: number, isPatient = false) {
    this.isPatient = isPatient;
    this.host = host;
    this.port = port;
    this.peers = [`${host}:${port}`];
  }

  get refused(): number {
    return this.reader.refused;
  }

  /** Fails when the board cannot be reached at first; a connection lost later is made again. */
  async start(onMessage: OnMessage, onTrouble: (line: string) => void): Promise<void> {
    this.onMessage = onMessage;
    this.onTrouble = onTrouble;
    try {
      await this.connect();
    } catch (error) {
      if (!this.isPatient) throw error;
      onTrouble(`${(error as Error).message}, trying again`);
      this.retry();
    }
  }

  private connect(): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: this.host, port: this.port, noDelay: true });
      const refuse = (error: unknown) => {
        socket.destroy();
        reject(new SourceError(`tcp ${this.host}:${this.port}: ${systemReason(error)}`));
      };
      socket.setTimeout(CONNECT_TIMEOUT_MS, () => refuse(new Error('no answer')));
      socket.once('error', refuse);
      socket.once('connect', () => {
        socket.setTimeout(0);
        socket.off('error', refuse);
        socket.on('error', () => {}); // 'close' follows
        socket.on('data', (piece) => this.reader.take(piece, (message) => this.onMessage(this.peers[0], message)));
        socket.once('close', () => this.lose());
        this.reader.restart();
        this.socket = socket;
        resolve();
      });
    });
  }

  private lose(): void {
    this.socket = undefined;
    if (this.isClosed) return;
    this.onTrouble(`tcp ${this.peers[0]}: connection lost, connecting again`);
    this.retry();
  }

  private retry(): void {
    this.reconnect = setTimeout(() => {
      this.connect().catch(() => {
        if (!this.isClosed) this.retry();
      });
    }, RECONNECT_MS);
  }

  poll(peer: string, from: number, maxBytes = this.answerBytesMax): boolean {
    return this.send(peer, encodePoll(from, maxBytes));
  }

  send(_peer: string, message: Uint8Array): boolean {
    const { socket } = this;
    if (socket === undefined || socket.writableLength > 0) return false;
    socket.write(message);
    return true;
  }

  close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.reconnect);
    const { socket } = this;
    return new Promise((resolve) => {
      if (socket === undefined) return resolve();
      socket.once('close', () => resolve());
      socket.destroy();
    });
  }
}
