/**
 * Inner loops that take most of the firmware's time. On boards the C of hosts/native/kernels.c stands in this file's
 * place, equal to it to the bit; here they are for Node, for hosts without C, and as the reference that the C is tested
 * against. Numbers lie in typed arrays, and nothing is allocated.
 */

import {
  CHANNEL_FAST,
  CHANNEL_FAST_LIMIT,
  CHANNEL_FAST_SHARE,
  CHANNEL_FIELDS,
  CHANNEL_FITTED,
  CHANNEL_HALF_STEP,
  CHANNEL_INTENSITY,
  CHANNEL_ON_ITS_OWN,
  CHANNEL_OWN_FITTED,
  CHANNEL_OWN_PRECISION,
  CHANNEL_OWN_VARIANCE,
  CHANNEL_OWN_WEIGHT,
  CHANNEL_PRECISION,
  CHANNEL_PREDICTION,
  CHANNEL_RESIDUAL,
  CHANNEL_SCORED_PRECISION,
  CHANNEL_SIGNED,
  CHANNEL_SIGNED_LIMIT,
  CHANNEL_SIGNED_SHARE,
  CHANNEL_SIZE,
  CHANNEL_SLOW,
  CHANNEL_SLOW_LIMIT,
  CHANNEL_SLOW_SHARE,
  CHANNEL_VARIANCE,
  CONTACT_FIELDS,
  CONTACT_HIGH,
  CONTACT_MISSING,
  FLAT_FIELDS,
  FLAT_LEARNED,
  FLAT_LIMIT,
  FLAT_LONGEST,
  FLAT_ROWS,
  FLAT_STEP,
  HISTOGRAM_BINS,
  HISTOGRAM_COUNT_MAX,
  HISTOGRAM_FIELDS,
  INPUT_FIELDS,
  INPUT_GOOD,
  INPUT_LIMIT,
  INPUT_POWER,
  INPUT_PRECISION,
  INPUT_SQUARE_MAX,
  INPUT_USABLE,
  LINE_FIELDS,
  LINE_GAIN,
  LINE_HIGHEST,
  LINE_LOWEST,
  LINE_MEAN,
  LINE_MISSING,
  LINE_OFFSET,
  LINE_QUIET_HIGH,
  LINE_SUM,
  LINE_WORST,
  QUARTER_FIELDS,
  QUARTER_ROWS,
  QUARTER_SQUARES,
  READING_FIELDS,
  READING_MAX,
  READING_MIN,
  READING_SUM,
  SIGNED_POWER,
  VIEW_DRIFT,
  VIEW_INTENSITY,
  VIEW_PLANT,
  VIEW_SLOW,
} from './kernel-fields.js';

/** Fields of one channel in the analog and the digital part of a block (`capture/block.ts`). */
const BLOCK_FIELDS = 5;
const MIN = 1;
const MAX = 2;
const SUM = 3;
const EDGES = 1;
/** Quality of what is missing (`condition/quality.ts`). */
const BAD = 2;

/** Shares of the EWMAs of a residual: what is new weighs so much. */
const FAST = 0.3;
const SLOW = 0.1;
/** Standardised residuals beyond this are held to it. */
const RESIDUAL_CAP = 15;
/** A single square counts for at most this many times the mean of those before it, once there are enough. */
const HELD_VARIANCES = 25;
const SETTLING_ROWS = 10;
/** The scale of a residual is at least this part of the channel's spread, and half its resolution. */
const SPREAD_FLOOR = 0.05;
/** Channels are compared by their scores' quantiles at this, in variances of the residual at least QUANTILE_MIN. */
const TELLING_QUANTILE = 0.9;
const QUANTILE_MIN = 0.2;
/** EWMAs that have a quantile, and what white noise of unit variance gives: the fast, the slow and the signed one. */
const SHARES = 3;
const SHARE_PRIORS: readonly number[] = Object.freeze([1.8, 1.4, 2.7]);

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
/** Fields of a channel's range: low, high, and the unit of distance, this part of it. */
const RANGE_FIELDS = 3;
const UNIT = 2;
const RANGE_UNIT = 0.02;
/** Fields of a guard: band, range of the state; no channel. */
const GUARD_FIELDS = 4;
const NO_GUARD = 255;
/** What is kept of a contact: whether its state was seen to begin, whether a new one waits for its second row. */
const KEPT_FIELDS = 4;
const KEPT_WAITING = 1;
/** What is timed of a contact: open, closed, period; shortest, longest, number of each. */
const DWELL_FIELDS = 9;
const DWELL_TIMED = 3;
const DWELL_LONGEST = 1;
/** Fields of a channel's rate of change: its value, the share, the move. */
const RATE_FIELDS = 3;
const RATE_SHARE = 1;
const RATE_MOVE = 2;
const HASH_MULTIPLIER = 2654435761;

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

/** The first contact from `first` on that is not settled or has an edge; -1: none. */
export function restlessContact(digital: readonly number[], contacts: Int32Array, first: number): number {
  for (let i = first; CONTACT_FIELDS * i < contacts.length; i++) {
    const at = BLOCK_FIELDS * i;
    if (digital[at] !== contacts[CONTACT_FIELDS * i] || digital[at + EDGES] !== 0) return i;
  }
  return -1;
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

/**
 * Takes what the lines and contacts gathered over a row of `blocks` blocks into `values` and `qualities`, lines first,
 * and lets them begin the next. `share`: 1 / samples of a full row.
 */
export function completeRow(
  lines: Float64Array,
  contacts: Int32Array,
  blocks: number,
  share: number,
  values: Float64Array,
  qualities: Uint8Array,
): void {
  let input = 0;
  for (let line = 0; line < lines.length; line += LINE_FIELDS) {
    const usable = blocks - lines[line + LINE_MISSING];
    const counts = usable > 0 ? lines[line + LINE_SUM] / usable : lines[line + LINE_MEAN];
    values[input] = counts * lines[line + LINE_GAIN] + lines[line + LINE_OFFSET];
    qualities[input++] = lines[line + LINE_WORST];
  }
  for (let contact = 0; contact < contacts.length; contact += CONTACT_FIELDS) {
    values[input] = contacts[contact + CONTACT_HIGH] * share;
    qualities[input++] = contacts[contact + CONTACT_MISSING] > 0 ? BAD : 0;
  }
  restartRow(lines, contacts);
}

/** Lets lines and contacts begin a row. */
export function restartRow(lines: Float64Array, contacts: Int32Array): void {
  for (let line = 0; line < lines.length; line += LINE_FIELDS) {
    lines[line + LINE_SUM] = 0;
    lines[line + LINE_LOWEST] = Infinity;
    lines[line + LINE_HIGHEST] = -Infinity;
    lines[line + LINE_MISSING] = 0;
    lines[line + LINE_WORST] = 0;
  }
  for (let contact = 0; contact < contacts.length; contact += CONTACT_FIELDS) {
    contacts[contact + CONTACT_HIGH] = 0;
    contacts[contact + CONTACT_MISSING] = 0;
  }
}

/** Adds what the lines gathered over `blocks` blocks to what readings tell of them. */
export function addToReadings(lines: Float64Array, blocks: number, readings: Float64Array): void {
  let reading = 0;
  for (let line = 0; line < lines.length; line += LINE_FIELDS) {
    const usable = blocks - lines[line + LINE_MISSING];
    if (usable > 0) {
      const gain = lines[line + LINE_GAIN];
      const offset = lines[line + LINE_OFFSET];
      const a = lines[line + LINE_LOWEST] * gain + offset;
      const b = lines[line + LINE_HIGHEST] * gain + offset;
      const mean = (lines[line + LINE_SUM] / usable) * gain + offset;
      addReading(readings, reading, mean, usable, a < b ? a : b, a < b ? b : a);
    }
    reading += READING_FIELDS;
  }
}

function addReading(readings: Float64Array, at: number, mean: number, blocks: number, min: number, max: number): void {
  const isFirst = readings[at] === 0;
  if (isFirst || min < readings[at + READING_MIN]) readings[at + READING_MIN] = min;
  if (isFirst || max > readings[at + READING_MAX]) readings[at + READING_MAX] = max;
  readings[at] += blocks;
  readings[at + READING_SUM] += mean * blocks;
}

/**
 * Standardises the inputs of a row, its first values: `values[2 i]` of input i, and that of the row before in
 * `values[2 i + 1]`. `isFresh`: 1 when the row does not continue the one before. `rows`: of learning, this one
 * included; 0 while nothing is learned.
 */
export function standardiseRow(
  row: Float64Array,
  qualities: Uint8Array,
  isFresh: number,
  inputs: Float64Array,
  values: Float64Array,
  quarters: Float64Array,
  rows: number,
): void {
  for (let i = 0; INPUT_FIELDS * i < inputs.length; i++) {
    const at = i * INPUT_FIELDS;
    const precision = inputs[at + INPUT_PRECISION];
    if (precision === 0) continue;
    values[2 * i + 1] = values[2 * i];
    const isGood = qualities[i] === 0 ? 1 : 0;
    inputs[at + INPUT_USABLE] = isFresh === 1 ? 0 : isGood * inputs[at + INPUT_GOOD];
    inputs[at + INPUT_GOOD] = isGood;
    if (isGood === 0) continue;
    const z = (row[i] - inputs[at]) * precision;
    const square = z * z;
    const most = inputs[at + INPUT_LIMIT];
    const held = square > most ? (z > 0 ? Math.sqrt(most) : -Math.sqrt(most)) : z;
    values[2 * i] = held;
    if (rows === 0) continue;
    const quarter = i * QUARTER_FIELDS;
    quarters[quarter] += held;
    quarters[quarter + QUARTER_SQUARES] += held * held;
    quarters[quarter + QUARTER_ROWS]++;
    const power = inputs[at + INPUT_POWER];
    const next = power + ((square > most ? most : square) - power) / rows;
    inputs[at + INPUT_POWER] = next;
    inputs[at + INPUT_LIMIT] = INPUT_SQUARE_MAX * next;
  }
}

/** Residuals of channels `first` to `end` - 1 from the standardised row; their EWMAs move on. */
export function watchChannels(
  channels: Float64Array,
  first: number,
  end: number,
  inputs: Float64Array,
  values: Float64Array,
  weights: Float64Array,
  picks: Uint8Array,
): void {
  const stride = (picks.length / channels.length) * CHANNEL_FIELDS;
  for (let j = first; j < end; j++) {
    const at = j * CHANNEL_FIELDS;
    if (channels[at] === 0) continue;
    if (inputs[j * INPUT_FIELDS + INPUT_USABLE] === 0) channels[at + CHANNEL_RESIDUAL] = 0;
    else if (channels[at + CHANNEL_ON_ITS_OWN] === 1 || !hasNeighbours(channels, at, inputs, picks, j * stride))
      scoreByOwn(channels, at, values, j);
    else {
      const prediction = sumPicked(weights, picks, j * stride, channels[at + CHANNEL_SIZE], values);
      standardiseResidual(channels, at, prediction, values[2 * j] - prediction, channels[at + CHANNEL_PRECISION]);
    }
    advanceChannel(channels, at);
  }
}

/**
 * Fits channel j to the standardised row, by `fit` as `fitPicked` does; scores it by the weights that stay, or by its
 * own lag; and learns quantiles 3 j to 3 j + 2 of its EWMAs' powers. `isCollecting`: 1 once shares may not grow again.
 * Returns 1, 0 when its value could not be used.
 */
export function fitChannel(
  channels: Float64Array,
  j: number,
  fit: Float64Array,
  inputs: Float64Array,
  values: Float64Array,
  weights: Float64Array,
  picks: Uint8Array,
  gain: Float64Array,
  counts: Uint16Array,
  state: Uint32Array,
  edges: readonly number[],
  isCollecting: number,
): number {
  const at = j * CHANNEL_FIELDS;
  channels[at + CHANNEL_RESIDUAL] = 0;
  if (inputs[j * INPUT_FIELDS + INPUT_USABLE] === 0) return 0;
  const stride = (picks.length / channels.length) * CHANNEL_FIELDS;
  const now = values[2 * j];
  const floor = residualFloor(inputs, j * INPUT_FIELDS, channels[at + CHANNEL_HALF_STEP]);
  const own = now - channels[at + CHANNEL_OWN_WEIGHT] * values[2 * j + 1];
  const ownFitted = channels[at + CHANNEL_OWN_FITTED] + 1;
  const ownVariance = heldMean(channels[at + CHANNEL_OWN_VARIANCE], own * own, ownFitted);
  channels[at + CHANNEL_OWN_FITTED] = ownFitted;
  channels[at + CHANNEL_OWN_VARIANCE] = ownVariance;
  channels[at + CHANNEL_OWN_PRECISION] = precisionOf(ownVariance, floor);
  if (!hasNeighbours(channels, at, inputs, picks, j * stride)) scoreByOwn(channels, at, values, j);
  else {
    const size = channels[at + CHANNEL_SIZE];
    const prediction = fitPicked(fit, weights, picks, j * stride, size, values, now, gain);
    const error = now - prediction;
    const fitted = channels[at + CHANNEL_FITTED] + 1;
    const variance = heldMean(channels[at + CHANNEL_VARIANCE], error * error, fitted);
    channels[at + CHANNEL_FITTED] = fitted;
    channels[at + CHANNEL_VARIANCE] = variance;
    channels[at + CHANNEL_PRECISION] = precisionOf(variance, floor);
    standardiseResidual(channels, at, prediction, error, channels[at + CHANNEL_PRECISION]);
  }
  advanceChannel(channels, at);
  for (let view = 0; view < SHARES; view++) {
    const signed = channels[at + CHANNEL_SIGNED];
    const power = view === SHARES - 1 ? signed * signed * SIGNED_POWER : channels[at + CHANNEL_FAST + view];
    const i = SHARES * j + view;
    const quantile = addToHistogram(counts, state, i, power, TELLING_QUANTILE, edges, SHARE_PRIORS[view]);
    const share = 1 / (quantile > QUANTILE_MIN ? quantile : QUANTILE_MIN);
    if (isCollecting === 0 || share < channels[at + CHANNEL_FAST_SHARE + view])
      channels[at + CHANNEL_FAST_SHARE + view] = share;
  }
  return 1;
}

/** False when a neighbour of the channel cannot be used; its regressors are picked from `first` on. */
function hasNeighbours(
  channels: Float64Array,
  at: number,
  inputs: Float64Array,
  picks: Uint8Array,
  first: number,
): boolean {
  const neighbours = (channels[at + CHANNEL_SIZE] >> 1) - 1;
  for (let i = 1; i <= neighbours; i++)
    if (inputs[(picks[first + i] >> 1) * INPUT_FIELDS + INPUT_USABLE] === 0) return false;
  return true;
}

function scoreByOwn(channels: Float64Array, at: number, values: Float64Array, j: number): void {
  const prediction = channels[at + CHANNEL_OWN_WEIGHT] * values[2 * j + 1];
  standardiseResidual(channels, at, prediction, values[2 * j] - prediction, channels[at + CHANNEL_OWN_PRECISION]);
}

function standardiseResidual(
  channels: Float64Array,
  at: number,
  prediction: number,
  error: number,
  precision: number,
): void {
  const r = error * precision;
  channels[at + CHANNEL_PREDICTION] = prediction;
  channels[at + CHANNEL_SCORED_PRECISION] = precision;
  channels[at + CHANNEL_RESIDUAL] = r > RESIDUAL_CAP ? RESIDUAL_CAP : r < -RESIDUAL_CAP ? -RESIDUAL_CAP : r;
}

/** Mean of squares with the n-th taken in; once settled a single one counts for at most HELD_VARIANCES means. */
function heldMean(mean: number, square: number, n: number): number {
  const most = HELD_VARIANCES * mean;
  return mean + ((n > SETTLING_ROWS && square > most ? most : square) - mean) / n;
}

function residualFloor(inputs: Float64Array, at: number, halfStep: number): number {
  const spread = SPREAD_FLOOR * Math.sqrt(inputs[at + INPUT_POWER]);
  const step = halfStep * inputs[at + INPUT_PRECISION];
  return spread > step ? spread : step;
}

function precisionOf(variance: number, floor: number): number {
  const deviation = Math.sqrt(variance);
  return 1 / (deviation > floor ? deviation : floor);
}

/** The EWMAs of one channel, held below their limits. */
function advanceChannel(channels: Float64Array, at: number): void {
  const r = channels[at + CHANNEL_RESIDUAL];
  const square = r * r;
  let fast = channels[at + CHANNEL_FAST];
  fast += FAST * (square - fast);
  const fastLimit = channels[at + CHANNEL_FAST_LIMIT];
  channels[at + CHANNEL_FAST] = fast > fastLimit ? fastLimit : fast;
  let slow = channels[at + CHANNEL_SLOW];
  slow += SLOW * (square - slow);
  const slowLimit = channels[at + CHANNEL_SLOW_LIMIT];
  channels[at + CHANNEL_SLOW] = slow > slowLimit ? slowLimit : slow;
  channels[at + CHANNEL_INTENSITY] += SLOW * (square - channels[at + CHANNEL_INTENSITY]);
  let signed = channels[at + CHANNEL_SIGNED];
  signed += SLOW * (r - signed);
  const limit = channels[at + CHANNEL_SIGNED_LIMIT];
  channels[at + CHANNEL_SIGNED] = signed > limit ? limit : signed < -limit ? -limit : signed;
}

/** The views of all modelled channels together. */
export function combineChannels(channels: Float64Array, views: Float64Array): void {
  let fast = 0;
  let slow = 0;
  let sum = 0;
  let norm = 0;
  let intensity = 0;
  let modelled = 0;
  for (let at = 0; at < channels.length; at += CHANNEL_FIELDS) {
    if (channels[at] === 0) continue;
    modelled++;
    const slowShare = channels[at + CHANNEL_SLOW_SHARE];
    const f = channels[at + CHANNEL_FAST] * channels[at + CHANNEL_FAST_SHARE];
    if (f > fast) fast = f;
    const s = channels[at + CHANNEL_SLOW] * slowShare;
    if (s > slow) slow = s;
    sum += channels[at + CHANNEL_FAST];
    const signed = channels[at + CHANNEL_SIGNED];
    const d = signed * signed * SIGNED_POWER * channels[at + CHANNEL_SIGNED_SHARE];
    norm += d * d;
    const i = channels[at + CHANNEL_INTENSITY] * slowShare;
    if (i > intensity) intensity = i;
  }
  const each = modelled > 0 ? 1 / modelled : 0;
  views[0] = fast;
  views[VIEW_SLOW] = slow;
  views[VIEW_PLANT] = sum * each;
  views[VIEW_DRIFT] = Math.sqrt(norm * each);
  views[VIEW_INTENSITY] = intensity;
}

/** Adds the standardised values of all inputs that are good to their sums, and counts them. */
export function addGoodValues(inputs: Float64Array, values: Float64Array, sums: Float64Array, rows: Uint32Array): void {
  for (let i = 0; i < sums.length; i++) {
    const at = i * INPUT_FIELDS;
    if (inputs[at + INPUT_PRECISION] === 0 || inputs[at + INPUT_GOOD] === 0) continue;
    sums[i] += values[2 * i];
    rows[i]++;
  }
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

/** The first channels' values of a row, NaN for those that are not good. */
export function knownValues(row: Float64Array, qualities: Uint8Array, known: Float64Array): void {
  for (let j = 0; j < known.length; j++) known[j] = qualities[j] === 0 ? row[j] : NaN;
}

/** The range of every channel takes in its value, if it is known. `ranges`: RANGE_FIELDS each. */
export function learnRanges(known: Float64Array, ranges: Float32Array): void {
  for (let j = 0; j < known.length; j++) {
    const x = known[j];
    const at = RANGE_FIELDS * j;
    if (!(x < ranges[at] || x > ranges[at + 1])) continue;
    if (x < ranges[at]) ranges[at] = x;
    if (x > ranges[at + 1]) ranges[at + 1] = x;
    ranges[at + UNIT] = RANGE_UNIT * (ranges[at + 1] - ranges[at]);
  }
}

/**
 * Contacts that keep their state, known in `state` and `before`: the row counts for it, the range of every channel
 * since the state began takes in the value, and rows within the channel's band, widened by its unit, are counted.
 * `known`: NaN for none; `pending`: low and high of each contact's channels; `cells`, `rows`: of each contact's states.
 */
export function learnBands(
  state: readonly number[],
  before: readonly number[],
  known: Float64Array,
  ranges: Float32Array,
  pending: Float32Array,
  cells: Float32Array,
  rows: Uint32Array,
): void {
  const channels = known.length;
  for (let q = 0; 2 * q < rows.length; q++) {
    const v = state[q];
    if (v < 0 || v !== before[q]) continue;
    rows[2 * q + v]++;
    for (let j = 0; j < channels; j++) {
      const x = known[j];
      const unit = ranges[RANGE_FIELDS * j + UNIT];
      const low = 2 * (q * channels + j);
      const band = CELL_FIELDS * ((2 * q + v) * channels + j);
      if (x < pending[low]) pending[low] = x;
      if (x > pending[low + 1]) pending[low + 1] = x;
      if (x >= cells[band] - unit && x <= cells[band + 1] + unit) cells[band + INSIDE]++;
    }
  }
}

/**
 * The first guard from `first` on, of a contact that keeps its state, whose channel has left the range of that state on
 * the side on which it switches; -1: none. `channels`: of each guard, NO_GUARD for none; `guards`: GUARD_FIELDS each.
 */
export function leftGuard(
  first: number,
  state: readonly number[],
  before: readonly number[],
  row: Float64Array,
  qualities: Uint8Array,
  channels: Uint8Array,
  guards: Float32Array,
): number {
  for (let g = first; g < channels.length; g++) {
    const q = g >> 2;
    const j = channels[g];
    if (j === NO_GUARD || state[q] !== ((g >> 1) & 1) || before[q] !== state[q] || qualities[j] !== 0) continue;
    const x = row[j];
    const at = GUARD_FIELDS * g;
    const low = guards[at + 2];
    const high = guards[at + 3];
    if (x >= low && x <= high) continue;
    if ((guards[at] + guards[at + 1] > low + high ? x - high : low - x) > 0) return g;
  }
  return -1;
}

/**
 * A row of the contacts, which are its inputs from `first` on: closed (1) when high for more than half of it, -1 when
 * not known. Those whose state lasts count on; how many have another one, which stays to be taken. `kept`: four each.
 */
export function keepStates(
  row: Float64Array,
  qualities: Uint8Array,
  first: number,
  state: readonly number[],
  before: number[],
  lasted: number[],
  ended: number[],
  kept: Uint16Array,
): number {
  let changed = 0;
  for (let i = 0; i < state.length; i++) {
    const is = qualities[first + i] !== 0 ? -1 : row[first + i] > 0.5 ? 1 : 0;
    before[i] = state[i];
    ended[i] = 0;
    if (is !== state[i]) changed++;
    else {
      lasted[i]++;
      kept[KEPT_FIELDS * i + KEPT_WAITING] = 0;
    }
  }
  return changed;
}

/**
 * Contacts of which none changes: rows since their last closing, known where above 0, count on. The first from `first`
 * on whose state, its beginning seen, has lasted more than a row longer than ever; -1: none. `dwells`: nine each.
 */
export function longDwell(
  first: number,
  sinceClosing: number[],
  state: readonly number[],
  lasted: readonly number[],
  kept: Uint16Array,
  dwells: Float32Array,
): number {
  if (first === 0) for (let i = 0; i < sinceClosing.length; i++) if (sinceClosing[i] > 0) sinceClosing[i]++;
  for (let i = first; i < state.length; i++) {
    if (kept[KEPT_FIELDS * i] !== 1) continue;
    if (lasted[i] > 0 && lasted[i] > dwells[DWELL_FIELDS * i + DWELL_TIMED * state[i] + DWELL_LONGEST] + 1) return i;
  }
  return -1;
}

/**
 * How far every channel has moved since the row before, times its share: the channel of the largest, -1 for none.
 * `rates`: value, share, move of each. While learning, the last of a channel's numbers in `moves` takes in the move.
 */
export function largestMove(
  row: Float64Array,
  qualities: Uint8Array,
  rates: Float64Array,
  moves: Float64Array,
  isLearning: number,
): number {
  let largest = 0;
  let worst = -1;
  const stride = (moves.length / rates.length) * RATE_FIELDS;
  for (let i = 0; RATE_FIELDS * i < rates.length; i++) {
    const at = RATE_FIELDS * i;
    const value = qualities[i] === 0 ? row[i] : NaN;
    const move = value - rates[at];
    const size = move < 0 ? -move : move;
    rates[at] = value;
    rates[at + RATE_MOVE] = move;
    if (isLearning === 1 && size > moves[(i + 1) * stride - 1]) moves[(i + 1) * stride - 1] = size;
    // a move from or to no value is NaN, and larger than nothing
    const told = size * rates[at + RATE_SHARE];
    if (told > largest) {
      largest = told;
      worst = i;
    }
  }
  return worst;
}

/** Takes a row into the flat lines of its first channels; how many are flat beyond their limits. */
export function addToFlats(row: Float64Array, qualities: Uint8Array, flats: Float64Array, isLearning: number): number {
  let beyond = 0;
  for (let i = 0; FLAT_FIELDS * i < flats.length; i++) {
    const at = FLAT_FIELDS * i;
    const value = qualities[i] === 0 ? row[i] : NaN;
    const moved = value - flats[at];
    const step = flats[at + FLAT_STEP];
    const rows = moved <= step && moved >= -step ? flats[at + FLAT_ROWS] + 1 : 0;
    if (rows === 0) flats[at] = value;
    flats[at + FLAT_ROWS] = rows;
    if (rows >= flats[at + FLAT_LIMIT]) beyond++;
    if (isLearning === 0 || qualities[i] !== 0) continue;
    flats[at + FLAT_LEARNED]++;
    if (rows > flats[at + FLAT_LONGEST]) flats[at + FLAT_LONGEST] = rows;
  }
  return beyond;
}

/**
 * Takes the values of channels from `first` on, in steps, into the hashes of their last rows. Returns the channel after
 * the first whose hash is new and begins with three zeros; past the last channel and one more when there is none.
 */
export function rollHashes(first: number, row: Float64Array, perStep: readonly number[], hashes: number[]): number {
  const channels = hashes.length;
  for (let i = first; i < channels; i++) {
    const before = hashes[i];
    const hash = (before << 4) ^ (((row[i] * perStep[i]) | 0) * HASH_MULTIPLIER);
    hashes[i] = hash;
    if (hash >>> 29 === 0 && hash !== before) return i + 1;
  }
  return channels + 1;
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
