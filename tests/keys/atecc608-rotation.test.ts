/**
 * The key of an ATECC608 is replaced in its second slot: alone, with transfers disturbed and the power cut, and on a whole
 * board by an operator's command, as the collector follows it.
 */
import { p256 } from '@noble/curves/nist.js';
import test, { type ExecutionContext } from 'ava';
import { Atecc608 } from '../../hosts/keys/atecc608.js';
import { Atecc608Signer } from '../../hosts/keys/atecc608-signer.js';
import { KEY_STORE_SECTORS } from '../../hosts/keys/key-store.js';
import { SlotStore } from '../../hosts/keys/slot-store.js';
import type { FlashPort, KeyRotation } from '../../modules/board.js';
import { KIND_COMMAND_RESULT, KIND_KEY } from '../../modules/frame/kinds.js';
import { SIGNER_BUSY, SIGNER_DONE, SIGNER_FAILED } from '../../modules/sign/signer-state.js';
import {
  KEY_SETTINGS_P256,
  type PartKey,
  type PartSlot,
  SETTINGS_UPDATABLE,
  SimulatedAtecc608,
} from '../../simulator/atecc608.js';
import { SimulatedFlash } from '../../simulator/flash.js';
import { BoardLife, SECTOR } from './board-life.js';
import { isSignature, NODE_DIGEST } from './node-digest.js';
import { SimulatedI2c } from './simulated-i2c.js';

const LOCKED = { isConfigurationLocked: true, isDataLocked: true };
const SECOND = 2;
const GENKEY = 0x40;
const MESSAGE = Buffer.from('sample');
const UPDATABLE = { settings: SETTINGS_UPDATABLE, keySettings: KEY_SETTINGS_P256 };
const SLOTS: readonly PartSlot[] = [
  { slot: 0, ...UPDATABLE },
  { slot: SECOND, ...UPDATABLE },
];

function keyFrom(secret: Uint8Array): PartKey {
  return {
    publicKey: p256.getPublicKey(secret, false).slice(1),
    sign: (digest) => p256.sign(digest, secret, { prehash: false, lowS: false }),
  };
}

function keyFlash(): SimulatedFlash {
  return new SimulatedFlash({ size: KEY_STORE_SECTORS * SECTOR, eraseBytes: SECTOR, pageBytes: 256 }, 1);
}

/** A part on its bus and the sectors beside it, over boots. */
class Bench {
  readonly bus = new SimulatedI2c();
  readonly flash: FlashPort;
  readonly part: SimulatedAtecc608;
  /** All that were ever made, the first one too. */
  readonly made: PartKey[] = [keyFrom(new Uint8Array(32).fill(0x31))];

  constructor(slots = SLOTS, flash: FlashPort = keyFlash()) {
    this.flash = flash;
    const create = (entropy: Uint8Array) => {
      const key = keyFrom(entropy);
      this.made.push(key);
      return key;
    };
    this.part = new SimulatedAtecc608(this.made[0], LOCKED, () => this.bus.nowUs, 1, { slots, create });
    this.bus.part = this.part;
  }

  open(): Atecc608Signer {
    const { io, clock } = this.bus;
    const part = new Atecc608({ io, data: 20, clock: 21, nowUs: clock });
    const store = new SlotStore(this.flash);
    return new Atecc608Signer(part, 0, NODE_DIGEST, { slot: SECOND, store });
  }

  /** A poll every 10 ms, as the firmware does it; null when the signer failed. */
  sign(signer: Atecc608Signer): Uint8Array | null {
    const signature = new Uint8Array(64);
    signer.start(MESSAGE, MESSAGE.length);
    for (;;) {
      this.bus.nowUs += 10_000;
      const state = signer.poll(signature);
      if (state !== SIGNER_BUSY) return state === SIGNER_DONE ? signature : null;
    }
  }

  prepare(signer: Atecc608Signer): Uint8Array | null {
    const publicKey = new Uint8Array(64);
    for (;;) {
      this.bus.nowUs += 10_000;
      const state = rotationOf(signer).prepare(publicKey);
      if (state !== SIGNER_BUSY) return state === SIGNER_DONE ? publicKey : null;
    }
  }

  /** Signs as the key that it names, and that is one of the part's. */
  assertSigns(t: ExecutionContext, signer: Atecc608Signer, name: string): void {
    const signature = this.sign(signer);
    t.true(signature !== null && isSignature(signer.publicKey, MESSAGE, signature), name);
    t.true([...this.part.keys.values()].some(({ publicKey }) => Buffer.from(publicKey).equals(signer.publicKey)));
  }

  holds(publicKey: Uint8Array): boolean {
    return [...this.part.keys.values()].some((key) => Buffer.from(key.publicKey).equals(publicKey));
  }
}

function rotationOf({ rotation }: Atecc608Signer): KeyRotation {
  if (rotation === undefined) throw new Error('this signer rotates');
  return rotation;
}

test('the next key is made in the other slot; once it signs, the old one is destroyed; and so on in turn', (t) => {
  const bench = new Bench();
  let signer = bench.open();
  for (let turn = 1; turn <= 4; turn++) {
    const old = signer.publicKey;
    const next = bench.prepare(signer);
    t.not(next, null);
    bench.assertSigns(t, signer, 'the old one until then');
    t.deepEqual(signer.publicKey, old);
    t.deepEqual(bench.prepare(signer), next, 'a frame that was given up announces the same key');
    t.true(rotationOf(signer).commit());
    t.deepEqual(signer.publicKey, next!);
    t.true(bench.holds(old));
    bench.assertSigns(t, signer, `turn ${turn}`);
    t.false(bench.holds(old), 'destroyed');
    t.false(rotationOf(signer).commit(), 'once');
    bench.part.executed.length = 0;
    signer = bench.open();
    t.deepEqual(signer.publicKey, next!, 'the next boot');
    bench.assertSigns(t, signer, 'after the next boot');
    t.is(bench.part.executed.filter((opcode) => opcode === GENKEY).length, 1, 'only its public key');
  }
});

test('a signature in between, at any poll, only delays the next key, and both are right', (t) => {
  for (let polls = 0; polls <= 20; polls++) {
    const bench = new Bench();
    const signer = bench.open();
    for (let i = 0; i < polls; i++) {
      bench.bus.nowUs += 10_000;
      rotationOf(signer).prepare(new Uint8Array(64));
    }
    bench.assertSigns(t, signer, `after ${polls} polls`);
    const next = bench.prepare(signer);
    t.true(rotationOf(signer).commit());
    bench.assertSigns(t, signer, `replaced, after ${polls} polls`);
    t.deepEqual(signer.publicKey, next!);
  }
});

test('any one transfer may be disturbed, from the making of the key to the end of the old one', (t) => {
  for (let transfer = 0; transfer < 24; transfer++)
    for (const direction of ['damagedReads', 'damagedWrites'] as const) {
      const bench = new Bench();
      const signer = bench.open();
      const old = signer.publicKey;
      bench.bus.transfersBeforeDamage = transfer;
      bench.bus[direction] = 1;
      t.not(bench.prepare(signer), null);
      t.true(rotationOf(signer).commit());
      bench.assertSigns(t, signer, `${direction}, transfer ${transfer}`);
      t.false(bench.holds(old));
    }
});

test('a part that is away, or another one, makes no next key, and the old one goes on', (t) => {
  const bench = new Bench();
  const signer = bench.open();
  bench.bus.part = null;
  t.is(bench.prepare(signer), null);
  t.false(rotationOf(signer).commit());
  bench.bus.part = new SimulatedAtecc608(keyFrom(new Uint8Array(32).fill(7)), LOCKED, () => bench.bus.nowUs);
  t.is(bench.prepare(signer), null, 'another part');
  bench.bus.part = bench.part;
  bench.assertSigns(t, signer, 'back');
  t.not(bench.prepare(signer), null);
});

test('where the part does not destroy the old key the new one signs all the same, and the next boot tries again', (t) => {
  const bench = new Bench();
  const signer = bench.open();
  const old = signer.publicKey;
  bench.prepare(signer);
  rotationOf(signer).commit();
  bench.part.makesKeys = false;
  bench.assertSigns(t, signer, 'with the old one left');
  bench.assertSigns(t, signer, 'and again');
  t.true(bench.holds(old));
  bench.part.makesKeys = true;
  bench.assertSigns(t, bench.open(), 'the next boot');
  t.false(bench.holds(old));
});

test('a flash that does not keep which slot is in use leaves the old key', (t) => {
  const bench = new Bench();
  const signer = bench.open();
  const old = signer.publicKey;
  bench.prepare(signer);
  const write = bench.flash.write.bind(bench.flash);
  bench.flash.write = () => {};
  t.false(rotationOf(signer).commit());
  bench.flash.write = write;
  bench.assertSigns(t, signer, 'the old one');
  t.deepEqual(signer.publicKey, old);
  t.true(rotationOf(signer).commit(), 'later it does');
});

test('slots that cannot take a key in turn are refused in one line', (t) => {
  const refused = (second: Omit<PartSlot, 'slot'>, message: RegExp) =>
    t.throws(() => new Bench([SLOTS[0], { slot: SECOND, ...second }]).open(), { message });
  refused({ ...UPDATABLE, settings: SETTINGS_UPDATABLE & ~0x2000 }, /slot 2 is not one for P-256 keys/);
  refused({ ...UPDATABLE, settings: SETTINGS_UPDATABLE & ~1 }, /slot 2 is not one for P-256 keys/);
  refused({ ...UPDATABLE, keySettings: 0x3c }, /slot 2 is not one for P-256 keys/);
  refused({ ...UPDATABLE, isLocked: true }, /slot 2 is locked/);
  const bench = new Bench([{ slot: SECOND, ...UPDATABLE }]);
  t.throws(() => bench.open(), { message: /slot 0 is not one for P-256 keys/ });
  const { io, clock } = bench.bus;
  const part = new Atecc608({ io, data: 20, clock: 21, nowUs: clock });
  t.is(new Atecc608Signer(part, 0, NODE_DIGEST).rotation, undefined, 'one slot: no rotation');
});

/** A whole board with that part. */
class Life extends BoardLife<Atecc608Signer> {
  readonly bench = new Bench(SLOTS, this.keys);

  boot(): void {
    this.start(this.bench.open());
  }

  protected override step(): void {
    this.bench.bus.nowUs += 10_000;
    super.step();
  }
}

function told(t: ExecutionContext): Life {
  const life = new Life(t);
  life.boot();
  life.run(200);
  life.rotate();
  return life;
}

test('a whole board replaces its key by command, and the collector follows', (t) => {
  const life = told(t);
  const [first, old] = [life.keyId, life.signer.publicKey];
  life.run(400);
  t.true(life.kinds.includes(KIND_COMMAND_RESULT));
  t.is(life.kinds.filter((kind) => kind === KIND_KEY).length, 1);
  t.not(life.keyId, first);
  t.is(life.signedBy, life.keyId);
  t.false(life.bench.holds(old));
  t.is(life.sensor.reporter.framesLost, 0);
});

test('the power is cut at any flash operation from the command on: the chain of keys holds', (t) => {
  const whole = told(t);
  const from = whole.flash.operations;
  whole.run(400);
  const after = { old: 0, next: 0, resumed: 0 };
  for (let cut = from; cut < whole.flash.operations; cut++) {
    const life = told(t);
    const [first, old] = [life.keyId, life.signer.publicKey];
    life.flash.cutPowerAt(cut);
    t.true(
      life.isCut(() => life.run(400)),
      `operation ${cut}`,
    );
    const wasNew = life.keyId !== first;
    life.boot();
    life.run(200);
    const isRotated = life.kinds.includes(KIND_KEY);
    t.is(life.keyId !== first, isRotated, `operation ${cut}: announced is taken, not announced is not`);
    t.is(life.signedBy, life.keyId);
    t.is(life.bench.holds(old), !isRotated, `operation ${cut}: the old key`);
    after[isRotated ? 'next' : 'old']++;
    if (isRotated && !wasNew) after.resumed++;
    const before = life.keyId;
    life.rotate();
    life.run(400);
    t.not(life.keyId, before, `operation ${cut}: it can be replaced again`);
    t.is(life.signedBy, life.keyId);
  }
  t.true(after.old > 3 && after.next > 3 && after.resumed > 0);
  t.log(after);
});

test('a poll while the next key is made tells that nothing is being signed', (t) => {
  const bench = new Bench();
  const signer = bench.open();
  rotationOf(signer).prepare(new Uint8Array(64));
  t.is(signer.poll(new Uint8Array(64)), SIGNER_FAILED);
  t.not(bench.prepare(signer), null);
});
