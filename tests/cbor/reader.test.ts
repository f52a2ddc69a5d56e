import test from 'ava';
import { encode, rfc8949EncodeOptions } from 'cborg';
import { CborReader } from '../../modules/cbor/reader.js';
import { Random } from '../../simulator/random.js';

type Reading = 'uint' | 'array' | 'map' | 'bytes';
const MAJOR: Record<Reading, number> = { uint: 0, bytes: 2, array: 4, map: 5 };
const READINGS = Object.keys(MAJOR) as Reading[];

interface Answer {
  readonly value: number;
  readonly position: number;
  readonly hasError: boolean;
  readonly isShort: boolean;
}

/** Reads one item from bytes that stand among others. */
function read(bytes: Uint8Array, reading: Reading, lengthMax = 1e6): Answer {
  const room = new Uint8Array(bytes.length + 20).fill(0x01);
  room.set(bytes, 10);
  const reader = new CborReader(room);
  reader.reset(10, 10 + bytes.length);
  const value = reading === 'bytes' ? reader.bytes(lengthMax) : reader[reading]();
  return { value, position: reader.position - 10, hasError: reader.hasError, isShort: reader.isShort };
}

/** Head with the argument in `size` bytes (0: in the initial byte). */
function head(major: number, argument: bigint, size: 0 | 1 | 2 | 4 | 8): Uint8Array {
  if (size === 0) return Uint8Array.of((major << 5) | Number(argument));
  const bytes = new Uint8Array(1 + size);
  bytes[0] = (major << 5) | (24 + Math.log2(size));
  for (let i = 0; i < size; i++) bytes[1 + i] = Number((argument >> BigInt(8 * (size - 1 - i))) & 255n);
  return bytes;
}

test('every head size is read at its boundaries', (t) => {
  for (const value of [0, 23, 24, 255, 256, 65535, 65536, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1]) {
    const bytes = encode(value, rfc8949EncodeOptions);
    t.deepEqual(read(bytes, 'uint'), { value, position: bytes.length, hasError: false, isShort: false });
    for (const reading of ['array', 'map'] as const) {
      const other = Uint8Array.from(bytes);
      other[0] |= MAJOR[reading] << 5;
      t.is(read(other, reading).value, value);
    }
  }
});

test('every head that is not the shortest is refused', (t) => {
  const tooLong: [bigint, 1 | 2 | 4 | 8][] = [
    [0n, 1],
    [23n, 1],
    [0n, 2],
    [255n, 2],
    [0n, 4],
    [65535n, 4],
    [0n, 8],
    [4294967295n, 8],
  ];
  for (const reading of READINGS)
    for (const [argument, size] of tooLong) {
      const { hasError, isShort, value } = read(head(MAJOR[reading], argument, size), reading);
      t.true(hasError && !isShort && value === 0, `${reading} ${argument} in ${size} bytes`);
    }
});

test('an integer of 2^53 or more is refused', (t) => {
  for (const argument of [2n ** 53n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n]) {
    const { hasError, isShort } = read(head(0, argument, 8), 'uint');
    t.true(hasError && !isShort, `${argument}`);
  }
});

test('indefinite lengths and reserved heads are refused', (t) => {
  for (const reading of READINGS)
    for (const information of [28, 29, 30, 31]) {
      const bytes = Uint8Array.of((MAJOR[reading] << 5) | information, 0, 0, 0, 0, 0, 0, 0, 0, 0xff);
      const { hasError, isShort } = read(bytes, reading);
      t.true(hasError && !isShort, `${reading} ${information}`);
    }
});

test('an item of another type is refused and not passed over', (t) => {
  for (const reading of READINGS)
    for (let major = 0; major < 8; major++) {
      if (major === MAJOR[reading]) continue;
      const answer = read(Uint8Array.of((major << 5) | 1, 0), reading);
      t.deepEqual(answer, { value: 0, position: 0, hasError: true, isShort: false }, `${reading} for ${major}`);
    }
});

test('input that ends too early is short at every place, and whole it is not', (t) => {
  const whole: [Reading, Uint8Array][] = [
    ['uint', head(0, 500n, 2)],
    ['uint', head(0, 2n ** 40n, 8)],
    ['array', head(4, 100_000n, 4)],
    ['bytes', Uint8Array.of(0x58, 30, ...new Uint8Array(30))],
    ['bytes', Uint8Array.of(0x43, 1, 2, 3)],
  ];
  for (const [reading, bytes] of whole) {
    for (let length = 0; length < bytes.length; length++) {
      const { hasError, isShort, value } = read(bytes.subarray(0, length), reading);
      t.true(hasError && isShort && value === 0, `${reading}, ${length} bytes`);
    }
    t.false(read(bytes, reading).hasError);
  }
});

test('a byte string up to the length allowed is read, a longer one refused even before its bytes have come', (t) => {
  const bytes = Uint8Array.of(0x45, 1, 2, 3, 4, 5);
  t.deepEqual(read(bytes, 'bytes', 5), { value: 5, position: 6, hasError: false, isShort: false });
  t.like(read(bytes, 'bytes', 4), { hasError: true, isShort: false });
  t.like(read(Uint8Array.of(0x45), 'bytes', 4), { hasError: true, isShort: false });
});

test('an error is sticky: what follows reads as 0, until reset', (t) => {
  const reader = new CborReader(Uint8Array.of(0x20, 0x05, 0x81));
  reader.reset(0, 3);
  t.is(reader.uint(), 0);
  t.true(reader.hasError);
  for (const answer of [reader.uint(), reader.array(), reader.map(), reader.bytes(9)]) t.is(answer, 0);
  t.is(reader.position, 0);
  reader.reset(1, 3);
  t.is(reader.uint(), 5);
  t.is(reader.array(), 1);
  t.false(reader.hasError);
});

for (const seed of [1, 2, 3])
  test(`random bytes never throw and are never read outside (seed ${seed})`, (t) => {
    const random = new Random(seed, 'fuzz');
    for (let round = 0; round < 20000; round++) {
      const length = random.below(24);
      const start = random.below(8);
      let outside = -1;
      const bytes = Uint8Array.from({ length: start + length + 8 }, () => random.below(256));
      const watched = new Proxy(bytes, {
        get: (target, key) => {
          const at = typeof key === 'string' ? Number(key) : Number.NaN;
          if (at < start || at >= start + length) outside = at;
          return Reflect.get(target, key, target);
        },
      });
      const reader = new CborReader(watched);
      reader.reset(start, start + length);
      for (let i = 0; i < 10; i++) {
        const reading = READINGS[random.below(READINGS.length)];
        const value = reading === 'bytes' ? reader.bytes(random.below(64)) : reader[reading]();
        if (!Number.isSafeInteger(value) || value < 0) t.fail(`${value}`);
      }
      if (outside >= 0) t.fail(`round ${round}: read byte ${outside} of ${start} to ${start + length - 1}`);
      if (reader.position < start || reader.position > start + length) t.fail(`position ${reader.position}`);
    }
    t.pass();
  });
