import test from 'ava';
import { run, SPIN, SRAM, spinning, started } from './small-image.js';

const NVIC_ISER = 0xe000e100;
const NVIC_ICER = 0xe000e180;
const NVIC_ICPR = 0xe000e280;
const NVIC_IPR0 = 0xe000e400;

test('a 64-bit comparison by SBCS holds where the low words borrow from the largest positive number', (t) => {
  // movs r0, #1; movs r1, #2 (so CMP leaves a borrow); r4 - 0x7fffffff - borrow
  const chip = spinning();
  chip.cpu.r[0] = 1;
  chip.cpu.r[1] = 2;
  chip.cpu.r[4] = -1;
  chip.cpu.r[5] = 0x7fffffff;
  chip.bus.write16(SRAM, 0x4288); // cmp r0, r1
  chip.bus.write16(SRAM + 2, 0x41ac); // sbcs r4, r5
  chip.bus.write16(SRAM + 4, SPIN);
  chip.cpu.r[15] = SRAM;
  run(chip, 1);
  t.is(chip.cpu.r[4], 0x7fffffff);
  t.true(chip.cpu.overflow, '-1 - 0x7fffffff - 1 overflows');
});

test('a shift by a register that holds 0 leaves the carry', (t) => {
  for (const shift of [0x40c8, 0x4088, 0x4108, 0x41c8]) {
    const chip = spinning();
    chip.cpu.r[0] = -1;
    chip.cpu.r[1] = 0;
    chip.cpu.carry = false;
    chip.bus.write16(SRAM, shift);
    chip.bus.write16(SRAM + 2, SPIN);
    chip.cpu.r[15] = SRAM;
    run(chip, 1);
    t.false(chip.cpu.carry);
    t.is(chip.cpu.r[0], -1);
  }
});

test('instructions take the cycles of the Cortex-M0+', (t) => {
  const cyclesOf = (code: number[], r0: number) => {
    const chip = spinning();
    code.push(SPIN);
    code.forEach((halfword, i) => {
      chip.bus.write16(SRAM + 2 * i, halfword);
    });
    chip.cpu.r[0] = r0;
    chip.cpu.r[15] = SRAM;
    let cycles = 0;
    chip.onAddress(SRAM + 2 * (code.length - 1), (cpu) => {
      cycles = cpu.clock.cycles;
      chip.stop();
    });
    run(chip, 10);
    return cycles;
  };
  t.is(cyclesOf([0x3001], 0), 1, 'adds');
  t.is(cyclesOf([0x6801], SRAM + 64), 2, 'ldr from RAM');
  t.is(cyclesOf([0x6801], 0xd0000004), 1, 'ldr from SIO');
  t.is(cyclesOf([0x6801], 0x40054028), 4, 'ldr from the APB');
  t.is(cyclesOf([0xe7ff], 0), 2, 'b');
  t.is(cyclesOf([0xb40f], 0), 5, 'push of four');
  t.is(cyclesOf([0x4348], 7), 1, 'muls');
});

/** Code that counts in r7 how often interrupt 26 was handled: handler at +8 halfwords. */
const COUNTING = [0x2700, SPIN, 0x46c0, 0x46c0, 0x3701, 0x4770];
const HANDLER = 0x100000c0 + 8;

test('an interrupt whose line fell before the handler ran is served once', (t) => {
  const chip = started(COUNTING, {}, { 42: HANDLER });
  run(chip, 1);
  chip.cpu.isMasked = true;
  chip.bus.write32(NVIC_ISER, 1 << 26);
  chip.cpu.setInterrupt(26, true);
  chip.cpu.setInterrupt(26, false);
  run(chip, 1);
  t.is(chip.cpu.r[7], 0);
  chip.cpu.isMasked = false;
  chip.cpu.mayInterrupt = true;
  run(chip, 10);
  t.is(chip.cpu.r[7], 1);
});

test('a line that stays high is served again and again, and ICPR cannot clear it', (t) => {
  const chip = started(COUNTING, {}, { 42: HANDLER });
  run(chip, 1);
  chip.bus.write32(NVIC_ISER, 1 << 26);
  chip.cpu.setInterrupt(26, true);
  chip.bus.write32(NVIC_ICPR, 1 << 26);
  run(chip, 10);
  t.true(chip.cpu.r[7] > 5);
  chip.cpu.setInterrupt(26, false);
  run(chip, 1);
  const served = chip.cpu.r[7];
  run(chip, 10);
  t.is(chip.cpu.r[7], served);
});

test('an interrupt disabled in the NVIC waits', (t) => {
  const chip = started(COUNTING, {}, { 42: HANDLER });
  run(chip, 1);
  chip.bus.write32(NVIC_ISER, 1 << 26);
  chip.bus.write32(NVIC_ICER, 1 << 26);
  chip.cpu.setInterrupt(26, true);
  chip.cpu.setInterrupt(26, false);
  run(chip, 10);
  t.is(chip.cpu.r[7], 0);
  chip.bus.write32(NVIC_ISER, 1 << 26);
  run(chip, 10);
  t.is(chip.cpu.r[7], 1);
});

test('an interrupt of higher priority breaks into a handler, one of the same does not', (t) => {
  // handler of 42 spins; handler of 43 counts in r7
  const code = [0x2700, SPIN, 0x46c0, 0x46c0, SPIN, 0x46c0, 0x3701, 0x4770];
  for (const [priority, expected] of [
    [0x00, 1],
    [0x40, 0],
  ]) {
    const chip = started(code, {}, { 42: 0x100000c8, 43: 0x100000cc });
    run(chip, 1);
    chip.bus.write32(NVIC_IPR0 + 24, 0x00400000 | (priority << 24));
    chip.bus.write32(NVIC_ISER, 3 << 26);
    chip.cpu.setInterrupt(26, true);
    run(chip, 1);
    chip.cpu.pend(1 << 27);
    run(chip, 5);
    t.is(chip.cpu.r[7], expected);
  }
});

test('a sleeping CPU costs no time of ours: WFI jumps to the next alarm', (t) => {
  const chip = started([0xbf30, 0xe7fd]);
  chip.runUntilUs(10_000_000);
  t.is(chip.nowUs, 10_000_000);
  t.true(chip.busyCycles < 10);
});

test('WFE goes on after SEV and sleeps the second time', (t) => {
  // sev; wfe; adds r6, #1; wfe; adds r6, #1; b .
  const chip = started([0x2600, 0xbf40, 0xbf20, 0x3601, 0xbf20, 0x3601, SPIN]);
  run(chip, 100);
  t.is(chip.cpu.r[6], 1);
});

test('SysTick counts clk_sys cycles and asks for its exception', (t) => {
  const chip = started(COUNTING, {}, { 15: HANDLER });
  run(chip, 1);
  chip.bus.write32(0xe000e014, 1249);
  chip.bus.write32(0xe000e018, 0);
  chip.bus.write32(0xe000e010, 7);
  run(chip, 105);
  t.is(chip.cpu.r[7], 10);
});
