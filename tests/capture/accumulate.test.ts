import test from 'ava';
import { Accumulator } from '../../modules/capture/accumulate.js';
import { ANALOG_FIELDS, Block, DIGITAL_FIELDS } from '../../modules/capture/block.js';
import { Random } from '../../simulator/random.js';

const SAMPLES = 10;

/** analog[channel][sample], digital[channel][sample] of the whole run. */
interface Recorded {
  readonly analog: number[][];
  readonly digital: number[][];
}

function record(seed: number, blocks: number, analog: number, digital: number): Recorded {
  const random = new Random(seed, 'samples');
  const samples = blocks * SAMPLES;
  return {
    analog: Array.from({ length: analog }, () => Array.from({ length: samples }, () => random.below(65536))),
    digital: Array.from({ length: digital }, (_, i) => {
      let level = 0;
      return Array.from({ length: samples }, () => {
        if (random.uniform() < 0.02 + 0.1 * i) level ^= 1;
        return level;
      });
    }),
  };
}

/** Every block that the accumulator makes of it. */
function accumulate({ analog, digital }: Recorded, blocks: number): Block[] {
  const accumulator = new Accumulator(analog.length, digital.length, SAMPLES);
  const made: Block[] = [];
  for (let n = 0; n < blocks * SAMPLES; n++) {
    analog.forEach((samples, i) => {
      accumulator.addAnalog(i, samples[n]);
    });
    digital.forEach((samples, i) => {
      accumulator.addDigital(i, samples[n]);
    });
    accumulator.endSample();
    if (!accumulator.isFull()) continue;
    const block = new Block(analog.length, digital.length);
    accumulator.take(block, (n + 1) * 1000);
    made.push(block);
  }
  return made;
}

/** What one block should say of an analog channel. */
function analogFields(samples: readonly number[]): number[] {
  const sum = samples.reduce((a, b) => a + b, 0);
  const squares = samples.reduce((a, b) => a + b * b, 0);
  return [samples.length, Math.min(...samples), Math.max(...samples), sum, squares];
}

/** What one block should say of a digital channel; `before` is the sample before the block, undefined at the start. */
function digitalFields(samples: readonly number[], before: number | undefined): number[] {
  const edges: number[] = [];
  samples.forEach((level, i) => {
    const previous = i === 0 ? before : samples[i - 1];
    if (previous !== undefined && previous !== level) edges.push(i);
  });
  const high = samples.filter((level) => level === 1).length;
  return [samples[samples.length - 1], edges.length, high, edges[0] ?? -1, edges[edges.length - 1] ?? -1];
}

for (const seed of [1, 2, 3])
  test(`blocks say of random samples what a straightforward count says, also of edges on block borders (seed ${seed})`, (t) => {
    const blocks = 300;
    const recorded = record(seed, blocks, 3, 4);
    let borderEdges = 0;
    accumulate(recorded, blocks).forEach((block, b) => {
      const from = b * SAMPLES;
      recorded.analog.forEach((samples, i) => {
        const fields = block.analog.slice(i * ANALOG_FIELDS, (i + 1) * ANALOG_FIELDS);
        t.deepEqual(fields, analogFields(samples.slice(from, from + SAMPLES)), `block ${b}, analog ${i}`);
      });
      recorded.digital.forEach((samples, i) => {
        const fields = block.digital.slice(i * DIGITAL_FIELDS, (i + 1) * DIGITAL_FIELDS);
        t.deepEqual(
          fields,
          digitalFields(samples.slice(from, from + SAMPLES), samples[from - 1]),
          `block ${b}, digital ${i}`,
        );
        if (fields[3] === 0) borderEdges++;
      });
      t.is(block.sequence, b);
      t.is(block.timeUs, (b + 1) * SAMPLES * 1000, 'one sample period after the last sample');
      t.is(block.isFresh, b === 0 ? 1 : 0);
      t.is(block.lost, 0);
    });
    t.true(borderEdges > 10, 'edges on the border were among them');
  });

test('the very first sample is no edge, whatever its level', (t) => {
  for (const level of [0, 1]) {
    const [block] = accumulate({ analog: [], digital: [Array.from({ length: SAMPLES }, () => level)] }, 1);
    t.deepEqual(block.digital, [level, 0, level * SAMPLES, -1, -1]);
  }
});

test('a channel that is not sampled has count 0, and level -1', (t) => {
  const accumulator = new Accumulator(2, 2, 1);
  accumulator.addAnalog(1, 5);
  accumulator.addDigital(1, 1);
  accumulator.endSample();
  const block = new Block(2, 2);
  accumulator.take(block, 1000);
  t.deepEqual(block.analog, [0, 0, 0, 0, 0, 1, 5, 5, 5, 25]);
  t.is(block.digital[0], -1);
  t.is(block.digital[DIGITAL_FIELDS], 1);
});

test('negative and fractional values are accumulated as they are', (t) => {
  const accumulator = new Accumulator(1, 0, 3);
  for (const value of [-2.5, 0.25, -7]) accumulator.addAnalog(0, value);
  const block = new Block(1, 0);
  accumulator.take(block, 1);
  t.deepEqual(block.analog, [3, -7, 0.25, -9.25, 6.25 + 0.0625 + 49]);
});

test('a block is full after its samples, not before', (t) => {
  const accumulator = new Accumulator(0, 0, 3);
  for (let i = 0; i < 3; i++) {
    t.false(accumulator.isFull());
    accumulator.endSample();
  }
  t.true(accumulator.isFull());
  accumulator.take(new Block(0, 0), 1);
  t.false(accumulator.isFull());
});
