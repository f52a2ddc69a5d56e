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
  readonly cells = new Float32Array(20 * CHANNELS);
  readonly known = new Float64Array(CHANNELS);
  readonly ranges = new Float32Array(3 * CHANNELS);
  readonly rows = new Uint32Array(4);
  readonly states = [-1, 0];
  readonly before = [-1, -1];
  readonly lasted = [0, 0];
  readonly ended = [0, 0];
  readonly kept = new Uint16Array(8);
  readonly sinceClosing = [0, 3];
  readonly dwells = new Float32Array(18).fill(2);
  readonly guardChannels = Uint8Array.from([0, 255, 1, 2, 3, 0, 255, 1]);
  readonly guards = new Float32Array(32);
  readonly rates = new Float64Array(3 * P).fill(0.3);
  readonly moves = new Float64Array(2 * P);
  readonly flats = new Float64Array(6 * P);
  readonly hashes: number[] = new Array(P).fill(0);
  readonly returned = new Float64Array(26);
  readonly encoded = new Uint8Array(140);
  readonly decoded = new Uint8Array(120);

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
    for (let j = 0; j < 4 * CHANNELS; j++) this.cells.set([-0.5, 0.1 * j], 5 * j);
    for (let i = 0; i < P; i++) this.flats.set([NaN, 0, 0.8, 2 + i, 0, 0], 6 * i);
    for (let j = 0; j < CHANNELS; j++) this.ranges.set([Infinity, -Infinity], 3 * j);
    for (let g = 0; g < 8; g++) this.guards.set([g % 3, g % 2, -1.5 + 0.1 * g, 1.2], 4 * g);
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
      ...[
        this.known,
        this.ranges,
        this.rows,
        this.kept,
        this.rates,
        this.moves,
        this.flats,
        this.encoded,
        this.decoded,
      ],
      ...[this.states, this.before, this.lasted, this.ended, this.sinceClosing].map((n) => Int32Array.from(n)),
      Float64Array.from(this.hashes),
    ];
    const bytes = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
    let at = 0;
    for (const { buffer } of parts) {
      bytes.set(new Uint8Array(buffer), at);
      at += buffer.byteLength;
    }
    return bytes;
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
  readonly perStep = Array.from({ length: P }, (_, i) => (i === 3 ? 1e12 : 4 ** i));
  readonly row = new Float64Array(P);
  readonly qualities = new Uint8Array(P);
  readonly bytes = new Uint8Array(120);
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
    for (let i = 0; i < this.bytes.length; i++) this.bytes[i] = random.uniform() < 0.02 ? 0 : random.below(256);
    this.before.set(this.y);
    for (let i = 0; i < P; i++) this.y[i] = random.gaussian();
    for (let i = 0; i < P; i++) {
      this.row[i] = random.uniform() < 0.02 ? 1e3 : random.gaussian();
      this.qualities[i] = random.uniform() < 0.05 ? 1 + random.below(2) : 0;
    }
  }
}

function run(side: Side, feed: Feed, round: number): void {
  const { kernels, returned, contacts } = side;
  const first = round % 2 === 0 ? 0 : SIZE;
  for (let i = 0; i < CONTACTS; i++) contacts[CONTACT_FIELDS * i] = ((round + 2 * i) % 4) - 2;
  returned[0] = kernels.addQuietLines(feed.analog, side.lines, 10);
  returned[1] = kernels.addSettledContacts(feed.digital, contacts, 10);
  returned[18] = kernels.restlessContact(feed.digital, contacts, round % CONTACTS);
  returned[2] = kernels.sumPicked(side.weights, feed.picks, first, SIZE, feed.values);
  const target = feed.sample < 100 ? feed.sample : 1;
  returned[3] = kernels.fitPicked(side.fit, side.weights, feed.picks, first, SIZE, feed.values, target, side.gain);
  returned[4] = kernels.addToHistogram(side.counts, side.state, 0, 2.8 + 0.1 * target, 0.9, feed.edges, 7);
  returned[5] = kernels.addToHistogram(side.counts, side.state, 1, feed.sample, 0.9, feed.edges, Infinity);
  returned[6] = kernels.ln(feed.sample * feed.sample);
  returned[7] = kernels.exp(target - 3 * feed.y[0] * feed.y[1] * feed.y[2]);
  const from = round % 40;
  returned[20] = kernels.crc32c(feed.bytes, from, feed.bytes.length);
  returned[21] = kernels.findZero(feed.bytes, from, feed.bytes.length - (round % 7));
  returned[22] = kernels.followCodes(feed.bytes, from, feed.bytes.length);
  const { encoded, decoded } = side;
  returned[23] = kernels.cobsEncode(feed.bytes, feed.bytes.length - from, encoded, round % 5);
  returned[24] = kernels.cobsDecode(encoded, round % 5, (round % 5) + returned[23], decoded);
  // what is no COBS, and what does not fit
  returned[25] = kernels.cobsDecode(feed.bytes, from, feed.bytes.length, decoded);
  kernels.addProducts(round % P, feed.y, feed.before, side.now, side.lag);
  runContacts(side, feed, round);
  if (round % 10 === 9) runRow(side, round);
  runModels(side, feed, round);
}

/** Two contacts, and the first channels of the row. */
function runContacts(side: Side, feed: Feed, round: number): void {
  const { kernels, known, ranges, states, before, lasted, ended, kept, returned } = side;
  kernels.knownValues(feed.row, feed.qualities, known);
  kernels.learnRanges(known, ranges);
  returned[11] = kernels.keepStates(feed.row, feed.qualities, CHANNELS - 1, states, before, lasted, ended, kept);
  for (let q = 0; q < 2; q++) {
    const is = feed.qualities[CHANNELS - 1 + q] > 0 ? -1 : feed.row[CHANNELS - 1 + q] > 0.5 ? 1 : 0;
    if (is !== states[q]) lasted[q] = 1;
    states[q] = is;
    kept[4 * q] = round % 7 === 0 ? 0 : 1;
  }
  kernels.learnBands(states, before, known, ranges, side.pending, side.cells, side.rows);
  const { guardChannels, guards } = side;
  returned[12] = kernels.leftGuard(0, states, before, feed.row, feed.qualities, guardChannels, guards);
  returned[13] = kernels.leftGuard(3, states, before, feed.row, feed.qualities, guardChannels, guards);
  returned[14] = kernels.longDwell(round % 3, side.sinceClosing, states, lasted, kept, side.dwells);
  returned[15] = kernels.largestMove(feed.row, feed.qualities, side.rates, side.moves, round % 2);
  returned[19] = kernels.addToFlats(feed.row, feed.qualities, side.flats, round % 2);
  returned[16] = kernels.rollHashes(0, feed.row, feed.perStep, side.hashes);
  returned[17] = kernels.rollHashes(2, feed.row, feed.perStep, side.hashes);
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
