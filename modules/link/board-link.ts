/**
 * The board's end of a link: answers polls on any carrier, and pushes new frames on a datagram port.
 * One message leaves per call; nothing is kept that the log does not have.
 */
import type { Port } from '../board.js';
import { CborReader } from '../cbor/reader.js';
import { CborWriter } from '../cbor/writer.js';
import {
  COMMAND_BYTES_MAX,
  FRAGMENT_BYTES_MAX,
  POLL_BYTES_MAX,
  RECORD_HEAD_BYTES,
  REQUEST_BYTES_MAX,
} from '../limits.js';
import {
  COMMAND_NONE,
  COMMAND_TOO_LONG,
  MESSAGE_COMMAND,
  MESSAGE_DATA,
  MESSAGE_IDLE,
  Poll,
  readCommand,
  readPoll,
  writeDataHead,
  writeIdle,
} from './message.js';
import { PACKET_TOO_LONG, PacketReader, PacketWriter } from './packet.js';

/** The message is built from byte 1 on: byte 0 is the address of a packet. */
const MESSAGE_AT = 1;
/** What `sendFrame` answers instead of a length. */
const NO_ROOM = -1;
const TOO_LONG = -2;
/** Bytes of an answer that a poll may ask for at most. */
const ANSWER_BYTES_MAX = 65536;

/** Where frames come from: the log. */
export interface FrameSource {
  /** Oldest sequence number kept, and the next to be written. */
  readonly tail: number;
  readonly head: number;
  /** Puts frame `sequence` at RECORD_HEAD_BYTES of `record` (RECORD_BYTES_MAX long); its length, 0 if not there. */
  read(sequence: number, record: Uint8Array): number;
}

/** Where commands go. */
export interface CommandSink {
  /** Takes the command of `length` bytes at `at` of the reader's buffer; reader and buffer are the link's own. */
  take(reader: CborReader, at: number, length: number): void;
  /** A command was longer than COMMAND_BYTES_MAX. */
  refuseOversized(): void;
}

/** Bytes taken from a line or stream at a time. */
const PIECE_BYTES = 256;
/** How a command begins: array of 2. */
const COMMAND_HEAD = 0x82;
/** Of a command that is too long on a stream, bytes left out at most. */
const SKIPPED_BYTES_MAX = 4096;

/** One link of the board. */
export class BoardLink {
  /** Messages refused since start. */
  refused = 0;
  private readonly port: Port;
  private readonly log: FrameSource;
  private readonly address: number;
  private readonly commands: CommandSink | null;
  private readonly packets: PacketWriter;
  private readonly writer: CborWriter;
  /** On a serial line only. */
  private readonly packetReader: PacketReader;
  private readonly received: Uint8Array;
  /** On a stream only: the message that is coming, and bytes to leave out before it. */
  private readonly request: Uint8Array;
  private requestBytes = 0;
  private skippedBytes = 0;
  private readonly reader: CborReader;
  private readonly poll = new Poll();
  /** Answer under way: next frame, bytes still allowed, whether the collector has yet to be told the log's bounds. */
  private answerNext = 0;
  private answerBytes = 0;
  /** Polls must not starve what is pushed. */
  private isPushTurn = false;
  private isAnswerBegun = false;
  private isIdleDue = false;
  private pushNext: number;

  /**
   * `address`: 1 to 247 on RS-485, ignored elsewhere. `commands` null: none are taken. Pushing begins with the frames
   * of this boot.
   */
  constructor(port: Port, log: FrameSource, address: number, commands: CommandSink | null = null) {
    const { carrier } = port;
    this.port = port;
    this.log = log;
    this.address = address;
    this.commands = commands;
    this.packets = new PacketWriter(carrier === 'serial');
    this.writer = new CborWriter(this.packets.plain);
    this.packetReader = new PacketReader(carrier === 'serial' ? REQUEST_BYTES_MAX : 0, address, POLL_BYTES_MAX);
    // one byte more than the longest message: a datagram cut at the end is seen to be too long
    this.received = new Uint8Array(carrier === 'datagram' ? REQUEST_BYTES_MAX + 1 : PIECE_BYTES);
    this.request = new Uint8Array(carrier === 'stream' ? REQUEST_BYTES_MAX : 0);
    this.reader = new CborReader(this.request);
    this.pushNext = log.head;
  }

  /** Receives what has come and sends at most one message; true when one was sent. */
  step(): boolean {
    this.receive();
    this.isPushTurn = !this.isPushTurn;
    if (this.isPushTurn && this.isPushDue()) return this.push();
    if (this.isIdleDue) {
      this.isIdleDue = !this.sendIdle();
      return !this.isIdleDue;
    }
    if (this.answerBytes > 0) return this.answer();
    return this.isPushDue() && this.push();
  }

  private receive(): void {
    const { port, received } = this;
    const bytes = port.receive(received);
    if (bytes === 0) return;
    if (port.carrier === 'serial') this.receivePackets(bytes);
    else if (port.carrier === 'datagram') this.receiveDatagram(bytes);
    else this.receiveStream(bytes);
  }

  private receivePackets(bytes: number): void {
    const { received, packetReader, reader } = this;
    for (let i = 0; i < bytes; i++) {
      const length = packetReader.take(received[i]);
      if (length === PACKET_TOO_LONG) this.countTooLong();
      if (length < 0) continue;
      if (packetReader.plain[0] !== this.address) {
        // the collector has turned to another board: the line is no longer ours
        this.answerBytes = 0;
        this.isIdleDue = false;
        continue;
      }
      reader.buffer = packetReader.plain;
      reader.reset(MESSAGE_AT, MESSAGE_AT + length);
      if (!this.take() && !this.isOwnEcho()) this.refused++;
    }
  }

  private countTooLong(): void {
    const { plain } = this.packetReader;
    if (plain[0] === this.address && plain[1] === COMMAND_HEAD && plain[2] === MESSAGE_COMMAND)
      this.commands?.refuseOversized();
  }

  private receiveDatagram(bytes: number): void {
    const { reader, received } = this;
    reader.buffer = received;
    reader.reset(0, bytes);
    if (!this.take()) this.refused++;
  }

  /** A CBOR sequence (RFC 8742): requests may arrive in pieces. What cannot be a request empties the buffer. */
  private receiveStream(bytes: number): void {
    const { request, received, reader } = this;
    for (let i = 0; i < bytes; i++) {
      if (this.skippedBytes > 0) {
        this.skippedBytes--;
        continue;
      }
      if (this.requestBytes === request.length) this.requestBytes = 0;
      request[this.requestBytes++] = received[i];
      reader.buffer = request;
      reader.reset(0, this.requestBytes);
      const isTaken = this.take();
      if (!isTaken && reader.isShort) continue;
      if (!isTaken) this.refused++;
      this.requestBytes = 0;
    }
  }

  /** What this board sent comes back on a half-duplex pair: data and idle messages are from boards only. */
  private isOwnEcho(): boolean {
    const { reader } = this;
    reader.reset(MESSAGE_AT, reader.end);
    reader.array();
    const type = reader.uint();
    return !reader.hasError && (type === MESSAGE_DATA || type === MESSAGE_IDLE);
  }

  /** Takes the message in the reader, if it is a poll or a command. */
  private take(): boolean {
    const { reader, poll, log } = this;
    const start = reader.position;
    if (!readPoll(reader, poll)) {
      // a stream may bring the rest
      if (reader.isShort) return false;
      reader.reset(start, reader.end);
      return this.takeCommand();
    }
    if (reader.position !== reader.end) return false;
    this.answerNext = poll.from < log.tail ? log.tail : poll.from;
    this.answerBytes = poll.maxBytes > ANSWER_BYTES_MAX ? ANSWER_BYTES_MAX : poll.maxBytes;
    this.isAnswerBegun = false;
    this.isIdleDue = poll.from < log.tail || poll.from >= log.head;
    if (poll.from >= log.head) this.answerBytes = 0;
    return true;
  }

  private takeCommand(): boolean {
    const { reader, commands } = this;
    if (commands === null) return false;
    const length = readCommand(reader, COMMAND_BYTES_MAX);
    if (length === COMMAND_TOO_LONG) {
      commands.refuseOversized();
      this.skippedBytes = reader.argument < SKIPPED_BYTES_MAX ? reader.argument : SKIPPED_BYTES_MAX;
      return true;
    }
    if (length === COMMAND_NONE || reader.position !== reader.end) return false;
    commands.take(reader, reader.position - length, length);
    return true;
  }

  /** The first frame asked for goes out whole in any case, further ones as far as they fit. */
  private answer(): boolean {
    const { log } = this;
    if (this.answerNext >= log.head) {
      this.answerBytes = 0;
      // what was asked for cannot be read: the collector is not left without an answer
      this.isIdleDue = !this.isAnswerBegun;
      return false;
    }
    const sent = this.sendFrame(this.answerNext, this.isAnswerBegun ? this.answerBytes : FRAGMENT_BYTES_MAX);
    if (sent === NO_ROOM) return false;
    if (sent === TOO_LONG) {
      this.answerBytes = 0;
      return false;
    }
    if (sent > 0) this.isAnswerBegun = true;
    this.answerNext++;
    this.answerBytes = sent < this.answerBytes ? this.answerBytes - sent : 0;
    return true;
  }

  private isPushDue(): boolean {
    return this.port.carrier === 'datagram' && this.pushNext < this.log.head;
  }

  private push(): boolean {
    if (this.pushNext < this.log.tail) this.pushNext = this.log.tail;
    if (this.sendFrame(this.pushNext, FRAGMENT_BYTES_MAX) === NO_ROOM) return false;
    this.pushNext++;
    return true;
  }

  /** Sends one whole frame: its bytes, NO_ROOM, or TOO_LONG. A frame that cannot be read is left out: 0. */
  private sendFrame(sequence: number, bytesMax: number): number {
    const { log, writer } = this;
    const { plain } = this.packets;
    const length = log.read(sequence, plain);
    if (length === 0) return 0;
    if (length > bytesMax) return TOO_LONG;
    // the log puts it where the message's head may have to go
    const parked = plain.length - length;
    plain.copyWithin(parked, RECORD_HEAD_BYTES, RECORD_HEAD_BYTES + length);
    writer.reset(MESSAGE_AT);
    writeDataHead(writer, sequence, 0, length, length);
    const at = writer.position;
    plain.copyWithin(at, parked, parked + length);
    return this.send(at + length - MESSAGE_AT) ? length : NO_ROOM;
  }

  private sendIdle(): boolean {
    this.writer.reset(MESSAGE_AT);
    writeIdle(this.writer, this.log.tail, this.log.head);
    return this.send(this.writer.position - MESSAGE_AT);
  }

  /** Sends the message of `length` bytes that stands in the packet writer. */
  private send(length: number): boolean {
    const { packets, port } = this;
    if (port.carrier === 'serial') {
      const bytes = packets.encode(this.address, length);
      return port.trySend(packets.encoded, bytes);
    }
    packets.plain.copyWithin(0, MESSAGE_AT, MESSAGE_AT + length);
    return port.trySend(packets.plain, length);
  }
}
