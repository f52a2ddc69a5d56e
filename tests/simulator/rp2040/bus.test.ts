import test from 'ava';
import { EmulatorError } from '../../../simulator/rp2040/emulator-error.js';
import { FLASH, putCode, run, SPIN, SRAM, spinning, started } from './small-image.js';

const DMA = 0x50000000;
const SIO_GPIO_IN = 0xd0000004;
const READ_ERROR = 1 << 30;
const WRITE_ERROR = 1 << 29;
/** Enabled, words, unpaced, chained to itself. */
const COPY = 1 | (2 << 2) | (63 << 15);

test('a store to flash stops the run and names address and PC', (t) => {
  const chip = spinning();
  putCode(chip, SRAM + 16, [0x6001, SPIN]); // str r1, [r0]
  chip.cpu.r[0] = FLASH + 0x100;
  chip.cpu.r[15] = SRAM + 16;
  const error = t.throws(() => run(chip, 1), { instanceOf: EmulatorError });
  t.is(error?.message, 'store to flash 0x10000100 (PC 0x20000010)');
  t.is(chip.flash[0x100], 0xff);
});

test('code that runs from flash while XIP is off is caught', (t) => {
  const chip = spinning();
  run(chip, 1);
  chip.bus.isXipOn = false;
  t.throws(() => run(chip, 1), { message: /fetch of flash while it is not readable \(XIP is off\), at 0x100000c0/ });
});

test('a load from flash while XIP is off is caught, from RAM code too', (t) => {
  const chip = spinning();
  putCode(chip, SRAM, [0x6801, SPIN]);
  chip.cpu.r[0] = 0x13000200;
  chip.cpu.r[15] = SRAM;
  chip.bus.isXipOn = false;
  t.throws(() => run(chip, 1), { message: /read of flash.*at 0x13000200 \(PC 0x20000000\)/ });
});

test('a DMA that reads flash while XIP is off is caught', (t) => {
  const chip = spinning();
  putCode(chip, SRAM, [SPIN]);
  chip.cpu.r[15] = SRAM;
  chip.bus.isXipOn = false;
  chip.bus.write32(DMA, FLASH + 0x400);
  chip.bus.write32(DMA + 4, SRAM + 64);
  chip.bus.write32(DMA + 8, 1);
  chip.bus.write32(DMA + 12, COPY);
  t.throws(() => run(chip, 1), { message: /read of flash.*at 0x10000400/ });
});

test('the same accesses are fine while XIP is on', (t) => {
  const chip = spinning();
  t.notThrows(() => run(chip, 10));
  t.is(chip.bus.read32(0x13000000), 0x20020000);
});

test('DMA has no way to the SIO: the channel halts with a read or write error', (t) => {
  for (const [from, to, error] of [
    [SIO_GPIO_IN, SRAM + 64, READ_ERROR],
    [SRAM + 64, 0xd0000010, WRITE_ERROR],
  ]) {
    const chip = spinning();
    chip.gpio(0).set(true);
    chip.bus.write32(DMA, from);
    chip.bus.write32(DMA + 4, to);
    chip.bus.write32(DMA + 8, 4);
    chip.bus.write32(DMA + 12, COPY);
    run(chip, 1);
    t.is(chip.bus.read32(SRAM + 64), 0);
    const control = chip.bus.read32(DMA + 0x10);
    t.is(control & (READ_ERROR | WRITE_ERROR), error);
    t.is(control & (1 << 24), 0, 'not busy');
  }
});

test('narrow writes to a register are repeated over the word, with its set and clear aliases', (t) => {
  const chip = spinning();
  chip.bus.write8(0x4005800c, 0x5a);
  t.is(chip.bus.read32(0x4005800c), 0x5a5a5a5a);
  chip.bus.write16(0x4005800c, 0x1234);
  t.is(chip.bus.read32(0x4005800c), 0x12341234);
  chip.bus.write32(0x4005a00c, 0x0000000f);
  chip.bus.write32(0x4005b00c, 0x00300000);
  t.is(chip.bus.read32(0x4005800c), 0x1204123f);
});

test('a peripheral that is held in reset stops whoever uses it', (t) => {
  const chip = started([SPIN]);
  t.throws(() => chip.bus.write32(DMA, 0), { message: /write to a peripheral that is held in reset, at 0x50000000/ });
  t.throws(() => chip.bus.read32(0x40038018), { message: /read of a peripheral that is held in reset, at 0x40038018/ });
  chip.bus.write32(0x4000f000, (1 << 2) | (1 << 23));
  t.notThrows(() => chip.bus.write32(DMA, 0));
  t.is(chip.bus.read32(0x40038018) & 0x80, 0x80);
});

test('unmapped and unaligned addresses stop the run', (t) => {
  const chip = spinning();
  t.throws(() => chip.bus.read32(0x30000000), { message: /read of unmapped 0x30000000/ });
  t.throws(() => chip.bus.write32(0x60000000, 1), { message: /write to unmapped 0x60000000/ });
  t.throws(() => chip.bus.read32(SRAM + 2), { message: /unaligned/ });
  t.throws(() => chip.bus.write16(SRAM + 1, 0), { message: /unaligned/ });
});
