import { PassThrough, Writable } from 'node:stream';
import test from 'ava';
import { encodeBlock, encodeHeader, HEADER_BYTES, recordLength, writeBlocks } from '../../simulator/block-stream.js';
import { Simulation } from '../../simulator/simulation.js';
import { newBlock } from './run.js';

/** Keeps what is written; takes `delayMs` over each chunk. */
function collector(delayMs: number): { output: Writable; chunks: Buffer[] } {
  const chunks: Buffer[] = [];
  const output = new Writable({
    highWaterMark: 1024,
    write(chunk, _encoding, done) {
      chunks.push(chunk);
      setTimeout(done, delayMs);
    },
  });
  return { output, chunks };
}

test('the header states the shape of the records', (t) => {
  const bytes = Buffer.from(encodeHeader(8, 513, 10000));
  t.is(bytes.length, HEADER_BYTES);
  t.is(bytes.toString('hex'), `${Buffer.from('WWB1').toString('hex')}080001021027000000000000`);
});

test('a record is the head, then the analog and the digital fields in order', (t) => {
  const block = newBlock();
  block.sequence = 7;
  block.timeUs = 80000;
  block.lost = 2;
  block.isFresh = 0;
  block.analog.forEach((_, i) => {
    block.analog[i] = 100 + i;
  });
  block.digital.forEach((_, i) => {
    block.digital[i] = 200 + i;
  });
  const into = new Float64Array(3 + recordLength(8, 8));
  t.is(encodeBlock(block, 9, into, 3), into.length);
  t.deepEqual([...into], [0, 0, 0, 7, 80000, 2, 0, 9, ...block.analog, ...block.digital]);
});

test('a slow reader gets every block of the simulation once and in order', async (t) => {
  const { output, chunks } = collector(1);
  const options = { seconds: 2.5, isRealTime: false, markOf: (block: { sequence: number }) => block.sequence % 3 };
  t.is(await writeBlocks(new Simulation('normal', 1), output, options), 250);
  const bytes = Buffer.concat(chunks);
  const fields = recordLength(8, 8);
  t.is(bytes.length, HEADER_BYTES + 250 * fields * 8);
  const twin = new Simulation('normal', 1);
  const block = newBlock();
  const expected = new Float64Array(fields);
  for (let i = 0; i < 250; i++) {
    twin.nextBlock(block);
    encodeBlock(block, i % 3, expected, 0);
    const at = HEADER_BYTES + i * fields * 8;
    t.true(bytes.subarray(at, at + fields * 8).equals(new Uint8Array(expected.buffer)), `block ${i}`);
  }
});

test('in real time a second takes a second, also when the reader stumbles', async (t) => {
  const { output, chunks } = collector(25);
  const startMs = performance.now();
  t.is(await writeBlocks(new Simulation('normal', 1), output, { seconds: 1, isRealTime: true }), 100);
  const elapsedMs = performance.now() - startMs;
  t.is(Buffer.concat(chunks).length, HEADER_BYTES + 100 * recordLength(8, 8) * 8);
  t.true(elapsedMs >= 1000 && elapsedMs < 1300, `${elapsedMs} ms`);
});

test('a reader that goes away ends the writing with an error', async (t) => {
  const output = new PassThrough();
  output.once('readable', () => output.destroy());
  await t.throwsAsync(writeBlocks(new Simulation('normal', 1), output, { seconds: 1000, isRealTime: false }), {
    message: /went away|destroyed/,
  });
});
