/**
 * Frames over a serial line or RS-485 (half duplex, packets of modules/link/packet.ts): the collector polls, one board
 * at a time, and keeps silent while an answer is due or on its way. Its own echo comes back as polls and is ignored.
 */
import type { Duplex } from 'node:stream';
import { CborReader } from '../../modules/cbor/reader.js';
import { MESSAGE_BYTES_MAX } from '../../modules/limits.js';
import { MESSAGE_POLL } from '../../modules/link/message.js';
import { PacketReader, PacketWriter } from '../../modules/link/packet.js';
import { encodePoll, readMessage } from './link-message.js';
import { type OnMessage, type Source, SourceError, systemReason } from './source.js';

/** A board answers within 20 ms; the rest is for the operating systems between. */
const ANSWER_MS = 60;
/** The line is free again this long after the last byte. */
const QUIET_MS = 25;
const MESSAGE_AT = 1;
export const ADDRESS_MIN = 1;
export const ADDRESS_MAX = 247;
export const BAUD_DEFAULT = 115200;

export class SerialSource implements Source {
  readonly peers: readonly string[];
  readonly answerBytesMax = 4096;
  private readonly stream: Duplex;
  private readonly packets = new PacketReader(MESSAGE_BYTES_MAX);
  private readonly writer = new PacketWriter();
  private readonly reader: CborReader;
  private foreign = 0;
  private busyUntilMs = 0;
  private isClosed = false;
  private readonly nowMs: () => number;

  /**
   * `stream`: an open port (`openSerial`) or anything that carries bytes both ways. `addresses`: 1 to 247. `nowMs`: the
   * line's own time, where that is not the wall's.
   */
  constructor(stream: Duplex, addresses: readonly number[], nowMs: () => number = () => performance.now()) {
    this.stream = stream;
    this.nowMs = nowMs;
    this.peers = addresses.map(String);
    this.reader = new CborReader(this.packets.plain);
  }

  get refused(): number {
    return this.packets.refused + this.foreign;
  }

  async start(onMessage: OnMessage, onTrouble: (line: string) => void): Promise<void> {
    this.stream.on('data', (piece: Uint8Array) => this.receive(piece, onMessage));
    this.stream.on('error', (error) => onTrouble(`serial: ${systemReason(error)}`));
    this.stream.once('close', () => {
      if (!this.isClosed) onTrouble('serial: the line was closed');
      this.isClosed = true;
    });
  }

  private receive(piece: Uint8Array, onMessage: OnMessage): void {
    const { packets, reader } = this;
    this.busyUntilMs = Math.max(this.busyUntilMs, this.nowMs() + QUIET_MS);
    for (let i = 0; i < piece.length; i++) {
      const length = packets.take(piece[i]);
      if (length < 0) continue;
      const peer = String(packets.plain[0]);
      reader.reset(MESSAGE_AT, MESSAGE_AT + length);
      const message = readMessage(reader);
      if (message === undefined || reader.position !== reader.end) this.foreign++;
      else if (message.type !== MESSAGE_POLL && this.peers.includes(peer)) {
        this.busyUntilMs = this.nowMs() + QUIET_MS;
        onMessage(peer, message);
      }
    }
  }

  poll(peer: string, from: number): boolean {
    return this.send(peer, encodePoll(from, this.answerBytesMax));
  }

  send(peer: string, message: Uint8Array): boolean {
    if (this.isClosed || this.nowMs() < this.busyUntilMs || this.stream.writableLength > 0) return false;
    this.writer.plain.set(message, MESSAGE_AT);
    const bytes = this.writer.encode(Number(peer), message.length);
    this.stream.write(Buffer.from(this.writer.encoded.subarray(0, bytes)));
    this.busyUntilMs = this.nowMs() + ANSWER_MS;
    return true;
  }

  close(): Promise<void> {
    this.isClosed = true;
    return new Promise((resolve) => {
      if (this.stream.destroyed) return resolve();
      this.stream.once('close', () => resolve());
      this.stream.destroy();
    });
  }
}

/** Opens a serial device, 8N1. The native library is loaded only here. */
export async function openSerial(path: string, baudRate: number): Promise<Duplex> {
  const { SerialPort } = await import('serialport');
  return new Promise((resolve, reject) => {
    const port = new SerialPort({ path, baudRate, autoOpen: false });
    port.open((error) => {
      if (error) reject(new SourceError(`serial ${path}: ${systemReason(error).replace(/^Error: /, '')}`));
      else resolve(port);
    });
    // `destroy` alone leaves the device open, and with it the process running
    port._destroy = (error, done) => (port.isOpen ? port.close(() => done(error)) : done(error));
  });
}
