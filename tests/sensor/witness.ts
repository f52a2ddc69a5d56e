/** The whole firmware on a board in this process, fed block by block in virtual time. */
import { NodeBoard } from '../../hosts/bench/node-board.js';
import type { Board, Signer } from '../../modules/board.js';
import { ANALOG_FIELDS, type Block } from '../../modules/capture/block.js';
import type { Configuration } from '../../modules/config/configuration.js';
import { RECORD_BYTES_MAX, RECORD_HEAD_BYTES } from '../../modules/limits.js';
import { Sensor } from '../../modules/sensor.js';
import { createBlock } from '../../simulator/block-stream.js';
import { SimulatedFlash } from '../../simulator/flash.js';
import type { Simulation } from '../../simulator/simulation.js';
import { type ReceivedFrame, receiveFrame } from '../sign/received-frame.js';

const SECRET = new Uint8Array(32).fill(0x21);

export function newFlash(seed = 1): SimulatedFlash {
  return new SimulatedFlash({ size: 1 << 20, eraseBytes: 4096, pageBytes: 256 }, seed);
}

export interface WitnessOptions {
  readonly flash?: SimulatedFlash;
  /** For the learned model; without it the model dies with the board. */
  readonly models?: SimulatedFlash;
  /** Put in front of the board's own signer. */
  readonly signerOver?: (signer: Signer) => Signer;
}

export class Witness {
  readonly sensor: Sensor;
  readonly block: Block;
  readonly configuration: Configuration;
  readonly flash: SimulatedFlash;
  private readonly nodeBoard: NodeBoard;
  private readonly board: Board;
  private sequence = 0;
  private frameNext: number;

  constructor(configuration: Configuration, { flash = newFlash(), models, signerOver }: WitnessOptions = {}) {
    this.configuration = configuration;
    this.flash = flash;
    this.nodeBoard = new NodeBoard(configuration, flash, SECRET, models);
    const { signer } = this.nodeBoard;
    this.board = { ...this.nodeBoard, signer: signerOver ? signerOver(signer) : signer };
    this.sensor = new Sensor(this.board);
    this.block = createBlock(configuration);
    this.frameNext = this.sensor.reporter.log.head;
  }

  get signer(): Signer {
    return this.board.signer;
  }

  get nowUs(): number {
    return this.nodeBoard.nowUs;
  }

  /** Runs the block in `block` through the firmware, then all the idle work there is. */
  take(): void {
    this.nodeBoard.nowUs = this.block.timeUs;
    this.sensor.step(this.block);
    while (this.sensor.idle());
  }

  /** One block of `values`, one per analog channel, constant within the block. */
  takeValues(values: readonly number[], lost = 0): void {
    const { block, configuration } = this;
    const { blockUs, blockSamples: n } = configuration;
    this.sequence += lost;
    block.sequence = this.sequence++;
    block.timeUs = this.sequence * blockUs;
    block.lost = lost;
    block.isFresh = lost > 0 || block.sequence === 0 ? 1 : 0;
    values.forEach((v, i) => {
      block.analog.splice(i * ANALOG_FIELDS, ANALOG_FIELDS, n, v, v, n * v, n * v * v);
    });
    this.take();
  }

  /** The next `seconds` of a simulation; `look` is called after each block. */
  play(simulation: Simulation, seconds: number, look: () => void = () => {}): void {
    const blocks = Math.round((seconds * 1e6) / this.configuration.blockUs);
    for (let i = 0; i < blocks; i++) {
      simulation.nextBlock(this.block);
      this.take();
      look();
    }
  }

  /** Frames logged since the last call (at first: since this boot), opened and verified. */
  frames(): ReceivedFrame[] {
    const { log } = this.sensor.reporter;
    const record = new Uint8Array(RECORD_BYTES_MAX);
    const frames: ReceivedFrame[] = [];
    for (; this.frameNext < log.head; this.frameNext++) {
      const bytes = log.read(this.frameNext, record);
      if (bytes === 0) throw new Error(`frame ${this.frameNext} is not in the log`);
      const frame = record.slice(RECORD_HEAD_BYTES, RECORD_HEAD_BYTES + bytes);
      frames.push(receiveFrame(frame, this.board.signer.publicKey));
    }
    return frames;
  }
}
