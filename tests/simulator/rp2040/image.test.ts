import test from 'ava';
import { uf2Segments } from '../../../simulator/rp2040/image.js';
import { Rp2040 } from '../../../simulator/rp2040/rp2040.js';
import { image, SPIN } from './small-image.js';
import { toUf2 } from './uf2.js';

test('a UF2 goes to its addresses', (t) => {
  const chip = new Rp2040();
  const bytes = image([0x2007, SPIN]);
  chip.loadUf2(toUf2(bytes));
  chip.runUntilUs(1);
  t.is(chip.cpu.r[0], 7);
});

test('what is no UF2 for this chip is refused in one line', (t) => {
  const good = toUf2(image([SPIN]));
  t.throws(() => uf2Segments(new Uint8Array(0)), { message: /not a UF2 file/ });
  t.throws(() => uf2Segments(good.subarray(0, 100)), { message: /no multiple of 512/ });
  t.throws(() => uf2Segments(new Uint8Array(512)), { message: /magic/ });
  const other = toUf2(image([SPIN]), 0xe48bff59);
  t.throws(() => uf2Segments(other), { message: /another chip: family 0xe48bff59/ });
  t.throws(() => new Rp2040().loadBinary(new Uint8Array(16), 0x101ffff8), { message: /does not fit/ });
  t.throws(() => new Rp2040().loadElf(Uint8Array.of(1, 2, 3)), { message: /not a 32-bit ELF/ });
});
