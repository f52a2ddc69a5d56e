import test from 'ava';
import { getUint16, getUint32, putUint16, putUint32 } from '../../modules/base/little-endian.js';

test('numbers stand in bytes as DataView puts them, and come back', (t) => {
  for (const at of [0, 1, 2, 3]) {
    for (const value of [0, 1, 0x7f, 0x80, 0xff, 0x1234, 0x8000, 0xffff]) {
      const [bytes, expected] = [new Uint8Array(8), new Uint8Array(8)];
      putUint16(bytes, at, value);
      new DataView(expected.buffer).setUint16(at, value, true);
      t.deepEqual(bytes, expected);
      t.is(getUint16(bytes, at), value);
    }
    for (const value of [0, 1, 0xff, 0x10000, 0x12345678, 0x7fffffff, 0x80000000, 0xffffffff]) {
      const [bytes, expected] = [new Uint8Array(8), new Uint8Array(8)];
      putUint32(bytes, at, value);
      new DataView(expected.buffer).setUint32(at, value, true);
      t.deepEqual(bytes, expected);
      t.is(getUint32(bytes, at), value);
    }
  }
});

test('only the low bits are put', (t) => {
  const bytes = new Uint8Array(6);
  putUint16(bytes, 0, 0x12345);
  putUint32(bytes, 2, 2 ** 32 + 5);
  t.is(getUint16(bytes, 0), 0x2345);
  t.is(getUint32(bytes, 2), 5);
});
