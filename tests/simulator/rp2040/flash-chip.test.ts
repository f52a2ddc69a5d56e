import test from 'ava';
import type { Rp2040 } from '../../../simulator/rp2040/rp2040.js';
import { call, putCode, romEntry, run, SPIN, SRAM, spinning } from './small-image.js';

const SSI = 0x18000000;
const QSPI_SS = 0x4001800c;
const SECTOR = 0x100000;

interface Functions {
  readonly exit: number;
  readonly erase: number;
  readonly program: number;
  readonly enter: number;
}

function functionsOf(chip: Rp2040): Functions {
  const of = (code: string) => romEntry(chip, 'function', code);
  return { exit: of('EX'), erase: of('RE'), program: of('RP'), enter: of('CX') };
}

test('an erase takes its time, sets all bits and leaves other sectors', (t) => {
  for (const eraseMs of [45, 400]) {
    const chip = spinning({ eraseMs });
    const rom = functionsOf(chip);
    chip.flash.fill(0x5a, SECTOR - 16, SECTOR + 4096 + 16);
    call(chip, rom.exit);
    const before = chip.nowUs;
    call(chip, rom.erase, SECTOR, 4096, 65536, 0xd8);
    const ms = (chip.nowUs - before) / 1000;
    t.true(ms >= eraseMs && ms < eraseMs + 0.1, `${ms} ms`);
    call(chip, rom.enter);
    t.true(chip.bus.isXipOn);
    t.is(chip.flash[SECTOR - 1], 0x5a);
    t.is(chip.flash[SECTOR], 0xff);
    t.is(chip.flash[SECTOR + 4095], 0xff);
    t.is(chip.flash[SECTOR + 4096], 0x5a);
  }
});

test('a program clears bits only and takes 0.4 ms a page', (t) => {
  const chip = spinning();
  const rom = functionsOf(chip);
  chip.sram.fill(0x0f, 0x100, 0x300);
  chip.flash.fill(0xf5, SECTOR, SECTOR + 256);
  call(chip, rom.exit);
  const before = chip.nowUs;
  call(chip, rom.program, SECTOR, SRAM + 0x100, 512);
  t.true(chip.nowUs - before >= 800 && chip.nowUs - before < 1100);
  t.is(chip.flash[SECTOR], 0x05);
  t.is(chip.flash[SECTOR + 256], 0x0f);
  t.is(chip.flash[SECTOR + 512], 0xff);
});

test('interrupts whose handler lies in RAM go on while a sector is erased', (t) => {
  const chip = spinning();
  const rom = functionsOf(chip);
  putCode(chip, SRAM + 0x800, [0x3701, 0x4770]); // adds r7, #1; bx lr
  chip.cpu.vtor = SRAM + 0x400;
  chip.bus.write32(SRAM + 0x400 + 4 * 15, (SRAM + 0x800) | 1);
  call(chip, rom.exit);
  chip.cpu.r[7] = 0;
  chip.bus.write32(0xe000e014, 124_999);
  chip.bus.write32(0xe000e018, 0);
  chip.bus.write32(0xe000e010, 7);
  call(chip, rom.erase, SECTOR, 4096, 65536, 0xd8);
  t.is(chip.cpu.r[7], 45);
});

test('a handler in flash meanwhile is caught', (t) => {
  const chip = spinning();
  const rom = functionsOf(chip);
  chip.cpu.vtor = SRAM + 0x400;
  chip.bus.write32(SRAM + 0x400 + 4 * 15, 0x100000c1);
  call(chip, rom.exit);
  chip.bus.write32(0xe000e014, 124_999);
  chip.bus.write32(0xe000e010, 7);
  t.throws(() => call(chip, rom.erase, SECTOR, 4096, 65536, 0xd8), { message: /fetch of flash.*0x100000c0/ });
});

test('data to be programmed must not lie in flash', (t) => {
  const chip = spinning();
  const rom = functionsOf(chip);
  call(chip, rom.exit);
  t.throws(() => call(chip, rom.program, SECTOR, 0x10000000, 256), { message: /read of flash.*0x10000000/ });
});

test('erase and program want XIP off, whole sectors and whole pages', (t) => {
  const chip = spinning();
  const rom = functionsOf(chip);
  t.throws(() => call(chip, rom.erase, SECTOR, 4096, 65536, 0xd8), { message: /without flash_exit_xip/ });
  const off = spinning();
  call(off, functionsOf(off).exit);
  t.throws(() => call(off, rom.erase, SECTOR + 256, 4096, 65536, 0xd8), { message: /part of a sector/ });
  t.throws(() => call(off, rom.program, SECTOR + 1, SRAM, 256), { message: /part of a page/ });
});

/** Commands sent through the SSI with the chip select driven by its override, as pico-sdk's flash_do_cmd does. */
function command(chip: Rp2040, bytes: readonly number[]): number[] {
  chip.bus.write32(QSPI_SS, 2 << 8);
  const answers = bytes.map((byte) => {
    chip.bus.write32(SSI + 0x60, byte);
    return chip.bus.read32(SSI + 0x60);
  });
  chip.bus.write32(QSPI_SS, 3 << 8);
  return answers;
}

test('the chip answers its unique id and its type over the SSI', (t) => {
  const uniqueId = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  const chip = spinning({ uniqueId });
  call(chip, functionsOf(chip).exit);
  t.deepEqual(command(chip, [0x4b, ...new Array(12).fill(0)]).slice(5), [...uniqueId]);
  t.deepEqual(command(chip, [0x9f, 0, 0, 0]).slice(1), [0xef, 0x40, 0x15]);
});

test('erase by command needs a write enable; the status tells when it is done', (t) => {
  const chip = spinning();
  putCode(chip, SRAM, [SPIN]);
  call(chip, functionsOf(chip).exit);
  chip.cpu.r[15] = SRAM;
  chip.flash[SECTOR] = 0;
  command(chip, [0x20, 0x10, 0x00, 0x00]);
  t.is(chip.flash[SECTOR], 0);
  command(chip, [0x06]);
  command(chip, [0x20, 0x10, 0x00, 0x00]);
  t.is(chip.flash[SECTOR], 0xff);
  t.is(command(chip, [0x05, 0])[1] & 1, 1, 'busy');
  run(chip, 45_001);
  t.is(command(chip, [0x05, 0])[1], 0);
  command(chip, [0x06]);
  command(chip, [0x02, 0x10, 0x00, 0xff, 0x12, 0x34]);
  t.is(chip.flash[SECTOR + 255], 0x12);
  t.is(chip.flash[SECTOR], 0x34, 'wraps within the page');
});

test('the power can fail at any operation: its observer may throw', (t) => {
  const chip = spinning();
  const rom = functionsOf(chip);
  chip.flash[SECTOR] = 0x42;
  call(chip, rom.exit);
  chip.flashChip.observer = () => {
    throw new Error('power cut');
  };
  t.throws(() => call(chip, rom.erase, SECTOR, 4096, 65536, 0xd8), { message: 'power cut' });
  t.is(chip.flash[SECTOR], 0x42);
});
