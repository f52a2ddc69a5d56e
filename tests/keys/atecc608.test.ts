/** The ATECC608 driver and signer against the simulated part, signatures against node:crypto. */
import { p256 } from '@noble/curves/nist.js';
import test, { type ExecutionContext } from 'ava';
import { Atecc608, crc16 } from '../../hosts/keys/atecc608.js';
import { Atecc608Signer } from '../../hosts/keys/atecc608-signer.js';
import { KIND_BOOT, KIND_HEARTBEAT, KIND_LOSS } from '../../modules/frame/kinds.js';
import { SIGNER_BUSY, SIGNER_DONE, SIGNER_FAILED } from '../../modules/sign/signer-state.js';
import { type PartKey, SimulatedAtecc608, WATCHDOG_US } from '../../simulator/atecc608.js';
import { sampleConfiguration } from '../sensor/sample-configuration.js';
import { Witness } from '../sensor/witness.js';
import { isSignature, NODE_DIGEST } from './node-digest.js';
import { SimulatedI2c } from './simulated-i2c.js';

const LOCKED = { isConfigurationLocked: true, isDataLocked: true };
const SIGNATURE_OPCODES = [0x1b, 0x16, 0x41];

function partKey(byte: number): PartKey {
  const secret = new Uint8Array(32).fill(byte);
  return {
    publicKey: p256.getPublicKey(secret, false).slice(1),
    sign: (digest) => p256.sign(digest, secret, { prehash: false, lowS: false }),
  };
}

class Bench {
  readonly bus = new SimulatedI2c();
  readonly part: SimulatedAtecc608;

  constructor(locks = LOCKED) {
    this.part = this.createPart(partKey(0x31), locks);
    this.bus.part = this.part;
  }

  createPart(key: PartKey, locks = LOCKED): SimulatedAtecc608 {
    return new SimulatedAtecc608(key, locks, () => this.bus.nowUs);
  }

  openDriver(address?: number): Atecc608 {
    const { io, clock } = this.bus;
    return new Atecc608({ io, data: 20, clock: 21, address, nowUs: clock });
  }

  openSigner(slot = 0): Atecc608Signer {
    return new Atecc608Signer(this.openDriver(), slot, NODE_DIGEST);
  }

  /** Signs as the firmware does, a poll every 10 ms; null when the signer failed. */
  sign(signer: Atecc608Signer, message: Uint8Array): Uint8Array | null {
    const signature = new Uint8Array(64);
    signer.start(message, message.length);
    for (let i = 0; i < 1000; i++) {
      this.bus.nowUs += 10_000;
      const state = signer.poll(signature);
      if (state === SIGNER_DONE) return signature;
      if (state === SIGNER_FAILED) return null;
    }
    throw new Error('the signer never answers');
  }

  assertSigns(t: ExecutionContext, signer: Atecc608Signer, name: string): void {
    const message = Buffer.from(name);
    const signature = this.sign(signer, message);
    t.true(signature !== null && isSignature(partKey(0x31).publicKey, message, signature), name);
  }
}

test('the CRC is that of the answer to a wake-up in the data sheet', (t) => {
  t.is(crc16(Uint8Array.of(0x04, 0x11), 0, 2), 0x4333);
});

test('a part tells its public key and signs; each signature begins with a fresh seed', (t) => {
  const bench = new Bench();
  const signer = bench.openSigner();
  t.deepEqual(signer.publicKey, partKey(0x31).publicKey);
  t.is(signer.assurance, 1);
  t.is(signer.algorithm, -9);
  t.deepEqual(bench.part.executed, [0x30, 0x02, 0x40]);
  bench.part.executed.length = 0;
  for (let i = 0; i < 20; i++) {
    const startUs = bench.bus.nowUs;
    bench.assertSigns(t, signer, `message ${i}`);
    t.true(bench.bus.nowUs - startUs < 300_000, `${bench.bus.nowUs - startUs} us`);
  }
  t.deepEqual(bench.part.executed, Array(20).fill(SIGNATURE_OPCODES).flat());
});

test('no poll takes longer than one transfer on the bus, with the part there or not', (t) => {
  const bench = new Bench();
  const signer = bench.openSigner();
  const message = Buffer.from('message');
  const signature = new Uint8Array(64);
  let longestUs = 0;
  for (const part of [bench.part, null]) {
    bench.bus.part = part;
    signer.start(message, message.length);
    for (let state: number = SIGNER_BUSY; state === SIGNER_BUSY; ) {
      bench.bus.nowUs += 10_000;
      const beforeUs = bench.bus.nowUs;
      state = signer.poll(signature);
      longestUs = Math.max(longestUs, bench.bus.nowUs - beforeUs);
    }
  }
  // The longest: a random number of 32 bytes is read, then the digest of 32 bytes is sent.
  t.true(longestUs < 8000, `${longestUs} us`);
  t.log(`${longestUs} us at 100 kHz`);
});

for (const direction of ['damagedReads', 'damagedWrites'] as const)
  test(`two transfers disturbed on the bus do no harm (${direction}); with all disturbed the signature fails`, (t) => {
    const bench = new Bench();
    const signer = bench.openSigner();
    for (const damaged of [1, 2]) {
      bench.bus[direction] = damaged;
      bench.assertSigns(t, signer, `${damaged} damaged`);
      t.true(bench.bus[direction] <= 0);
    }
    bench.bus[direction] = Infinity;
    t.is(bench.sign(signer, Buffer.from('all')), null);
    bench.bus[direction] = 0;
    bench.assertSigns(t, signer, 'after');
  });

test('any one transfer of a signature may be disturbed', (t) => {
  for (let transfer = 0; transfer < 12; transfer++)
    for (const direction of ['damagedReads', 'damagedWrites'] as const) {
      const bench = new Bench();
      const signer = bench.openSigner();
      bench.bus.transfersBeforeDamage = transfer;
      bench.bus[direction] = 1;
      bench.assertSigns(t, signer, `${direction}, transfer ${transfer}`);
    }
});

test('a part that was busy when the board reset is waited for', (t) => {
  for (const waitUs of [10, 1000, 20_000, 100_000, 114_000]) {
    const bench = new Bench();
    const before = bench.openSigner();
    before.start(Buffer.from('before'), 6);
    while (bench.part.executed.at(-1) !== 0x41) {
      bench.bus.nowUs += 10_000;
      before.poll(new Uint8Array(64));
    }
    bench.bus.nowUs += waitUs;
    bench.assertSigns(t, bench.openSigner(), `${waitUs} us after the command`);
  }
});

test('a disturbance while the part is taken into use is overcome', (t) => {
  for (const direction of ['damagedReads', 'damagedWrites'] as const) {
    const bench = new Bench();
    bench.bus[direction] = 2;
    bench.assertSigns(t, bench.openSigner(), direction);
  }
});

test('a part that fell asleep because the board was away for long is woken, known again, and signs', (t) => {
  for (let polls = 0; polls < 12; polls++) {
    const bench = new Bench();
    const signer = bench.openSigner();
    const message = Buffer.from(`away after ${polls} polls`);
    const signature = new Uint8Array(64);
    signer.start(message, message.length);
    let state: number = SIGNER_BUSY;
    for (let i = 0; state === SIGNER_BUSY; i++) {
      bench.bus.nowUs += i === polls ? WATCHDOG_US : 10_000;
      state = signer.poll(signature);
    }
    t.is(state, SIGNER_DONE, `${polls}`);
    t.true(isSignature(signer.publicKey, message, signature), `${polls}`);
  }
});

test('a start while a signature is under way gives that one up', (t) => {
  const bench = new Bench();
  const signer = bench.openSigner();
  for (let polls = 0; polls < 20; polls++) {
    signer.start(Buffer.from('given up'), 8);
    for (let i = 0; i < polls; i++) {
      bench.bus.nowUs += 10_000;
      signer.poll(new Uint8Array(64));
    }
    bench.assertSigns(t, signer, `the next, after ${polls} polls`);
  }
});

test('a part that is away fails within 0.2 s, and signs when it is back', (t) => {
  const bench = new Bench();
  const signer = bench.openSigner();
  bench.bus.part = null;
  const startUs = bench.bus.nowUs;
  t.is(bench.sign(signer, Buffer.from('away')), null);
  t.true(bench.bus.nowUs - startUs < 200_000, `${bench.bus.nowUs - startUs} us`);
  t.is(signer.poll(new Uint8Array(64)), SIGNER_FAILED, 'nothing is under way');
  bench.bus.part = bench.part;
  bench.part.executed.length = 0;
  bench.assertSigns(t, signer, 'back');
  t.deepEqual(bench.part.executed, [0x40, ...SIGNATURE_OPCODES], 'its key is looked at first');
});

test('another part in the place of the one that was away never signs', (t) => {
  const bench = new Bench();
  const signer = bench.openSigner();
  bench.bus.part = null;
  t.is(bench.sign(signer, Buffer.from('away')), null);
  const other = bench.createPart(partKey(0x32));
  bench.bus.part = other;
  for (let i = 0; i < 3; i++) t.is(bench.sign(signer, Buffer.from('another')), null);
  t.false(other.executed.includes(0x41));
  bench.bus.part = bench.part;
  bench.assertSigns(t, signer, 'back');
});

test('a part that cannot be used is refused in one line', (t) => {
  const absent = new Bench();
  absent.bus.part = null;
  t.throws(() => absent.openSigner(), { message: 'atecc608: no part answers' });
  t.throws(() => new Atecc608Signer(new Bench().openDriver(0x35), 0, NODE_DIGEST), { message: /no part answers/ });
  const open = { isConfigurationLocked: false, isDataLocked: false };
  t.throws(() => new Bench(open).openSigner(), { message: 'atecc608: its configuration zone is not locked' });
  const halfOpen = { isConfigurationLocked: true, isDataLocked: false };
  t.throws(() => new Bench(halfOpen).openSigner(), { message: 'atecc608: its data zone is not locked' });
  t.throws(() => new Bench().openSigner(3), { message: 'atecc608: slot 3 gives no public key' });
});

test('the driver gives both of its buses back', (t) => {
  const bench = new Bench();
  const driver = bench.openDriver();
  t.is(bench.bus.opened, 2);
  driver.close();
  t.is(bench.bus.opened, 0);
});

test('the firmware counts the frames lost while the part is away, and tells of them when it is back', (t) => {
  const bench = new Bench();
  const signer = bench.openSigner();
  const witness = new Witness(sampleConfiguration({ heartbeatMs: 1000 }), { signerOver: () => signer });
  const run = (blocks: number) => {
    for (let i = 0; i < blocks; i++) {
      bench.bus.nowUs += 10_000;
      witness.takeValues([i % 7, i % 5]);
    }
  };
  run(500);
  t.deepEqual(new Set(witness.frames().map(({ kind }) => kind)), new Set([KIND_BOOT, KIND_HEARTBEAT]));
  bench.bus.part = null;
  run(1000);
  t.is(witness.frames().length, 0);
  const lost = witness.sensor.reporter.framesLost;
  t.true(lost >= 3 && lost <= 12, `${lost}`);
  bench.bus.part = bench.part;
  run(500);
  const losses = witness.frames().filter(({ kind }) => kind === KIND_LOSS);
  t.deepEqual(
    losses.map(({ body }) => body.get(2)),
    [witness.sensor.reporter.framesLost],
  );
});
