/** The device key: kept through power cuts, made from healthy noise only. */
import { createHash } from 'node:crypto';
import test from 'ava';
import { createKey, NOISE_BYTES, openDeviceKey } from '../../hosts/keys/device-key.js';
import { KeyStore } from '../../hosts/keys/key-store.js';
import {
  ENTROPY_PER_BIT,
  isNoiseHealthy,
  PROPORTION_CUTOFF,
  PROPORTION_WINDOW,
  REPETITION_CUTOFF,
} from '../../hosts/keys/noise-health.js';
import { PowerCut, SimulatedFlash } from '../../simulator/flash.js';
import { Random } from '../../simulator/random.js';
import { NODE_DIGEST } from './node-digest.js';

const SHAPE = { size: 8192, eraseBytes: 4096, pageBytes: 256 };

function keyOf(name: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(name).digest());
}

/** Bits that are 1 with the probability `share`. */
function noiseOf(seed: number, share = 0.5): (into: Uint8Array) => void {
  const random = new Random(seed, 'noise');
  return (into) => {
    for (let i = 0; i < into.length; i++) {
      into[i] = 0;
      for (let bit = 0; bit < 8; bit++) into[i] = (into[i] << 1) | (random.uniform() < share ? 1 : 0);
    }
  };
}

test('an empty store has no key; a saved one is there after a restart, and a later one wins', (t) => {
  const flash = new SimulatedFlash(SHAPE, 1);
  const store = new KeyStore(flash);
  t.is(store.load(), null);
  for (let i = 0; i < 5; i++) {
    store.save(keyOf(`${i}`));
    t.deepEqual(store.load(), keyOf(`${i}`));
    t.deepEqual(new KeyStore(flash).load(), keyOf(`${i}`));
  }
  t.deepEqual(flash.eraseCounts, [3, 2]);
});

test('a power cut at any operation of a save leaves the old key or the new one', (t) => {
  let torn = 0;
  for (let seed = 1; seed <= 50; seed++)
    for (let saves = 0; saves < 3; saves++)
      for (let cut = 0; cut < 2; cut++) {
        const flash = new SimulatedFlash(SHAPE, seed);
        const store = new KeyStore(flash);
        for (let i = 0; i < saves; i++) store.save(keyOf(`${i}`));
        flash.cutPowerAt(flash.operations + cut);
        t.throws(() => store.save(keyOf('new')), { instanceOf: PowerCut });
        flash.powerOn();
        const found = new KeyStore(flash).load();
        const old = saves === 0 ? null : keyOf(`${saves - 1}`);
        const isNew = found !== null && Buffer.compare(found, keyOf('new')) === 0;
        if (!isNew) t.deepEqual(found, old);
        torn++;
        const again = new KeyStore(flash);
        again.save(keyOf('again'));
        t.deepEqual(new KeyStore(flash).load(), keyOf('again'));
      }
  t.log(`${torn} cuts`);
});

test('a slot with any byte damaged is not taken for a key: the other one is, or none', (t) => {
  const flash = new SimulatedFlash(SHAPE, 1);
  const store = new KeyStore(flash);
  store.save(keyOf('first'));
  store.save(keyOf('second'));
  for (let at = 0; at < 48; at++) {
    flash.cells[4096 + at] ^= 0x10;
    t.deepEqual(new KeyStore(flash).load(), keyOf('first'));
    flash.cells[at] ^= 0x10;
    t.is(new KeyStore(flash).load(), null);
    flash.cells[at] ^= 0x10;
    flash.cells[4096 + at] ^= 0x10;
  }
});

test('a flash that does not keep the key is found out, and the old key stays', (t) => {
  const flash = new SimulatedFlash(SHAPE, 1);
  const store = new KeyStore(flash);
  store.save(keyOf('old'));
  const write = flash.write.bind(flash);
  flash.write = (at, from, length) => {
    write(at, from, length);
    flash.cells[at + 20] &= 0xf0;
  };
  t.throws(() => store.save(keyOf('new')), { message: 'keys: the flash did not keep the key' });
  t.deepEqual(store.load(), keyOf('old'));
});

test('what is not a private key is not kept', (t) => {
  const store = new KeyStore(new SimulatedFlash(SHAPE, 1));
  t.throws(() => store.save(new Uint8Array(32)), { message: /not a private key/ });
  t.throws(() => store.save(new Uint8Array(32).fill(255)), { message: /not a private key/ });
});

test('the first boot makes a key from noise, later ones find it and read no noise', (t) => {
  const flash = new SimulatedFlash(SHAPE, 1);
  let reads = 0;
  const noise = (into: Uint8Array) => {
    reads++;
    noiseOf(5)(into);
  };
  const key = openDeviceKey(new KeyStore(flash), noise, NODE_DIGEST);
  const raw = new Uint8Array(NOISE_BYTES);
  noiseOf(5)(raw);
  t.deepEqual(Buffer.from(key), createHash('sha256').update(raw).digest());
  t.is(reads, 1);
  t.deepEqual(openDeviceKey(new KeyStore(flash), noise, NODE_DIGEST), key);
  t.is(reads, 1);
});

test('no key is made from a noise source that has failed, and the store stays empty', (t) => {
  const flash = new SimulatedFlash(SHAPE, 1);
  for (const noise of [noiseOf(1, 0), noiseOf(1, 1), noiseOf(1, 0.99)])
    t.throws(() => openDeviceKey(new KeyStore(flash), noise, NODE_DIGEST), { message: /fails its health test/ });
  t.is(flash.operations, 0);
});

test('a hash that is no private key is drawn again, a few times', (t) => {
  let draws = 0;
  const digest = { sha256: (_: Uint8Array, __: number, into: Uint8Array) => void into.fill(++draws < 3 ? 255 : 7) };
  t.deepEqual(createKey(noiseOf(1), digest), new Uint8Array(32).fill(7));
  t.is(draws, 3);
  const never = { sha256: (_: Uint8Array, __: number, into: Uint8Array) => void into.fill(0) };
  t.throws(() => createKey(noiseOf(1), never), { message: /gives no private key/ });
});

test('the cutoffs of the health tests are those of SP 800-90B for the entropy claimed', (t) => {
  t.is(REPETITION_CUTOFF, 1 + Math.ceil(20 / ENTROPY_PER_BIT));
  // critbinom(W, p, 1 - alpha): the smallest k whose cumulative probability reaches it; logarithms, as (1 - p)^W is too small.
  const p = 2 ** -ENTROPY_PER_BIT;
  let logProbability = PROPORTION_WINDOW * Math.log(1 - p);
  let cumulative = 0;
  let k = 0;
  for (; ; k++) {
    cumulative += Math.exp(logProbability);
    if (cumulative >= 1 - 2 ** -20) break;
    logProbability += Math.log((PROPORTION_WINDOW - k) / (k + 1)) + Math.log(p / (1 - p));
  }
  t.is(PROPORTION_CUTOFF, 1 + k);
});

test('noise with the entropy claimed passes, a stuck run or a strong bias does not', (t) => {
  const noise = new Uint8Array(NOISE_BYTES);
  for (let seed = 1; seed <= 20; seed++)
    for (const share of [0.5, 0.3, 0.85, 1 - 2 ** -ENTROPY_PER_BIT]) {
      noiseOf(seed, share)(noise);
      t.true(isNoiseHealthy(noise), `seed ${seed}, share ${share}`);
    }
  noiseOf(1, 0.97)(noise);
  t.false(isNoiseHealthy(noise), 'bias');
  noiseOf(1)(noise);
  noise.fill(0, 500, 521);
  t.false(isNoiseHealthy(noise), 'a run of 168 bits');
  noiseOf(1)(noise);
  noise.fill(0, NOISE_BYTES - 21);
  t.false(isNoiseHealthy(noise), 'a run at the end');
  t.false(isNoiseHealthy(new Uint8Array(64)), 'too short');
});
