import test from 'ava';
import { run, spinning } from './small-image.js';

const ADC = 0x4004c000;
const PWM = 0x40050000;
const IO_BANK0 = 0x40014000;

test('round robin takes the chosen inputs in turn, at the pace of DIV', (t) => {
  const chip = spinning();
  const taken: [number, number][] = [];
  chip.adc.read = (input, atNs) => {
    taken.push([input, atNs]);
    return 100 * input;
  };
  chip.bus.write32(ADC + 0x10, 11999 << 8); // 48 MHz / 12000: 4 kHz
  chip.bus.write32(ADC + 8, 1 | (1 << 3) | (1 << 24));
  chip.bus.write32(ADC, 1 | (1 << 3) | (0b01101 << 16));
  run(chip, 1300);
  t.deepEqual(
    taken.map(([input]) => input),
    [0, 2, 3, 0, 2, 3],
  );
  t.true(Math.abs(taken[1][1] - taken[0][1] - 250_000) < 1);
  t.is(chip.bus.read32(ADC + 0xc), 0);
  t.is(chip.bus.read32(ADC + 0xc), 200);
});

test('a full FIFO drops conversions and says so; a conversion takes 2 us', (t) => {
  const chip = spinning();
  chip.bus.write32(ADC + 8, 1);
  chip.bus.write32(ADC, 1 | (1 << 3));
  run(chip, 7.9);
  t.is((chip.bus.read32(ADC + 8) >>> 16) & 15, 3);
  run(chip, 2.2);
  t.is(chip.bus.read32(ADC + 8) & (1 << 11), 1 << 11);
  chip.bus.write32(ADC, 1);
  run(chip, 3);
  chip.bus.write32(ADC + 8, 1 | (1 << 11));
  run(chip, 5);
  t.is(chip.bus.read32(ADC + 8) & (1 << 11), 0);
});

test('the FIFO interrupt is a level: above the threshold only', (t) => {
  const chip = spinning();
  chip.bus.write32(ADC + 0x18, 1);
  chip.bus.write32(ADC + 8, 1 | (2 << 24));
  const convert = () => {
    chip.bus.write32(ADC, 1 | (1 << 2));
    run(chip, 3);
  };
  convert();
  t.is(chip.cpu.lines & (1 << 22), 0);
  convert();
  t.not(chip.cpu.lines & (1 << 22), 0);
  chip.bus.read32(ADC + 0xc);
  t.is(chip.cpu.lines & (1 << 22), 0);
});

test('a PWM slice counts rising or falling edges of its B pin, and only there where the pin is its own', (t) => {
  for (const mode of [2, 3]) {
    const chip = spinning();
    chip.bus.write32(IO_BANK0 + 8 * 11 + 4, 4);
    const slice = PWM + 5 * 0x14;
    chip.bus.write32(slice, 1 | (mode << 4));
    // GPIO27 could feed the same slice, but belongs to somebody else
    chip.gpio(27).set(true);
    chip.gpio(27).set(false);
    chip.gpio(11).set(true);
    t.is(chip.bus.read32(slice + 8), mode === 2 ? 1 : 0);
    chip.gpio(11).set(false);
    t.is(chip.bus.read32(slice + 8), 1);
    run(chip, 100);
    t.is(chip.bus.read32(slice + 8), 1, 'time alone counts nothing');
  }
});

test('writing DIV does not start a slice that is off, nor one that counts edges', (t) => {
  const chip = spinning();
  for (const csr of [0, 1 | (2 << 4)]) {
    chip.bus.write32(PWM, csr);
    chip.bus.write32(PWM + 4, 0x10);
    run(chip, 50);
    t.is(chip.bus.read32(PWM + 8), 0);
  }
});

test('a free running slice wraps at its top, interrupts, and drives its pins by the compare values', (t) => {
  const chip = spinning();
  chip.bus.write32(IO_BANK0 + 4, 4);
  chip.bus.write32(PWM + 0x10, 999);
  chip.bus.write32(PWM + 0xc, 250);
  chip.bus.write32(PWM + 4, 0x20); // divided by 2: a period of 16 us
  chip.bus.write32(PWM + 0xa8, 1);
  t.true(chip.gpio(0).isHigh, 'a counter of 0 is below the compare value');
  const edges: [number, boolean][] = [];
  chip.gpio(0).onChange((isHigh) => edges.push([chip.clock.nanos, isHigh]));
  chip.bus.write32(PWM, 1);
  run(chip, 8);
  t.is(chip.bus.read32(PWM + 8), 500);
  run(chip, 9);
  t.not(chip.cpu.lines & (1 << 4), 0);
  chip.bus.write32(PWM + 0xa4, 1);
  t.is(chip.cpu.lines & (1 << 4), 0);
  run(chip, 32);
  t.deepEqual(
    edges.map(([, isHigh]) => isHigh),
    [false, true, false, true, false, true],
  );
  t.is(edges[1][0] - edges[0][0], 12_000);
  t.is(edges[2][0] - edges[1][0], 4_000);
});
