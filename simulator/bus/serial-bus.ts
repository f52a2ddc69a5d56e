/**
 * A pair of RS-485 wires in virtual time, a character at a time (10 bits, 8N1): everyone hears everyone. Bits fall over
 * with a given rate; a damaged start or stop bit loses the character. Where two talk at once the wires carry what both
 * drive, or nothing that a receiver takes for a character. All from a seed.
 */
import { Random } from '../random.js';

const BITS = 10;
const HISTORY = 1 << 20;
/** Of characters that collide, those that no receiver takes for one. */
const COLLISION_LOST = 0.5;
const NOBODY = -1;
/** Sent characters are let go of now and then. */
const SENT_KEPT_MAX = 4096;

export interface BusOptions {
  readonly baud: number;
  readonly seed: number;
  /** True where whoever talks hears itself. */
  readonly hasEcho: boolean;
}

/** What passed since start, in characters. */
export interface BusCounts {
  passed: number;
  /** By one talker of those that keep the rules, undisturbed by others. */
  orderly: number;
  collided: number;
  /** By those that keep no rules. */
  jabbered: number;
  /** Characters of the orderly that a bit error changed or lost. */
  spoilt: number;
}

/** One end: what it sends waits for its turn, one character after the other; what it hears waits to be read. */
export class BusNode {
  readonly number: number;
  readonly isOrderly: boolean;
  private readonly bus: SerialBus;
  private readonly ring: number;
  private readonly waiting: number[] = [];
  private sent = 0;
  private read: number;
  private readEnd = Number.POSITIVE_INFINITY;
  /** Characters that came while its ring was full. */
  overrun = 0;

  /** `ring`: characters that wait for it at most. */
  constructor(bus: SerialBus, number: number, isOrderly: boolean, ring: number) {
    this.bus = bus;
    this.number = number;
    this.isOrderly = isOrderly;
    this.ring = ring;
    this.read = bus.heard;
  }

  get waitingBytes(): number {
    return this.waiting.length - this.sent;
  }

  send(bytes: Uint8Array, length = bytes.length): void {
    if (this.sent > SENT_KEPT_MAX) {
      this.waiting.splice(0, this.sent);
      this.sent = 0;
    }
    for (let i = 0; i < length; i++) this.waiting.push(bytes[i]);
    this.bus.talks(this);
  }

  /** The next character; undefined when it has said everything. */
  next(): number | undefined {
    return this.sent < this.waiting.length ? this.waiting[this.sent++] : undefined;
  }

  /** It falls silent in the middle of what it says. */
  silence(): void {
    this.sent = this.waiting.length;
  }

  /** What was heard since, at most as much as `into` holds. A full ring keeps what is old. */
  receive(into: Uint8Array): number {
    const { bus } = this;
    if (bus.heard - this.read > this.ring && this.readEnd === Number.POSITIVE_INFINITY)
      this.readEnd = this.read + this.ring;
    let bytes = 0;
    const end = Math.min(bus.heard, this.readEnd);
    for (; this.read < end && bytes < into.length; this.read++) {
      const byte = bus.byteAt(this.read, this.number);
      if (byte >= 0) into[bytes++] = byte;
    }
    if (this.read < this.readEnd) return bytes;
    this.overrun += bus.heard - this.read;
    this.read = bus.heard;
    this.readEnd = Number.POSITIVE_INFINITY;
    return bytes;
  }
}

export class SerialBus {
  readonly counts: BusCounts = { passed: 0, orderly: 0, collided: 0, jabbered: 0, spoilt: 0 };
  readonly characterUs: number;
  /** Characters heard on the wires since start. */
  heard = 0;
  private readonly hasEcho: boolean;
  private readonly random: Random;
  private readonly bytes = new Uint8Array(HISTORY);
  private readonly talkers = new Int16Array(HISTORY);
  private readonly nodes: BusNode[] = [];
  private readonly talking: BusNode[] = [];
  private bitErrorRate = 0;
  /** Bits until the next one that falls over. */
  private goodBits = Number.POSITIVE_INFINITY;

  constructor({ baud, seed, hasEcho }: BusOptions) {
    this.characterUs = (BITS * 1e6) / baud;
    this.hasEcho = hasEcho;
    this.random = new Random(seed, 'bus');
  }

  get nowUs(): number {
    return this.counts.passed * this.characterUs;
  }

  attach(isOrderly = true, ring = 2048): BusNode {
    const node = new BusNode(this, this.nodes.length, isOrderly, ring);
    this.nodes.push(node);
    return node;
  }

  /** From now on. */
  setBitErrorRate(rate: number): void {
    this.bitErrorRate = rate;
    this.goodBits = this.drawGoodBits();
  }

  private drawGoodBits(): number {
    const { bitErrorRate: rate } = this;
    return rate > 0 ? Math.floor(Math.log(this.random.uniform()) / Math.log(1 - rate)) : Number.POSITIVE_INFINITY;
  }

  talks(node: BusNode): void {
    if (!this.talking.includes(node)) this.talking.push(node);
  }

  /** The character heard as number `at`; -1 where it was `node`'s own and there is no echo. */
  byteAt(at: number, node: number): number {
    const place = at % HISTORY;
    return this.hasEcho || this.talkers[place] !== node ? this.bytes[place] : -1;
  }

  /** Lets time pass until `us`. */
  advance(us: number): void {
    while (this.nowUs + this.characterUs <= us) {
      if (this.talking.length === 0) {
        this.counts.passed += Math.floor((us - this.nowUs) / this.characterUs);
        return;
      }
      this.pass();
    }
  }

  /** One character's time. */
  private pass(): void {
    const { counts, talking } = this;
    counts.passed++;
    let byte = 0;
    let talkers = 0;
    let talker = talking[0];
    for (let i = talking.length - 1; i >= 0; i--) {
      const said = talking[i].next();
      if (said === undefined) {
        talking.splice(i, 1);
        continue;
      }
      byte |= said;
      talkers++;
      talker = talking[i];
    }
    if (talkers === 0) return;
    if (talkers > 1) this.collide(byte);
    else if (talker.isOrderly) this.carry(byte, talker.number);
    else {
      counts.jabbered++;
      this.hear(byte, talker.number);
    }
  }

  private collide(byte: number): void {
    this.counts.collided++;
    if (this.random.uniform() >= COLLISION_LOST) this.hear(byte ^ this.random.below(4), NOBODY);
  }

  private carry(byte: number, talker: number): void {
    this.counts.orderly++;
    if (this.goodBits >= BITS) {
      this.goodBits -= BITS;
      this.hear(byte, talker);
      return;
    }
    this.counts.spoilt++;
    let damaged = byte;
    let isLost = false;
    while (this.goodBits < BITS) {
      if (this.goodBits === 0 || this.goodBits === BITS - 1) isLost = true;
      else damaged ^= 1 << (this.goodBits - 1);
      this.goodBits += 1 + this.drawGoodBits();
    }
    this.goodBits -= BITS;
    if (!isLost) this.hear(damaged, talker);
  }

  private hear(byte: number, talker: number): void {
    const place = this.heard++ % HISTORY;
    this.bytes[place] = byte;
    this.talkers[place] = talker;
  }
}
