/**
 * The whole firmware on a board in this process, driven until it has emitted frames of every kind: the simulated tank
 * with an order that is not executed, lost blocks, an operator's commands, a reset, another key. And what it sent.
 */
import { createHash } from 'node:crypto';
import type { Tagged } from 'cborg';
import { NodeBoard } from '../../hosts/bench/node-board.js';
import { encodeKey } from '../../hosts/collector/keys.js';
import { encodePoll } from '../../hosts/collector/link-message.js';
import { COMMAND_CODES, commandMessage, encodeCommand, signCommand } from '../../hosts/config/command-file.js';
import { configurationParts, encodeConfiguration } from '../../hosts/config/encode-configuration.js';
import { provisionSettings } from '../../hosts/config/provision.js';
import { Block } from '../../modules/capture/block.js';
import { CONFIGURATION_IN_USE } from '../../modules/command/results.js';
import { KIND_KEY } from '../../modules/frame/kinds.js';
import { MODEL_STORE_BYTES, RECORD_BYTES_MAX, RECORD_HEAD_BYTES } from '../../modules/limits.js';
import { Sensor } from '../../modules/sensor.js';
import { SimulatedFlash } from '../../simulator/flash.js';
import { Simulation } from '../../simulator/simulation.js';
import { newSettings, operatorKey } from '../command/attack.js';
import { decodeDeterministic, type Labels } from '../frame/strict-cbor.js';
import { MemoryPort } from '../link/memory-port.js';

const SEED = 1;
const FIRST_BOOT_S = 480;
const SECOND_BOOT_S = 120;
const LOSS_AT_S = 30;
const LOST_BLOCKS = 3;
const BLOCKS_A_SECOND = 100;
const SECRET = new Uint8Array(32).fill(0x21);

/** Commands by the second they are sent in: code and arguments. */
type Orders = ReadonlyMap<number, readonly [keyof typeof COMMAND_CODES, (number | Uint8Array)[]]>;

export interface FirmwareRun {
  /** Frames by the board's first key, then by its next one. */
  readonly frames: readonly Uint8Array[];
  readonly framesAfter: readonly Uint8Array[];
  readonly coseKey: Uint8Array;
  readonly coseKeyAfter: Uint8Array;
  /** Link messages from the board, and to it. */
  readonly sent: readonly Uint8Array[];
  readonly received: readonly Uint8Array[];
}

const coseKeyOf = (publicKey: Uint8Array) => encodeKey(publicKey.slice(0, 32), publicKey.slice(32));

class Bench {
  readonly simulation = new Simulation('order-not-executed', SEED);
  readonly flash = new SimulatedFlash({ size: 1 << 20, eraseBytes: 4096, pageBytes: 256 }, SEED);
  readonly models = new SimulatedFlash({ size: MODEL_STORE_BYTES, eraseBytes: 4096, pageBytes: 256 }, SEED);
  readonly settings = newSettings();
  readonly operator = operatorKey();
  readonly port = new MemoryPort('datagram');
  readonly received: Uint8Array[] = [];
  board!: NodeBoard;
  sensor!: Sensor;
  private commandSequence = 0;

  constructor() {
    provisionSettings(this.settings, 7, [this.operator.publicKey]);
  }

  start(configurationNews: number): void {
    const { simulation, flash, models, settings, port } = this;
    this.board = new NodeBoard(simulation.configuration, flash, SECRET, models, settings);
    this.sensor = new Sensor({ ...this.board, ports: [port], configurationNews });
  }

  frame(sequence: number): Uint8Array {
    const record = new Uint8Array(RECORD_BYTES_MAX);
    const bytes = this.sensor.reporter.log.read(sequence, record);
    if (bytes === 0) throw new Error(`frame ${sequence} is not in the log`);
    return record.slice(RECORD_HEAD_BYTES, RECORD_HEAD_BYTES + bytes);
  }

  private arrive(message: Uint8Array): void {
    this.received.push(message);
    this.port.arrive(message);
  }

  /** An operator's command, bound to the boot whose boot frame is `boot`. */
  private send(name: keyof typeof COMMAND_CODES, list: readonly (number | Uint8Array)[], boot: Uint8Array): void {
    const challenge = createHash('sha256').update(boot).digest().subarray(0, 8);
    const fromMs = Math.floor(this.board.nowUs / 1000);
    const payload = encodeCommand({
      target: this.board.identity.deviceId,
      sequence: ++this.commandSequence,
      validity: { challenge, fromMs, toMs: fromMs + 60_000 },
      code: COMMAND_CODES[name],
      arguments: list,
    });
    this.arrive(commandMessage(signCommand(payload, this.operator)));
  }

  play(seconds: number, bootSequence: number, orders: Orders, lossAtS = -1): void {
    const { simulation, sensor, board } = this;
    const { configuration } = simulation;
    const block = new Block(configuration.analog.length, configuration.digital.length);
    let startUs = -1;
    for (let i = 0; i < seconds * BLOCKS_A_SECOND; i++) {
      simulation.nextBlock(block);
      if (startUs < 0) startUs = block.timeUs;
      block.timeUs -= startUs - configuration.blockUs;
      const lossBlocks = i - lossAtS * BLOCKS_A_SECOND;
      if (lossAtS >= 0 && lossBlocks >= 0 && lossBlocks < LOST_BLOCKS) continue;
      if (lossBlocks === LOST_BLOCKS) Object.assign(block, { lost: LOST_BLOCKS, isFresh: 1 });
      board.nowUs = block.timeUs;
      sensor.step(block);
      while (sensor.idle());
      const order = i % BLOCKS_A_SECOND === 0 ? orders.get(i / BLOCKS_A_SECOND) : undefined;
      if (order !== undefined) this.send(order[0], order[1], this.frame(bootSequence));
      if (i % (10 * BLOCKS_A_SECOND) === 5) this.arrive(encodePoll(sensor.reporter.log.head, 1024));
    }
  }
}

export function runFirmware(): FirmwareRun {
  const bench = new Bench();
  const { simulation } = bench;
  bench.start(-1);
  const parts = configurationParts(encodeConfiguration(simulation.configuration), 1);
  const orders: [number, readonly [keyof typeof COMMAND_CODES, (number | Uint8Array)[]]][] = [
    [2, ['set-time', [1_800_000_000_000, 100]]],
    [4, ['self-test', []]],
    [6, ['arm', []]],
    ...parts.map((part, i) => [10 + 2 * i, ['set-configuration', part]] as (typeof orders)[number]),
    [330, ['maintenance', [20_000]]],
  ];
  bench.play(FIRST_BOOT_S, 1, new Map(orders), LOSS_AT_S);
  const { publicKey } = bench.board.signer;
  const [coseKey, second] = [coseKeyOf(publicKey), bench.sensor.reporter.log.head];
  bench.start(CONFIGURATION_IN_USE);
  bench.play(
    SECOND_BOOT_S,
    second,
    new Map([
      [3, ['identify', []]],
      [60, ['rotate-key', []]],
    ]),
  );
  const { log } = bench.sensor.reporter;
  const all = Array.from({ length: log.head - 1 }, (_, i) => bench.frame(i + 1));
  const keyFrame = all.findIndex((frame) => payloadOf(frame).get(3) === KIND_KEY);
  return {
    frames: all.slice(0, keyFrame + 1),
    framesAfter: all.slice(keyFrame + 1),
    coseKey,
    coseKeyAfter: coseKeyOf(bench.board.signer.publicKey),
    sent: bench.port.sent,
    received: bench.received,
  };
}

/** The labels of a frame's payload. */
export function payloadOf(frame: Uint8Array): Labels {
  const { value } = decodeDeterministic(frame) as Tagged;
  return decodeDeterministic((value as Uint8Array[])[2]) as Labels;
}
