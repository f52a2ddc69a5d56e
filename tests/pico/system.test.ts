/** hosts/pico/flash.c and system.c on the emulated chip. */
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import test from 'ava';
import { chipTest, prepareImage } from './chip-test.js';
import {
  CLOCK,
  DEVICE_ID,
  ENTROPY_READ,
  FLASH_ERASE,
  FLASH_READ,
  IMAGE,
  IMAGE_BYTES,
  RESET,
  RESET_REASON,
  TestBoard,
  WATCHDOG_FEED,
  WATCHDOG_START,
} from './test-board.js';

const DATA_START = 0x100000;
const DATA_BYTES = 0x100000;
const SECTOR_BYTES = 4096;
const RESET_POWER_ON = 1;
const RESET_WATCHDOG = 2;
const RESET_SOFTWARE = 3;
/** The functions marked IN_RAM. */
const IN_RAM = ['operate', 'readId', 'selectChip', 'onUart', 'onEnable', 'receive', 'feed', 'startMessage'];

test.before(prepareImage);

chipTest('flash is erased by the sector and written across pages, bits only from 1 to 0', (t) => {
  const board = new TestBoard();
  const { flash } = board.chip;
  flash.fill(0x55, DATA_START, DATA_START + 3 * SECTOR_BYTES);
  t.is(board.command(FLASH_ERASE, SECTOR_BYTES), 1);
  const erased = flash.slice(DATA_START + SECTOR_BYTES, DATA_START + 2 * SECTOR_BYTES);
  t.true(erased.every((byte) => byte === 0xff));
  t.is(flash[DATA_START + SECTOR_BYTES - 1], 0x55);
  t.is(flash[DATA_START + 2 * SECTOR_BYTES], 0x55);
  const bytes = Uint8Array.from({ length: 700 }, (_, i) => (i * 11) & 0xff);
  const at = SECTOR_BYTES + 250;
  t.true(board.flashWrite(at, bytes));
  t.deepEqual(board.read(FLASH_READ, 700, at), bytes);
  t.is(flash[DATA_START + at - 1], 0xff);
  t.is(flash[DATA_START + at + 700], 0xff);
  t.true(board.flashWrite(at, bytes), 'the same again changes nothing');
  t.false(board.flashWrite(at, Uint8Array.of(0xff)), 'a bit cannot be set');
  t.true(board.flashWrite(DATA_BYTES - 1, Uint8Array.of(7)), 'the last byte');
});

chipTest('what lies outside of the data is refused', (t) => {
  const board = new TestBoard();
  for (const at of [1, DATA_BYTES, 0xfffff000]) t.is(board.command(FLASH_ERASE, at), 0, `erase at ${at}`);
  for (const at of [DATA_BYTES - 3, DATA_BYTES + 1, 0xffffffff]) {
    t.false(board.flashWrite(at, new Uint8Array(4)), `write at ${at}`);
    t.is(board.read(FLASH_READ, 4, at), null, `read at ${at}`);
  }
  t.is(board.chip.flashChip.erasedSectors, 0);
  t.is(board.chip.flashChip.programmedPages, 0);
});

chipTest('the device id is the flash chip’s, also after an erase', (t) => {
  const uniqueId = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 250);
  const board = new TestBoard({ uniqueId });
  t.is(board.command(FLASH_ERASE, 0), 1);
  t.deepEqual(board.read(DEVICE_ID, 8), uniqueId);
  t.deepEqual(board.read(DEVICE_ID, 8), uniqueId);
  t.is(board.command(FLASH_ERASE, 0), 1);
});

chipTest('an unfed watchdog resets the board, and the reason is told', (t) => {
  const board = new TestBoard();
  t.is(board.command(RESET_REASON), RESET_POWER_ON);
  board.command(WATCHDOG_START, 100);
  for (let i = 0; i < 4; i++) {
    board.run(80_000);
    board.command(WATCHDOG_FEED);
  }
  t.is(board.chip.resets, 0);
  board.run(98_000);
  t.is(board.chip.resets, 0);
  board.run(30_000);
  t.is(board.chip.resets, 1);
  t.is(board.command(RESET_REASON), RESET_WATCHDOG);
  board.begin(RESET);
  board.run(20_000);
  t.is(board.command(RESET_REASON), RESET_SOFTWARE);
});

chipTest('the clock counts microseconds', (t) => {
  const board = new TestBoard();
  const beforeUs = board.command(CLOCK) - board.chip.nowUs;
  board.run(300_000);
  const driftUs = board.command(CLOCK) - board.chip.nowUs - beforeUs;
  t.true(Math.abs(driftUs) < 200, `${driftUs}`);
});

chipTest('noise comes from the ring oscillator', (t) => {
  const [first, second] = [1, 2].map((seed) => new TestBoard({ seed }).read(ENTROPY_READ, 64));
  t.truthy(first);
  t.notDeepEqual(first, second);
  t.true(new Set(first).size > 40);
});

chipTest('the image is as long as what was linked', (t) => {
  const board = new TestBoard();
  t.is(board.command(IMAGE_BYTES), statSync(IMAGE.replace('.elf', '.bin')).size);
});

chipTest('what runs while flash cannot be read lies in RAM and refers to nothing in flash', (t) => {
  for (const name of IN_RAM) {
    const code = execFileSync('arm-none-eabi-objdump', ['-d', `--disassemble=${name}`, IMAGE]).toString();
    t.regex(code, new RegExp(`^200[0-9a-f]{5} <${name}>:`, 'm'), 'lies in RAM');
    // Branches show their target, constants beside the code theirs.
    t.notRegex(code, /\t(b\S*\s+|\.word\s+0x)1[0-3][0-9a-f]{6}\b/, name);
  }
});
