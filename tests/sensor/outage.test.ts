/** Channels without a value, and lost blocks: what they must not do to learning, watching and telling. */
import test from 'ava';
import { ANALOG_FIELDS, Block, DIGITAL_FIELDS } from '../../modules/capture/block.js';
import { ContactLines } from '../../modules/condition/contact-signal.js';
import { QUALITY_BAD, QUALITY_GOOD } from '../../modules/condition/quality.js';
import { checkConfiguration } from '../../modules/config/check.js';
import type { Configuration } from '../../modules/config/configuration.js';
import { DETECTOR_RESIDUAL } from '../../modules/detect/finding.js';
import { PHASE_WATCHING } from '../../modules/frame/heartbeat-body.js';
import { KIND_HEARTBEAT, KIND_INCIDENT, KIND_LOSS, KIND_READINGS, LOSS_BLOCKS } from '../../modules/frame/kinds.js';
import { ModelRow } from '../../modules/model/model-row.js';
import { Random } from '../../simulator/random.js';
import { numberOf } from '../frame/strict-cbor.js';
import type { ReceivedFrame } from '../sign/received-frame.js';
import { contact, direct, sampleConfiguration } from './sample-configuration.js';
import { Witness } from './witness.js';

const CHANNELS = 4;
const ROW = 10;
const LEARN = 6000;
/** Spread of a channel of `Plant`. */
const SIGMA = Math.sqrt(1 / (1 - 0.5 ** 2));
/** The shift that must be found, and the rows that finding it may take. */
const SHIFT = 8 * SIGMA;
const FOUND_ROWS = 20;

/** Channels bad in the blocks `from` to `to` - 1. */
interface Outage {
  readonly channels: readonly number[];
  readonly from: number;
  readonly to: number;
}

function configurationOf(neighboursMax: number): Configuration {
  const analog = Array.from({ length: CHANNELS }, (_, i) => direct(`c${i}`));
  return sampleConfiguration({ analog, learnBlocks: LEARN, falseAlarmsPerDay: 24, neighboursMax });
}

/** Four channels around 500, each on its own or in pairs (0 and 1, 2 and 3), with a new value every row. */
class Plant {
  readonly witness: Witness;
  readonly shift: number[] = new Array(CHANNELS).fill(0);
  private readonly random: Random;
  private readonly values: number[] = new Array(CHANNELS).fill(0);
  private readonly outage: Outage;
  private readonly isPaired: boolean;
  private blocks = 0;

  constructor(seed: number, outage: Outage, isPaired = false) {
    this.witness = new Witness(configurationOf(isPaired ? 1 : 2));
    this.isPaired = isPaired;
    this.random = new Random(seed, 'outage');
    this.outage = outage;
  }

  /** Runs `blocks`; the number of those in which the witness watched and alarmed. */
  run(blocks: number): number {
    const { sensor } = this.witness;
    let alarming = 0;
    for (let i = 0; i < blocks; i++) {
      this.next();
      if (sensor.condition.phase === PHASE_WATCHING && sensor.isAlarming) alarming++;
    }
    return alarming;
  }

  /** Rows until channel `channel`, shifted from now on, is found; -1 when it is not within FOUND_ROWS. */
  rowsToFind(channel: number): number {
    this.shift[channel] = SHIFT;
    for (let row = 1; row <= FOUND_ROWS; row++) if (this.run(ROW) > 0) return row;
    return -1;
  }

  private next(): void {
    const { witness, shift, outage } = this;
    const { block, configuration } = witness;
    const n = configuration.blockSamples;
    const at = this.blocks++;
    const isOut = at >= outage.from && at < outage.to;
    block.sequence = at;
    block.timeUs = this.blocks * configuration.blockUs;
    block.lost = 0;
    block.isFresh = at === 0 ? 1 : 0;
    if (at % ROW === 0) this.move();
    for (let i = 0; i < CHANNELS; i++) {
      const v = 500 + this.values[i] + shift[i];
      if (isOut && outage.channels.includes(i)) block.analog.splice(i * ANALOG_FIELDS, ANALOG_FIELDS, 0, 0, 0, 0, 0);
      else block.analog.splice(i * ANALOG_FIELDS, ANALOG_FIELDS, n, v, v, n * v, n * v * v);
    }
    witness.take();
  }

  /** The next value of each channel. Of a pair, four fifths of the noise are common. */
  private move(): void {
    const { values, random, isPaired } = this;
    let common = 0;
    for (let i = 0; i < CHANNELS; i++) {
      if (isPaired && i % 2 === 0) common = Math.sqrt(0.8) * random.gaussian();
      values[i] = 0.5 * values[i] + common + Math.sqrt(isPaired ? 0.2 : 1) * random.gaussian();
    }
  }
}

const ALL = [0, 1, 2, 3];

for (const [name, channels] of [
  ['one channel', [0]],
  ['all channels', ALL],
] as const)
  for (const rows of [8, 11, 20, 100])
    test(`${name} bad for ${rows} rows just after the first quarter of learning: a shift of 8 sigma is found`, (t) => {
      for (const seed of [1, 2, 3]) {
        const plant = new Plant(seed, { channels, from: LEARN / 4, to: LEARN / 4 + rows * ROW });
        t.is(plant.run(2 * LEARN), 0, `false alarm, seed ${seed}`);
        t.true(plant.rowsToFind(0) > 0, `not found, seed ${seed}`);
      }
    });

for (const rows of [1, 10])
  test(`channels bad in the first ${rows} rows of learning learn no wrong mean: a shift of 8 sigma is found`, (t) => {
    for (const seed of [1, 2, 3]) {
      const plant = new Plant(seed, { channels: [0, 1], from: 0, to: rows * ROW });
      t.is(plant.run(2 * LEARN), 0, `false alarm, seed ${seed}`);
      t.true(plant.rowsToFind(0) > 0, `not found, seed ${seed}`);
    }
  });

for (const to of [LEARN, LEARN - 100]) {
  const name = `a channel bad from 27 % of learning to block ${to} of ${LEARN}`;
  const outage = { channels: [0], from: 0.27 * LEARN, to };

  test(`${name} is not watched: its return makes no standing alarm and it is never named`, (t) => {
    for (const seed of [1, 2, 3]) {
      const plant = new Plant(seed, outage, true);
      plant.run(LEARN + 1000);
      let standing = 0;
      for (let row = 0; row < 2000; row++) {
        standing = plant.run(ROW) > 0 ? standing + 1 : 0;
        if (standing > 2 * FOUND_ROWS) t.fail(`standing alarm in row ${row}, seed ${seed}`);
      }
      plant.shift[0] = SHIFT;
      plant.run(1000);
      for (const { kind, body } of plant.witness.frames()) {
        if (kind !== KIND_INCIDENT || body.get(4) !== DETECTOR_RESIDUAL) continue;
        t.false((body.get(3) as number[]).includes(0), `seed ${seed}`);
      }
      t.is(plant.witness.sensor.condition.learnedPerMille, 1000);
    }
  });

  for (const channel of [2, 3])
    test(`${name} does not blind channel ${channel}, which has nothing to do with it`, (t) => {
      for (const seed of [1, 2, 3]) {
        const plant = new Plant(seed, outage, true);
        plant.run(LEARN + 1000);
        t.true(plant.rowsToFind(channel) > 0, `not found, seed ${seed}`);
      }
    });
}

/** The row of one contact whose levels are given block by block; -1: not sampled. Two rows, the last is looked at. */
function qualityOfRow(levels: readonly number[]): number {
  const lines = new ContactLines([contact('d')]);
  const block = new Block(0, 1);
  const row = new ModelRow(1, ROW, ROW);
  const none = new Float64Array(0);
  levels.forEach((level, i) => {
    block.timeUs = (i + 1) * 10_000;
    block.digital.splice(0, DIGITAL_FIELDS, level, 0, level < 0 ? 0 : ROW * level, -1, -1);
    const isComplete = row.beginBlock(none, lines.numbers, i === 0);
    lines.take(block, ROW, 1000);
    if (!isComplete) return;
    row.complete(none, lines.numbers, 0);
  });
  return row.inputs[0].quality;
}

function rowOf(from: number, to: number): number[] {
  return Array.from({ length: ROW }, (_, i) => (i >= from && i < to ? -1 : 1));
}

for (const [from, to] of [
  [0, 1],
  [2, 8],
  [9, 10],
])
  test(`a contact not sampled in blocks ${from} to ${to - 1} of a row is bad in that row and good in the next`, (t) => {
    t.is(qualityOfRow([...rowOf(0, 0), ...rowOf(from, to)]), QUALITY_BAD);
    t.is(qualityOfRow([...rowOf(from, to), ...rowOf(0, 0)]), QUALITY_GOOD);
  });

test('a contact not sampled for rows on end is bad in each of them', (t) => {
  const out = rowOf(0, ROW);
  t.is(qualityOfRow(out), QUALITY_BAD, 'from the start');
  t.is(qualityOfRow([...rowOf(0, 0), ...out]), QUALITY_BAD, 'first row');
  t.is(qualityOfRow([...rowOf(0, 0), ...out, ...out]), QUALITY_BAD, 'second row');
  t.is(qualityOfRow([...rowOf(5, ROW), ...rowOf(0, 3)]), QUALITY_BAD, 'until within the row');
});

for (const over of [{ modelBlocks: 2.5 }, { blockSamples: 10.5 }, { learnBlocks: 4000.5 }, { neighboursMax: 0.5 }])
  test(`a configuration with ${JSON.stringify(over)} is refused`, (t) => {
    t.is(checkConfiguration(sampleConfiguration()), null);
    t.regex(checkConfiguration(sampleConfiguration(over)) ?? '', /^configuration: [^\n]+whole numbers$/);
  });

function readingsOf(frame: ReceivedFrame): Record<string, number> {
  const pack = frame.body.get(1) as Map<number, unknown>[];
  return Object.fromEntries(pack.map((record) => [record.get(0), numberOf(record.get(2))]));
}

test('one block in six lost for 60 s while a limit is violated: everything is told', (t) => {
  const analog = [direct('a', { highLimit: 10 }), direct('b')];
  const witness = new Witness(sampleConfiguration({ analog, heartbeatMs: 5000, readingsMs: 10_000 }));
  for (let i = 0; i < 100; i++) witness.takeValues([1, 2]);
  const fromUs = witness.nowUs;
  let lost = 0;
  while (witness.nowUs < fromUs + 60e6) {
    witness.takeValues([20, 2], 0);
    for (let i = 0; i < 3; i++) witness.takeValues([20, 2]);
    witness.takeValues([20, 2], 1);
    lost++;
  }
  for (let i = 0; i < 300; i++) witness.takeValues([20, 2]);
  const frames = witness.frames();
  const seconds = witness.nowUs / 1e6;
  const of = (kind: number) => frames.filter((frame) => frame.kind === kind);
  const [opening, ...others] = of(KIND_INCIDENT);
  t.deepEqual(others, []);
  t.true(opening.uptimeUs < fromUs + 500_000, `opening at ${opening.uptimeUs}`);
  t.is(of(KIND_HEARTBEAT).length, Math.floor(seconds / 5));
  t.is(of(KIND_READINGS).length, Math.floor(seconds / 10));
  for (const frame of of(KIND_READINGS).slice(1)) {
    t.deepEqual(readingsOf(frame), { a: 20, 'a/min': 20, 'a/max': 20, b: 2, 'b/min': 2, 'b/max': 2 });
  }
  const losses = of(KIND_LOSS);
  t.true(losses.length >= 30 && losses.length <= seconds + 1, `${losses.length} loss frames`);
  losses.forEach(({ uptimeUs, body }, i) => {
    t.is(body.get(1), LOSS_BLOCKS);
    if (i > 0) t.true(uptimeUs - losses[i - 1].uptimeUs >= 1e6);
    t.true((body.get(3) as number) < (body.get(4) as number));
  });
  t.is(
    losses.reduce((sum, { body }) => sum + (body.get(2) as number), 0),
    lost,
  );
  t.is(witness.sensor.condition.blocksLost, lost);
});

test('readings take in the samples of a row cut short by a loss', (t) => {
  const witness = new Witness(sampleConfiguration({ analog: [direct('a')], readingsMs: 1000 }));
  for (let i = 0; i < 20; i++) witness.takeValues([1]);
  for (let i = 0; i < 4; i++) witness.takeValues([99]);
  witness.takeValues([1], 1);
  for (let i = 0; i < 100; i++) witness.takeValues([1]);
  const { a, ...extremes } = readingsOf(witness.frames().find(({ kind }) => kind === KIND_READINGS)!);
  t.deepEqual(extremes, { 'a/min': 1, 'a/max': 99 });
  // 20 blocks, the 4 of the row cut short, and the 7 or 8 rows after it up to one second
  t.true(
    [94, 104].some((n) => Math.abs(a - (n - 4 + 4 * 99) / n) < 1e-3),
    `mean ${a}`,
  );
});

test('readings come also when no row is ever whole, and tell all their samples', (t) => {
  const witness = new Witness(sampleConfiguration({ analog: [direct('a')], readingsMs: 1000 }));
  for (let i = 0; i < 2000; i++) witness.takeValues([i % 9 === 4 ? 14 : 5], i % 9 === 0 && i > 0 ? 1 : 0);
  const readings = witness.frames().filter(({ kind }) => kind === KIND_READINGS);
  t.is(readings.length, Math.floor(witness.nowUs / 1e6));
  for (const frame of readings) t.deepEqual(readingsOf(frame), { a: 6, 'a/min': 5, 'a/max': 14 });
});
