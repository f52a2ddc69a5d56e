import test from 'ava';
import type { Rp2040 } from '../../../simulator/rp2040/rp2040.js';
import { run, spinning } from './small-image.js';

const PIO0 = 0x50200000;
const IO_BANK0 = 0x40014000;
const FUNCTION_PIO0 = 6;

interface Program {
  readonly code: readonly number[];
  readonly clkdiv?: number;
  readonly execctrl?: number;
  readonly shiftctrl?: number;
  readonly pinctrl?: number;
}

/** Loads the program at 0 and wraps around it. */
function load(chip: Rp2040, machine: number, program: Program): void {
  program.code.forEach((instruction, i) => {
    chip.bus.write32(PIO0 + 0x48 + 4 * i, instruction);
  });
  const base = PIO0 + 0xc8 + 0x18 * machine;
  chip.bus.write32(base, program.clkdiv ?? 1 << 16);
  chip.bus.write32(base + 4, ((program.code.length - 1) << 12) | (program.execctrl ?? 0));
  chip.bus.write32(base + 8, program.shiftctrl ?? 3 << 18);
  chip.bus.write32(base + 20, program.pinctrl ?? 5 << 26);
}

function enable(chip: Rp2040, machines: number): void {
  chip.bus.write32(PIO0, machines);
}

function edgesOf(chip: Rp2040, pin: number): [number, boolean][] {
  const edges: [number, boolean][] = [];
  chip.gpio(pin).onChange((isHigh) => edges.push([chip.clock.nanos, isHigh]));
  return edges;
}

function show(chip: Rp2040, pin: number): void {
  chip.bus.write32(IO_BANK0 + 8 * pin + 4, FUNCTION_PIO0);
}

/** Pin 2 as the only SET pin. */
const SET_PIN_2 = (1 << 26) | (2 << 5);
const SET_PINS_1 = 0xe001;
const SET_PINS_0 = 0xe000;
const SET_PINDIRS_1 = 0xe081;

test('the divider and the delays set the pace, on the emulated clock', (t) => {
  for (const [clkdiv, highNs, periodNs] of [
    [1 << 16, 32, 80],
    [100 << 16, 3200, 8000],
    [(2 << 16) | (128 << 8), 80, 200],
  ]) {
    const chip = spinning();
    show(chip, 2);
    // set pins, 1 [3]; set pins, 0 [5]
    load(chip, 0, { code: [SET_PINS_1 | (3 << 8), SET_PINS_0 | (5 << 8)], clkdiv, pinctrl: SET_PIN_2 });
    chip.bus.write32(PIO0 + 0xd8, SET_PINDIRS_1);
    const edges = edgesOf(chip, 2);
    enable(chip, 1);
    run(chip, 30);
    t.is(edges[1][0] - edges[0][0], highNs);
    t.is(edges[2][0] - edges[0][0], periodNs);
  }
});

test('side-set pins change with the instruction, its optional bit leaves them', (t) => {
  const chip = spinning();
  show(chip, 3);
  // side-set of one pin, optional: bits 4 enable, 3 value
  const nop = 0xa042;
  const pinctrl = (2 << 29) | (3 << 10);
  load(chip, 0, { code: [nop | (3 << 11), nop, nop | (2 << 11), nop], execctrl: 1 << 30, pinctrl });
  chip.bus.write32(PIO0 + 0xd8, 0xe081); // set pindirs: no SET pin, so nothing
  chip.bus.write32(PIO0 + 0xdc, (1 << 26) | (3 << 5));
  chip.bus.write32(PIO0 + 0xd8, SET_PINDIRS_1);
  chip.bus.write32(PIO0 + 0xdc, pinctrl);
  const edges = edgesOf(chip, 3);
  enable(chip, 1);
  run(chip, 1);
  t.is(edges[1][0] - edges[0][0], 16);
  t.is(edges[2][0] - edges[0][0], 32);
  t.deepEqual([edges[0][1], edges[1][1]], [true, false]);
});

test('a machine that waits for a pin goes on at the clock edge after the pin, then delays', (t) => {
  const chip = spinning();
  show(chip, 2);
  // wait 1 gpio 5 [1]; set pins, 1; wait 0 gpio 5; set pins, 0
  const code = [0x2085 | (1 << 8), SET_PINS_1, 0x2005, SET_PINS_0];
  load(chip, 0, { code, clkdiv: 10 << 16, pinctrl: SET_PIN_2 });
  chip.bus.write32(PIO0 + 0xd8, SET_PINDIRS_1);
  const edges = edgesOf(chip, 2);
  enable(chip, 1);
  run(chip, 2);
  t.is(edges.length, 0);
  const atNs = chip.clock.nanos;
  chip.gpio(5).set(true);
  run(chip, 2);
  t.is(edges.length, 1);
  const lateNs = edges[0][0] - atNs;
  t.true(lateNs > 160 && lateNs <= 240, `${lateNs} ns`);
});

test('autopush stops at a full FIFO, says so, and loses nothing', (t) => {
  const chip = spinning();
  // in x, 8 with autopush at 8; jmp x-- 0 would end, so count x up by down-counting y is not needed: jmp x--, 0
  load(chip, 0, { code: [0x4028, 0x0040], shiftctrl: (1 << 16) | (8 << 20) | (3 << 18) });
  chip.bus.write32(PIO0 + 0xd8, 0xe03f); // set x, 31
  enable(chip, 1);
  run(chip, 2);
  t.is((chip.bus.read32(PIO0 + 0xc) >>> 4) & 15, 4, 'four words');
  t.is(chip.bus.read32(PIO0 + 8) & 1, 1, 'RXSTALL');
  const words = [];
  for (let i = 0; i < 12; i++) {
    words.push(chip.bus.read32(PIO0 + 0x20) >>> 24);
    run(chip, 1);
  }
  t.deepEqual(words, [31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20]);
});

test('autopull refills the shift register, and an OUT without a word stalls until there is one', (t) => {
  const chip = spinning();
  show(chip, 4);
  // out pins, 1, autopull at 32, right
  load(chip, 0, {
    code: [0x6001],
    clkdiv: 125 << 16,
    shiftctrl: (1 << 17) | (3 << 18),
    pinctrl: (1 << 20) | 4 | (1 << 26) | (4 << 5),
  });
  chip.bus.write32(PIO0 + 0xd8, SET_PINDIRS_1);
  const edges = edgesOf(chip, 4);
  enable(chip, 1);
  run(chip, 10);
  t.is(chip.bus.read32(PIO0 + 8) >>> 24, 1, 'TXSTALL');
  chip.bus.write32(PIO0 + 0x10, 0x55555555);
  chip.bus.write32(PIO0 + 0x10, 0x0000ffff);
  run(chip, 70);
  t.is(edges.length, 34);
  t.is(edges[1][0] - edges[0][0], 1000);
  t.is(edges[33][0] - edges[32][0], 16000);
});

test('PULL IFEMPTY and PUSH IFFULL look at the thresholds with autopull and autopush off', (t) => {
  const chip = spinning();
  // pull ifempty noblock; mov isr, osr; push noblock; out null, 8
  load(chip, 0, { code: [0x80c0, 0xa0c7, 0x8000, 0x6068], shiftctrl: (16 << 25) | (3 << 18), clkdiv: 125 << 16 });
  chip.bus.write32(PIO0 + 0x10, 0x44332211);
  chip.bus.write32(PIO0 + 0x10, 0x88776655);
  enable(chip, 1);
  run(chip, 13);
  const words = [0, 1, 2].map(() => chip.bus.read32(PIO0 + 0x20) >>> 0);
  t.deepEqual(words, [0x44332211, 0x00443322, 0x88776655]);
});

test('joined FIFOs hold eight words', (t) => {
  const chip = spinning();
  load(chip, 0, { code: [0x0000], shiftctrl: ((1 << 30) | (3 << 18)) >>> 0 });
  for (let i = 0; i < 8; i++) chip.bus.write32(PIO0 + 0x10, i);
  t.is(chip.bus.read32(PIO0 + 0xc) & 15, 8);
  t.is(chip.bus.read32(PIO0 + 8) & (1 << 16), 0, 'no overflow yet');
  chip.bus.write32(PIO0 + 0x10, 9);
  t.is(chip.bus.read32(PIO0 + 8) & (1 << 16), 1 << 16);
});

test('a flag set by one machine lets another go on, and is an interrupt', (t) => {
  const chip = spinning();
  show(chip, 2);
  // machine 0: wait 1 irq 0; set pins, 1
  load(chip, 0, { code: [0x20c0, SET_PINS_1], pinctrl: SET_PIN_2 });
  chip.bus.write32(PIO0 + 0xd8, SET_PINDIRS_1);
  enable(chip, 1);
  run(chip, 1);
  t.false(chip.gpio(2).isHigh);
  chip.bus.write32(PIO0 + 0x12c, 1 << 8);
  chip.bus.write32(PIO0 + 0xd8 + 0x18, 0xc000); // machine 1 executes: irq set 0
  run(chip, 1);
  t.true(chip.gpio(2).isHigh);
  t.is(chip.bus.read32(PIO0 + 0x30), 0, 'WAIT has cleared the flag');
});

test('a program sees what the UART sends on its TX pin', (t) => {
  const chip = spinning();
  const UART1 = 0x40038000;
  chip.bus.write32(IO_BANK0 + 8 * 8 + 4, 2);
  chip.bus.write32(UART1 + 0x24, 67);
  chip.bus.write32(UART1 + 0x28, 52);
  chip.bus.write32(UART1 + 0x2c, 0x70);
  chip.bus.write32(UART1 + 0x30, 0x301);
  // counts start bits: wait 0 gpio 8; in null, 1 [31]; ... one push per falling edge, then the rest of the character
  const BIT = 125e6 / 115200;
  // set x, 1; wait 0 gpio 8; in x, 1 (autopush at 1); set y, 18; jmp y--, 4 [31] at an eighth of... a bit per 64 cycles
  const code = [0xe021, 0x2008, 0x4021, 0xe052, 0x0084 | (31 << 8)];
  load(chip, 0, { code, clkdiv: Math.round((BIT / 64) * 65536) & ~0xff, shiftctrl: (1 << 16) | (1 << 20) | (3 << 18) });
  enable(chip, 1);
  for (const byte of [0x00, 0xff, 0x55]) chip.bus.write32(UART1, byte);
  run(chip, 400);
  t.is((chip.bus.read32(PIO0 + 0xc) >>> 4) & 15, 3);
});

test('a PIO in reset forgets its program and frees its pins', (t) => {
  const chip = spinning();
  show(chip, 2);
  load(chip, 0, { code: [SET_PINS_1], pinctrl: SET_PIN_2 });
  chip.bus.write32(PIO0 + 0xd8, SET_PINDIRS_1);
  enable(chip, 1);
  run(chip, 1);
  t.true(chip.gpio(2).isHigh);
  chip.bus.write32(0x4000e000, 1 << 10);
  t.false(chip.gpio(2).isDriven);
  t.is(chip.bus.read32(0x4000c008) & (1 << 10), 0, 'RESET_DONE');
  chip.bus.write32(0x4000f000, 1 << 10);
  t.is(chip.bus.read32(PIO0), 0);
});
