/**
 * A witness's place on an RS-485 bus in virtual time: a collector that polls it now and then, and a node that may jabber. The
 * collector keeps silent while others talk.
 */
import type { Port } from '../../modules/board.js';
import { CborWriter } from '../../modules/cbor/writer.js';
import { MESSAGE_BYTES_MAX } from '../../modules/limits.js';
import { MESSAGE_POLL } from '../../modules/link/message.js';
import { PacketReader, PacketWriter } from '../../modules/link/packet.js';
import { type BusNode, SerialBus } from './serial-bus.js';
import { Jabberer, type JabberKind } from './trouble.js';

const BAUD = 115200;
const POLL_US = 250_000;
const ANSWER_BYTES = 4096;
const RING = 1 << 16;
const MESSAGE_AT = 1;

export class PolledLine implements Port {
  readonly carrier = 'serial';
  /** First frame that the collector asks for. */
  from = 1;
  /** What the collector hears. */
  onMessage: (message: Uint8Array) => void = () => {};
  private readonly bus: SerialBus;
  private readonly board: BusNode;
  private readonly collector: BusNode;
  private readonly jabberer: Jabberer;
  private readonly address: number;
  private readonly packets = new PacketReader(MESSAGE_BYTES_MAX);
  private readonly heard = new Uint8Array(RING);
  private pollUs = 0;
  /** Where the bus has come to. */
  nowUs = 0;

  constructor(address: number, seed: number, kind: JabberKind = 'random') {
    this.address = address;
    this.bus = new SerialBus({ baud: BAUD, seed, hasEcho: false });
    this.board = this.bus.attach();
    this.collector = this.bus.attach(true, RING);
    this.jabberer = new Jabberer(this.bus, seed, kind);
  }

  trySend(bytes: Uint8Array, length: number): boolean {
    if (this.board.waitingBytes > 0) return false;
    this.board.send(bytes, length);
    return true;
  }

  receive(into: Uint8Array): number {
    return this.board.receive(into);
  }

  /** Lets the bus go on until `nowUs`. */
  step(nowUs: number, isJabbered: boolean): void {
    this.jabberer.step(isJabbered);
    this.bus.advance(nowUs);
    this.nowUs = nowUs;
    const bytes = this.collector.receive(this.heard);
    for (let i = 0; i < bytes; i++) {
      const length = this.packets.take(this.heard[i]);
      if (length >= 0) this.onMessage(this.packets.plain.slice(MESSAGE_AT, MESSAGE_AT + length));
    }
    if (bytes > 0 || nowUs < this.pollUs) return;
    this.pollUs = nowUs + POLL_US;
    this.poll();
  }

  private poll(): void {
    const packet = new PacketWriter();
    const writer = new CborWriter(packet.plain);
    writer.reset(MESSAGE_AT);
    writer.array(3);
    writer.uint(MESSAGE_POLL);
    writer.uint(this.from);
    writer.uint(ANSWER_BYTES);
    const length = packet.encode(this.address, writer.position - MESSAGE_AT);
    this.collector.send(Uint8Array.of(0, ...packet.encoded.subarray(0, length)));
  }
}
