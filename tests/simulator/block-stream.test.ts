import { PassThrough, Writable } from 'node:stream';
import test from 'ava';
import { Block } from '../../modules/capture/block.js';
import { encodeBlock, encodeHeader, HEADER_BYTES, recordLength, writeBlocks } from '../../simulator/block-stream.js';
import { Simulation } from '../../simulator/simulation.js';
import { SampleTape } from '../evidence/sample-tape.js';
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

for (const [scenario, plant] of [
  ['wire-break', 'tank'],
  ['normal', 'drive'],
])
  test(`${scenario} at the ${plant}: with samples the blocks are the same to the bit, and the samples those of the wires`, async (t) => {
    const { output, chunks } = collector(0);
    const simulation = new Simulation(scenario, 1, 3, plant);
    const configuration = { ...simulation.configuration, rawBeforeMs: 100 };
    const { analog, digital, blockSamples } = configuration;
    const source = { configuration, nextBlock: (block: Block) => simulation.nextBlock(block) };
    t.is(await writeBlocks(source, output, { seconds: 6, isRealTime: false }), 600);
    const bytes = Buffer.concat(chunks);
    t.is(bytes.subarray(0, 4).toString(), 'WWB2');
    t.is(bytes.readUInt32LE(12), blockSamples);
    const fields = recordLength(analog.length, digital.length);
    const recordBytes = 8 * (fields + Math.ceil((analog.length * blockSamples + digital.length) / 4));
    t.is(bytes.length, HEADER_BYTES + 600 * recordBytes);
    const twin = new Simulation(scenario, 1, 3, plant);
    const tape = new SampleTape(new Simulation(scenario, 1, 3, plant), 6);
    const block = new Block(analog.length, digital.length);
    const expected = new Float64Array(fields);
    for (let i = 0; i < 600; i++) {
      twin.nextBlock(block);
      encodeBlock(block, 0, expected, 0);
      const at = HEADER_BYTES + i * recordBytes;
      const same = bytes.subarray(at, at + fields * 8).equals(new Uint8Array(expected.buffer));
      if (!same) t.fail(`block ${i}`);
      const samples = new Uint16Array(
        bytes.buffer.slice(bytes.byteOffset + at + fields * 8, bytes.byteOffset + at + recordBytes),
      );
      for (let channel = 0; channel < analog.length + digital.length; channel++) {
        const isAnalog = channel < analog.length;
        const levels = samples[analog.length * blockSamples + channel - analog.length];
        const told = Array.from({ length: blockSamples }, (_, n) =>
          isAnalog ? samples[channel * blockSamples + n] : (levels >> n) & 1,
        );
        const wrong = tape.firstWrong({ channel, periodUs: 1000, fromUs: i * 10_000, level: told });
        if (wrong !== undefined) t.fail(wrong);
      }
    }
    t.pass();
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
