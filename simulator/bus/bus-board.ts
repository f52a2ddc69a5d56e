/**
 * A board's link on the bus: the firmware's own, over a UART as the pico's, driven every 10 ms. Now and then the board has
 * no time for it, as while a signature is made.
 */
import type { Port } from '../../modules/board.js';
import { BoardLink, type FrameSource } from '../../modules/link/board-link.js';
import type { Random } from '../random.js';
import type { BusNode, SerialBus } from './serial-bus.js';

const TICK_US = 10_000;
/** As the send ring of hosts/pico/serial.c: a message and its length. */
const SEND_BYTES = 4096;
const LENGTH_BYTES = 2;
const STEPS_MAX = 64;

class UartPort implements Port {
  readonly carrier = 'serial';
  private readonly node: BusNode;

  constructor(node: BusNode) {
    this.node = node;
  }

  trySend(bytes: Uint8Array, length: number): boolean {
    if (this.node.waitingBytes + length + LENGTH_BYTES > SEND_BYTES) return false;
    this.node.send(bytes, length);
    return true;
  }

  receive(into: Uint8Array): number {
    return this.node.receive(into);
  }
}

export interface BusBoardOptions {
  readonly address: number;
  readonly log: FrameSource;
  readonly oneWayTimes?: number;
  /** Mean time between two stretches in which the board does not answer, and how long they are at most; 0: none. */
  readonly stallEveryUs: number;
  readonly stallUsMax: number;
}

export class BusBoard {
  readonly link: BoardLink;
  readonly node: BusNode;
  readonly address: number;
  /** When it is next driven. */
  dueUs: number;
  private readonly random: Random;
  private readonly options: BusBoardOptions;

  constructor(bus: SerialBus, random: Random, options: BusBoardOptions) {
    const { address, log, oneWayTimes } = options;
    this.address = address;
    this.random = random;
    this.options = options;
    this.node = bus.attach();
    this.link = new BoardLink(new UartPort(this.node), log, address, null, oneWayTimes);
    this.dueUs = bus.nowUs + random.between(0, TICK_US);
  }

  step(nowUs: number): void {
    if (nowUs < this.dueUs) return;
    const { stallEveryUs, stallUsMax } = this.options;
    const isStalled = stallEveryUs > 0 && this.random.uniform() < TICK_US / stallEveryUs;
    this.dueUs += isStalled ? this.random.between(TICK_US, stallUsMax) : TICK_US;
    for (let i = 0; i < STEPS_MAX && this.link.step(); i++);
  }
}
