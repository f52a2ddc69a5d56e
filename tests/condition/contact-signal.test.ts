import test from 'ava';
import { Block, DIGITAL_LEVEL } from '../../modules/capture/block.js';
import { ContactLines } from '../../modules/condition/contact-signal.js';
import { QUALITY_BAD, QUALITY_GOOD } from '../../modules/condition/quality.js';
import { Random } from '../../simulator/random.js';
import { LineFeed } from './line-feed.js';

const DEBOUNCE_MS = 20;

interface Change {
  readonly level: number;
  readonly atMs: number;
  /** End of the block in which it was reported. */
  readonly toldMs: number;
}

/** Levels from given moments on (ms); the debounced changes up to `endMs`. */
function changesOf(edges: readonly number[], endMs: number, debounceMs = DEBOUNCE_MS): Change[] {
  const changes: Change[] = [];
  const feed = new LineFeed([debounceMs], (block) => {
    const [contact] = feed.contacts;
    if (contact.hasChanged === 1)
      changes.push({ level: contact.level, atMs: contact.changedAtUs / 1000, toldMs: block.timeUs / 1000 });
  });
  for (const edge of edges) {
    feed.runUntil(edge);
    feed.levels[0] ^= 1;
  }
  feed.runUntil(endMs);
  return changes;
}

test('the first level known is no change', (t) => {
  t.deepEqual(changesOf([], 200), []);
  t.deepEqual(changesOf([0], 200), []);
});

for (let offset = 0; offset < 10; offset++)
  test(`a clean edge in sample ${offset} of a block is told once, with its own time`, (t) => {
    const changes = changesOf([100 + offset, 300 + offset], 500);
    t.deepEqual(
      changes.map(({ level, atMs }) => [level, atMs]),
      [
        [1, 100 + offset],
        [0, 300 + offset],
      ],
    );
    for (const { atMs, toldMs } of changes) t.true(toldMs - atMs >= DEBOUNCE_MS && toldMs - atMs < DEBOUNCE_MS + 10);
  });

for (const seed of [1, 2, 3, 4, 5])
  test(`bounce shorter than the debounce time is one change at its first edge (seed ${seed})`, (t) => {
    const random = new Random(seed, 'bounce');
    for (let round = 0; round < 50; round++) {
      const edges = [100 + random.below(20)];
      // An even number of further edges, each within the debounce time of the one before, leaves the contact closed.
      const bounces = 2 * random.below(6);
      for (let i = 0; i < bounces; i++) edges.push(edges[edges.length - 1] + 1 + random.below(DEBOUNCE_MS - 1));
      const changes = changesOf(edges, 600);
      const last = edges[edges.length - 1];
      t.is(changes.length, 1, `edges ${edges}`);
      t.is(changes[0].level, 1);
      t.is(changes[0].atMs, edges[0], `edges ${edges}`);
      t.true(changes[0].toldMs - last >= DEBOUNCE_MS && changes[0].toldMs - last < DEBOUNCE_MS + 10, `edges ${edges}`);
    }
  });

test('a glitch shorter than the debounce time is no change, wherever it lies in the block', (t) => {
  for (let at = 100; at < 110; at++)
    for (let length = 1; length < DEBOUNCE_MS; length++)
      t.deepEqual(changesOf([at, at + length], 300), [], `from ${at} for ${length} ms`);
});

test('a pulse that holds for the debounce time and a block is two changes', (t) => {
  for (let at = 100; at < 110; at++) {
    const changes = changesOf([at, at + DEBOUNCE_MS + 10], 400);
    t.deepEqual(
      changes.map(({ level, atMs }) => [level, atMs]),
      [
        [1, at],
        [0, at + DEBOUNCE_MS + 10],
      ],
    );
  }
});

test('a glitch long before does not date a later change', (t) => {
  const changes = changesOf([100, 105, 200], 400);
  t.deepEqual(
    changes.map(({ atMs }) => atMs),
    [200],
  );
});

test('without debounce time a level counts at the end of its block, and a pulse within a block does not', (t) => {
  t.deepEqual(changesOf([103], 200, 0), [{ level: 1, atMs: 103, toldMs: 110 }]);
  t.deepEqual(changesOf([103, 107], 200, 0), []);
});

test('a level that changed in lost blocks is a change at the end of the first block after them', (t) => {
  const lines = new ContactLines([{ name: 'line', kind: 'contact', debounceMs: DEBOUNCE_MS }]);
  const [contact] = lines.contacts;
  const block = new Block(0, 1);
  const take = (timeMs: number, level: number) => {
    block.timeUs = timeMs * 1000;
    block.digital[DIGITAL_LEVEL] = level;
    block.digital[3] = block.digital[4] = -1;
    lines.take(block, 10, 1000);
  };
  take(10, 0);
  take(20, 0);
  take(500, 1);
  t.is(contact.hasChanged, 0);
  take(510, 1);
  take(520, 1);
  t.is(contact.hasChanged, 1);
  t.is(contact.changedAtUs, 500_000);
});

test('a contact that is not sampled is bad; sampled again it is good, and what it did meanwhile is no change', (t) => {
  const feed = new LineFeed([DEBOUNCE_MS]);
  const [contact] = feed.contacts;
  t.is(contact.quality, QUALITY_BAD);
  feed.levels[0] = 1;
  feed.run(100);
  t.is(contact.quality, QUALITY_GOOD);
  const block = new Block(0, 1);
  block.timeUs = 110_000;
  block.digital[DIGITAL_LEVEL] = -1;
  feed.lines.take(block, 10, 1000);
  t.is(contact.quality, QUALITY_BAD);
  t.is(contact.hasChanged, 0);
  feed.levels[0] = 0;
  for (let i = 0; i < 10; i++) {
    feed.run(10);
    t.is(contact.hasChanged, 0);
  }
  t.is(contact.quality, QUALITY_GOOD);
  t.is(contact.level, 0);
});

test('high samples and raw edges are counted', (t) => {
  const feed = new LineFeed([DEBOUNCE_MS]);
  const [contact] = feed.contacts;
  feed.run(10);
  feed.levels[0] = 1;
  feed.run(3);
  feed.levels[0] = 0;
  feed.run(7);
  t.is(contact.high, 3);
  t.is(contact.edges, 2);
  feed.levels[0] = 1;
  feed.run(10);
  t.is(contact.high, 13);
  t.is(contact.edges, 3);
});
