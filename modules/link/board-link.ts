/**
 * The board's end of a link: answers polls on any carrier, and pushes new frames on a datagram port.
 * One message leaves per call; nothing is kept that the log does not have. On a line that boards share an answer ends
 * with the bounds of the log, so that the collector need not wait for silence, and nothing is said before everything is
 * heard.
 *
 * One-way: nothing is ever heard. Each frame is sent when it is new, and again with each of the frames after it, newest
 * first, until it was sent as often as stated: copies lie as far apart as frames do, and one burst does not take them
 * all.
 */
import type { Port } from '../board.js';
import { CborReader } from '../cbor/reader.js';
import { CborWriter } from '../cbor/writer.js';
import { COMMAND_BYTES_MAX, FRAGMENT_BYTES_MAX, PIECE_BYTES, RECORD_HEAD_BYTES, REQUEST_BYTES_MAX } from '../limits.js';
import { LineListener } from './line-listener.js';
import {
  COMMAND_HEAD,
  COMMAND_NONE,
  COMMAND_TOO_LONG,
  DATA_HEAD,
  MESSAGE_COMMAND,
  MESSAGE_DATA,
  MESSAGE_IDLE,
  MESSAGE_POLL,
  POLL_HEAD,
  Poll,
  readCommand,
  readPoll,
  writeDataHead,
  writeIdle,
} from './message.js';
import { PACKET_NONE, PACKET_TOO_LONG, PacketWriter } from './packet.js';

/** A packet's message stands from byte 1 on: byte 0 is the address. */
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
  /** False while none would be taken: then they need not be read. */
  readonly isOpen: boolean;
  /** What seemed to be a command came then. */
  refuseUnread(): void;
}

/** Datagrams looked at in one step, until one is a request: garbage must not keep polls waiting, nor cost much. */
const DATAGRAMS_MAX = 4;
/** On a stream: where a new piece stands, behind what a request may take. */
const STREAM_PIECE_AT = REQUEST_BYTES_MAX;
/** Of a command that is too long on a stream, bytes left out at most. */
const SKIPPED_BYTES_MAX = 4096;

/** One link of the board. */
export class BoardLink {
  /** Messages refused since start. */
  refused = 0;
  /** The same and whatever else came that was nobody's: what a disturbed or flooded link brings. */
  get noise(): number {
    return this.listener === null ? this.refused : this.refused + this.listener.noise;
  }
  private readonly port: Port;
  private readonly log: FrameSource;
  private readonly address: number;
  private readonly commands: CommandSink | null;
  private readonly packets: PacketWriter;
  private readonly writer: CborWriter;
  /** Where a message is built. */
  private readonly messageAt: number;
  /** The idle message that still stands there: what leaves, 0 when there is none, and the bounds that it tells. */
  private idleBytes = 0;
  private idleTail = 0;
  private idleHead = 0;
  /** On a serial line only. */
  private readonly listener: LineListener | null;
  private readonly received: Uint8Array;
  /** On a stream only: what came and is not yet taken, before `received`; and bytes to leave out before it. */
  private readonly stream: Uint8Array;
  /** The start of it, as long as a request may be. */
  private readonly request: Uint8Array;
  private requestBytes = 0;
  private skippedBytes = 0;
  /** Where the message ended that was taken last. */
  private takenBytes = 0;
  /** On a stream: what came may hold a whole request; on a line: more may have come. */
  private isMoreDue = false;
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
  /** One-way: times that each frame is sent, 0 on a link that listens; how many were sent with the frame under way. */
  private readonly oneWayTimes: number;
  private sentWithNew = 0;

  /**
   * `address`: 1 to 247 on RS-485, ignored elsewhere. `commands` null: none are taken. Pushing begins with the frames
   * of this boot; one-way (`oneWayTimes` above 0) with the newest before it.
   */
  constructor(
    port: Port,
    log: FrameSource,
    address: number,
    commands: CommandSink | null = null,
    oneWayTimes: number = 0,
  ) {
    const { carrier } = port;
    this.port = port;
    this.log = log;
    this.address = address;
    this.commands = commands;
    this.packets = new PacketWriter(carrier === 'serial');
    this.writer = new CborWriter(this.packets.plain);
    this.messageAt = carrier === 'serial' ? MESSAGE_AT : 0;
    this.listener = carrier === 'serial' ? new LineListener(address) : null;
    // one byte more than the longest message: a datagram cut at the end is seen to be too long
    const isStream = carrier === 'stream';
    this.stream = new Uint8Array(isStream ? REQUEST_BYTES_MAX + PIECE_BYTES : 0);
    this.request = isStream ? new Uint8Array(this.stream.buffer, 0, REQUEST_BYTES_MAX) : this.stream;
    this.received = createReceived(carrier, this.listener, this.stream);
    this.reader = new CborReader(this.request);
    this.oneWayTimes = oneWayTimes;
    this.pushNext = oneWayTimes > 0 && log.head > log.tail ? log.head - 1 : log.head;
  }

  /**
   * Receives what has come and sends at most one message; true when one was sent, or more may have come. `isHearing`
   * false: nothing is received. Hearing once a block bounds what a flood costs: a piece of a line or stream with one
   * request in it, or DATAGRAMS_MAX datagrams. What waits stays in the port; what finds no room there is lost as on
   * any line.
   */
  step(isHearing: boolean = true): boolean {
    if (this.oneWayTimes > 0) return this.pushOneWay();
    if (isHearing) this.receive();
    // the last request counts, and an answer to what lies far back would meet others on a line
    if (this.isMoreDue) return isHearing;
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
    const { port, received, listener } = this;
    if (port.carrier === 'stream' && this.isMoreDue) {
      this.takeFromStream();
      return;
    }
    const bytes = port.receive(received);
    this.isMoreDue = listener !== null && bytes === PIECE_BYTES;
    if (bytes === 0) return;
    if (listener !== null) this.receivePackets(listener, bytes);
    else if (port.carrier === 'datagram') this.receiveDatagrams(bytes);
    else this.receiveStream(bytes);
  }

  private receivePackets(listener: LineListener, bytes: number): void {
    const { reader, address } = this;
    const { plain } = listener;
    if (listener.isOverrun) {
      // who asks twice at once is answered neither time, and not heard in the next piece
      listener.skip(bytes);
      return;
    }
    listener.begin(bytes);
    for (;;) {
      listener.isWary = this.isIdleDue || this.answerBytes > 0;
      const length = listener.next();
      if (length === PACKET_NONE) break;
      if (length === PACKET_TOO_LONG) this.countTooLong(plain);
      else if (plain[0] === address) {
        reader.buffer = plain;
        reader.reset(MESSAGE_AT, MESSAGE_AT + length);
        listener.isServed = this.take();
        if (!listener.isServed && !this.isOwnEcho()) this.refused++;
      } else this.dropAnswer();
    }
    if (listener.isOverrun) this.dropAnswer();
  }

  /** The collector has turned to another board, or asks before it is answered: the line is no longer ours. */
  private dropAnswer(): void {
    this.answerBytes = 0;
    this.isIdleDue = false;
  }

  /** Data is the echo of what this board sent. */
  private countTooLong(plain: Uint8Array): void {
    if (plain[1] === DATA_HEAD && plain[2] === MESSAGE_DATA) return;
    if (this.listener !== null) this.listener.noise++;
    if (plain[1] === COMMAND_HEAD && plain[2] === MESSAGE_COMMAND) this.commands?.refuseOversized();
  }

  /** What does not begin as a request costs two comparisons; one request is taken a step. */
  private receiveDatagrams(first: number): void {
    const { reader, received, port } = this;
    let bytes = first;
    for (let i = 1; bytes > 0; i++) {
      if (isRequest(received)) {
        reader.buffer = received;
        reader.reset(0, bytes);
        if (!this.take()) this.refused++;
        return;
      }
      this.refused++;
      if (i === DATAGRAMS_MAX) return;
      bytes = port.receive(received);
    }
  }

  /** A CBOR sequence (RFC 8742): requests may arrive in pieces. */
  private receiveStream(bytes: number): void {
    const { stream } = this;
    const skipped = this.skippedBytes < bytes ? this.skippedBytes : bytes;
    this.skippedBytes -= skipped;
    stream.copyWithin(this.requestBytes, STREAM_PIECE_AT + skipped, STREAM_PIECE_AT + bytes);
    this.requestBytes += bytes - skipped;
    if (this.requestBytes > 0) this.takeFromStream();
  }

  /** Takes one request from what came; what cannot be one empties the buffer. */
  private takeFromStream(): void {
    const { request, reader, requestBytes } = this;
    this.isMoreDue = false;
    const isBegun = requestBytes > 1 ? isRequest(request) : request[0] === POLL_HEAD || request[0] === COMMAND_HEAD;
    reader.buffer = request;
    reader.reset(0, requestBytes < REQUEST_BYTES_MAX ? requestBytes : REQUEST_BYTES_MAX);
    if (isBegun && this.take()) {
      this.requestBytes = requestBytes - this.takenBytes;
      this.skipFromStream(this.takenBytes);
      this.isMoreDue = this.requestBytes > 0;
    } else if (!isBegun || !reader.isShort || requestBytes >= REQUEST_BYTES_MAX) {
      this.refused++;
      this.requestBytes = 0;
    }
  }

  /** Moves what is behind the request of `bytes` bytes to the start, without what is to be left out. */
  private skipFromStream(bytes: number): void {
    const left = this.requestBytes;
    const skipped = this.skippedBytes < left ? this.skippedBytes : left;
    this.skippedBytes -= skipped;
    this.requestBytes = left - skipped;
    this.stream.copyWithin(0, bytes + skipped, bytes + left);
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
    if (reader.buffer[start] === COMMAND_HEAD) return this.takeCommand();
    if (!readPoll(reader, poll) || !this.isWhole()) return false;
    this.answerNext = poll.from < log.tail ? log.tail : poll.from;
    this.answerBytes = poll.maxBytes > ANSWER_BYTES_MAX ? ANSWER_BYTES_MAX : poll.maxBytes;
    this.isAnswerBegun = false;
    this.isIdleDue = poll.from < log.tail || poll.from >= log.head;
    if (poll.from >= log.head) this.answerBytes = 0;
    return true;
  }

  /** Behind the message that was read there is nothing, or on a stream the next one. */
  private isWhole(): boolean {
    const { reader } = this;
    this.takenBytes = reader.position;
    return reader.position === reader.end || this.request.length > 0;
  }

  private takeCommand(): boolean {
    const { reader, commands } = this;
    if (commands === null) return false;
    if (!commands.isOpen && this.request.length === 0) {
      commands.refuseUnread();
      return true;
    }
    const length = readCommand(reader, COMMAND_BYTES_MAX);
    if (length === COMMAND_TOO_LONG) {
      this.takenBytes = reader.position;
      commands.refuseOversized();
      this.skippedBytes = reader.argument < SKIPPED_BYTES_MAX ? reader.argument : SKIPPED_BYTES_MAX;
      return true;
    }
    if (length === COMMAND_NONE || !this.isWhole()) return false;
    commands.take(reader, reader.position - length, length);
    return true;
  }

  /** The first frame asked for goes out whole in any case, further ones as far as they fit. */
  private answer(): boolean {
    const { log } = this;
    if (this.answerNext >= log.head) {
      // what was asked for cannot be read: the collector is not left without an answer
      this.endAnswer(!this.isAnswerBegun);
      return false;
    }
    const sent = this.sendFrame(this.answerNext, this.isAnswerBegun ? this.answerBytes : FRAGMENT_BYTES_MAX);
    if (sent === NO_ROOM) return false;
    if (sent === TOO_LONG) {
      this.endAnswer(false);
      return this.isIdleDue;
    }
    if (sent > 0) this.isAnswerBegun = true;
    this.answerNext++;
    this.answerBytes = sent < this.answerBytes ? this.answerBytes - sent : 0;
    if (this.isAnswerBegun && (this.answerBytes === 0 || this.answerNext >= log.head)) this.endAnswer(false);
    return true;
  }

  /** On a line that boards share the end is told. */
  private endAnswer(isTold: boolean): void {
    this.answerBytes = 0;
    this.isIdleDue = isTold || this.listener !== null;
  }

  private pushOneWay(): boolean {
    const { log } = this;
    if (this.sentWithNew === 0 && this.pushNext >= log.head) return false;
    const sequence = this.pushNext - this.sentWithNew;
    const isThere = sequence >= log.tail;
    if (isThere && this.sendFrame(sequence, FRAGMENT_BYTES_MAX) === NO_ROOM) return false;
    this.sentWithNew++;
    if (isThere && this.sentWithNew < this.oneWayTimes) return true;
    this.sentWithNew = 0;
    this.pushNext = this.pushNext + 1 < log.tail ? log.tail : this.pushNext + 1;
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
    const { log, writer, messageAt } = this;
    const { plain } = this.packets;
    this.idleBytes = 0;
    const length = log.read(sequence, plain);
    if (length === 0) return 0;
    if (length > bytesMax) return TOO_LONG;
    // the log puts it where the message's head may have to go
    const parked = plain.length - length;
    plain.copyWithin(parked, RECORD_HEAD_BYTES, RECORD_HEAD_BYTES + length);
    writer.reset(messageAt);
    writeDataHead(writer, sequence, 0, length, length);
    const at = writer.position;
    plain.copyWithin(at, parked, parked + length);
    return this.send(this.finish(at + length)) ? length : NO_ROOM;
  }

  /** Whoever polls again and again is told the same: it is not written anew each time. */
  private sendIdle(): boolean {
    const { tail, head } = this.log;
    if (this.idleBytes === 0 || tail !== this.idleTail || head !== this.idleHead) {
      this.writer.reset(this.messageAt);
      writeIdle(this.writer, tail, head);
      this.idleBytes = this.finish(this.writer.position);
      this.idleTail = tail;
      this.idleHead = head;
    }
    return this.send(this.idleBytes);
  }

  /** The message that ends at byte `end` of the packet writer is whole: the bytes that leave. */
  private finish(end: number): number {
    return this.listener === null ? end : this.packets.encode(this.address, end - MESSAGE_AT);
  }

  private send(bytes: number): boolean {
    const { packets, port, listener } = this;
    return port.trySend(listener === null ? packets.plain : packets.encoded, bytes);
  }
}

function createReceived(carrier: Port['carrier'], listener: LineListener | null, stream: Uint8Array): Uint8Array {
  if (listener !== null) return listener.received;
  if (carrier === 'datagram') return new Uint8Array(REQUEST_BYTES_MAX + 1);
  // both in one buffer, so that bytes go from one to the other in one move
  return new Uint8Array(stream.buffer, STREAM_PIECE_AT, PIECE_BYTES);
}

function isRequest(bytes: Uint8Array): boolean {
  const head = bytes[0];
  return head === POLL_HEAD ? bytes[1] === MESSAGE_POLL : head === COMMAND_HEAD && bytes[1] === MESSAGE_COMMAND;
}
