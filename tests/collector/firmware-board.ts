/** The firmware on a board in this process that speaks UDP as a board does: pushes, answers polls, takes commands. */
import { createSocket, type Socket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';
import { NodeBoard } from '../../hosts/bench/node-board.js';
import type { Port, Signer } from '../../modules/board.js';
import { ANALOG_FIELDS, Block } from '../../modules/capture/block.js';
import { Sensor } from '../../modules/sensor.js';
import type { SimulatedFlash } from '../../simulator/flash.js';
import { sampleConfiguration } from '../sensor/sample-configuration.js';

const CONFIGURATION = sampleConfiguration({ heartbeatMs: 1000, readingsMs: 5000 });

class UdpPort implements Port {
  readonly carrier = 'datagram';
  readonly socket: Socket = createSocket('udp4');
  /** True: what it sends and what is sent to it is lost. */
  isDeaf = false;
  private readonly arriving: Uint8Array[] = [];
  private readonly port: () => number;

  constructor(port: () => number) {
    this.port = port;
    this.socket.on('message', (datagram) => this.arriving.push(datagram));
    this.socket.on('error', () => {});
  }

  trySend(bytes: Uint8Array, length: number): boolean {
    if (!this.isDeaf) this.socket.send(bytes.slice(0, length), this.port(), '127.0.0.1', () => {});
    return true;
  }

  receive(into: Uint8Array): number {
    const datagram = this.arriving.shift();
    if (this.isDeaf) this.arriving.length = 0;
    if (this.isDeaf || datagram === undefined || datagram.length > into.length) return 0;
    into.set(datagram);
    return datagram.length;
  }
}

/** One boot of it. */
export class FirmwareBoard {
  readonly sensor: Sensor;
  readonly board: NodeBoard;
  readonly port: UdpPort;
  private readonly block = new Block(CONFIGURATION.analog.length, 0);
  private sequence = 0;

  /** `port`: the collector's, on this machine. `signer`: in the place of the one with `secret`. */
  constructor(
    flash: SimulatedFlash,
    settings: SimulatedFlash,
    secret: Uint8Array,
    port: () => number,
    signer?: Signer,
  ) {
    this.board = new NodeBoard(CONFIGURATION, flash, secret, undefined, settings);
    this.port = new UdpPort(port);
    this.board.ports.push(this.port);
    this.sensor = new Sensor({ ...this.board, signer: signer ?? this.board.signer });
  }

  get head(): number {
    return this.sensor.reporter.log.head;
  }

  /** Blocks of 10 ms, a thousand times faster than they are, until `isDone`; throws after `seconds` of the board's time. */
  async run(isDone: () => boolean, seconds = 600): Promise<void> {
    for (let blocks = 0; !isDone(); blocks++) {
      if (blocks > seconds * 100) throw new Error(`${seconds} s in vain for ${isDone}`);
      this.step();
      if (blocks % 10 === 0) await sleep(1);
    }
  }

  step(): void {
    const { block, sensor, board } = this;
    const { blockUs, blockSamples: n } = CONFIGURATION;
    block.sequence = this.sequence++;
    block.timeUs = this.sequence * blockUs;
    block.isFresh = block.sequence === 0 ? 1 : 0;
    for (let i = 0; i < CONFIGURATION.analog.length; i++) {
      const v = 0.5 + 0.001 * (this.sequence % 7);
      block.analog.splice(i * ANALOG_FIELDS, ANALOG_FIELDS, n, v, v, n * v, n * v * v);
    }
    board.nowUs = block.timeUs;
    sensor.step(block);
    for (let work = 0; work < 100 && sensor.idle(); work++);
  }

  close(): void {
    this.port.socket.close();
  }
}
