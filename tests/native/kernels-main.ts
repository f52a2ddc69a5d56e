/**
 * Main module on XS: every kernel of hosts/native/kernels.c and its reference get the same numbers, made from a seed, round
 * after round, and go on from their own results. Prints what differs, and what the reference comes to.
 */

import * as native from '../../hosts/bench/kernels.js';
import {
  CHANNEL_FIELDS,
  CONTACT_FIELDS,
  CONTACT_MISSING,
  INPUT_FIELDS,
  LINE_FIELDS,
  LINE_MISSING,
  LINE_WORST,
  QUARTER_FIELDS,
  READING_FIELDS,
  VIEW_FIELDS,
} from '../../modules/base/kernel-fields.js';
import * as reference from '../../modules/base/kernels.js';
import { Random } from '../../simulator/random.js';

const ROUNDS = 400;
const LINES = 7;
const CONTACTS = 5;
const SIZE = 6;
const VALUES = 9;
const CHANNELS = 4;
const P = 5;
/** Residual models of two neighbours each: regressors of a channel. */
const MODELS = 3;
const STRIDE = 6;

type Kernels = typeof reference;

/** All that one side works on. */
class Side {
  readonly kernels: Kernels;
  readonly lines = new Float64Array(LINE_FIELDS * LINES);
  readonly contacts = new Int32Array(CONTACT_FIELDS * CONTACTS);
  readonly rowValues = new Float64Array(LINES + CONTACTS);
  readonly qualities = new Uint8Array(LINES + CONTACTS);
  readonly readings = new Float64Array(READING_FIELDS * LINES);
  readonly inputs = new Float64Array(INPUT_FIELDS * P);
  readonly standardised = new Float64Array(2 * P + 1).fill(1);
  readonly quarters = new Float64Array(QUARTER_FIELDS * P);
  readonly channels = new Float64Array(CHANNEL_FIELDS * MODELS);
  readonly picks = new Uint8Array(STRIDE * MODELS);
  readonly modelWeights = new Float64Array(STRIDE * MODELS);
  readonly fits = Array.from({ length: MODELS }, () => new Float64Array(STRIDE * STRIDE + STRIDE));
  readonly powers = new Uint16Array(3 * MODELS * 80);
  readonly powerStates = new Uint32Array(3 * MODELS * 3);
  readonly views = new Float64Array(VIEW_FIELDS);
  readonly sums = new Float64Array(P);
  readonly goodRows = new Uint32Array(P);
  readonly fit = new Float64Array(SIZE * SIZE + SIZE);
  readonly weights = new Float64Array(2 * SIZE);
  readonly gain = new Float64Array(SIZE);
  readonly counts = new Uint16Array(2 * 80);
  readonly state = new Uint32Array(2 * 3);
  readonly now = new Float64Array(P * P);
  readonly lag = new Float64Array(P * P);
  readonly pending = new Float32Array(4 * CHANNELS);
  readonly cells = new Float32Array(10 * CHANNELS);
  readonly returned = new Float64Array(8 + MODELS);

  constructor(kernels: Kernels) {
    this.kernels = kernels;
    for (let at = 0; at < this.lines.length; at += LINE_FIELDS)
      this.lines.set([10, 4000, 0, Infinity, -Infinity, 0, at - 20, 7, 0, 0], at);
    for (let i = 0; i < P; i++) this.inputs.set([0.1 * i, i === 4 ? 0 : 1 + i, 2500, 1, 0, 0], i * INPUT_FIELDS);
    for (let j = 0; j < MODELS; j++) this.setModel(j);
    for (let i = 0; i < SIZE; i++) this.fit[i * SIZE + i] = 2;
    for (let i = 0; i < SIZE; i++) this.fit[SIZE * SIZE + i] = 0.1 * i;
    // nearly full, so that it is halved
    this.counts[30] = 65_530;
    this.state[0] = 65_530;
    this.state[1] = 30;
    for (let j = 0; j < 2 * CHANNELS; j++) this.pending.set([Infinity, -Infinity], 2 * j);
    for (let j = 0; j < 2 * CHANNELS; j++) this.cells.set([-0.5, 0.1 * j], 5 * j);
  }

  /** Channel j stands to the inputs after it. */
  private setModel(j: number): void {
    const fields = [1, 0, 0, 1, 1, 0, 1, 9, 8, 2, 0, 1, 1, 0.5, 1, 1, 1, 1, STRIDE, 0.05, 0, 0, 0, 0];
    this.channels.set(fields, j * CHANNEL_FIELDS);
    const [a, b] = [(j + 1) % P, (j + 2) % P];
    this.picks.set([2 * j + 1, 2 * a, 2 * b, 2 * a + 1, 2 * b + 1, 2 * P], j * STRIDE);
    for (let i = 0; i < STRIDE; i++) this.fits[j][i * STRIDE + i] = 2;
  }

  bytes(): Uint8Array {
    const { lines, contacts, fit, weights, gain, counts, state, now, lag, pending, cells, returned } = this;
    const { rowValues, qualities, readings, inputs, standardised, quarters, channels, modelWeights, fits } = this;
    const { powers, powerStates, views, sums, goodRows } = this;
    const parts = [
      ...[lines, contacts, fit, weights, gain, counts, state, now, lag, pending, cells, returned],
      ...[rowValues, qualities, readings, inputs, standardised, quarters, channels, modelWeights, ...fits],
      ...[powers, powerStates, views, sums, goodRows],
    ];
    const bytes: number[] = [];
    for (const { buffer } of parts) for (const byte of new Uint8Array(buffer)) bytes.push(byte);
    return Uint8Array.from(bytes);
  }
}

/** The same numbers for both. */
class Feed {
  readonly analog: number[] = [];
  readonly digital: number[] = [];
  readonly picks = new Uint8Array(2 * SIZE);
  readonly values = new Float64Array(VALUES);
  readonly edges: number[] = [];
  readonly y = new Float64Array(P);
  readonly before = new Float64Array(P);
  readonly x = new Float64Array(CHANNELS);
  readonly ranges = new Float32Array(3 * CHANNELS);
  readonly row = new Float64Array(P);
  readonly qualities = new Uint8Array(P);
  sample = 0;
  private readonly random: Random;

  constructor(seed: number) {
    this.random = new Random(seed, 'kernels');
    for (let edge = 0.05; this.edges.length < 80; edge *= 1.15) this.edges.push(edge);
  }

  next(round: number): void {
    const { random, analog, digital } = this;
    for (let i = 0; i < LINES; i++) {
      const at = random.uniform() < 0.1 ? random.below(5000) : random.between(500, 3000);
      const fields = [random.uniform() < 0.05 ? 9 : 10, at - random.below(3), at + random.below(3), 10 * at, 0];
      analog.splice(5 * i, 5, ...(i % 2 === 0 ? fields : fields.map(Math.round)));
    }
    for (let i = 0; i < CONTACTS; i++)
      digital.splice(5 * i, 5, random.below(3) - 1, random.uniform() < 0.2 ? 1 : 0, 0, -1, -1);
    for (let i = 0; i < this.picks.length; i++) this.picks[i] = random.below(VALUES);
    for (let i = 0; i < VALUES; i++) this.values[i] = random.gaussian();
    this.sample = random.uniform() < 0.05 ? 1e6 * random.uniform() : random.gaussian() ** 2;
    if (round % 50 === 49) this.sample = 0;
    this.before.set(this.y);
    for (let i = 0; i < P; i++) this.y[i] = random.gaussian();
    for (let i = 0; i < CHANNELS; i++) this.x[i] = random.uniform() < 0.1 ? Number.NaN : random.gaussian();
    for (let i = 0; i < P; i++) {
      this.row[i] = random.uniform() < 0.02 ? 1e3 : random.gaussian();
      this.qualities[i] = random.uniform() < 0.05 ? 1 + random.below(2) : 0;
    }
    for (let i = 0; i < this.ranges.length; i++) this.ranges[i] = 0.02 * random.uniform();
  }
}

function run(side: Side, feed: Feed, round: number): void {
  const { kernels, returned, contacts } = side;
  const first = round % 2 === 0 ? 0 : SIZE;
  for (let i = 0; i < CONTACTS; i++) contacts[CONTACT_FIELDS * i] = ((round + 2 * i) % 4) - 2;
  returned[0] = kernels.addQuietLines(feed.analog, side.lines, 10);
  returned[1] = kernels.addSettledContacts(feed.digital, contacts, 10);
  returned[2] = kernels.sumPicked(side.weights, feed.picks, first, SIZE, feed.values);
  const target = feed.sample < 100 ? feed.sample : 1;
  returned[3] = kernels.fitPicked(side.fit, side.weights, feed.picks, first, SIZE, feed.values, target, side.gain);
  returned[4] = kernels.addToHistogram(side.counts, side.state, 0, 2.8 + 0.1 * target, 0.9, feed.edges, 7);
  returned[5] = kernels.addToHistogram(side.counts, side.state, 1, feed.sample, 0.9, feed.edges, Infinity);
  returned[6] = kernels.ln(feed.sample * feed.sample);
  returned[7] = kernels.exp(target - 3 * feed.y[0] * feed.y[1] * feed.y[2]);
  kernels.addProducts(round % P, feed.y, feed.before, side.now, side.lag);
  kernels.addToBands(feed.x, feed.ranges, side.pending, 2 * CHANNELS, side.cells, 5 * CHANNELS);
  if (round % 10 === 9) runRow(side, round);
  runModels(side, feed, round);
}

/** A row of ten blocks; now and then a line or contact has missed some or all of them. */
function runRow(side: Side, round: number): void {
  const { kernels, lines, contacts } = side;
  const missing = round % 50 === 49 ? 10 : round % 3;
  lines[LINE_FIELDS * (round % LINES) + LINE_MISSING] = missing;
  lines[LINE_FIELDS * (round % LINES) + LINE_WORST] = missing > 0 ? 2 : 1;
  contacts[CONTACT_FIELDS * (round % CONTACTS) + CONTACT_MISSING] = missing;
  kernels.addToReadings(lines, 10, side.readings);
  if (round % 100 === 99) kernels.restartRow(lines, contacts);
  else kernels.completeRow(lines, contacts, 10, 0.01, side.rowValues, side.qualities);
}

/** Three quarters of the rounds learn, the rest watch. */
function runModels(side: Side, feed: Feed, round: number): void {
  const { kernels, channels, inputs, standardised, modelWeights, picks, powers, powerStates } = side;
  const isLearning = round < 0.75 * ROUNDS;
  const rows = isLearning ? round + 1 : 0;
  const isFresh = round % 40 === 0 ? 1 : 0;
  kernels.standardiseRow(feed.row, feed.qualities, isFresh, inputs, standardised, side.quarters, rows);
  kernels.addGoodValues(inputs, standardised, side.sums, side.goodRows);
  const isCollecting = round > ROUNDS / 2 ? 1 : 0;
  const weights = modelWeights;
  for (let j = 0; j < MODELS && isLearning; j++)
    side.returned[8 + j] = kernels.fitChannel(
      ...([channels, j, side.fits[j], inputs, standardised, weights, picks, side.gain] as const),
      ...([powers, powerStates, feed.edges, isCollecting] as const),
    );
  if (!isLearning) {
    channels[CHANNEL_FIELDS * (MODELS - 1) + 1] = round % 2;
    kernels.watchChannels(channels, 0, 2, inputs, standardised, weights, picks);
    kernels.watchChannels(channels, 2, MODELS, inputs, standardised, weights, picks);
  }
  kernels.combineChannels(channels, side.views);
}

const feed = new Feed(Number(bench.argument('seed')));
const sides = [new Side(reference), new Side(native)];
let differing = -1;
let hash = 0;
for (let round = 0; round < ROUNDS && differing < 0; round++) {
  feed.next(round);
  for (const side of sides) run(side, feed, round);
  const [expected, got] = sides.map((side) => side.bytes());
  for (let i = 0; i < expected.length; i++) {
    if (expected[i] !== got[i] && differing < 0) differing = round;
    hash = (Math.imul(hash, 31) + expected[i]) | 0;
  }
}
bench.print(JSON.stringify({ differing, hash, returned: [...sides[1].returned] }));
bench.exit(0);
