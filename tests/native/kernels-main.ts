/**
 * Main module on XS: every kernel of hosts/native/kernels.c and its reference get the same numbers, made from a seed, round
 * after round, and go on from their own results. Prints what differs, and what the reference comes to.
 */

import * as native from '../../hosts/bench/kernels.js';
import * as reference from '../../modules/base/kernels.js';
import { Random } from '../../simulator/random.js';

const ROUNDS = 400;
const LINES = 7;
const CONTACTS = 5;
const SIZE = 6;
const VALUES = 9;
const CHANNELS = 4;
const P = 5;

type Kernels = typeof reference;

/** All that one side works on. */
class Side {
  readonly kernels: Kernels;
  readonly lines = new Float64Array(6 * LINES);
  readonly contacts = new Int32Array(2 * CONTACTS).fill(-2);
  readonly fit = new Float64Array(SIZE * SIZE + SIZE);
  readonly weights = new Float64Array(2 * SIZE);
  readonly gain = new Float64Array(SIZE);
  readonly counts = new Uint16Array(2 * 80);
  readonly state = new Uint32Array(2 * 3);
  readonly now = new Float64Array(P * P);
  readonly lag = new Float64Array(P * P);
  readonly pending = new Float32Array(4 * CHANNELS);
  readonly cells = new Float32Array(10 * CHANNELS);
  readonly returned = new Float64Array(14);
  readonly encoded = new Uint8Array(140);
  readonly decoded = new Uint8Array(120);

  constructor(kernels: Kernels) {
    this.kernels = kernels;
    for (let at = 0; at < this.lines.length; at += 6) this.lines.set([10, 4000, 0, Infinity, -Infinity, 0], at);
    for (let i = 0; i < SIZE; i++) this.fit[i * SIZE + i] = 2;
    for (let i = 0; i < SIZE; i++) this.fit[SIZE * SIZE + i] = 0.1 * i;
    // nearly full, so that it is halved
    this.counts[30] = 65_530;
    this.state[0] = 65_530;
    this.state[1] = 30;
    for (let j = 0; j < 2 * CHANNELS; j++) this.pending.set([Infinity, -Infinity], 2 * j);
    for (let j = 0; j < 2 * CHANNELS; j++) this.cells.set([-0.5, 0.1 * j], 5 * j);
  }

  bytes(): Uint8Array {
    const { lines, contacts, fit, weights, gain, counts, state, now, lag, pending, cells, returned } = this;
    const numbers = [lines, contacts, fit, weights, gain, counts, state, now, lag, pending, cells, returned];
    const parts = [...numbers, this.encoded, this.decoded];
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
    for (let i = 0; i < CHANNELS; i++) this.x[i] = random.uniform() < 0.1 ? Number.NaN : random.gaussian();
    for (let i = 0; i < this.ranges.length; i++) this.ranges[i] = 0.02 * random.uniform();
  }
}

function run(side: Side, feed: Feed, round: number): void {
  const { kernels, returned, contacts } = side;
  const first = round % 2 === 0 ? 0 : SIZE;
  for (let i = 0; i < contacts.length; i += 2) contacts[i] = ((round + i) % 4) - 2;
  returned[0] = kernels.addQuietLines(feed.analog, side.lines, 10);
  returned[1] = kernels.addSettledContacts(feed.digital, contacts, 10);
  returned[2] = kernels.sumPicked(side.weights, feed.picks, first, SIZE, feed.values);
  const target = feed.sample < 100 ? feed.sample : 1;
  returned[3] = kernels.fitPicked(side.fit, side.weights, feed.picks, first, SIZE, feed.values, target, side.gain);
  returned[4] = kernels.addToHistogram(side.counts, side.state, 0, 2.8 + 0.1 * target, 0.9, feed.edges, 7);
  returned[5] = kernels.addToHistogram(side.counts, side.state, 1, feed.sample, 0.9, feed.edges, Infinity);
  returned[6] = kernels.ln(feed.sample * feed.sample);
  returned[7] = kernels.exp(target - 3 * feed.y[0] * feed.y[1] * feed.y[2]);
  const from = round % 40;
  returned[8] = kernels.crc32c(feed.bytes, from, feed.bytes.length);
  returned[9] = kernels.findZero(feed.bytes, from, feed.bytes.length - (round % 7));
  returned[10] = kernels.followCodes(feed.bytes, from, feed.bytes.length);
  const { encoded, decoded } = side;
  returned[11] = kernels.cobsEncode(feed.bytes, feed.bytes.length - from, encoded, round % 5);
  returned[12] = kernels.cobsDecode(encoded, round % 5, (round % 5) + returned[11], decoded);
  // what is no COBS, and what does not fit
  returned[13] = kernels.cobsDecode(feed.bytes, from, feed.bytes.length, decoded);
  kernels.addProducts(round % P, feed.y, feed.before, side.now, side.lag);
  kernels.addToBands(feed.x, feed.ranges, side.pending, 2 * CHANNELS, side.cells, 5 * CHANNELS);
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
