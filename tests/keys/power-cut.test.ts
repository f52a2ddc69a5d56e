/**
 * A whole board on one partitioned flash, keys and frame log, with the power cut at every flash operation of its first boot
 * (the key is made) and of its second (the ring of the log comes round).
 */
import test, { type ExecutionContext } from 'ava';
import { NodeBoard } from '../../hosts/bench/node-board.js';
import { openDeviceKey } from '../../hosts/keys/device-key.js';
import { FlashPartition } from '../../hosts/keys/flash-partition.js';
import { KEY_STORE_SECTORS, KeyStore } from '../../hosts/keys/key-store.js';
import { SoftwareSigner } from '../../hosts/keys/software-signer.js';
import { ANALOG_FIELDS, Block } from '../../modules/capture/block.js';
import { Sensor } from '../../modules/sensor.js';
import { PowerCut, SimulatedFlash } from '../../simulator/flash.js';
import { Random } from '../../simulator/random.js';
import { readBack } from '../log/sample-record.js';
import { sampleConfiguration } from '../sensor/sample-configuration.js';
import { type ReceivedFrame, receiveFrame } from '../sign/received-frame.js';
import { NodeCurve } from './node-curve.js';
import { NODE_DIGEST } from './node-digest.js';

const SECTOR = 4096;
const LOG_SECTORS = 3;
const CONFIGURATION = sampleConfiguration({ heartbeatMs: 200, readingsMs: 300 });
/** Blocks of 10 ms in each boot: the second one fills the log's ring more than once. */
const FIRST_BLOCKS = 200;
const SECOND_BLOCKS = 1200;

/** Lives that begin alike sign alike: the nonce, a function of key and message, finds what was signed before. */
class RememberingCurve extends NodeCurve {
  private static readonly signatures = new Map<string, Uint8Array>();
  private static readonly publicKeys = new Map<string, Uint8Array>();

  override publicKey(secret: Uint8Array): Uint8Array {
    return remember(RememberingCurve.publicKeys, secret, () => super.publicKey(secret));
  }

  override finish(secret: Uint8Array, hash: Uint8Array, signature: Uint8Array): boolean {
    const nonce = Buffer.from(this.nonces[this.nonces.length - 1], 'hex');
    const sign = () => {
      super.finish(secret, hash, signature);
      return signature.slice();
    };
    signature.set(remember(RememberingCurve.signatures, nonce, sign));
    return true;
  }
}

const RECEIVED = new Map<string, ReceivedFrame>();

/** Verified once for each key. */
function receive(bytes: Uint8Array, publicKey: Uint8Array): ReceivedFrame {
  return remember(RECEIVED, Buffer.concat([publicKey, bytes]), () => receiveFrame(bytes, publicKey));
}

function remember<T>(known: Map<string, T>, key: Uint8Array, make: () => T): T {
  const name = Buffer.from(key).toString('base64');
  let value = known.get(name);
  if (value === undefined) {
    value = make();
    known.set(name, value);
  }
  return value;
}

/** What one board went through, and what it must still hold to after the next boot. */
class Life {
  readonly flash = new SimulatedFlash(
    { size: (KEY_STORE_SECTORS + LOG_SECTORS) * SECTOR, eraseBytes: SECTOR, pageBytes: 256 },
    1,
  );
  /** The public key once the board has shown one. */
  publicKey: string | null = null;
  /** Frames seen in the log, by sequence number. */
  readonly frames = new Map<number, Buffer>();
  head = 1;
  private boots = 0;

  /** Powers the board on and feeds it `blocks` blocks; false when the power went. */
  live(t: ExecutionContext, blocks: number): boolean {
    try {
      this.run(t, blocks);
      return true;
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
      this.flash.powerOn();
      return false;
    }
  }

  private run(t: ExecutionContext, blocks: number): void {
    const { flash } = this;
    const keys = new FlashPartition(flash, 0, KEY_STORE_SECTORS * SECTOR);
    const log = new FlashPartition(flash, KEY_STORE_SECTORS * SECTOR, LOG_SECTORS * SECTOR);
    const random = new Random(++this.boots, 'noise');
    const noise = (into: Uint8Array) => {
      for (let i = 0; i < into.length; i++) into[i] = random.below(256);
    };
    const secret = openDeviceKey(new KeyStore(keys), noise, NODE_DIGEST);
    const signer = new SoftwareSigner(secret, new RememberingCurve(), NODE_DIGEST);
    const publicKey = Buffer.from(signer.publicKey).toString('hex');
    if (this.publicKey !== null) t.is(publicKey, this.publicKey, 'the key is the one from before');
    this.publicKey = publicKey;
    const nodeBoard = new NodeBoard(CONFIGURATION, log, secret);
    const sensor = new Sensor({ ...nodeBoard, clock: { nowUs: () => nodeBoard.nowUs }, signer });
    this.look(t, sensor, signer.publicKey, true);
    const block = new Block(2, 0);
    for (let i = 0; i < blocks; i++) {
      block.sequence = i;
      block.timeUs = (i + 1) * CONFIGURATION.blockUs;
      block.isFresh = i === 0 ? 1 : 0;
      for (let c = 0; c < 2; c++) block.analog.splice(c * ANALOG_FIELDS, ANALOG_FIELDS, 10, 1, 1, 10, 10);
      nodeBoard.nowUs = block.timeUs;
      sensor.step(block);
      while (sensor.idle());
      this.look(t, sensor, signer.publicKey, false);
    }
  }

  /** Takes in the frames that are new in the log; after a boot, checks those that were there before. */
  private look(t: ExecutionContext, sensor: Sensor, publicKey: Uint8Array, isBoot: boolean): void {
    const { log } = sensor.reporter;
    if (log.head < this.head) t.fail(`numbers from ${log.head} on would be given again, ${this.head - 1} was given`);
    for (let sequence = isBoot ? log.tail : this.head; sequence < log.head; sequence++) {
      const frame = readBack(log, sequence);
      const before = this.frames.get(sequence);
      if (frame === null) t.fail(`frame ${sequence} is not in the log`);
      else if (before !== undefined) t.is(Buffer.compare(before, frame), 0, `frame ${sequence} is another`);
      else this.take(t, sequence, frame, publicKey);
    }
    this.head = log.head;
  }

  private take(t: ExecutionContext, sequence: number, bytes: Uint8Array, publicKey: Uint8Array): void {
    const frame = receive(bytes, publicKey);
    t.is(frame.sequence, sequence);
    const previous = this.frames.get(sequence - 1);
    if (previous === undefined) t.is(frame.previous, undefined, 'only the first frame names none before it');
    else t.deepEqual(Buffer.from(frame.previous!), Buffer.from(receive(previous, publicKey).digest));
    this.frames.set(sequence, Buffer.from(bytes));
  }
}

test('a board whose power is cut at any flash operation keeps its key, its frames and its numbering', (t) => {
  const whole = new Life();
  t.true(whole.live(t, FIRST_BLOCKS));
  const { operations: firstOperations } = whole.flash;
  t.true(whole.live(t, SECOND_BLOCKS));
  const { operations, eraseCounts } = whole.flash;
  t.deepEqual(eraseCounts.slice(0, 2), [1, 0], 'one key was made, once');
  t.true(Math.min(...eraseCounts.slice(2)) >= 2, 'the ring of the log comes round');
  let keysMade = 0;
  for (let cut = 0; cut < operations; cut++) {
    const life = new Life();
    life.flash.cutPowerAt(cut);
    const isFirstWhole = life.live(t, FIRST_BLOCKS);
    t.is(isFirstWhole, cut >= firstOperations);
    const hadKey = life.publicKey !== null;
    if (isFirstWhole) t.false(life.live(t, SECOND_BLOCKS), `cut ${cut} did not come`);
    const head = life.head;
    t.true(life.live(t, FIRST_BLOCKS), `cut ${cut}`);
    t.true(life.head >= head + 10, `cut ${cut}: frames go on`);
    if (!hadKey) keysMade++;
  }
  t.is(keysMade, 2, 'the erase of the slot and the write of the record');
  t.log(`${operations} operations, ${firstOperations} of them in the first boot`);
});
