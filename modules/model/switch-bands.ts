/**
 * At which values of the analog channels each contact switches, learned in one pass: for contact q in state v and
 * channel j the band of values in the row before it switched, the share of the state's rows that lie in that band, and
 * the range over the whole state. A channel guards the switching when its band is narrow against its range R and rare
 * while the state lasts:
 *
 *   band <= 0.15 R,  f = share of rows within the band +- 0.02 R <= 0.5,  -ln f * switchings >= 4
 *
 * The two channels of the smallest f guard, the second if its f is at most 1.5 times the first's.
 * 12 A + 52 bytes per contact and state for A channels while learning, 52 when learned.
 */
import { ln } from '../base/elementary.js';
import { QUALITY_GOOD } from '../condition/quality.js';
import type { Archive } from './archive.js';
import type { ContactHistory } from './contact-history.js';
import type { ModelRow } from './model-row.js';

/** Guards of a contact's state. */
export const GUARDS_MAX = 2;
/** Smallest part of a channel's range that counts as a distance. */
export const RANGE_UNIT = 0.02;
/** No channel guards. */
export const GUARD_NONE = 255;
/** Switchings that must be known. */
export const SWITCHINGS_MIN = 4;

const BAND_MAX = 0.15;
const SHARE_MAX = 0.5;
const EVIDENCE_MIN = 4;
const SECOND_MAX = 1.5;

/** What guards each state of each contact; entry (2 q + v) GUARDS_MAX + k. */
export class SwitchBands {
  readonly channel: Uint8Array;
  readonly low: Float32Array;
  readonly high: Float32Array;
  /** Range of the channel while the state lasts. */
  readonly stateLow: Float32Array;
  readonly stateHigh: Float32Array;
  /** Switchings out of the state, by 2 q + v. */
  readonly switchings: Uint32Array;
  /** Range of each channel. */
  readonly rangeLow: Float32Array;
  readonly rangeHigh: Float32Array;
  private readonly history: ContactHistory;
  private readonly channels: number;
  private table: BandTable | null;

  constructor(history: ContactHistory, channels: number) {
    const states = 2 * history.contacts;
    this.history = history;
    this.channels = channels;
    this.channel = new Uint8Array(states * GUARDS_MAX).fill(GUARD_NONE);
    this.low = new Float32Array(states * GUARDS_MAX);
    this.high = new Float32Array(states * GUARDS_MAX);
    this.stateLow = new Float32Array(states * GUARDS_MAX);
    this.stateHigh = new Float32Array(states * GUARDS_MAX);
    this.switchings = new Uint32Array(states);
    this.rangeLow = new Float32Array(channels).fill(Infinity);
    this.rangeHigh = new Float32Array(channels).fill(-Infinity);
    this.table = new BandTable(history.contacts, channels);
  }

  /** One range unit of channel j. */
  unit(j: number): number {
    return RANGE_UNIT * (this.rangeHigh[j] - this.rangeLow[j]);
  }

  /** Ranges of all channels, once a row. */
  learnRanges(row: ModelRow): void {
    const { channels, rangeLow, rangeHigh } = this;
    for (let j = 0; j < channels; j++) {
      const input = row.inputs[j];
      if (input.quality !== QUALITY_GOOD) continue;
      if (input.value < rangeLow[j]) rangeLow[j] = input.value;
      if (input.value > rangeHigh[j]) rangeHigh[j] = input.value;
    }
  }

  /** Contact q keeps its state: the row counts. */
  learnState(q: number, row: ModelRow): void {
    const { table, channels } = this;
    const v = this.history.state[q];
    if (table === null || v < 0) return;
    const at = (2 * q + v) * channels;
    table.rows[2 * q + v]++;
    for (let j = 0; j < channels; j++) {
      const input = row.inputs[j];
      if (input.quality !== QUALITY_GOOD) continue;
      const x = input.value;
      if (x < table.pendingLow[q * channels + j]) table.pendingLow[q * channels + j] = x;
      if (x > table.pendingHigh[q * channels + j]) table.pendingHigh[q * channels + j] = x;
      if (x >= table.low[at + j] - this.unit(j) && x <= table.high[at + j] + this.unit(j)) table.inside[at + j]++;
    }
  }

  /** Contact q has switched out of its state, or lost it; `values`: the row before. True when something guards it. */
  learnSwitch(q: number, values: readonly number[]): boolean {
    const { table, channels, history } = this;
    if (table === null) return false;
    const v = history.before[q];
    if (v >= 0) table.endState(q, v);
    if (!history.hasSwitched(q)) return false;
    const at = (2 * q + v) * channels;
    this.switchings[2 * q + v]++;
    for (let j = 0; j < channels; j++) if (!Number.isNaN(values[j])) table.widen(at + j, values[j], this.unit(j));
    return this.choose(q, v, table);
  }

  /** Chooses the guards of contact q in state v from what is known by now. */
  private choose(q: number, v: number, table: BandTable): boolean {
    const { channels, switchings, channel } = this;
    const from = (2 * q + v) * channels;
    const to = (2 * q + v) * GUARDS_MAX;
    const count = switchings[2 * q + v];
    let first = GUARD_NONE;
    let second = GUARD_NONE;
    let least = 1;
    let next = 1;
    for (let j = 0; j < channels; j++) {
      const f = this.share(table, from + j, j, table.rows[2 * q + v], count);
      if (f < least) {
        second = first;
        next = least;
        first = j;
        least = f;
      } else if (f < next) {
        second = j;
        next = f;
      }
    }
    channel[to] = first;
    channel[to + 1] = next <= SECOND_MAX * least ? second : GUARD_NONE;
    for (let k = 0; k < GUARDS_MAX; k++) if (channel[to + k] !== GUARD_NONE) this.take(to + k, from + channel[to + k]);
    return first !== GUARD_NONE;
  }

  private take(to: number, from: number): void {
    const { table } = this;
    if (table === null) return;
    this.low[to] = table.low[from];
    this.high[to] = table.high[from];
    this.stateLow[to] = table.stateLow[from];
    this.stateHigh[to] = table.stateHigh[from];
  }

  /** Share of the state's rows in the band; 1 where the channel does not guard. */
  private share(table: BandTable, at: number, j: number, rows: number, count: number): number {
    const range = this.rangeHigh[j] - this.rangeLow[j];
    if (count < SWITCHINGS_MIN || !(table.high[at] - table.low[at] <= BAND_MAX * range) || range === 0) return 1;
    const f = (table.inside[at] + 1) / (rows + 1);
    return f <= SHARE_MAX && -ln(f) * count >= EVIDENCE_MIN ? f : 1;
  }

  /** Learning is over: what only learning needed is given back. */
  freeze(): void {
    this.table = null;
  }

  /** Carries contact q; the first also carries the ranges of the channels. */
  archive(q: number, archive: Archive): void {
    const { rangeLow, rangeHigh, switchings, channel, low, high, stateLow, stateHigh } = this;
    if (q === 0)
      for (let j = 0; j < this.channels; j++) {
        rangeLow[j] = archive.number(rangeLow[j]);
        rangeHigh[j] = archive.number(rangeHigh[j]);
      }
    for (let s = 2 * q; s < 2 * q + 2; s++)
      switchings[s] = archive.uint16(switchings[s] < 65535 ? switchings[s] : 65535);
    for (let g = 2 * q * GUARDS_MAX; g < (2 * q + 2) * GUARDS_MAX; g++) {
      channel[g] = archive.uint16(channel[g]);
      low[g] = archive.number(low[g]);
      high[g] = archive.number(high[g]);
      stateLow[g] = archive.number(stateLow[g]);
      stateHigh[g] = archive.number(stateHigh[g]);
    }
    if (archive.isLoading) this.freeze();
  }
}

/** What is known of every channel for every state of every contact, entry (2 q + v) A + j; only while learning. */
class BandTable {
  readonly low: Float32Array;
  readonly high: Float32Array;
  readonly inside: Float32Array;
  readonly stateLow: Float32Array;
  readonly stateHigh: Float32Array;
  /** Range since contact q took its state, entry q A + j: joins the state's range when the state ends. */
  readonly pendingLow: Float32Array;
  readonly pendingHigh: Float32Array;
  readonly rows: Uint32Array;
  private readonly channels: number;

  constructor(contacts: number, channels: number) {
    const entries = 2 * contacts * channels;
    this.channels = channels;
    this.low = new Float32Array(entries).fill(Infinity);
    this.high = new Float32Array(entries).fill(-Infinity);
    this.inside = new Float32Array(entries);
    this.stateLow = new Float32Array(entries).fill(Infinity);
    this.stateHigh = new Float32Array(entries).fill(-Infinity);
    this.pendingLow = new Float32Array(contacts * channels).fill(Infinity);
    this.pendingHigh = new Float32Array(contacts * channels).fill(-Infinity);
    this.rows = new Uint32Array(2 * contacts);
  }

  /** A state's range takes in what was seen since the contact took it. */
  endState(q: number, v: number): void {
    const { channels, stateLow, stateHigh, pendingLow, pendingHigh } = this;
    const to = (2 * q + v) * channels;
    const from = q * channels;
    for (let j = 0; j < channels; j++) {
      if (pendingLow[from + j] < stateLow[to + j]) stateLow[to + j] = pendingLow[from + j];
      if (pendingHigh[from + j] > stateHigh[to + j]) stateHigh[to + j] = pendingHigh[from + j];
      pendingLow[from + j] = Infinity;
      pendingHigh[from + j] = -Infinity;
    }
  }

  /** The band takes in x. Rows that lay in the narrower band stand for as many more in the wider. */
  widen(at: number, x: number, margin: number): void {
    const { low, high, inside } = this;
    if (x >= low[at] && x <= high[at]) return;
    const width = high[at] - low[at];
    if (x < low[at]) low[at] = x;
    if (x > high[at]) high[at] = x;
    if (width >= 0 && width + 2 * margin > 0) inside[at] *= (high[at] - low[at] + 2 * margin) / (width + 2 * margin);
  }
}
