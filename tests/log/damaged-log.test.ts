import test from 'ava';
import { FrameLog } from '../../modules/log/frame-log.js';
import { PowerCut, SimulatedFlash } from '../../simulator/flash.js';
import { append, readBack, sampleFrame } from './sample-record.js';

const SECTOR = 4096;
/** A frame of 100 bytes takes 128 bytes of flash, the first one of a sector stands at 16. */
const RECORD = 128;

function newFlash(sectors: number): SimulatedFlash {
  return new SimulatedFlash({ size: sectors * SECTOR, eraseBytes: SECTOR, pageBytes: 256 }, 1);
}

function fill(log: FrameLog, head: number): void {
  while (log.head < head) append(log, sampleFrame(`${log.head}`, 100));
}

test('a log whose last sector is filled to the last byte opens again', (t) => {
  // 17 records of 240 bytes are a sector's 4080 bytes.
  const flash = newFlash(2);
  const log = new FrameLog(flash);
  for (let i = 1; i <= 34; i++) append(log, sampleFrame(`${i}`, 224));
  const again = new FrameLog(flash);
  t.is(again.head, 35);
  t.deepEqual(readBack(again, 34), sampleFrame('34', 224));
});

test('a frame is read although the last one read stood in the same sector a ring before', (t) => {
  for (let head = 32; head < 130; head++) {
    const log = new FrameLog(newFlash(2));
    fill(log, 10);
    readBack(log, 5);
    fill(log, head);
    t.deepEqual(readBack(log, head - 1), sampleFrame(`${head - 1}`, 100), `${head}`);
  }
});

test('power cuts in the first record of two sectors running do not set the boot count back', (t) => {
  const flash = newFlash(5);
  let log = new FrameLog(flash);
  for (let boot = 0; boot < 5; boot++) {
    append(log, sampleFrame(`${log.head}`, 100));
    log = new FrameLog(flash);
  }
  fill(log, 32);
  t.is(log.boot, 6);
  for (let cut = 0; cut < 3; cut++) {
    flash.cutPowerAt(flash.operations + 2);
    t.throws(() => append(log, sampleFrame('torn', 100)), { instanceOf: PowerCut });
    flash.powerOn();
    log = new FrameLog(flash);
    t.true(log.boot >= 7, `boot ${log.boot} after cut ${cut}`);
    t.is(log.head, 32);
  }
});

test('a damaged length costs one frame, not those after it, and nothing is read outside the flash', (t) => {
  for (const sector of [0, 1]) {
    const flash = newFlash(2);
    const log = new FrameLog(flash);
    fill(log, sector === 0 ? 20 : 50);
    const first = sector === 0 ? 1 : 32;
    flash.cells.fill(0xff, sector * SECTOR + 16 + RECORD + 4, sector * SECTOR + 16 + RECORD + 6);
    t.is(readBack(log, first + 1), null);
    for (const sequence of [first, first + 2, first + 5])
      t.deepEqual(readBack(log, sequence), sampleFrame(`${sequence}`, 100), `${sequence}`);
  }
});

test('a flipped bit in the newest sector does not make numbers repeat after a reboot', (t) => {
  for (const byte of [4, 6, 8, 12, 60]) {
    const flash = newFlash(4);
    fill(new FrameLog(flash), 21);
    flash.cells[16 + RECORD * 9 + byte] ^= 1;
    const log = new FrameLog(flash);
    t.is(log.head, 21, `byte ${byte}`);
    t.is(readBack(log, 10), null);
    t.deepEqual(readBack(log, 11), sampleFrame('11', 100));
  }
});
