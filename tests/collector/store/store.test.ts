import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { SourceError } from '../../../hosts/collector/source.js';
import { Store, type StoreOptions } from '../../../hosts/collector/store/store.js';
import { type Frame, isRefusal, verifyFrame } from '../../../hosts/collector/verify.js';
import { SampleBoard } from '../sample-frames.js';

function folder(): string {
  return mkdtempSync(join(tmpdir(), 'store-'));
}

function verified(board: SampleBoard, count: number): Frame[] {
  return board.frames(count).map((bytes) => {
    const verdict = verifyFrame(bytes, board.keys);
    if (isRefusal(verdict)) throw new Error(verdict.reason);
    return verdict;
  });
}

function opened(directory: string, board: SampleBoard, options: Partial<StoreOptions> = {}) {
  const infos: string[] = [];
  const store = new Store(directory, { keys: board.keys, onInfo: (line) => infos.push(line), ...options });
  return { store, infos };
}

function segmentsOf(directory: string, board: SampleBoard, ending = '.cbor'): string[] {
  const device = join(directory, board.key.keyId);
  return readdirSync(device)
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => join(device, name));
}

test('frames are stored as received, each once, and found again by the next run', (t) => {
  const [directory, board] = [folder(), new SampleBoard()];
  const frames = verified(board, 200);
  const { store } = opened(directory, board);
  for (const frame of frames) t.true(store.append(frame));
  for (const frame of frames) t.true(store.append(frame));
  t.is(store.appended, 200);
  store.close();
  const [segment] = segmentsOf(directory, board);
  t.deepEqual(readFileSync(segment), Buffer.concat(frames.map(({ bytes }) => bytes)));
  const again = opened(directory, board);
  t.deepEqual(again.infos, []);
  t.deepEqual(again.store.held(board.key.keyId).list(), [{ first: 1, last: 200 }]);
  t.deepEqual(again.store.find(board.key.keyId, 77)?.bytes, frames[76].bytes);
  t.is(again.store.find(board.key.keyId, 201), undefined);
  t.is(again.store.device(board.key.keyId)?.lastOfKind(0)?.sequence, 1);
  again.store.close();
});

test('a segment ends at its size and at the end of the day', (t) => {
  const [directory, board] = [folder(), new SampleBoard()];
  let nowMs = Date.UTC(2026, 0, 1, 23, 59);
  const { store } = opened(directory, board, { segmentBytesMax: 2048, nowMs: () => nowMs });
  const frames = verified(board, 40);
  for (const frame of frames.slice(0, 30)) store.append(frame);
  nowMs += 120_000;
  for (const frame of frames.slice(30)) store.append(frame);
  store.close();
  const segments = segmentsOf(directory, board);
  t.true(segments.length > 3);
  t.true(segments.every((path) => statSync(path).size <= 2048));
  t.regex(segments[0], /000001-2026-01-01\.cbor$/);
  t.regex(segments.at(-1) as string, /-2026-01-02\.cbor$/);
  const all = Buffer.concat(segments.map((path) => readFileSync(path)));
  t.deepEqual(all, Buffer.concat(frames.map(({ bytes }) => bytes)));
  const again = opened(directory, board, { isReadOnly: true });
  t.deepEqual(again.store.held(board.key.keyId).list(), [{ first: 1, last: 40 }]);
  const stored = [...(again.store.device(board.key.keyId)?.frames() ?? [])];
  t.deepEqual(
    stored.map(({ sequence }) => sequence),
    frames.map(({ sequence }) => sequence),
  );
  t.is(stored[0].receivedMs, Date.UTC(2026, 0, 1, 23, 59));
});

test('a tail torn at any byte is cut, said, and only what was torn is gone', (t) => {
  const board = new SampleBoard();
  const frames = verified(board, 4);
  const whole = Buffer.concat(frames.map(({ bytes }) => bytes));
  const last = frames[3].bytes.length;
  for (let torn = 1; torn < last; torn++) {
    const directory = folder();
    const { store } = opened(directory, board);
    for (const frame of frames) store.append(frame);
    store.close();
    const [segment] = segmentsOf(directory, board);
    truncateSync(segment, whole.length - torn);
    const again = opened(directory, board);
    t.deepEqual(again.store.held(board.key.keyId).list(), [{ first: 1, last: 3 }], `${torn} bytes torn`);
    t.true(again.infos.some((line) => line.endsWith(`cut ${last - torn} bytes from its end: a frame half written`)));
    t.true(again.store.append(frames[3]));
    again.store.close();
    t.deepEqual(readFileSync(segment), whole);
    rmSync(directory, { recursive: true });
  }
});

test('zeros and noise after the last frame, as a power failure leaves them, are cut', (t) => {
  const board = new SampleBoard();
  const frames = verified(board, 3);
  for (const tail of [Buffer.alloc(5000), Buffer.from('d28458', 'hex'), frames[2].bytes.subarray(0, 90)]) {
    const directory = folder();
    const { store } = opened(directory, board);
    for (const frame of frames) store.append(frame);
    store.close();
    const [segment] = segmentsOf(directory, board);
    writeFileSync(segment, tail, { flag: 'a' });
    const again = opened(directory, board);
    t.is(again.infos.length, 1);
    t.deepEqual(again.store.held(board.key.keyId).list(), [{ first: 1, last: 3 }]);
    again.store.close();
    t.is(statSync(segment).size, Buffer.concat(frames.map(({ bytes }) => bytes)).length);
  }
});

test('the index is made again when it is gone, cut, or damaged anywhere', (t) => {
  const [directory, board] = [folder(), new SampleBoard()];
  const frames = verified(board, 10);
  const { store } = opened(directory, board);
  for (const frame of frames) store.append(frame);
  store.close();
  const [index] = segmentsOf(directory, board, '.index');
  const good = readFileSync(index);
  t.is(good.length, 440);
  const damaged = Array.from({ length: good.length }, (_, at) => {
    const bytes = Buffer.from(good);
    bytes[at] ^= 0x10;
    return bytes;
  });
  const alternatives = [Buffer.alloc(0), good.subarray(0, 100), Buffer.alloc(1000, 0xff), ...damaged];
  for (const bytes of alternatives) {
    writeFileSync(index, bytes);
    const again = opened(directory, board);
    t.deepEqual(again.store.held(board.key.keyId).list(), [{ first: 1, last: 10 }]);
    t.deepEqual(again.store.find(board.key.keyId, 10)?.bytes, frames[9].bytes);
    t.deepEqual(again.store.find(board.key.keyId, 1)?.bytes, frames[0].bytes);
    again.store.close();
    t.is(statSync(index).size, 440);
  }
});

test('a bit that rotted costs its frame only, which is wanted again', (t) => {
  const [directory, board] = [folder(), new SampleBoard()];
  const frames = verified(board, 6);
  const { store } = opened(directory, board);
  for (const frame of frames) store.append(frame);
  store.close();
  const [segment] = segmentsOf(directory, board);
  const bytes = readFileSync(segment);
  bytes[frames[0].bytes.length + frames[1].bytes.length + 90] ^= 1;
  writeFileSync(segment, bytes);
  rmSync(segmentsOf(directory, board, '.index')[0]);
  const again = opened(directory, board);
  t.deepEqual(again.store.held(board.key.keyId).gaps(1), [{ first: 3, last: 3 }]);
  t.true(again.infos.some((line) => line.includes(`${frames[2].bytes.length} bytes in it are no frame`)));
  again.store.append(frames[2]);
  again.store.close();
  t.deepEqual(opened(directory, board).store.held(board.key.keyId).list(), [{ first: 1, last: 6 }]);
});

test('what is lost for ever is remembered, also behind a line that was cut', (t) => {
  const [directory, board] = [folder(), new SampleBoard()];
  const { store } = opened(directory, board);
  store.append(verified(board, 1)[0]);
  store.lose(board.key.keyId, 2, 5, 'overwritten on the board');
  store.close();
  const path = join(directory, board.key.keyId, 'losses.jsonl');
  writeFileSync(path, '{"first":9,"la', { flag: 'a' });
  const second = opened(directory, board).store;
  second.lose(board.key.keyId, 8, 8, 'missing');
  second.close();
  const losses = opened(directory, board, { isReadOnly: true }).store.device(board.key.keyId)?.losses;
  t.deepEqual(losses?.runs.list(), [
    { first: 2, last: 5 },
    { first: 8, last: 8 },
  ]);
});

test('a store in use is refused to a second collector, and the lock of one that died does not count', (t) => {
  const [directory, board] = [folder(), new SampleBoard()];
  writeFileSync(join(directory, 'lock'), `${process.ppid} 1`);
  const { store } = opened(directory, board);
  store.close();
  const holder = readFileSync(`/proc/${process.ppid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19];
  writeFileSync(join(directory, 'lock'), `${process.ppid} ${holder}`);
  t.throws(() => opened(directory, board), { instanceOf: SourceError, message: /uses this store/ });
});

test('frames of a device whose key is gone are left alone, and said', (t) => {
  const [directory, board, other] = [folder(), new SampleBoard(), new SampleBoard()];
  const { store } = opened(directory, board);
  store.append(verified(board, 1)[0]);
  store.close();
  const { infos } = opened(directory, other);
  t.regex(infos[0], /there is no key of this device/);
});

/** Lets this process open `files` files more than it has open now; undefined where that cannot be set. */
function limitFiles(files: number): (() => void) | undefined {
  const set = (softLimit: number | string) =>
    spawnSync('prlimit', ['--pid', `${process.pid}`, `--nofile=${softLimit}:`], { timeout: 10_000 }).status === 0;
  try {
    const before = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    const isSet = before !== undefined && set(readdirSync('/proc/self/fd').length + files);
    return isSet ? () => void set(before) : undefined;
  } catch {
    return undefined;
  }
}

test('more devices than files that may be open: every frame is stored all the same', (t) => {
  const boards = Array.from({ length: 60 }, () => new SampleBoard());
  const keys = new Map(boards.flatMap((board) => [...board.keys]));
  const frames = boards.map((board) => verified(board, 3));
  const directory = folder();
  const restore = limitFiles(24);
  if (restore === undefined) t.log('not limited: prlimit (util-linux) or /proc is not there');
  try {
    const store = new Store(directory, { keys });
    for (let i = 0; i < 3; i++) for (const own of frames) t.true(store.append(own[i]));
    store.close();
    const again = new Store(directory, { keys, isReadOnly: true });
    t.is(again.keyIds.length, 60);
    for (const keyId of again.keyIds) t.is(again.held(keyId).size, 3);
  } finally {
    restore?.();
  }
});
