/** A board from boot to boot on one flash, told by an operator, and a collector that has its first key. */
import type { ExecutionContext } from 'ava';
import { NodeBoard } from '../../hosts/bench/node-board.js';
import { followKey } from '../../hosts/collector/key-succession.js';
import { KeyRing, keyOf } from '../../hosts/collector/keys.js';
import { isRefusal, verifyFrame } from '../../hosts/collector/verify.js';
import { challengeOf } from '../../hosts/config/boot-challenge.js';
import { commandMessage, encodeCommand, signCommand } from '../../hosts/config/command-file.js';
import { provisionSettings } from '../../hosts/config/provision.js';
import { FlashPartition } from '../../hosts/keys/flash-partition.js';
import { KEY_STORE_SECTORS } from '../../hosts/keys/key-store.js';
import type { Signer } from '../../modules/board.js';
import { ANALOG_FIELDS, Block } from '../../modules/capture/block.js';
import { COMMAND_ROTATE_KEY } from '../../modules/command/command.js';
import { KIND_BOOT } from '../../modules/frame/kinds.js';
import { Sensor } from '../../modules/sensor.js';
import { PowerCut, SimulatedFlash } from '../../simulator/flash.js';
import { newSettings, operatorKey } from '../command/attack.js';
import { MemoryPort } from '../link/memory-port.js';
import { readBack } from '../log/sample-record.js';
import { sampleConfiguration } from '../sensor/sample-configuration.js';

export const SECTOR = 4096;
const LOG_SECTORS = 8;
const CONFIGURATION = sampleConfiguration({ heartbeatMs: 500, readingsMs: 800 });
const operator = operatorKey();
/** Of the board's own signer, which is not used. */
const NODE_KEY = new Uint8Array(32).fill(1);

export class BoardLife<S extends Signer> {
  readonly flash = new SimulatedFlash(
    { size: (KEY_STORE_SECTORS + LOG_SECTORS) * SECTOR, eraseBytes: SECTOR, pageBytes: 256 },
    1,
  );
  readonly kinds: number[] = [];
  signer!: S;
  sensor!: Sensor;
  /** Who signed the newest frame. */
  signedBy = '';
  protected readonly t: ExecutionContext;
  private readonly settings = newSettings();
  private readonly ring = new KeyRing();
  private port!: MemoryPort;
  private board!: NodeBoard;
  private challenge!: Uint8Array;
  private blocks = 0;
  private commands = 0;
  private next = 1;

  constructor(t: ExecutionContext) {
    this.t = t;
    provisionSettings(this.settings, 0, [operator.publicKey]);
  }

  get keys(): FlashPartition {
    return new FlashPartition(this.flash, 0, KEY_STORE_SECTORS * SECTOR);
  }

  get keyId(): string {
    return Buffer.from(this.signer.keyId).toString('hex');
  }

  /** `signer` is what this boot opened. */
  start(signer: S): void {
    if (this.next === 1) {
      const key = keyOf(signer.publicKey.slice(0, 32), signer.publicKey.slice(32));
      this.ring.set(key.keyId, key);
    }
    this.signer = signer;
    this.blocks = 0;
    const log = new FlashPartition(this.flash, KEY_STORE_SECTORS * SECTOR, LOG_SECTORS * SECTOR);
    this.board = new NodeBoard(CONFIGURATION, log, NODE_KEY, undefined, this.settings);
    this.port = new MemoryPort('datagram');
    this.sensor = new Sensor({ ...this.board, signer, ports: [this.port] });
  }

  /** Blocks of 10 ms, and idle work as a board does it: no more once the signer is busy. */
  run(blocks: number): void {
    for (let i = 0; i < blocks; i++) this.step();
  }

  protected step(): void {
    const { board, sensor } = this;
    const block = new Block(2, 0);
    block.sequence = this.blocks++;
    block.timeUs = this.blocks * CONFIGURATION.blockUs;
    block.isFresh = this.blocks === 1 ? 1 : 0;
    for (let c = 0; c < 2; c++) block.analog.splice(c * ANALOG_FIELDS, ANALOG_FIELDS, 10, 1, 1, 10, 10);
    board.nowUs = block.timeUs;
    sensor.step(block);
    while (sensor.idle());
    this.look();
  }

  rotate(): void {
    const fromMs = Math.floor(this.board.nowUs / 1000);
    const payload = encodeCommand({
      target: this.board.identity.deviceId,
      sequence: ++this.commands,
      validity: { challenge: this.challenge, fromMs, toMs: fromMs + 60_000 },
      code: COMMAND_ROTATE_KEY,
    });
    this.port.arrive(commandMessage(signCommand(payload, operator)));
  }

  /** True when the power went meanwhile; it is back. */
  isCut(act: () => void): boolean {
    try {
      act();
      return false;
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
      this.flash.powerOn();
      return true;
    }
  }

  /** The collector takes what is new in the log: every frame verifies, by the key whose turn it is. */
  private look(): void {
    const { t, ring } = this;
    const { log } = this.sensor.reporter;
    for (; this.next < log.head; this.next++) {
      const bytes = readBack(log, this.next);
      if (bytes === null) throw new Error(`frame ${this.next} is not in the log`);
      const frame = verifyFrame(bytes, ring);
      if (isRefusal(frame)) throw new Error(`frame ${this.next}: ${frame.reason}`);
      const succession = followKey(frame, ring);
      t.true(succession?.isFollowed ?? true, succession?.line);
      this.kinds.push(frame.kind);
      this.signedBy = frame.signedBy;
      if (frame.kind === KIND_BOOT) this.challenge = challengeOf(bytes);
    }
  }
}
