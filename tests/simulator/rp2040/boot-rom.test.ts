import test from 'ava';
import { Rp2040 } from '../../../simulator/rp2040/rp2040.js';
import { call, image, putCode, romEntry, run, SPIN, SRAM, spinning } from './small-image.js';

function bits(value: number): [number, number] {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return [view.getInt32(4), view.getInt32(0)];
}

function double(low: number, high: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setInt32(0, high);
  view.setInt32(4, low);
  return view.getFloat64(0);
}

test('the tables are where the SDK looks, an unknown code gives 0', (t) => {
  const chip = spinning();
  t.is(chip.bus.read32(0x10), 0x0301754d);
  t.not(romEntry(chip, 'function', 'MC'), 0);
  t.is(romEntry(chip, 'function', 'zz'), 0);
  t.not(romEntry(chip, 'data', 'SD'), 0);
  t.is(chip.bus.read8(romEntry(chip, 'data', 'SF') - 2), 32);
});

test('bit functions', (t) => {
  const chip = spinning();
  t.is(call(chip, romEntry(chip, 'function', 'P3'), 0xf0f0f0f1 | 0), 17);
  t.is(call(chip, romEntry(chip, 'function', 'L3'), 0), 32);
  t.is(call(chip, romEntry(chip, 'function', 'T3'), 8), 3);
  t.is(call(chip, romEntry(chip, 'function', 'T3'), 0), 32);
  t.is(call(chip, romEntry(chip, 'function', 'R3'), 1), -0x80000000);
});

test('memcpy and memset do their work, answer their first argument and take time', (t) => {
  const chip = spinning();
  chip.sram.set([1, 2, 3, 4, 5], 0x100);
  const copy = romEntry(chip, 'function', 'MC');
  const before = chip.cycles;
  t.is(call(chip, copy, SRAM + 0x200, SRAM + 0x100, 5), SRAM + 0x200);
  t.deepEqual([...chip.sram.subarray(0x200, 0x206)], [1, 2, 3, 4, 5, 0]);
  t.true(chip.cycles - before > 40);
  call(chip, romEntry(chip, 'function', 'MS'), SRAM + 0x200, 0xaa, 3);
  t.deepEqual([...chip.sram.subarray(0x200, 0x205)], [0xaa, 0xaa, 0xaa, 4, 5]);
});

test('double arithmetic, and what the ROM makes of zero, denormals, infinity and NaN', (t) => {
  const chip = spinning();
  const table = romEntry(chip, 'data', 'SD');
  const apply = (offset: number, a: number, b: number) => {
    call(chip, chip.bus.read32(table + offset), ...bits(a), ...bits(b));
    return double(chip.cpu.r[0], chip.cpu.r[1]);
  };
  t.is(apply(0x00, 0.1, 0.2), 0.1 + 0.2);
  t.is(apply(0x04, 0.1, 0.2), 0.1 - 0.2);
  t.is(apply(0x08, 1e200, -1e-3), -1e197);
  t.is(apply(0x0c, 1, 3), 1 / 3);
  t.is(apply(0x00, Infinity, -Infinity), Infinity, 'no NaN');
  t.is(apply(0x0c, 0, -0), -Infinity);
  t.is(apply(0x08, 0, -Infinity), -Infinity);
  t.is(apply(0x00, NaN, 1), Infinity);
  t.is(apply(0x00, 5e-324, 5e-324), 0);
});

test('conversions round down and clamp, 64 bits too', (t) => {
  const chip = spinning();
  const table = romEntry(chip, 'data', 'SD');
  const convert = (offset: number, value: number, places = 0) =>
    call(chip, chip.bus.read32(table + offset), ...bits(value), places);
  t.is(convert(0x1c, -1.5), -2);
  t.is(convert(0x1c, 1e12), 0x7fffffff);
  t.is(convert(0x24, -1), 0);
  t.is(convert(0x20, 1.5, 4), 24);
  convert(0x6c, -(2 ** 40) - 0.5);
  t.deepEqual([chip.cpu.r[0], chip.cpu.r[1]], [-1, -257]);
  call(chip, chip.bus.read32(table + 0x5c), -1, 0x001fffff);
  t.is(double(chip.cpu.r[0], chip.cpu.r[1]), 2 ** 53 - 1);
});

test('a call costs what the datasheet says it costs', (t) => {
  const chip = spinning();
  const multiply = chip.bus.read32(romEntry(chip, 'data', 'SD') + 8);
  const before = chip.cycles;
  call(chip, multiply, ...bits(2), ...bits(3));
  const cycles = chip.cycles - before;
  t.true(cycles >= 155 && cycles < 170, `${cycles}`);
});

test('functions that an image has no business with stop the run', (t) => {
  const chip = spinning();
  const reset = romEntry(chip, 'function', 'UB');
  t.throws(() => call(chip, reset), { message: /reset_to_usb_boot/ });
});

test('an image with a valid boot2 starts in it, from RAM and with XIP off', (t) => {
  const chip = new Rp2040();
  const bytes = image([SPIN]);
  const boot = new Uint8Array(256);
  const view = new DataView(boot.buffer);
  view.setUint16(0, SPIN, true);
  view.setUint32(252, crc(boot.subarray(0, 252)), true);
  bytes.set(boot.subarray(0, 0xc0));
  chip.loadBinary(boot);
  chip.runUntilUs(5);
  t.is(chip.cpu.r[15], 0x20041f00);
  t.false(chip.bus.isXipOn);
});

test('a breakpoint of the image stops the run', (t) => {
  const chip = spinning();
  putCode(chip, SRAM, [0xbe07]);
  chip.cpu.r[15] = SRAM;
  t.throws(() => run(chip, 1), { message: /breakpoint 7 \(PC 0x20000000\)/ });
});

/** CRC-32, polynomial 0x04c11db7, by long division over a bit string. */
function crc(bytes: Uint8Array): number {
  let register = 0xffffffffn;
  for (const byte of bytes) {
    for (let i = 7; i >= 0; i--) {
      const bit = ((register >> 31n) & 1n) ^ BigInt((byte >> i) & 1);
      register = ((register << 1n) & 0xffffffffn) ^ (bit === 1n ? 0x04c11db7n : 0n);
    }
  }
  return Number(register);
}
