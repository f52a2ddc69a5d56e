import test from 'ava';
import { PowerCut, SimulatedFlash, SMALL_FLASH } from '../../simulator/flash.js';

const bytesOf = (length: number, value: number) => new Uint8Array(length).fill(value);

function readBack(flash: SimulatedFlash, at: number, length: number): number[] {
  const into = new Uint8Array(length);
  flash.read(at, into, length);
  return [...into];
}

test('flash is 0xFF at first and after an erase of exactly its sector', (t) => {
  const flash = new SimulatedFlash(SMALL_FLASH, 1);
  t.true(readBack(flash, 0, flash.size).every((byte) => byte === 0xff));
  flash.write(4000, bytesOf(200, 0), 200);
  flash.erase(4096);
  t.deepEqual(readBack(flash, 4095, 2), [0, 0xff]);
  t.deepEqual(flash.eraseCounts.slice(0, 3), [0, 1, 0]);
});

test('a write clears bits, and one that would set a bit is refused and changes nothing', (t) => {
  const flash = new SimulatedFlash(SMALL_FLASH, 1);
  flash.write(10, bytesOf(2, 0x0f), 2);
  flash.write(10, bytesOf(1, 0x03), 1);
  t.deepEqual(readBack(flash, 9, 4), [0xff, 0x03, 0x0f, 0xff]);
  t.throws(() => flash.write(9, bytesOf(3, 0x07), 3), { message: 'flash: write at 10 would set bits' });
  t.deepEqual(readBack(flash, 9, 4), [0xff, 0x03, 0x0f, 0xff]);
});

test('an erase off the grid and accesses outside the flash or the buffer are refused', (t) => {
  const flash = new SimulatedFlash(SMALL_FLASH, 1);
  t.throws(() => flash.erase(100), { message: /not the start of a sector/ });
  t.throws(() => flash.erase(flash.size), { message: /outside/ });
  t.throws(() => flash.write(flash.size - 1, bytesOf(2, 0), 2), { message: /outside/ });
  t.throws(() => flash.read(-1, bytesOf(2, 0), 2), { message: /outside/ });
  t.throws(() => flash.write(0, bytesOf(2, 0), 3), { message: /3 bytes from 2/ });
  t.throws(() => flash.read(0, bytesOf(2, 0), 3), { message: /3 bytes into 2/ });
});

test('each page that a write touches is one operation, and so is an erase', (t) => {
  const flash = new SimulatedFlash(SMALL_FLASH, 1);
  flash.write(0, bytesOf(256, 0), 256);
  t.is(flash.operations, 1);
  flash.write(511, bytesOf(258, 0), 258);
  t.is(flash.operations, 4);
  flash.erase(0);
  t.is(flash.operations, 5);
  flash.write(0, bytesOf(1, 0), 0);
  t.is(flash.operations, 5);
});

test('a power cut in a write leaves a prefix, one byte with some bits cleared, and the rest untouched', (t) => {
  const lengths = new Set<number>();
  for (let seed = 1; seed <= 50; seed++) {
    const flash = new SimulatedFlash(SMALL_FLASH, seed);
    flash.write(0, bytesOf(100, 0x5a), 100);
    flash.cutPowerAt(1);
    t.throws(() => flash.write(300, bytesOf(100, 0x5a), 100), { instanceOf: PowerCut });
    flash.powerOn();
    const cells = readBack(flash, 300, 100);
    const whole = cells.findIndex((byte) => byte !== 0x5a);
    // The byte at the cut may by chance be complete, or untouched.
    t.true(whole >= 0 && whole <= 100, `seed ${seed}`);
    t.is(cells[whole] & 0x5a, 0x5a, `seed ${seed}: only bits of the value are cleared`);
    t.true(
      cells.slice(whole + 1).every((byte) => byte === 0xff),
      `seed ${seed}`,
    );
    t.true(readBack(flash, 0, 100).every((byte) => byte === 0x5a));
    lengths.add(whole);
  }
  t.true(lengths.size > 20);
});

test('a power cut between the pages of a long write keeps the pages before', (t) => {
  const flash = new SimulatedFlash(SMALL_FLASH, 1);
  flash.cutPowerAt(1);
  t.throws(() => flash.write(0, bytesOf(768, 0), 768), { instanceOf: PowerCut });
  flash.powerOn();
  t.true(readBack(flash, 0, 256).every((byte) => byte === 0));
  t.true(readBack(flash, 512, 256).every((byte) => byte === 0xff));
});

test('a power cut in an erase leaves a mixture in that sector only', (t) => {
  const flash = new SimulatedFlash(SMALL_FLASH, 1);
  flash.write(0, bytesOf(12288, 0x33), 12288);
  flash.cutPowerAt(flash.operations);
  t.throws(() => flash.erase(4096), { instanceOf: PowerCut });
  flash.powerOn();
  const cells = readBack(flash, 4096, 4096);
  t.true(cells.includes(0x33) && cells.includes(0xff) && cells.some((byte) => byte !== 0x33 && byte !== 0xff));
  t.true([...readBack(flash, 0, 4096), ...readBack(flash, 8192, 4096)].every((byte) => byte === 0x33));
});

test('without power nothing works, and afterwards the flash is usable again', (t) => {
  const flash = new SimulatedFlash(SMALL_FLASH, 1);
  flash.cutPowerAt(0);
  t.throws(() => flash.erase(0), { instanceOf: PowerCut, message: 'power cut at flash operation 0' });
  t.throws(() => flash.erase(0), { instanceOf: PowerCut });
  t.throws(() => flash.write(0, bytesOf(1, 0), 1), { instanceOf: PowerCut });
  t.throws(() => flash.read(0, bytesOf(1, 0), 1), { instanceOf: PowerCut });
  flash.powerOn();
  flash.erase(0);
  flash.write(0, bytesOf(1, 0), 1);
  t.deepEqual(readBack(flash, 0, 2), [0, 0xff]);
});

test('the same seed tears the flash in the same way', (t) => {
  const torn = (seed: number) => {
    const flash = new SimulatedFlash(SMALL_FLASH, seed);
    flash.cutPowerAt(0);
    t.throws(() => flash.erase(0), { instanceOf: PowerCut });
    return Buffer.from(flash.cells).toString('hex');
  };
  t.is(torn(1), torn(1));
  t.not(torn(1), torn(2));
});
