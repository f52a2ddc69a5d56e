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

/** Replaces the key, or makes the first one. */
function replace(store: KeyStore, name: string): void {
  if (store.load() === null) store.save(keyOf(name));
  else if (store.prepare(keyOf(name))) store.commit();
}

/** A store that had `keys` keys, one after the other: the last is current. */
function usedStore(seed: number, keys: number): { flash: SimulatedFlash; store: KeyStore } {
  const flash = new SimulatedFlash(SHAPE, seed);
  const store = new KeyStore(flash);
  for (let i = 0; i < keys; i++) replace(store, `${i}`);
  return { flash, store };
}

const holds = ({ cells }: SimulatedFlash, name: string) => Buffer.from(cells).includes(Buffer.from(keyOf(name)));

test('an empty store has no key; the first is there after a restart, a successor once it is committed', (t) => {
  const { flash, store } = usedStore(1, 0);
  t.is(store.load(), null);
  t.is(store.loadSuccessor(), null);
  t.false(store.commit());
  t.true(store.save(keyOf('0')));
  for (let i = 1; i < 5; i++) {
    t.false(store.commit(), 'nothing is prepared');
    t.true(store.prepare(keyOf('given up')));
    t.true(store.prepare(keyOf(`${i}`)));
    for (const each of [store, new KeyStore(flash)]) {
      t.deepEqual(each.load(), keyOf(`${i - 1}`));
      t.deepEqual(each.loadSuccessor(), keyOf(`${i}`));
    }
    t.true(store.commit());
    for (const each of [store, new KeyStore(flash)]) {
      t.deepEqual(each.load(), keyOf(`${i}`));
      t.is(each.loadSuccessor(), null);
    }
    t.false(holds(flash, `${i - 1}`) || holds(flash, 'given up'), 'keys of before are erased');
  }
  t.throws(() => store.save(keyOf('new')), { message: /there is a key already/ });
});

test('a power cut at any operation of a first key, a successor or its commit leaves the old key or the new one', (t) => {
  let torn = 0;
  for (let seed = 1; seed <= 50; seed++)
    for (let keys = 0; keys < 4; keys++)
      for (let cut = 0; cut < (keys === 0 ? 2 : 4); cut++) {
        const { flash, store } = usedStore(seed, keys);
        flash.cutPowerAt(flash.operations + cut);
        t.throws(() => replace(store, 'new'), { instanceOf: PowerCut });
        flash.powerOn();
        const again = new KeyStore(flash);
        const found = again.load();
        const old = keys === 0 ? null : keyOf(`${keys - 1}`);
        const isNew = found !== null && Buffer.compare(found, keyOf('new')) === 0;
        if (!isNew) t.deepEqual(found, old);
        else if (keys > 0) t.false(holds(flash, `${keys - 1}`), 'what the cut left of the old key is erased');
        if (keys > 0 && cut < 2) t.false(isNew, 'the mark alone makes it current');
        if (cut === 3) t.true(isNew);
        t.is(again.loadSuccessor() !== null && !isNew, cut === 2 && !isNew, 'a cut mark leaves the successor');
        torn++;
        replace(again, 'again');
        t.deepEqual(new KeyStore(flash).load(), keyOf('again'));
      }
  t.log(`${torn} cuts`);
});

test('a power cut while the next start erases what is left over is made up for by the one after', (t) => {
  for (let seed = 1; seed <= 50; seed++)
    for (const cut of [1, 3]) {
      const { flash, store } = usedStore(seed, 1);
      flash.cutPowerAt(flash.operations + cut);
      t.throws(() => replace(store, 'new'), { instanceOf: PowerCut });
      flash.powerOn();
      for (let i = 0; i < 3; i++) {
        flash.cutPowerAt(flash.operations);
        try {
          new KeyStore(flash);
        } catch (error) {
          if (!(error instanceof PowerCut)) throw error;
        }
        flash.powerOn();
      }
      t.deepEqual(new KeyStore(flash).load(), keyOf(cut === 1 ? '0' : 'new'));
      t.false(holds(flash, cut === 1 ? 'new' : '0'));
    }
});

test('a record with any byte damaged is not taken for a key, nor a successor without its whole mark', (t) => {
  for (let at = 0; at < 52; at++)
    for (const keys of [1, 2]) {
      const { flash, store } = usedStore(1, keys);
      if (keys === 1 && at >= 48) continue;
      const start = (keys - 1) * 4096;
      flash.cells[start + at] ^= 0x10;
      t.is(new KeyStore(flash).load(), null);
      flash.cells[start + at] ^= 0x10;
      store.prepare(keyOf('next'));
      flash.cells[4096 - start + at] ^= 0x10;
      const next = new KeyStore(flash);
      t.deepEqual(next.load(), keyOf(`${keys - 1}`));
      if (at < 48) t.is(next.loadSuccessor(), null);
      if (at < 48) t.false(next.commit());
      t.deepEqual(next.load(), keyOf(`${keys - 1}`));
    }
});

test('a flash that does not keep a key or its mark is found out, and the old key stays', (t) => {
  const { flash, store } = usedStore(1, 1);
  const write = flash.write.bind(flash);
  flash.write = (at, from, length) => {
    write(at, from, length);
    if (length > 4) flash.cells[at + 20] &= 0xf0;
  };
  t.false(store.prepare(keyOf('new')));
  t.is(store.loadSuccessor(), null);
  t.deepEqual(store.load(), keyOf('0'));
  flash.write = (at, from, length) => {
    if (length > 4) write(at, from, length);
  };
  t.true(store.prepare(keyOf('new')));
  t.false(store.commit());
  t.deepEqual(store.load(), keyOf('0'));
  t.deepEqual(new KeyStore(flash).load(), keyOf('0'));
  flash.write = write;
  t.true(store.commit());
  t.deepEqual(store.load(), keyOf('new'));
  const empty = new SimulatedFlash(SHAPE, 1);
  empty.write = () => {};
  t.false(new KeyStore(empty).save(keyOf('first')));
  t.throws(() => openDeviceKey(new KeyStore(empty), noiseOf(1), NODE_DIGEST), { message: /did not keep the key/ });
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
