/** Boards that speak UDP to one collector: each pushes what it writes, and answers polls from its log. */
import { createSocket, type Socket } from 'node:dgram';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SampleBoard } from './sample-frames.js';
import { dataMessages, SampleLog } from './sample-log.js';

const KINDS = [1, 4, 2, 8];

export class UdpFleet {
  readonly boards: readonly SampleBoard[];
  readonly logs: readonly SampleLog[];
  private readonly sockets: Socket[] = [];
  private readonly port: number;
  private timer: NodeJS.Timeout | undefined;

  /** `port`: the collector's, on this machine. */
  constructor(boards: number, port: number) {
    this.boards = Array.from({ length: boards }, () => new SampleBoard());
    this.logs = this.boards.map(() => new SampleLog());
    this.port = port;
  }

  /** Writes every board's public key to DIR. */
  writeKeys(directory: string): void {
    mkdirSync(directory, { recursive: true });
    for (const board of this.boards) writeFileSync(join(directory, `${board.key.keyId}.cose_key`), board.coseKey);
  }

  async open(): Promise<void> {
    await Promise.all(
      this.logs.map((log, i) => {
        const socket = createSocket('udp4');
        this.sockets[i] = socket;
        socket.on('error', () => {});
        socket.on('message', (request) => {
          for (const answer of log.answer(request)) this.send(i, answer);
        });
        return new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
      }),
    );
  }

  /** One board writes and pushes a frame. */
  speak(i: number): void {
    const board = this.boards[i];
    const kind = board.sequence === 1 ? 0 : KINDS[board.sequence % KINDS.length];
    this.push(i, this.logs[i].append(board.frame(kind)));
  }

  /** One board pushes its last frame again: so the collector knows whom to ask. */
  repeat(i: number): void {
    this.push(i, this.logs[i].head - 1);
  }

  /** The boards speak in turn, `framesPerSecond` in all. */
  start(framesPerSecond: number): void {
    let turn = 0;
    this.timer = setInterval(() => this.speak(turn++ % this.boards.length), 1000 / framesPerSecond);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  close(): void {
    this.stop();
    for (const socket of this.sockets) socket.close();
  }

  private push(i: number, sequence: number): void {
    const frame = this.logs[i].frames.get(sequence);
    if (frame !== undefined) for (const message of dataMessages(sequence, frame)) this.send(i, message);
  }

  send(i: number, message: Uint8Array): void {
    this.sockets[i].send(message, this.port, '127.0.0.1', () => {});
  }
}

/** A UDP port that was free a moment ago. */
export async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(resolve));
  return port;
}
