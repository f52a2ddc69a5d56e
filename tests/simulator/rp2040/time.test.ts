import test from 'ava';
import { RELEASE_ALL, run, SPIN, SRAM, spinning, started } from './small-image.js';

const TIMER = 0x40054000;
const WATCHDOG = 0x40058000;
const ENABLE = 1 << 30;
const TRIGGER = 1 << 31;

test('an alarm fires once the counter has its value', (t) => {
  for (const startUs of [10.3, 10.9, 11]) {
    const chip = spinning();
    run(chip, startUs);
    chip.bus.write32(TIMER + 0x38, 1);
    chip.bus.write32(TIMER + 0x10, 25);
    t.is(chip.bus.read32(TIMER + 0x20), 1, 'armed');
    run(chip, 24.9 - startUs);
    t.is(chip.cpu.lines & 1, 0);
    run(chip, 0.2);
    t.is(chip.cpu.lines & 1, 1);
    t.is(chip.bus.read32(TIMER + 0x28), 25);
    chip.bus.write32(TIMER + 0x34, 1);
    t.is(chip.cpu.lines & 1, 0);
  }
});

/** At start: counts starts in RAM at SRAM + 0x100, then spins. */
const COUNT_STARTS = [
  0x4802, // ldr r0, [pc, #8]
  0x6801, // ldr r1, [r0]
  0x3101, // adds r1, #1
  0x6001, // str r1, [r0]
  SPIN,
  0x46c0,
  0x0100,
  0x2000,
];

test('the watchdog resets the chip: it starts again, RAM, reason and scratch stay, peripherals are reset', (t) => {
  const chip = started(COUNT_STARTS);
  chip.bus.write32(...RELEASE_ALL);
  run(chip, 10);
  t.is(chip.bus.read32(SRAM + 0x100), 1);
  t.is(chip.bus.read32(WATCHDOG + 8), 0, 'a power-on has no reason');
  chip.bus.write32(WATCHDOG + 0xc, 0xdecade);
  chip.bus.write32(0x4004c000 + 0x10, 0x1200);
  chip.bus.write32(WATCHDOG + 4, 2000);
  chip.bus.write32(WATCHDOG, ENABLE);
  run(chip, 990);
  t.is(chip.resets, 0);
  t.is(chip.bus.read32(WATCHDOG) & 0xffffff, 20, 'erratum E1: two per microsecond');
  run(chip, 20);
  t.is(chip.resets, 1);
  t.is(chip.bus.read32(SRAM + 0x100), 2);
  t.is(chip.bus.read32(WATCHDOG + 8), 1);
  t.is(chip.bus.read32(WATCHDOG + 0xc), 0xdecade);
  chip.bus.write32(...RELEASE_ALL);
  t.is(chip.bus.read32(0x4004c000 + 0x10), 0);
  t.true(chip.bus.read32(TIMER + 0x28) < 12, 'the timer counts from the reset');
  run(chip, 5000);
  t.is(chip.resets, 1, 'the watchdog is off after it');
});

test('feeding keeps the watchdog from firing, a trigger fires it at once', (t) => {
  const chip = started(COUNT_STARTS);
  run(chip, 10);
  chip.bus.write32(WATCHDOG + 4, 2000);
  chip.bus.write32(WATCHDOG, ENABLE);
  for (let i = 0; i < 5; i++) {
    run(chip, 900);
    chip.bus.write32(WATCHDOG + 4, 2000);
  }
  t.is(chip.resets, 0);
  chip.bus.write32(WATCHDOG, TRIGGER);
  run(chip, 5);
  t.is(chip.resets, 1);
  t.is(chip.bus.read32(WATCHDOG + 8), 2);
});

test('power-on forgets reason and scratch', (t) => {
  const chip = started(COUNT_STARTS);
  chip.bus.write32(WATCHDOG + 0xc, 7);
  chip.bus.write32(WATCHDOG, TRIGGER);
  run(chip, 5);
  chip.powerOn();
  t.is(chip.bus.read32(WATCHDOG + 8), 0);
  t.is(chip.bus.read32(WATCHDOG + 0xc), 0);
});

test('clk_sys follows the PLL that the firmware sets up', (t) => {
  const chip = spinning();
  const PLL_SYS = 0x40028000;
  chip.bus.write32(0x40024000, 0xfabaa0); // crystal on
  chip.bus.write32(PLL_SYS + 8, 100); // 12 MHz x 100 / (6 x 2) = 100 MHz
  chip.bus.write32(PLL_SYS + 0xc, (6 << 16) | (2 << 12));
  chip.bus.write32(PLL_SYS + 4, 0);
  chip.bus.write32(0x40008000 + 0x3c, 1); // clk_sys from the PLL
  t.is(chip.clkSys, 100e6);
  const before = chip.cycles;
  run(chip, 1000);
  t.true(Math.abs(chip.cycles - before - 100_000) <= 3);
});
