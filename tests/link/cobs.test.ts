import test from 'ava';
import { cobsBytesMax, cobsDecode, cobsEncode } from '../../modules/link/cobs.js';
import { Random } from '../../simulator/random.js';

function encode(bytes: Uint8Array): Uint8Array {
  const into = new Uint8Array(cobsBytesMax(bytes.length) + 3).fill(0xaa);
  const length = cobsEncode(bytes, bytes.length, into, 1);
  if (into[0] !== 0xaa || into[1 + length] !== 0xaa) throw new Error('written outside');
  return into.slice(1, 1 + length);
}

function decode(bytes: Uint8Array, room = 2000): Uint8Array | null {
  const into = new Uint8Array(room);
  const length = cobsDecode(bytes, 0, bytes.length, into);
  return length < 0 ? null : into.slice(0, length);
}

function range(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => (from + i) % 256);
}

/** Plain and encoded, after Cheshire and Baker (figure 2 and section 3; the long ones as widely published). */
const VECTORS: readonly (readonly [number[], number[]])[] = [
  [[], [1]],
  [[0], [1, 1]],
  [
    [0, 0],
    [1, 1, 1],
  ],
  [
    [0, 0x11, 0],
    [1, 2, 0x11, 1],
  ],
  [
    [0x11, 0x22, 0, 0x33],
    [3, 0x11, 0x22, 2, 0x33],
  ],
  [
    [0x11, 0x22, 0x33, 0x44],
    [5, 0x11, 0x22, 0x33, 0x44],
  ],
  [
    [0x11, 0, 0, 0],
    [2, 0x11, 1, 1, 1],
  ],
  [
    [0x45, 0, 0, 0x2c, 0x4c, 0x79, 0, 0, 0x40, 0x06, 0x4f, 0x37],
    [2, 0x45, 1, 4, 0x2c, 0x4c, 0x79, 1, 5, 0x40, 6, 0x4f, 0x37],
  ],
  [range(1, 253), [254, ...range(1, 253)]],
  [range(1, 254), [255, ...range(1, 254)]],
  [range(0, 255), [1, 255, ...range(1, 254)]],
  [range(1, 255), [255, ...range(1, 254), 2, 255]],
  [
    [...range(2, 254), 0],
    [255, ...range(2, 254), 1, 1],
  ],
  [
    [...range(3, 253), 0, 1],
    [254, ...range(3, 253), 2, 1],
  ],
];

test('the vectors of the paper encode and decode', (t) => {
  for (const [plain, encoded] of VECTORS) {
    t.deepEqual([...encode(Uint8Array.from(plain))], encoded);
    t.deepEqual([...decode(Uint8Array.from(encoded))!], plain);
  }
});

for (const seed of [1, 2, 3])
  test(`any bytes come back, hold no zero, and keep within their bound (seed ${seed})`, (t) => {
    const random = new Random(seed, 'cobs');
    for (let round = 0; round < 2000; round++) {
      const zeroShare = random.uniform() ** 3;
      const plain = Uint8Array.from({ length: random.below(1100) }, () =>
        random.uniform() < zeroShare ? 0 : random.below(256),
      );
      const encoded = encode(plain);
      if (encoded.includes(0)) t.fail(`round ${round}: a zero`);
      if (encoded.length > cobsBytesMax(plain.length)) t.fail(`round ${round}: too long`);
      if (Buffer.compare(decode(encoded)!, plain) !== 0) t.fail(`round ${round}: other bytes`);
    }
    t.pass();
  });

test('a zero inside, a block cut short and nothing at all are malformed', (t) => {
  for (const bytes of [[], [0], [3, 1, 0], [2, 0], [0, 1], [3, 1], [255, 1, 2], [2, 1, 5, 1]])
    t.is(decode(Uint8Array.from(bytes)), null, `${bytes}`);
});

test('what does not fit is malformed, and nothing is written outside', (t) => {
  const plain = Uint8Array.from(range(1, 100));
  const encoded = encode(plain);
  t.is(decode(encoded, 99), null);
  t.is(decode(encoded, 100)!.length, 100);
  t.is(decode(encode(new Uint8Array(10)), 9), null);
  t.is(decode(encode(new Uint8Array(10)), 10)!.length, 10);
});

test('random bytes decode to something or to nothing, and never outside (seed 4)', (t) => {
  const random = new Random(4, 'noise');
  for (let round = 0; round < 20000; round++) {
    const bytes = Uint8Array.from({ length: random.below(20) }, () => random.below(random.below(2) ? 8 : 256));
    const into = new Uint8Array(random.below(12));
    const length = cobsDecode(bytes, 0, bytes.length, into);
    if (length < -1 || length > into.length) t.fail(`${bytes} into ${into.length}: ${length}`);
  }
  t.pass();
});
