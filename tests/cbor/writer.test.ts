import test from 'ava';
import { decode as decodeX } from 'cbor-x';
import { encode, rfc8949EncodeOptions, Tagged } from 'cborg';
import { createText, TextTable } from '../../modules/cbor/text.js';
import { CborWriter, DECIMALS_MAX } from '../../modules/cbor/writer.js';
import { Random } from '../../simulator/random.js';
import { decodeDeterministic, numberOf } from '../frame/strict-cbor.js';

function written(write: (writer: CborWriter) => void, size = 4096): Buffer {
  const writer = new CborWriter(new Uint8Array(size));
  write(writer);
  if (writer.isOverflowed) throw new Error('overflow');
  return Buffer.from(writer.buffer.subarray(0, writer.position));
}

function reference(value: unknown): Buffer {
  return Buffer.from(encode(value, rfc8949EncodeOptions));
}

/** Where a head grows by bytes, and the ends of the range. */
const BOUNDARIES = [
  0,
  1,
  22,
  23,
  24,
  25,
  254,
  255,
  256,
  257,
  65534,
  65535,
  65536,
  65537,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 2,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 32 + 1,
  2 ** 48,
  2 ** 53 - 2,
  2 ** 53 - 1,
];

test('unsigned integers at every boundary of the head are as cborg and cbor-x have them', (t) => {
  for (const value of BOUNDARIES) {
    const bytes = written((writer) => writer.uint(value));
    t.deepEqual(bytes, reference(value), `${value}`);
    t.is(Number(decodeX(bytes)), value);
  }
});

test('negative integers at every boundary of the head are as cborg and cbor-x have them', (t) => {
  for (const boundary of BOUNDARIES) {
    const value = -1 - boundary;
    if (!Number.isSafeInteger(value)) continue;
    const bytes = written((writer) => writer.int(value));
    t.deepEqual(bytes, reference(value), `${value}`);
    t.is(Number(decodeX(bytes)), value);
  }
});

test('int writes zero, also a negative one, as 0', (t) => {
  for (const zero of [0, -0])
    t.deepEqual(
      written((writer) => writer.int(zero)),
      Buffer.of(0),
    );
});

test('integers of every size are as cborg has them (seed 1)', (t) => {
  const random = new Random(1, 'integers');
  for (let i = 0; i < 5000; i++) {
    const value = Math.floor(random.uniform() * 2 ** (1 + random.below(53))) * (random.below(2) ? 1 : -1);
    const bytes = written((writer) => writer.int(value));
    if (!bytes.equals(reference(value))) t.fail(`${value}: ${bytes.toString('hex')}`);
  }
  t.pass();
});

test('what is no unsigned integer below 2^53 is a programmer error', (t) => {
  for (const value of [-1, 0.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY])
    t.throws(() => written((writer) => writer.uint(value)), { message: /unsigned/ }, `${value}`);
});

test('byte strings of every size of head are as cborg has them', (t) => {
  for (const length of [0, 1, 23, 24, 255, 256, 65535, 65536]) {
    const bytes = Uint8Array.from({ length }, (_, i) => i);
    t.true(written((writer) => writer.bytes(bytes, length), 70000).equals(reference(bytes)), `${length}`);
  }
});

test('a part of an array is written as a byte string; bytesHead leaves the bytes to the caller', (t) => {
  const from = Uint8Array.of(9, 8, 7, 6, 5);
  t.deepEqual(
    written((writer) => writer.bytesFrom(from, 1, 3)),
    reference(Uint8Array.of(8, 7, 6)),
  );
  t.deepEqual(
    written((writer) => writer.bytes(from, 2)),
    reference(Uint8Array.of(9, 8)),
  );
  t.deepEqual(
    written((writer) => writer.bytesHead(300)),
    Buffer.of(0x59, 1, 44),
  );
});

const TEXTS = [
  '',
  'a',
  'level',
  '\u0000',
  '\u007f',
  '\u0080',
  '\u07ff',
  '\u0800',
  '\uffff',
  '\u{10000}',
  '\u{10ffff}',
  'Füllstand',
  'уровень',
  '水位',
  '💧',
  '💧💧 a ü 水',
  '\ud7ff\ue000',
  'x'.repeat(23),
  'x'.repeat(24),
  'ü'.repeat(128),
  '水'.repeat(86),
];

test('text is UTF-8 as cborg has it, with its length in bytes', (t) => {
  for (const text of TEXTS) {
    const bytes = written((writer) => writer.text(createText(text)));
    t.deepEqual(bytes, reference(text), JSON.stringify(text));
    t.is(decodeDeterministic(bytes), text);
    t.is(decodeX(bytes), text);
  }
});

test('an unpaired surrogate becomes U+FFFD and the text stays well-formed', (t) => {
  for (const [text, expected] of [
    ['\ud83d', '\ufffd'],
    ['\udca7', '\ufffd'],
    ['a\ud83db', 'a\ufffdb'],
    ['\udca7\ud83d', '\ufffd\ufffd'],
    ['\ud83d\ud83d\udca7', '\ufffd💧'],
    ['💧\udca7', '💧\ufffd'],
  ])
    t.is(decodeDeterministic(written((writer) => writer.text(createText(text)))), expected, JSON.stringify(text));
});

test('texts of a table, one or two of them, are written as they are', (t) => {
  const suffixes = ['', '/min', '水'];
  const table = new TextTable([...TEXTS, ...suffixes]);
  for (const [i, first] of TEXTS.entries()) {
    t.deepEqual(
      written((writer) => writer.textAt(table, i)),
      reference(first),
    );
    for (const [j, second] of suffixes.entries())
      t.deepEqual(
        written((writer) => writer.textOf(table, i, TEXTS.length + j)),
        reference(first + second),
      );
  }
});

test('arrays, maps, tags and null nest as cborg has them', (t) => {
  const bytes = written((writer) => {
    writer.map(3);
    writer.uint(1);
    writer.array(2);
    writer.null();
    writer.text(createText('x'));
    writer.uint(200);
    writer.map(0);
    writer.int(-1);
    writer.tag(4);
    writer.array(2);
    writer.int(-3);
    writer.int(1234);
  });
  const value = new Map<number, unknown>([
    [1, [null, 'x']],
    [200, new Map()],
    [-1, new Tagged(4, [-3, 1234])],
  ]);
  t.deepEqual(bytes, reference(value));
  for (const items of [0, 23, 24, 255, 256]) {
    t.is(written((writer) => writer.array(items))[0] >> 5, 4);
    t.is(written((writer) => writer.map(items))[0] >> 5, 5);
  }
});

test('decimal writes an integer where no places are left, else tag 4 without trailing zeros', (t) => {
  const cases: [number, number, unknown][] = [
    [0, 3, 0],
    [-0, 3, 0],
    [-0.0001, 3, 0],
    [12, 3, 12],
    [-12, 0, -12],
    [1200, 1, 1200],
    [1.5, 3, new Tagged(4, [-1, 15])],
    [-1.25, 3, new Tagged(4, [-2, -125])],
    [0.001, 3, new Tagged(4, [-3, 1])],
    [0.0004, 3, 0],
    [0.0006, 3, new Tagged(4, [-3, 1])],
    [2.9999, 3, 3],
    [1e-12, 12, new Tagged(4, [-12, 1])],
    [9007199254740990, 0, 9007199254740990],
  ];
  for (const [value, decimals, expected] of cases)
    t.deepEqual(
      written((writer) => writer.decimal(value, decimals)),
      reference(expected),
      `${value}, ${decimals}`,
    );
});

test('decimal writes null for what is not finite', (t) => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
    t.deepEqual(
      written((writer) => writer.decimal(value, 2)),
      Buffer.of(0xf6),
      `${value}`,
    );
});

test('decimal leaves out places that do not fit, and holds what is beyond 2^53 - 1', (t) => {
  const most = Number.MAX_SAFE_INTEGER;
  for (const [value, decimals, expected] of [
    [1e13, 3, 1e13],
    [3e7, 12, 3e7],
    [2 ** 53, 0, most],
    [-(2 ** 60), 6, -most],
  ])
    t.deepEqual(
      written((writer) => writer.decimal(value, decimals)),
      written((writer) => writer.int(expected)),
      `${value}, ${decimals}`,
    );
});

test('a decimal is within half a unit of its last place, and decodes strictly (seed 1)', (t) => {
  const random = new Random(1, 'decimals');
  for (let i = 0; i < 5000; i++) {
    const decimals = random.below(DECIMALS_MAX + 1);
    const value = random.between(-1, 1) * 10 ** (random.below(12) - decimals);
    const bytes = written((writer) => writer.decimal(value, decimals));
    const read = numberOf(decodeDeterministic(bytes));
    if (Math.abs(read - value) > 0.5000001 * 10 ** -decimals) t.fail(`${value}, ${decimals}: ${read}`);
  }
  t.pass();
});

test('overflow is sticky at every size of the buffer, and nothing is written outside it', (t) => {
  const write = (writer: CborWriter) => {
    writer.map(2);
    writer.uint(2 ** 40);
    writer.text(createText('ü水💧'));
    writer.int(-70000);
    writer.tag(4);
    writer.array(2);
    writer.int(-2);
    writer.decimal(3.25, 2);
    writer.bytes(Uint8Array.of(1, 2, 3), 3);
    writer.null();
  };
  const whole = written(write);
  for (let size = 0; size <= whole.length + 2; size++) {
    const room = new Uint8Array(size + 16).fill(0xaa);
    const writer = new CborWriter(room.subarray(8, 8 + size));
    write(writer);
    t.is(writer.isOverflowed, size < whole.length, `${size} bytes`);
    t.true(writer.position <= size);
    t.deepEqual(Buffer.from(room.subarray(8, 8 + writer.position)), whole.subarray(0, writer.position));
    t.true(room.every((byte, i) => (i >= 8 && i < 8 + size) || byte === 0xaa));
    if (!writer.isOverflowed) continue;
    writer.uint(1);
    writer.array(0);
    t.true(writer.isOverflowed, 'also after what would fit');
    writer.reset(0);
    t.false(writer.isOverflowed);
    t.is(writer.position, 0);
  }
});
