import test from 'ava';
import type { Rp2040 } from '../../../simulator/rp2040/rp2040.js';
import { run, SRAM, spinning } from './small-image.js';

const DMA = 0x50000000;
const TIMER0 = DMA + 0x420;
const PWM = 0x40050000;
const INCR_READ = 1 << 4;
const INCR_WRITE = 1 << 5;

interface Transfer {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly size: 0 | 1 | 2;
  readonly treq: number;
  readonly flags?: number;
  readonly chainTo?: number;
}

function start(chip: Rp2040, channel: number, transfer: Transfer): void {
  const { from, to, count, size, treq, flags = 0, chainTo = channel } = transfer;
  const base = DMA + 0x40 * channel;
  chip.bus.write32(base, from);
  chip.bus.write32(base + 4, to);
  chip.bus.write32(base + 8, count);
  chip.bus.write32(base + 12, 1 | (size << 2) | flags | (chainTo << 11) | (treq << 15));
}

/** Times of a channel's transfers, in us. */
function watch(chip: Rp2040, channel: number): number[] {
  const times: number[] = [];
  chip.dma.onTransfer = (index, atNs) => {
    if (index === channel) times.push(atNs / 1000);
  };
  return times;
}

test('a pacing timer gives X/Y of clk_sys: 1/62500 is 2 kHz', (t) => {
  for (const timer of [0, 1, 2, 3]) {
    const chip = spinning();
    const times = watch(chip, 0);
    chip.bus.write32(TIMER0 + 4 * timer, (1 << 16) | 62500);
    start(chip, 0, { from: SRAM, to: SRAM + 64, count: 1000, size: 2, treq: 59 + timer });
    run(chip, 5100);
    t.is(times.length, 10);
    t.true(Math.abs(times[9] - times[0] - 4500) < 0.01);
  }
});

test('a PWM wrap is one request, worth one transfer', (t) => {
  const chip = spinning();
  const times = watch(chip, 3);
  chip.bus.write32(PWM + 2 * 0x14 + 0x10, 12499); // top: 100 us
  chip.bus.write32(PWM + 2 * 0x14, 1);
  start(chip, 3, { from: SRAM, to: SRAM + 64, count: 1000, size: 2, treq: 24 + 2 });
  run(chip, 1050);
  t.is(times.length, 10);
});

test('transfers of 1, 2 and 4 bytes move just these', (t) => {
  for (const [size, expected] of [
    [0, [0x11, 0xff, 0xff, 0xff]],
    [1, [0x11, 0x22, 0xff, 0xff]],
    [2, [0x11, 0x22, 0x33, 0x44]],
  ] as const) {
    const chip = spinning();
    chip.sram.set([0x11, 0x22, 0x33, 0x44], 16);
    chip.sram.fill(0xff, 64, 72);
    start(chip, 0, { from: SRAM + 16, to: SRAM + 64, count: 1, size, treq: 63 });
    run(chip, 1);
    t.deepEqual([...chip.sram.subarray(64, 68)], [...expected]);
  }
});

test('DMA reads the counter of a PWM slice that counts edges, in halfwords', (t) => {
  const chip = spinning();
  const slice = PWM + 5 * 0x14;
  chip.bus.write32(0x40014000 + 8 * 11 + 4, 4); // GPIO11: PWM
  chip.bus.write32(slice + 4, 0x10);
  chip.bus.write32(slice, 1 | (2 << 4));
  for (let i = 0; i < 300; i++) {
    chip.gpio(11).set(true);
    chip.gpio(11).set(false);
  }
  start(chip, 0, { from: slice + 8, to: SRAM + 64, count: 1, size: 1, treq: 63 });
  run(chip, 1);
  t.is(chip.bus.read32(SRAM + 64), 300);
});

test('a ring wraps, a chain re-arms: block after block without the CPU', (t) => {
  const chip = spinning();
  for (let i = 0; i < 4; i++) chip.bus.write32(SRAM + 0x100 + 4 * i, 4);
  chip.bus.write32(TIMER0, (1 << 16) | 12500); // 10 kHz
  const times = watch(chip, 0);
  // B rewrites A's TRANS_COUNT_TRIG from a ring of 16 bytes
  start(chip, 1, {
    from: SRAM + 0x100,
    to: DMA + 0x1c,
    count: 1,
    size: 2,
    treq: 63,
    flags: INCR_READ | (4 << 6) | (1 << 21),
  });
  run(chip, 1);
  start(chip, 0, {
    from: SRAM + 0x200,
    to: SRAM + 0x400,
    count: 4,
    size: 1,
    treq: 59,
    flags: INCR_WRITE | (3 << 6) | (1 << 10) | (1 << 21),
    chainTo: 1,
  });
  run(chip, 4050);
  t.is(times.length, 40);
  t.is(chip.bus.read32(DMA + 4), SRAM + 0x400, 'the write address is back at the ring');
  t.is(chip.bus.read32(DMA + 0x40) & 15, 12, 'the read address of B counts blocks');
});

test('the end of a transfer is an interrupt, cleared by writing its bit', (t) => {
  const chip = spinning();
  chip.bus.write32(DMA + 0x404, 1 << 2);
  start(chip, 2, { from: SRAM, to: SRAM + 64, count: 8, size: 2, treq: 63, flags: INCR_READ | INCR_WRITE });
  run(chip, 1);
  t.is(chip.bus.read32(DMA + 0x40c), 1 << 2);
  t.is(chip.cpu.lines & (1 << 11), 1 << 11);
  chip.bus.write32(DMA + 0x40c, 1 << 2);
  t.is(chip.cpu.lines & (1 << 11), 0);
});

test('an aborted channel moves nothing more', (t) => {
  const chip = spinning();
  chip.bus.write32(TIMER0, (1 << 16) | 12500);
  const times = watch(chip, 0);
  start(chip, 0, { from: SRAM, to: SRAM + 64, count: 100, size: 2, treq: 59 });
  run(chip, 510);
  chip.bus.write32(DMA + 0x444, 1);
  run(chip, 500);
  t.is(times.length, 5);
  t.is(chip.bus.read32(DMA + 12) & (1 << 24), 0);
});
