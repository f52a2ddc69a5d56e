import test from 'ava';
import { crc32c } from '../../modules/base/crc32c.js';
import { Random } from '../../simulator/random.js';

/** Bit by bit, straight from the polynomial. */
function crcByBits(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let i = 0; i < 8; i++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

test('the CRC of 123456789 is the check value', (t) => {
  t.is(crc32c(Buffer.from('123456789'), 0, 9), 0xe3069283);
});

test('the vectors of RFC 3720 appendix B.4 hold', (t) => {
  t.is(crc32c(new Uint8Array(32), 0, 32), 0x8a9136aa);
  t.is(crc32c(new Uint8Array(32).fill(0xff), 0, 32), 0x62a8ab43);
  const counting = Uint8Array.from({ length: 32 }, (_, i) => i);
  t.is(crc32c(counting, 0, 32), 0x46dd794e);
  t.is(crc32c(counting.reverse(), 0, 32), 0x113fdb5c);
});

test('only the bytes from start to end - 1 count, and no bytes give 0', (t) => {
  const bytes = Buffer.from('xx123456789yy');
  t.is(crc32c(bytes, 2, 11), 0xe3069283);
  t.is(crc32c(bytes, 5, 5), 0);
});

test('random bytes give what the polynomial gives bit by bit (seed 1)', (t) => {
  const random = new Random(1, 'crc');
  for (let round = 0; round < 200; round++) {
    const bytes = Uint8Array.from({ length: random.below(100) }, () => random.below(256));
    t.is(crc32c(bytes, 0, bytes.length), crcByBits(bytes));
  }
});
