import test from 'ava';
import { FRAME_BYTES_MAX } from '../../modules/limits.js';
import { FrameLog } from '../../modules/log/frame-log.js';
import { SimulatedFlash } from '../../simulator/flash.js';
import { Random } from '../../simulator/random.js';
import { append, readBack, sampleFrame } from './sample-record.js';

const SECTOR = 4096;

function newFlash(sectors: number): SimulatedFlash {
  return new SimulatedFlash({ size: sectors * SECTOR, eraseBytes: SECTOR, pageBytes: 256 }, 1);
}

/** Appends frames number `from` to `end` - 1 of 1 to 400 bytes; the frames by number. */
function fill(log: FrameLog, from: number, end: number, kept = new Map<number, Uint8Array>()): Map<number, Uint8Array> {
  const random = new Random(from, 'lengths');
  for (let sequence = from; sequence < end; sequence++) {
    const frame = sampleFrame(`frame ${sequence}`, 1 + random.below(400));
    append(log, frame);
    kept.set(sequence, frame);
  }
  return kept;
}

test('a log on new flash is empty and begins with number 1 and boot 1', (t) => {
  const log = new FrameLog(newFlash(4));
  t.is(log.tail, 1);
  t.is(log.head, 1);
  t.is(log.boot, 1);
  for (const sequence of [0, 1, 2, -1]) t.is(readBack(log, sequence), null);
});

test('what was appended is read back, in any order, and nothing outside tail and head', (t) => {
  const log = new FrameLog(newFlash(8));
  const frames = fill(log, 1, 60);
  t.is(log.tail, 1);
  t.is(log.head, 60);
  const random = new Random(3, 'order');
  for (let i = 0; i < 500; i++) {
    const sequence = 1 + random.below(59);
    t.deepEqual(readBack(log, sequence), frames.get(sequence)!, `frame ${sequence}`);
  }
  t.is(readBack(log, 0), null);
  t.is(readBack(log, 60), null);
});

test('the shortest and the longest frame fit', (t) => {
  const log = new FrameLog(newFlash(2));
  for (const length of [1, FRAME_BYTES_MAX, 15, 16, 17]) append(log, sampleFrame('f', length));
  [1, FRAME_BYTES_MAX, 15, 16, 17].forEach((length, i) => {
    t.deepEqual(readBack(log, 1 + i), sampleFrame('f', length));
  });
  t.throws(() => append(log, new Uint8Array(0)));
  t.throws(() => log.append(new Uint8Array(2000), FRAME_BYTES_MAX + 1));
});

for (const sectors of [2, 3, 5])
  test(`a ring of ${sectors} sectors keeps the newest frames and forgets whole sectors of the oldest`, (t) => {
    const flash = newFlash(sectors);
    const log = new FrameLog(flash);
    const frames = fill(log, 1, 400);
    t.is(log.head, 400);
    t.true(log.tail > 1);
    let bytes = 0;
    for (let sequence = log.tail; sequence < log.head; sequence++) {
      t.deepEqual(readBack(log, sequence), frames.get(sequence)!, `frame ${sequence}`);
      bytes += frames.get(sequence)!.length;
    }
    t.is(readBack(log, log.tail - 1), null);
    t.true(bytes > (sectors - 2) * SECTOR * 0.6, `${bytes} bytes kept`);
    const [least, most] = [Math.min(...flash.eraseCounts), Math.max(...flash.eraseCounts)];
    t.true(most - least <= 1, `sectors wear alike: ${flash.eraseCounts}`);
  });

test('re-opened, the log has the same bounds and frames, and counts the boot', (t) => {
  const flash = newFlash(4);
  const frames = new Map<number, Uint8Array>();
  let log = new FrameLog(flash);
  let next = 1;
  for (let boot = 1; boot <= 12; boot++) {
    t.is(log.boot, boot);
    fill(log, next, next + 13, frames);
    next += 13;
    const { tail, head } = log;
    log = new FrameLog(flash);
    t.is(log.tail, tail);
    t.is(log.head, head);
    for (let sequence = tail; sequence < head; sequence++)
      t.deepEqual(readBack(log, sequence), frames.get(sequence)!, `boot ${boot}, frame ${sequence}`);
  }
  t.true(log.tail > 1);
});

test('a boot that writes nothing is not counted', (t) => {
  const flash = newFlash(2);
  append(new FrameLog(flash), sampleFrame('a', 50));
  for (let i = 0; i < 3; i++) t.is(new FrameLog(flash).boot, 2);
});

test('a frame with a flipped bit is not returned, whichever byte of it', (t) => {
  const flash = newFlash(2);
  const log = new FrameLog(flash);
  for (let i = 0; i < 5; i++) append(log, sampleFrame(`${i}`, 100));
  const recordBytes = 128;
  for (let at = 16 + 2 * recordBytes; at < 16 + 2 * recordBytes + 116; at++) {
    for (const bit of [1, 128]) {
      flash.cells[at] ^= bit;
      t.is(readBack(log, 3), null, `byte ${at}`);
      t.deepEqual(readBack(log, 1), sampleFrame('0', 100));
      flash.cells[at] ^= bit;
    }
  }
  t.deepEqual(readBack(log, 3), sampleFrame('2', 100));
});

test('a flipped bit in the body of a frame leaves the frames after it readable', (t) => {
  const flash = newFlash(2);
  const log = new FrameLog(flash);
  for (let i = 0; i < 5; i++) append(log, sampleFrame(`${i}`, 100));
  flash.cells[16 + 2 * 128 + 50] ^= 4;
  t.is(readBack(log, 3), null);
  for (const i of [0, 1, 3, 4]) t.deepEqual(readBack(log, i + 1), sampleFrame(`${i}`, 100));
});

test('flash of fewer than two sectors, or of sectors too small for a frame, is refused', (t) => {
  t.throws(() => new FrameLog(newFlash(1)));
  t.throws(() => new FrameLog(new SimulatedFlash({ size: 8192, eraseBytes: 1024, pageBytes: 256 }, 1)));
});
