import test from 'ava';
import { Accumulator } from '../../modules/capture/accumulate.js';
import { Block } from '../../modules/capture/block.js';
import { AnalogLines, type AnalogSignal } from '../../modules/condition/analog-signal.js';
import { QUALITY_BAD, QUALITY_GOOD, QUALITY_UNCERTAIN } from '../../modules/condition/quality.js';
import type { AnalogConfiguration, AnalogKind } from '../../modules/config/configuration.js';

function channel(kind: AnalogKind, countsLow: number, countsHigh: number): AnalogConfiguration {
  return {
    name: 'a',
    kind,
    unit: '',
    countsLow,
    countsHigh,
    low: -50,
    high: 150,
    resolution: 0.1,
    lowLimit: null,
    highLimit: null,
  };
}

/** The channel after one block of these samples, in counts. */
function condition(c: AnalogConfiguration, samples: readonly number[]): AnalogSignal {
  const accumulator = new Accumulator(1, 0, samples.length);
  for (const counts of samples) {
    accumulator.addAnalog(0, counts);
    accumulator.endSample();
  }
  const block = new Block(1, 0);
  accumulator.take(block, 10_000);
  const lines = new AnalogLines([c]);
  const [signal] = lines.signals;
  lines.take(block, samples.length);
  return signal;
}

/** 10 samples of one value. */
function steady(counts: number): number[] {
  return Array.from({ length: 10 }, () => counts);
}

/** NE 43: milliamperes, then the quality. */
const BANDS: readonly (readonly [number, number])[] = [
  [0, QUALITY_BAD],
  [3.59, QUALITY_BAD],
  [3.6, QUALITY_BAD],
  [3.61, QUALITY_UNCERTAIN],
  [3.79, QUALITY_UNCERTAIN],
  [3.8, QUALITY_GOOD],
  [4, QUALITY_GOOD],
  [12, QUALITY_GOOD],
  [20, QUALITY_GOOD],
  [20.5, QUALITY_GOOD],
  [20.51, QUALITY_UNCERTAIN],
  [20.99, QUALITY_UNCERTAIN],
  [21, QUALITY_BAD],
  [24, QUALITY_BAD],
];

/** Counts per milliampere and counts at 0 mA: the band edges are whole counts. */
for (const [perMa, zero] of [
  [100, 0],
  [2700, 0],
  [1000, 0],
  [170, 0],
  [100, 37],
] as const)
  test(`4-20 mA at ${perMa} counts a milliampere from ${zero}: quality follows the bands of NE 43`, (t) => {
    const c = channel('current', 4 * perMa + zero, 20 * perMa + zero);
    for (const [ma, quality] of BANDS) {
      const counts = Math.round(ma * perMa) + zero;
      t.is(condition(c, steady(counts)).quality, quality, `${ma} mA`);
    }
  });

test('4 mA is the low end, 20 mA the high end', (t) => {
  const c = channel('current', 400, 2000);
  for (const [counts, value] of [
    [400, -50],
    [1200, 50],
    [2000, 150],
  ])
    t.true(Math.abs(condition(c, steady(counts)).value - value) < 1e-9);
});

test('0-10 V: below -0.2 V and above 10.5 V uncertain, from -1 V and 11 V on bad', (t) => {
  const c = channel('voltage', 1000, 2000);
  const qualities = [
    [-1.5, QUALITY_BAD],
    [-1, QUALITY_BAD],
    [-0.99, QUALITY_UNCERTAIN],
    [-0.21, QUALITY_UNCERTAIN],
    [-0.2, QUALITY_GOOD],
    [0, QUALITY_GOOD],
    [10, QUALITY_GOOD],
    [10.5, QUALITY_GOOD],
    [10.51, QUALITY_UNCERTAIN],
    [10.99, QUALITY_UNCERTAIN],
    [11, QUALITY_BAD],
  ];
  for (const [volts, quality] of qualities)
    t.is(condition(c, steady(1000 + Math.round(volts * 100))).quality, quality, `${volts} V`);
  t.is(condition(c, steady(1500)).value, 50);
});

test('a direct value is good and unscaled, however large', (t) => {
  for (const value of [0, -3.25, 1e9, -1e-9]) {
    const signal = condition(channel('direct', 0, 1), [value]);
    t.is(signal.value, value);
    t.is(signal.quality, QUALITY_GOOD);
  }
});

test('a block without samples is bad and keeps the last value, and is never zero', (t) => {
  const lines = new AnalogLines([channel('direct', 0, 1)]);
  const [signal] = lines.signals;
  const accumulator = new Accumulator(1, 0, 1);
  const block = new Block(1, 0);
  accumulator.addAnalog(0, 7);
  accumulator.take(block, 1);
  lines.take(block, 1);
  t.is(signal.quality, QUALITY_GOOD);
  accumulator.take(block, 2);
  lines.take(block, 1);
  t.is(signal.quality, QUALITY_BAD);
  t.is(signal.value, 7);
});

test('one sample of a block in a failure band makes it uncertain, whichever band', (t) => {
  const c = channel('current', 400, 2000);
  t.is(condition(c, [...steady(1200), 0]).quality, QUALITY_UNCERTAIN);
  t.is(condition(c, [2400, ...steady(1200)]).quality, QUALITY_UNCERTAIN);
  t.is(condition(c, [...steady(1200), 390]).quality, QUALITY_GOOD, 'outside 4 to 20 mA, but no failure');
});

test('value is the mean of the samples; the extremes are kept in counts', (t) => {
  const signal = condition(channel('current', 400, 2000), [1000, 1400, 1200]);
  t.true(Math.abs(signal.value - 50) < 1e-9);
  t.is(signal.lowestCounts, 1000);
  t.is(signal.highestCounts, 1400);
});

test('over a row a signal gathers sum, extremes, worst quality and blocks without value, until it is restarted', (t) => {
  const lines = new AnalogLines([channel('current', 400, 2000)]);
  const [signal] = lines.signals;
  const accumulator = new Accumulator(1, 0, 2);
  const block = new Block(1, 0);
  const take = (...samples: number[]) => {
    for (const counts of samples) accumulator.addAnalog(0, counts);
    accumulator.take(block, 1);
    lines.take(block, 2);
  };
  take(1000, 1400);
  t.like(signal, { worst: QUALITY_GOOD, missing: 0 });
  take(1200, 0);
  t.like(signal, { worst: QUALITY_UNCERTAIN, missing: 0, lowestCounts: 0, highestCounts: 1400 });
  take();
  take(0, 0);
  t.like(signal, { worst: QUALITY_BAD, missing: 2 });
  t.is(signal.sum, 1200 + 600, 'block means in counts');
  signal.restart();
  t.like(signal, { sum: 0, worst: QUALITY_GOOD, missing: 0 });
  take(800, 1000);
  t.like(signal, { lowestCounts: 800, highestCounts: 1000 });
});

test('a channel is quiet while every sample is valid and within the stated limits, in either direction of the range', (t) => {
  for (const [low, high] of [
    [-50, 150],
    [150, -50],
  ]) {
    const c = { ...channel('current', 400, 2000), low, high, lowLimit: 0, highLimit: 100 };
    const lines = new AnalogLines([c]);
    const [signal] = lines.signals;
    const block = new Block(1, 0);
    const isLoud = (...samples: number[]) => {
      const accumulator = new Accumulator(1, 0, 3);
      for (const counts of samples) accumulator.addAnalog(0, counts);
      accumulator.take(block, 1);
      return lines.take(block, 3);
    };
    t.false(isLoud(802, 1200, 1598));
    t.true(isLoud(802, 1200, 1602), 'one sample beyond a limit');
    t.true(isLoud(798, 1200, 1598), 'and beyond the other');
    t.true(isLoud(1200, 1200), 'a sample is missing');
    t.false(isLoud(1200, 1200, 1200), 'quiet again');
    t.is(signal.quality, QUALITY_GOOD);
  }
});

test('several channels are conditioned side by side', (t) => {
  const lines = new AnalogLines([channel('current', 400, 2000), channel('direct', 0, 1)]);
  const { signals } = lines;
  const accumulator = new Accumulator(2, 0, 2);
  for (const [a, b] of [
    [400, 3],
    [400, 5],
  ]) {
    accumulator.addAnalog(0, a);
    accumulator.addAnalog(1, b);
    accumulator.endSample();
  }
  const block = new Block(2, 0);
  accumulator.take(block, 10_000);
  lines.take(block, 2);
  t.true(Math.abs(signals[0].value + 50) < 1e-9);
  t.is(signals[1].value, 4);
});
