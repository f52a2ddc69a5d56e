import test from 'ava';
import { createText } from '../../modules/cbor/text.js';

test('text becomes the bytes that TextEncoder makes, for every code unit and around every border of UTF-8', (t) => {
  const encoder = new TextEncoder();
  for (let unit = 0; unit < 0x10000; unit++) {
    const text = `a${String.fromCharCode(unit)}b`;
    if (Buffer.compare(createText(text), encoder.encode(text)) !== 0) t.fail(unit.toString(16));
  }
  for (const point of [0x10000, 0x10001, 0x1f4a7, 0x10fffe, 0x10ffff]) {
    const text = `${String.fromCodePoint(point)}\udca7\ud83d${String.fromCodePoint(point)}`;
    t.deepEqual(createText(text), encoder.encode(text));
  }
  t.is(createText('').length, 0);
});
