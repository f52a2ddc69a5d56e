/**
 * Frames over a serial line or RS-485 (half duplex, packets of modules/link/packet.ts): the collector polls, one board
 * at a time, and keeps silent while an answer is due or on its way; a board's bounds of its log end an answer, else
 * silence does. Its own echo comes back as polls and is ignored. A board that never answers is asked less and less often.
 */
import type { Duplex } from 'node:stream';
import { CborReader } from '../../modules/cbor/reader.js';
import { MESSAGE_BYTES_MAX, PACKET_BYTES_MAX } from '../../modules/limits.js';
import { MESSAGE_DATA, MESSAGE_IDLE, MESSAGE_POLL } from '../../modules/link/message.js';
import { PacketReader, PacketWriter } from '../../modules/link/packet.js';
import { encodePoll, type LinkMessage, readMessage } from './link-message.js';
import { type OnMessage, type Source, SourceError, systemReason } from './source.js';

/** A board answers within 20 ms; the rest is for the operating systems between. */
const ANSWER_MS = 60;
/** The line is free again this long after the last byte, where nothing said that the answer is over. */
const QUIET_MS = 25;
/** Between the end of an answer and the next poll: characters, for the board to release the line; and at least so long. */
const TURN_CHARACTERS = 3;
const TURN_MS_MIN = 1;
/** One answer holds the line for about this long, so that every board's turn comes; and what that is in bytes of frames. */
const ANSWER_TURN_MS = 350;
const ANSWER_BYTES_MIN = 512;
const ANSWER_BYTES_MAX = 16384;
/** Whoever talks without end is talked into, once in this time or in that of two of the longest packets. */
const JABBER_MS = 1000;
/** Polls that met nothing but silence before a board is asked less often; the pause then, doubled each time. */
const SILENT_POLLS = 3;
const SILENT_MS = 250;
const SILENT_MS_MAX = 20_000;
const BITS_OF_CHARACTER = 10;
const MESSAGE_AT = 1;
export const ADDRESS_MIN = 1;
export const ADDRESS_MAX = 247;
export const BAUD_DEFAULT = 115200;

/** What the line's time is measured by. */
export interface SerialTiming {
  readonly baud?: number;
  /** The line's own time, where that is not the wall's. */
  readonly nowMs?: () => number;
}

/** Polls of one board that met silence, and until when it is not asked again. */
interface Silence {
  polls: number;
  untilMs: number;
}

/** What the native library's ports have beside a stream's. */
interface OpenPort {
  readonly isOpen: boolean;
  close(): void;
}

/** The poll under way. */
interface Turn {
  readonly peer: string;
  readonly from: number;
  /** Bytes sent: as many come back where our own echo is heard. */
  readonly sentBytes: number;
  heardBytes: number;
  hasData: boolean;
}

export class SerialSource implements Source {
  readonly peers: readonly string[];
  readonly answerBytesMax: number;
  private readonly stream: Duplex;
  private readonly packets = new PacketReader(MESSAGE_BYTES_MAX);
  private readonly writer = new PacketWriter();
  private readonly reader: CborReader;
  private readonly silences = new Map<string, Silence>();
  private readonly characterMs: number;
  private readonly nowMs: () => number;
  private foreign = 0;
  private busyUntilMs = 0;
  /** When something good was heard or anything was said last. */
  private orderlyMs = Number.NEGATIVE_INFINITY;
  private turn: Turn | undefined;
  private sentBytes = 0;
  private isClosed = false;
  private onFree: () => void = () => {};

  /** `stream`: an open port (`openSerial`) or anything that carries bytes both ways. `addresses`: 1 to 247. */
  constructor(stream: Duplex, addresses: readonly number[], timing: SerialTiming = {}) {
    const { baud = BAUD_DEFAULT, nowMs = () => performance.now() } = timing;
    this.stream = stream;
    this.nowMs = nowMs;
    this.characterMs = (1000 * BITS_OF_CHARACTER) / baud;
    const bytes = Math.round(ANSWER_TURN_MS / this.characterMs);
    this.answerBytesMax = Math.min(Math.max(bytes, ANSWER_BYTES_MIN), ANSWER_BYTES_MAX);
    this.peers = addresses.map(String);
    for (const peer of this.peers) this.silences.set(peer, { polls: 0, untilMs: Number.NEGATIVE_INFINITY });
    this.reader = new CborReader(this.packets.plain);
  }

  get refused(): number {
    return this.packets.refused + this.foreign;
  }

  noiseOf(): number {
    return this.refused;
  }

  async start(onMessage: OnMessage, onTrouble: (line: string) => void, onFree = () => {}): Promise<void> {
    this.onFree = onFree;
    this.stream.on('data', (piece: Uint8Array) => this.receive(piece, onMessage));
    this.stream.on('error', (error) => onTrouble(`serial: ${systemReason(error)}`));
    this.stream.once('close', () => {
      if (!this.isClosed) onTrouble('serial: the line was closed');
      this.isClosed = true;
    });
  }

  private receive(piece: Uint8Array, onMessage: OnMessage): void {
    const { packets, reader, turn } = this;
    this.busyUntilMs = Math.max(this.busyUntilMs, this.nowMs() + QUIET_MS);
    if (turn !== undefined) turn.heardBytes += piece.length;
    for (let i = 0; i < piece.length; i++) {
      const length = packets.take(piece[i]);
      if (length < 0) continue;
      const peer = String(packets.plain[0]);
      reader.reset(MESSAGE_AT, MESSAGE_AT + length);
      const message = readMessage(reader);
      if (message === undefined || reader.position !== reader.end) this.foreign++;
      else if (message.type !== MESSAGE_POLL && this.silences.has(peer)) this.take(peer, message, onMessage);
    }
  }

  private take(peer: string, message: LinkMessage, onMessage: OnMessage): void {
    const silence = this.silences.get(peer) as Silence;
    silence.polls = 0;
    silence.untilMs = Number.NEGATIVE_INFINITY;
    this.orderlyMs = this.nowMs();
    const isOver = this.isOver(peer, message);
    const turnMs = Math.max(TURN_MS_MIN, TURN_CHARACTERS * this.characterMs);
    this.busyUntilMs = this.nowMs() + (isOver ? turnMs : QUIET_MS);
    onMessage(peer, message);
    if (isOver) setTimeout(() => this.onFree(), turnMs);
  }

  /** A board ends its answer with the bounds of its log; such that come before frames tell that older ones are gone. */
  private isOver(peer: string, message: LinkMessage): boolean {
    const { turn } = this;
    if (turn === undefined || turn.peer !== peer) return false;
    if (message.type === MESSAGE_DATA) turn.hasData = true;
    return message.type === MESSAGE_IDLE && (turn.hasData || message.tail <= turn.from);
  }

  poll(peer: string, from: number, maxBytes = this.answerBytesMax): boolean {
    const silence = this.silences.get(peer);
    if (silence !== undefined && this.nowMs() < silence.untilMs) return false;
    if (!this.send(peer, encodePoll(from, maxBytes))) return false;
    this.turn = { peer, from, sentBytes: this.sentBytes, heardBytes: 0, hasData: false };
    return true;
  }

  private get isBusy(): boolean {
    const nowMs = this.nowMs();
    if (nowMs >= this.busyUntilMs) return false;
    const jabberMs = Math.max(JABBER_MS, 2 * PACKET_BYTES_MAX * this.characterMs);
    return nowMs - this.orderlyMs < jabberMs;
  }

  send(peer: string, message: Uint8Array): boolean {
    if (this.isClosed || this.isBusy || this.stream.writableLength > 0) return false;
    this.endTurn();
    this.writer.plain.set(message, MESSAGE_AT);
    const bytes = this.writer.encode(Number(peer), message.length);
    // what the line left in readers before, ours too, must not spoil this: it ends here
    this.packets.take(0);
    this.stream.write(Buffer.concat([Buffer.of(0), this.writer.encoded.subarray(0, bytes)]));
    this.sentBytes = bytes + 1;
    this.orderlyMs = this.nowMs();
    this.busyUntilMs = this.orderlyMs + ANSWER_MS + this.sentBytes * this.characterMs;
    return true;
  }

  /** Silence after the last poll; noise is none. */
  private endTurn(): void {
    const { turn } = this;
    this.turn = undefined;
    const silence = turn === undefined ? undefined : this.silences.get(turn.peer);
    if (turn === undefined || silence === undefined || turn.heardBytes > turn.sentBytes) return;
    silence.polls++;
    if (silence.polls < SILENT_POLLS) return;
    silence.untilMs = this.nowMs() + Math.min(SILENT_MS * 2 ** (silence.polls - SILENT_POLLS), SILENT_MS_MAX);
  }

  close(): Promise<void> {
    this.isClosed = true;
    const stream: Duplex & Partial<OpenPort> = this.stream;
    return new Promise((resolve) => {
      if (stream.destroyed) return resolve();
      stream.once('close', () => resolve());
      // to destroy a port does not close its device, which then keeps the process from ending
      if (stream.isOpen === true && stream.close !== undefined) stream.close();
      else stream.destroy();
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
