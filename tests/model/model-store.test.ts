/** The store of the learned model on flash whose power fails, whose bits flip, and that holds what is not ours. */
import { createHash } from 'node:crypto';
import test from 'ava';
import { crc32c } from '../../modules/base/crc32c.js';
import type { Archive, Archived } from '../../modules/model/archive.js';
import {
  MODEL_DAMAGED,
  MODEL_LEARNED,
  MODEL_NOT_KEPT,
  MODEL_OF_OTHER_CONFIGURATION,
  MODEL_OF_OTHER_FORMAT,
  MODEL_TOO_LONG,
} from '../../modules/model/model-record.js';
import { MODEL_FORMAT, ModelStore } from '../../modules/model/model-store.js';
import { PowerCut, SimulatedFlash } from '../../simulator/flash.js';
import { NODE_DIGEST } from '../keys/node-digest.js';
import { learnedParts, SamplePart, sampleParts, stateOf } from './sample-parts.js';

const SECTOR = 4096;
const SLOT = 2 * SECTOR;
const PAGE = 256;
/** The head; the rest of its page stays erased. */
const HEAD = 68;
const CONFIGURATION = Uint8Array.from({ length: 16 }, (_, i) => 3 * i);

function newFlash(sectors = 4, seed = 1): SimulatedFlash {
  return new SimulatedFlash({ size: sectors * SECTOR, eraseBytes: SECTOR, pageBytes: PAGE }, seed);
}

function open(flash: SimulatedFlash, configuration = CONFIGURATION): ModelStore {
  return new ModelStore(flash, NODE_DIGEST, configuration);
}

/** Saves in pieces; how it ended. */
function save(store: ModelStore, parts: readonly Archived[]): number {
  store.save(parts);
  while (store.isSaving) store.work();
  return store.outcome;
}

/** What a board finds that boots on this flash; null: no model. */
function bootedState(flash: SimulatedFlash): string | null {
  const store = open(flash);
  const parts = sampleParts();
  return store.hasModel && store.load(parts) ? stateOf(parts) : null;
}

function reasons(...whys: number[]): number {
  return whys.reduce((bits, why) => bits | (1 << why), 0);
}

/** A flash with one saved model, and the bytes that it takes from the slot's start. */
function savedFlash(): { flash: SimulatedFlash; used: number; parts: readonly SamplePart[] } {
  const flash = newFlash();
  const parts = learnedParts(1);
  if (save(open(flash), parts) !== MODEL_LEARNED) throw new Error('not saved');
  let used = SLOT;
  while (flash.cells[used - 1] === 255) used--;
  return { flash, used: Math.ceil(used / PAGE) * PAGE, parts };
}

test('erased flash holds no model, and nothing to complain of', (t) => {
  const store = open(newFlash());
  t.false(store.hasModel);
  t.is(store.refusals, 0);
});

test('what was saved is read back to the bit, infinities and not-a-numbers too', (t) => {
  const flash = newFlash();
  const parts = learnedParts(5);
  parts[1].lists[3].splice(-4, 4, Infinity, -Infinity, NaN, -0);
  const store = open(flash);
  t.is(save(store, parts), MODEL_LEARNED);
  t.true(store.hasModel);
  const again = open(flash);
  t.deepEqual(again.digest, store.digest);
  const loaded = sampleParts();
  t.true(again.load(loaded));
  t.is(stateOf(loaded), stateOf(parts));
  t.is(again.refusals, 0);
});

test('the digest is SHA-256 chained over the pages of the body, as a stranger computes it', (t) => {
  const { flash, used } = savedFlash();
  const store = open(flash);
  let digest = Buffer.alloc(32);
  for (let at = PAGE; at < used; at += PAGE)
    digest = createHash('sha256')
      .update(digest)
      .update(flash.cells.subarray(at, at + PAGE))
      .digest();
  t.deepEqual(Buffer.from(store.digest), digest);
  t.deepEqual(Buffer.from(flash.cells.subarray(36, 68)), digest, 'and it stands in the head');
});

test('one piece of work is one erase, or a few pages: no piece is long', (t) => {
  const flash = newFlash();
  const store = open(flash);
  store.save(learnedParts(1));
  let pieces = 0;
  while (store.isSaving) {
    const { operations } = flash;
    const erases = flash.eraseCounts.reduce((a, b) => a + b);
    store.work();
    const erased = flash.eraseCounts.reduce((a, b) => a + b) - erases;
    t.true(flash.operations - operations <= (erased > 0 ? 1 : 2), `piece ${pieces}`);
    pieces++;
  }
  t.true(pieces > 25);
});

test('the power may go at any flash operation of three saves: the model before or the new one remains, or a clean none', (t) => {
  const states = [null, ...[1, 2, 3].map((seed) => stateOf(learnedParts(seed)))];
  const live = (flash: SimulatedFlash): number => {
    let saved = 0;
    try {
      // every model is saved by a boot of its own
      for (; saved < 3; saved++) if (save(open(flash), learnedParts(saved + 1)) !== MODEL_LEARNED) t.fail('not saved');
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
      flash.powerOn();
    }
    return saved;
  };
  const whole = newFlash();
  t.is(live(whole), 3);
  const { operations } = whole;
  let old = 0;
  for (let cut = 0; cut < operations; cut++) {
    // what a cut leaves is drawn from the seed
    const flash = newFlash(4, cut);
    flash.cutPowerAt(cut);
    const saved = live(flash);
    const found = bootedState(flash);
    if (found !== states[saved] && found !== states[saved + 1])
      t.fail(`cut ${cut}: neither model ${saved} nor the next`);
    if (found === states[saved]) old++;
    // and the flash is as good as before
    t.is(save(open(flash), learnedParts(9)), MODEL_LEARNED, `cut ${cut}`);
    t.is(bootedState(flash), stateOf(learnedParts(9)), `cut ${cut}`);
  }
  t.true(old > 0.9 * operations, 'the new model counts with its head, not before');
  t.log(`${operations} cut points, ${old} left the model before`);
});

test('every bit of a stored model is watched: one flipped is refused as damaged', (t) => {
  const { flash, used } = savedFlash();
  let bits = 0;
  for (let bit = 0; bit < 8 * used; bit++) {
    if (bit >> 3 >= HEAD && bit >> 3 < PAGE) continue;
    bits++;
    flash.cells[bit >> 3] ^= 1 << (bit & 7);
    const store = open(flash);
    if (store.hasModel || store.refusals !== reasons(MODEL_DAMAGED)) t.fail(`bit ${bit} of ${8 * used}`);
    flash.cells[bit >> 3] ^= 1 << (bit & 7);
  }
  t.true(open(flash).hasModel);
  t.log(`${bits} bits`);
});

test('a damaged model falls back on the one before, and says that it was damaged', (t) => {
  const flash = newFlash();
  for (const seed of [1, 2]) t.is(save(open(flash), learnedParts(seed)), MODEL_LEARNED);
  t.is(bootedState(flash), stateOf(learnedParts(2)));
  flash.cells[SLOT + 5 * PAGE] ^= 4;
  t.is(open(flash).refusals, reasons(MODEL_DAMAGED));
  t.is(bootedState(flash), stateOf(learnedParts(1)));
  t.is(save(open(flash), learnedParts(3)), MODEL_LEARNED);
  t.is(open(flash).refusals, 0, 'the next save goes where the damaged one was');
  t.is(bootedState(flash), stateOf(learnedParts(3)));
});

test('a model of another configuration is refused, stays where it is, and serves again when its configuration does', (t) => {
  const { flash, parts } = savedFlash();
  const other = Uint8Array.from(CONFIGURATION);
  other[15] ^= 1;
  const store = open(flash, other);
  t.false(store.hasModel);
  t.is(store.refusals, reasons(MODEL_OF_OTHER_CONFIGURATION));
  t.is(bootedState(flash), stateOf(parts));
  t.is(save(store, learnedParts(2)), MODEL_LEARNED);
  t.is(bootedState(flash), stateOf(parts));
  t.is(open(flash).refusals, reasons(MODEL_OF_OTHER_CONFIGURATION));
  t.is(open(flash, other).refusals, reasons(MODEL_OF_OTHER_CONFIGURATION));
  t.true(open(flash, other).hasModel);
});

/** Writes `value` into the head and makes its CRC right again. */
function forge(flash: SimulatedFlash, at: number, value: number): void {
  const head = new DataView(flash.cells.buffer, 0, HEAD);
  head.setUint16(at, value, true);
  head.setUint32(0, crc32c(flash.cells, 4, HEAD), true);
}

test('a model of another format is refused, older or newer', (t) => {
  for (const format of [MODEL_FORMAT - 1, MODEL_FORMAT + 1]) {
    const { flash } = savedFlash();
    forge(flash, 8, format);
    const store = open(flash);
    t.false(store.hasModel);
    t.is(store.refusals, reasons(MODEL_OF_OTHER_FORMAT));
  }
});

test('a model that is right in every bit but does not fit what is to be loaded is refused', (t) => {
  const unlike: [string, SamplePart[]][] = [
    ['a part more', [...sampleParts(), new SamplePart(1, 0)]],
    ['a part less', sampleParts().slice(0, 2)],
    ['other pieces', [new SamplePart(2, 3), ...sampleParts().slice(1)]],
    ['longer pieces', [new SamplePart(1, 4), ...sampleParts().slice(1)]],
    ['shorter pieces', [...sampleParts().slice(0, 2), new SamplePart(4, 29)]],
  ];
  for (const [title, parts] of unlike) {
    const { flash } = savedFlash();
    const store = open(flash);
    t.true(store.hasModel);
    t.false(store.load(parts), title);
    t.false(store.hasModel);
    t.is(store.refusals, reasons(MODEL_OF_OTHER_FORMAT));
    for (const part of parts) for (const list of part.lists) t.true(list.length <= 8 + 30, 'a length out of bounds');
    t.is(save(store, learnedParts(4)), MODEL_LEARNED);
    t.is(bootedState(flash), stateOf(learnedParts(4)));
  }
});

test('a model shorter than its head says, or longer than a slot, is refused', (t) => {
  const { flash } = savedFlash();
  const length = new DataView(flash.cells.buffer).getUint16(16, true);
  for (const [title, wrong, refusal] of [
    ['a byte less', length - 1, MODEL_OF_OTHER_FORMAT],
    ['a byte more', length + 1, MODEL_OF_OTHER_FORMAT],
    ['a page more', length + PAGE, MODEL_DAMAGED],
    ['beyond the slot', SLOT, MODEL_OF_OTHER_FORMAT],
  ] as const) {
    forge(flash, 16, wrong);
    const store = open(flash);
    t.false(store.hasModel && store.load(sampleParts()), title);
    t.is(store.refusals, reasons(refusal), title);
  }
});

test('a model that is too long for its slot is not stored, and harms nothing', (t) => {
  const flash = newFlash();
  const store = open(flash);
  t.is(save(store, learnedParts(1)), MODEL_LEARNED);
  const digest = store.digest.slice();
  t.is(save(store, [new SamplePart(40, 40).learn(1)]), MODEL_TOO_LONG);
  t.true(store.hasModel);
  t.deepEqual(store.digest, digest);
  t.is(bootedState(flash), stateOf(learnedParts(1)));
  t.is(save(store, learnedParts(2)), MODEL_LEARNED);
  t.is(bootedState(flash), stateOf(learnedParts(2)));
});

test('a slot can be filled to its last byte, not beyond', (t) => {
  const body = SLOT - PAGE;
  const filling = (bytes: number): Archived => ({
    archiveUnits: 1,
    archive: (_unit: number, archive: Archive) => archive.bytes(new Uint8Array(bytes - 2).fill(7)),
  });
  const flash = newFlash();
  t.is(save(open(flash), [filling(body)]), MODEL_LEARNED);
  t.true(open(flash).load([filling(body)]));
  t.is(save(open(flash), [filling(body + 1)]), MODEL_TOO_LONG);
});

/** Its cell `weakAt` loses all its bits with every write, once `isWeak`. */
class WeakFlash extends SimulatedFlash {
  weakAt = 0;
  isWeak = false;

  override write(at: number, from: Uint8Array, length: number): void {
    super.write(at, from, length);
    if (this.isWeak && at <= this.weakAt && this.weakAt < at + length) this.cells[this.weakAt] = 0;
  }
}

test('flash that does not keep what was written is found out, and the model before remains', (t) => {
  const flash = new WeakFlash({ size: 4 * SECTOR, eraseBytes: SECTOR, pageBytes: PAGE }, 1);
  t.is(save(open(flash), learnedParts(1)), MODEL_LEARNED);
  flash.isWeak = true;
  for (const weakAt of [SLOT, SLOT + 12, SLOT + 40, SLOT + 7 * PAGE]) {
    flash.weakAt = weakAt;
    t.is(save(open(flash), learnedParts(2)), MODEL_NOT_KEPT, `${weakAt}`);
    t.is(bootedState(flash), stateOf(learnedParts(1)));
  }
  flash.isWeak = false;
  t.is(save(open(flash), learnedParts(2)), MODEL_LEARNED);
  t.is(bootedState(flash), stateOf(learnedParts(2)));
});

test('a save that is left off leaves the model before, and another can begin', (t) => {
  const flash = newFlash();
  t.is(save(open(flash), learnedParts(1)), MODEL_LEARNED);
  const store = open(flash);
  for (const pieces of [1, 5, 12]) {
    store.save(learnedParts(2));
    for (let i = 0; i < pieces; i++) store.work();
    store.abandon();
    t.false(store.isSaving);
    t.is(bootedState(flash), stateOf(learnedParts(1)));
  }
  t.is(save(store, learnedParts(3)), MODEL_LEARNED);
  t.is(bootedState(flash), stateOf(learnedParts(3)));
});

test('saves take turns on the two slots: wear is shared', (t) => {
  const flash = newFlash();
  const store = open(flash);
  for (let i = 1; i <= 10; i++) t.is(save(store, learnedParts(i)), MODEL_LEARNED);
  t.deepEqual(flash.eraseCounts, [5, 5, 5, 5]);
  t.is(bootedState(flash), stateOf(learnedParts(10)));
});
