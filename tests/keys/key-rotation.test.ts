/**
 * The software signer replaces its key: alone, and on a whole board that is told to by an operator's command, with the
 * power cut at every flash operation in between; its frames as the collector follows them from key to key.
 */
import test, { type ExecutionContext } from 'ava';
import { type Noise, openDeviceKey } from '../../hosts/keys/device-key.js';
import type { FlashPartition } from '../../hosts/keys/flash-partition.js';
import { KEY_STORE_SECTORS, KeyStore } from '../../hosts/keys/key-store.js';
import { SoftwareSigner } from '../../hosts/keys/software-signer.js';
import type { KeyRotation } from '../../modules/board.js';
import { KIND_COMMAND_RESULT, KIND_KEY, KIND_LOSS } from '../../modules/frame/kinds.js';
import { keyIdOf } from '../../modules/sign/cose-key.js';
import { SIGNER_BUSY, SIGNER_DONE, SIGNER_FAILED } from '../../modules/sign/signer-state.js';
import { SimulatedFlash } from '../../simulator/flash.js';
import { Random } from '../../simulator/random.js';
import { BoardLife, SECTOR } from './board-life.js';
import { NodeCurve } from './node-curve.js';
import { isSignature, NODE_DIGEST } from './node-digest.js';

const SLICES = 4;
/** One call makes the key, one keeps it, then the slices of its point. */
const CALLS = 2 + SLICES;
const MESSAGE = Buffer.from('sample');

function noiseOf(seed: number): Noise {
  const random = new Random(seed, 'noise');
  return (into) => {
    for (let i = 0; i < into.length; i++) into[i] = random.below(256);
  };
}

function keyFlash(): SimulatedFlash {
  return new SimulatedFlash({ size: KEY_STORE_SECTORS * SECTOR, eraseBytes: SECTOR, pageBytes: 256 }, 1);
}

/** A signer as a board opens it. */
function opened(flash: SimulatedFlash | FlashPartition, noise: Noise): { signer: SoftwareSigner; secret: Buffer } {
  const store = new KeyStore(flash);
  const secret = openDeviceKey(store, noise, NODE_DIGEST);
  const copy = Buffer.from(secret);
  return { signer: new SoftwareSigner(secret, new NodeCurve(SLICES), NODE_DIGEST, { store, noise }), secret: copy };
}

function rotationOf({ rotation }: SoftwareSigner): KeyRotation {
  if (rotation === undefined) throw new Error('this signer rotates');
  return rotation;
}

/** Calls until the next key is there. */
function prepare(rotation: KeyRotation, publicKey: Uint8Array): number {
  for (let calls = 1; ; calls++) {
    const answer = rotation.prepare(publicKey);
    if (answer === SIGNER_FAILED) throw new Error('no key');
    if (answer === SIGNER_DONE) return calls;
  }
}

function sign(signer: SoftwareSigner): Uint8Array {
  const signature = new Uint8Array(64);
  signer.start(MESSAGE, MESSAGE.length);
  while (signer.poll(signature) === SIGNER_BUSY);
  return signature;
}

test('a key is replaced in bounded steps; the old one signs until then, and is erased', (t) => {
  const flash = keyFlash();
  const { signer, secret } = opened(flash, noiseOf(1));
  const rotation = rotationOf(signer);
  const [old, next] = [signer.publicKey, new Uint8Array(64)];
  t.false(rotation.commit(), 'nothing is prepared');
  t.is(prepare(rotation, next), CALLS);
  t.true(isSignature(old, MESSAGE, sign(signer)));
  t.deepEqual(signer.publicKey, old);
  const again = new Uint8Array(64);
  t.is(prepare(rotation, again), 1, 'a frame that was given up announces the same key');
  t.deepEqual(again, next);
  t.true(rotation.commit());
  t.deepEqual(signer.publicKey, next);
  t.deepEqual(signer.keyId, keyIdOf(next, NODE_DIGEST));
  t.true(isSignature(next, MESSAGE, sign(signer)));
  t.false(Buffer.from(flash.cells).includes(secret));
  t.deepEqual(opened(flash, noiseOf(2)).signer.publicKey, next);
  t.false(rotation.commit(), 'once');
  prepare(rotation, again);
  t.notDeepEqual(again, next);
});

test('a signature in between only delays the next key, and both are right', (t) => {
  for (let before = 0; before <= CALLS; before++) {
    const { signer } = opened(keyFlash(), noiseOf(1));
    const rotation = rotationOf(signer);
    const next = new Uint8Array(64);
    for (let i = 0; i < before; i++) rotation.prepare(next);
    t.true(isSignature(signer.publicKey, MESSAGE, sign(signer)));
    t.true(prepare(rotation, next) <= CALLS);
    t.true(rotation.commit());
    t.deepEqual(signer.publicKey, next);
    t.true(isSignature(next, MESSAGE, sign(signer)));
  }
});

test('a signature that was given up does not stand in the way of the next key', (t) => {
  const { signer } = opened(keyFlash(), noiseOf(1));
  const next = new Uint8Array(64);
  signer.start(MESSAGE, MESSAGE.length);
  signer.poll(new Uint8Array(64));
  t.is(prepare(rotationOf(signer), next), CALLS);
  t.is(signer.poll(new Uint8Array(64)), SIGNER_FAILED);
  t.true(rotationOf(signer).commit());
  t.true(isSignature(next, MESSAGE, sign(signer)));
});

test('failing noise, or a flash that does not keep it, makes no next key, and the old one stays', (t) => {
  const flash = keyFlash();
  let isFailing = true;
  const healthy = noiseOf(1);
  const { signer } = opened(flash, noiseOf(3));
  const store = new KeyStore(flash);
  const noise: Noise = (into) => (isFailing ? void into.fill(0x55, 0, 9) : healthy(into));
  const rotating = new SoftwareSigner(store.load()!, new NodeCurve(), NODE_DIGEST, { store, noise });
  const rotation = rotationOf(rotating);
  const { operations } = flash;
  t.is(rotation.prepare(new Uint8Array(64)), SIGNER_FAILED);
  t.is(flash.operations, operations);
  isFailing = false;
  const write = flash.write.bind(flash);
  flash.write = () => {};
  t.is(rotation.prepare(new Uint8Array(64)), SIGNER_BUSY);
  t.is(rotation.prepare(new Uint8Array(64)), SIGNER_FAILED);
  flash.write = write;
  t.false(rotation.commit());
  t.deepEqual(rotating.publicKey, signer.publicKey);
  prepare(rotation, new Uint8Array(64));
  t.true(rotation.commit());
});

test('a signer without a store has no rotation, and one with it shows nothing of its keys', (t) => {
  t.is(new SoftwareSigner(new Uint8Array(32).fill(1), new NodeCurve(), NODE_DIGEST).rotation, undefined);
  const { signer } = opened(keyFlash(), noiseOf(1));
  prepare(rotationOf(signer), new Uint8Array(64));
  t.deepEqual(Object.keys(signer).sort(), ['algorithm', 'assurance', 'keyId', 'publicKey']);
});

test('at start only the successor that was announced is taken', (t) => {
  const flash = keyFlash();
  const { signer } = opened(flash, noiseOf(1));
  const next = new Uint8Array(64);
  t.false(rotationOf(signer).resume(next), 'there is none');
  prepare(rotationOf(signer), next);
  const other = opened(flash, noiseOf(2)).signer;
  t.false(rotationOf(other).resume(signer.publicKey));
  t.deepEqual(other.publicKey, signer.publicKey);
  t.true(rotationOf(other).resume(next));
  t.deepEqual(other.publicKey, next);
});

/** Its first key is made at the first boot. */
class Life extends BoardLife<SoftwareSigner> {
  /** The private key that this boot found or made. */
  secret!: Buffer;
  private boots = 0;

  boot(noise = noiseOf(++this.boots)): void {
    const { signer, secret } = opened(this.keys, noise);
    this.secret = secret;
    this.start(signer);
  }
}

/** A board with a key and some frames, told to replace the key. */
function told(t: ExecutionContext): Life {
  const life = new Life(t);
  life.boot();
  life.run(120);
  life.rotate();
  return life;
}

test('a whole board replaces its key by command: the collector follows, and so does the next boot', (t) => {
  const life = told(t);
  const [first, secret] = [life.keyId, life.secret];
  life.run(200);
  const second = life.keyId;
  t.is(life.kinds.filter((kind) => kind === KIND_KEY).length, 1);
  t.true(life.kinds.includes(KIND_COMMAND_RESULT));
  t.not(second, first);
  t.is(life.signedBy, second);
  t.false(Buffer.from(life.flash.cells).includes(secret));
  life.boot();
  t.is(life.keyId, second);
  life.run(120);
  life.rotate();
  life.run(200);
  t.is(life.kinds.filter((kind) => kind === KIND_KEY).length, 2, 'and again');
  t.is(life.signedBy, life.keyId);
});

test('the power is cut at any flash operation from the command to frames by the new key: the chain of keys holds', (t) => {
  const whole = told(t);
  const from = whole.flash.operations;
  whole.run(200);
  const to = whole.flash.operations;
  const after = { old: 0, next: 0, resumed: 0 };
  for (let cut = from; cut < to; cut++) {
    const life = told(t);
    const [first, secret] = [life.keyId, life.secret];
    life.flash.cutPowerAt(cut);
    t.true(
      life.isCut(() => life.run(200)),
      `operation ${cut}`,
    );
    const wasNew = life.keyId !== first;
    life.boot();
    life.run(120);
    const isRotated = life.kinds.includes(KIND_KEY);
    t.is(life.keyId !== first, isRotated, `operation ${cut}: announced is taken, not announced is not`);
    t.is(life.signedBy, life.keyId);
    t.is(Buffer.from(life.flash.cells).includes(secret), !isRotated, `operation ${cut}: the old private key`);
    after[isRotated ? 'next' : 'old']++;
    if (isRotated && !wasNew) after.resumed++;
    const before = life.keyId;
    life.rotate();
    life.run(200);
    t.not(life.keyId, before, `operation ${cut}: it can be replaced again`);
    t.is(life.signedBy, life.keyId);
  }
  t.is(after.resumed, 2, 'the mark and the erase of the old slot');
  t.true(after.old > 3 && after.next > 3);
  t.log(`${to - from} cuts: ${after.old} before the announcement, ${after.next} after it`);
});

test('the power is cut again while the next boot makes up for it', (t) => {
  const whole = told(t);
  const from = whole.flash.operations;
  whole.run(200);
  let cuts = 0;
  for (let first = from; first < whole.flash.operations; first++)
    for (let second = 0; ; second++) {
      const life = told(t);
      const { secret } = life;
      life.flash.cutPowerAt(first);
      life.isCut(() => life.run(200));
      life.flash.cutPowerAt(life.flash.operations + second);
      if (!life.isCut(() => life.boot())) break;
      life.boot();
      life.run(120);
      cuts++;
      t.is(life.signedBy, life.keyId, `${first}, ${second}`);
      t.is(Buffer.from(life.flash.cells).includes(secret), !life.kinds.includes(KIND_KEY), `${first}, ${second}`);
    }
  t.true(cuts >= 3);
  t.log(`${cuts} second cuts`);
});

test('where no key can be made the old one goes on, and the frame that did not come is told as lost', (t) => {
  const life = new Life(t);
  life.boot();
  const stuck: Noise = (into) => void into.fill(0);
  life.boot(stuck);
  life.run(120);
  const first = life.keyId;
  life.rotate();
  life.run(200);
  t.is(life.keyId, first);
  t.false(life.kinds.includes(KIND_KEY));
  t.is(life.kinds.filter((kind) => kind === KIND_LOSS).length, 1);
  t.is(life.sensor.reporter.framesLost, 1);
});
