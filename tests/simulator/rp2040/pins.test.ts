import test from 'ava';
import { run, spinning } from './small-image.js';

const IO_BANK0 = 0x40014000;
const PADS = 0x4001c000;
const SIO = 0xd0000000;

test('after reset a pad has its input on, its pull down, no function', (t) => {
  const chip = spinning();
  for (let i = 0; i < 30; i++) {
    t.is(chip.bus.read32(PADS + 4 + 4 * i), 0x56);
    t.is(chip.bus.read32(IO_BANK0 + 8 * i + 4), 0x1f);
  }
  t.false(chip.gpio(3).isHigh);
  chip.bus.write32(PADS + 4 + 4 * 3, 0x5a);
  t.true(chip.gpio(3).isHigh, 'pulled up');
});

test('what the chip drives is what it reads, and the world outside loses', (t) => {
  const chip = spinning();
  chip.bus.write32(IO_BANK0 + 8 * 3 + 4, 5);
  chip.gpio(3).set(true);
  t.is(chip.bus.read32(SIO + 4) & 8, 8);
  chip.bus.write32(SIO + 0x24, 8);
  t.is(chip.bus.read32(SIO + 4) & 8, 0);
  chip.bus.write32(SIO + 0x14, 8);
  t.is(chip.bus.read32(SIO + 4) & 8, 8);
  t.true(chip.gpio(3).isDriven);
  chip.bus.write32(SIO + 0x28, 8);
  t.false(chip.gpio(3).isDriven);
});

test('an input switched off reads 0', (t) => {
  const chip = spinning();
  chip.gpio(5).set(true);
  t.is(chip.bus.read32(SIO + 4) & 32, 32);
  chip.bus.write32(PADS + 4 + 4 * 5, 0x16);
  t.is(chip.bus.read32(SIO + 4) & 32, 0);
});

test('an edge is remembered until it is cleared; the same level again is no edge', (t) => {
  const chip = spinning();
  chip.bus.write32(IO_BANK0 + 0x100, 8 << (4 * 2)); // GPIO2, rising
  chip.gpio(2).set(true);
  t.not(chip.cpu.lines & (1 << 13), 0);
  chip.bus.write32(IO_BANK0 + 0xf0, 8 << (4 * 2));
  t.is(chip.cpu.lines & (1 << 13), 0);
  chip.gpio(2).set(true);
  t.is(chip.cpu.lines & (1 << 13), 0);
  run(chip, 1);
});
