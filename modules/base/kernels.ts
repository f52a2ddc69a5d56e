/**
 * Inner loops that take most of the firmware's time. On boards the C of hosts/native/kernels.c stands in this file's
 * place, equal to it to the bit; here they are for Node, for hosts without C, and as the reference that the C is tested
 * against. Numbers lie in typed arrays, and nothing is allocated.
 */

import {
  CONTACT_FIELDS,
  CONTACT_HIGH,
  HISTOGRAM_BINS,
  HISTOGRAM_COUNT_MAX,
  HISTOGRAM_FIELDS,
  LINE_FIELDS,
  LINE_HIGHEST,
  LINE_LOWEST,
  LINE_MEAN,
  LINE_QUIET_HIGH,
  LINE_SUM,
} from './kernel-fields.js';

/** Fields of one channel in the analog and the digital part of a block (`capture/block.ts`). */
const BLOCK_FIELDS = 5;
const MIN = 1;
const MAX = 2;
const SUM = 3;
const EDGES = 1;

/** Of crc32c.ts. */
const CRC_TABLE = Object.freeze([
  0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d, 0x82f63b78,
  0x92a8fc17, 0xa24bb5a6, 0xb21572c9, 0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
]);

/** Samples from which on the estimate is theirs and not the prior. */
const SAMPLES_MIN = 5;
const BIN = 1;
const BELOW = 2;

/** Fields of a cell of switch bands: band, range, rows inside. */
const CELL_FIELDS = 5;
const INSIDE = 4;
/** Fields of a channel's range, and which is its unit of distance. */
const RANGE_FIELDS = 3;
const UNIT = 2;

/**
 * Takes a block of `samples` into every analog line that is quiet: full, and every sample within the quiet counts.
 * Returns how many are not.
 */
export function addQuietLines(analog: readonly number[], lines: Float64Array, samples: number): number {
  const perSample = 1 / samples;
  let loud = 0;
  let at = 0;
  for (let line = 0; line < lines.length; line += LINE_FIELDS) {
    const min = analog[at + MIN];
    const max = analog[at + MAX];
    if (analog[at] === samples && min >= lines[line] && max <= lines[line + LINE_QUIET_HIGH]) {
      const mean = analog[at + SUM] * perSample;
      lines[line + LINE_SUM] += mean;
      if (min < lines[line + LINE_LOWEST]) lines[line + LINE_LOWEST] = min;
      if (max > lines[line + LINE_HIGHEST]) lines[line + LINE_HIGHEST] = max;
      lines[line + LINE_MEAN] = mean;
    } else loud++;
    at += BLOCK_FIELDS;
  }
  return loud;
}

/** Takes a block of `samples` into every contact that is settled and without an edge. Returns how many are not. */
export function addSettledContacts(digital: readonly number[], contacts: Int32Array, samples: number): number {
  let restless = 0;
  let at = 0;
  for (let contact = 0; contact < contacts.length; contact += CONTACT_FIELDS) {
    const level = digital[at];
    if (level !== contacts[contact] || digital[at + EDGES] !== 0) restless++;
    else if (level === 1) contacts[contact + CONTACT_HIGH] += samples;
    at += BLOCK_FIELDS;
  }
  return restless;
}

/** Weighted sum of `count` picked values: weights and picks from `first` on. */
export function sumPicked(
  weights: Float64Array,
  picks: Uint8Array,
  first: number,
  count: number,
  values: Float64Array,
): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += weights[first + i] * values[picks[first + i]];
  return sum;
}

/**
 * One step of recursive least squares without forgetting (Haykin, Adaptive Filter Theory, chapter 10): what picked
 * values x say of `target`. `fit`: inverse correlation (n x n, symmetric), then n weights that stay as they are; the n
 * weights that learn lie in `weights` from `first` on, as the picks do; `gain`: scratch of n. Returns what those that
 * stay say.
 */
export function fitPicked(
  fit: Float64Array,
  weights: Float64Array,
  picks: Uint8Array,
  first: number,
  n: number,
  values: Float64Array,
  target: number,
  gain: Float64Array,
): number {
  const kept = n * n;
  let prediction = 0;
  let said = 0;
  let power = 1;
  for (let i = 0; i < n; i++) {
    const x = values[picks[first + i]];
    prediction += fit[kept + i] * x;
    said += weights[first + i] * x;
    let sum = 0;
    const at = i * n;
    for (let j = 0; j < n; j++) sum += fit[at + j] * values[picks[first + j]];
    gain[i] = sum;
    power += sum * x;
  }
  const error = target - said;
  const share = 1 / power;
  for (let i = 0; i < n; i++) {
    const g = gain[i] * share;
    weights[first + i] += g * error;
    const at = i * n;
    for (let j = 0; j <= i; j++) {
      const value = fit[at + j] - g * gain[j];
      fit[at + j] = value;
      fit[j * n + i] = value;
    }
  }
  return prediction;
}

/**
 * Takes a sample into histogram i and returns its quantile p, or `prior` while there are too few samples. `edges`:
 * upper edges of the bins; the last bin is open. Counts are halved when one is full.
 */
export function addToHistogram(
  counts: Uint16Array,
  state: Uint32Array,
  i: number,
  sample: number,
  p: number,
  edges: readonly number[],
  prior: number,
): number {
  const first = i * HISTOGRAM_BINS;
  const own = i * HISTOGRAM_FIELDS;
  const taken = binOf(edges, sample);
  if (counts[first + taken] === HISTOGRAM_COUNT_MAX) halve(counts, state, first, own);
  counts[first + taken]++;
  state[own]++;
  const samples = state[own];
  const wanted = p * samples;
  let bin = state[own + BIN];
  let below = state[own + BELOW];
  if (taken < bin) below++;
  while (below > wanted || (counts[first + bin] === 0 && below > 0)) below -= counts[first + --bin];
  while (below + counts[first + bin] < wanted) below += counts[first + bin++];
  state[own + BIN] = bin;
  state[own + BELOW] = below;
  if (samples < SAMPLES_MIN) return prior;
  const from = bin === 0 ? 0 : edges[bin - 1];
  return from + ((wanted - below) / counts[first + bin]) * (edges[bin] - from);
}

function halve(counts: Uint16Array, state: Uint32Array, first: number, own: number): void {
  let samples = 0;
  let below = 0;
  for (let bin = 0; bin < HISTOGRAM_BINS; bin++) {
    const count = counts[first + bin] >> 1;
    counts[first + bin] = count;
    samples += count;
    if (bin < state[own + BIN]) below += count;
  }
  state[own] = samples;
  state[own + BELOW] = below;
}

/** The bin of a sample, by bisection. */
function binOf(edges: readonly number[], sample: number): number {
  let low = 0;
  let high = HISTOGRAM_BINS - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sample > edges[middle]) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Adds the products of input i with those up to it, in `now`, and with all of the row before, in `lag`. */
export function addProducts(
  i: number,
  y: Float64Array,
  before: Float64Array,
  now: Float64Array,
  lag: Float64Array,
): void {
  const p = y.length;
  const yi = y[i];
  const at = i * p;
  for (let j = 0; j < p; j++) {
    if (j <= i) now[at + j] += yi * y[j];
    lag[at + j] += yi * before[j];
  }
}

/**
 * A contact keeps its state: the range of every channel since then takes in its value, and rows within the channel's
 * band, widened by its unit, are counted. `values`: NaN for none; `ranges`: RANGE_FIELDS each; `pending` (low and high)
 * and `cells` from `range` and `cell` on.
 */
export function addToBands(
  values: Float64Array,
  ranges: Float32Array,
  pending: Float32Array,
  range: number,
  cells: Float32Array,
  cell: number,
): void {
  for (let j = 0; j < values.length; j++) {
    const x = values[j];
    const unit = ranges[RANGE_FIELDS * j + UNIT];
    const low = range + 2 * j;
    const band = cell + CELL_FIELDS * j;
    if (x < pending[low]) pending[low] = x;
    if (x > pending[low + 1]) pending[low + 1] = x;
    if (x >= cells[band] - unit && x <= cells[band + 1] + unit) cells[band + INSIDE]++;
  }
}

/** Natural logarithm of x > 0; -745 for anything smaller than the smallest double and for NaN, 710 for infinity. */
export function ln(x: number): number {
  if (!(x > 5e-324)) return -745;
  if (x > Number.MAX_VALUE) return 710;
  let exponent = 0;
  while (x >= 4294967296) {
    x /= 4294967296;
    exponent += 32;
  }
  while (x < 2.3283064365386963e-10) {
    x *= 4294967296;
    exponent -= 32;
  }
  while (x >= Math.SQRT2) {
    x *= 0.5;
    exponent++;
  }
  while (x < Math.SQRT2 / 2) {
    x *= 2;
    exponent--;
  }
  const s = (x - 1) / (x + 1);
  const s2 = s * s;
  let sum = 0;
  for (let n = 23; n > 0; n -= 2) sum = sum * s2 + 1 / n;
  return 2 * s * sum + exponent * Math.LN2;
}

/** Exponential of x, held to -700..700. */
export function exp(x: number): number {
  if (x > 700) x = 700;
  if (x < -700) x = -700;
  const turns = Math.round(x / Math.LN2);
  const r = x - turns * Math.LN2;
  let sum = 1;
  for (let n = 16; n > 0; n--) sum = 1 + (r * sum) / n;
  let scale = 1;
  for (let i = turns; i > 0; i--) scale *= 2;
  for (let i = turns; i < 0; i++) scale *= 0.5;
  return sum * scale;
}

/** CRC-32C of bytes[start] to bytes[end - 1], as an unsigned 32-bit number. */
export function crc32c(bytes: Uint8Array, start: number, end: number): number {
  const table = CRC_TABLE;
  let crc = ~0;
  for (let i = start; i < end; i++) {
    crc ^= bytes[i];
    crc = (crc >>> 4) ^ table[crc & 15];
    crc = (crc >>> 4) ^ table[crc & 15];
  }
  return ~crc >>> 0;
}

/** Place of the first zero of bytes[from] to bytes[end - 1]; `end` where there is none. */
export function findZero(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at] !== 0) at++;
  return at;
}

/**
 * Follows the code bytes of COBS (link/cobs.ts) from bytes[from] on, each pointing to the next, until one lies at
 * bytes[end] or beyond; where that is.
 */
export function followCodes(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at] > 0) at += bytes[at];
  return at;
}

/**
 * COBS (link/cobs.ts): encodes from[0] to from[length - 1] into into[at] onwards; the number of bytes written, the 0x00
 * left out.
 */
export function cobsEncode(from: Uint8Array, length: number, into: Uint8Array, at: number): number {
  let codeAt = at;
  let next = at + 1;
  let code = 1;
  for (let i = 0; i < length; i++) {
    const byte = from[i];
    if (byte !== 0) {
      into[next++] = byte;
      code++;
    }
    if (byte === 0 || (code === 255 && i + 1 < length)) {
      into[codeAt] = code;
      codeAt = next++;
      code = 1;
    }
  }
  into[codeAt] = code;
  return next - at;
}

/** COBS: decodes from[start] to from[end - 1] (the 0x00 left out) into into[0] onwards; bytes, -1 if malformed. */
export function cobsDecode(from: Uint8Array, start: number, end: number, into: Uint8Array): number {
  let written = 0;
  let i = start;
  if (i >= end) return -1;
  while (i < end) {
    const code = from[i++];
    if (code === 0 || i + code - 1 > end || written + code > into.length + 1) return -1;
    for (let j = 1; j < code; j++) {
      if (from[i] === 0) return -1;
      into[written++] = from[i++];
    }
    if (code < 255 && i < end) {
      if (written >= into.length) return -1;
      into[written++] = 0;
    }
  }
  return written;
}
