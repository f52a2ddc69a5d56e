/**
 * At which values of the analog channels each contact switches, learned in one pass: for contact q in state v and
 * channel j the band of values in the row before it switched, the share of the state's rows that lie in that band, and
 * the range over the whole state. A channel guards the switching when its band is narrow against its range R and rare
 * while the state lasts:
 *
 *   band <= 0.15 R,  f = share of rows within the band +- 0.02 R <= 0.5,  n f^(n - 1) 2 C A <= e^-4
 *
 * n switchings at n of the state's rows by chance would have a band of the share f or less with the probability
 * n f^(n - 1) - (n - 1) f^n (Wilks, Annals of Mathematical Statistics 12(1), 1941). With C contacts and A channels
 * there are 2 C A bands to be narrow by chance: one learning in fifty may find one.
 * The two channels of the smallest f guard, the second if its f is at most 1.5 times the first's.
 * 76 bytes per contact and 12 per channel; while learning 48 A bytes more per contact for A channels.
 */
import { exp, ln } from '../base/elementary.js';
import { knownValues, learnBands, learnRanges } from '../base/kernels.js';
import type { Archive } from './archive.js';
import type { ContactHistory } from './contact-history.js';
import type { ModelRow } from './model-row.js';

/** Guards of a contact's state; no channel guards. */
export const GUARDS_MAX = 2;
export const GUARD_NONE = 255;
/** Switchings that must be known. */
export const SWITCHINGS_MIN = 4;
/** Fields of a guard: band, then range of the state. */
export const GUARD_FIELDS = 4;
export const BAND_LOW = 0;
export const BAND_HIGH = 1;
export const STATE_LOW = 2;
export const STATE_HIGH = 3;

/** Smallest part of a channel's range that counts as a distance. */
const RANGE_UNIT = 0.02;
const BAND_MAX = 0.15;
const SHARE_MAX = 0.5;
/** Logarithm of the learnings that find one guard by chance. */
const LEARNINGS_LN = 4;
const SECOND_MAX = 1.5;
/** Fields of a channel's range. */
const RANGE_FIELDS = 3;
const RANGE_LOW = 0;
const RANGE_HIGH = 1;
const UNIT = 2;
/** Fields of a cell of the table: as those of a guard, and the rows in the band. */
const CELL_FIELDS = 5;
const INSIDE = 4;

/** What guards each state of each contact; entry (2 q + v) GUARDS_MAX + k. */
export class SwitchBands {
  readonly channel: Uint8Array;
  /** GUARD_FIELDS each. */
  readonly guards: Float32Array;
  /** Switchings out of the state, by 2 q + v. */
  readonly switchings: Uint16Array;
  /** RANGE_FIELDS of each channel. */
  private readonly ranges: Float32Array;
  private readonly history: ContactHistory;
  private readonly channels: number;
  private table: BandTable | null;

  constructor(history: ContactHistory, channels: number) {
    const states = 2 * history.contacts;
    this.history = history;
    this.channels = channels;
    this.channel = new Uint8Array(states * GUARDS_MAX).fill(GUARD_NONE);
    this.guards = new Float32Array(states * GUARDS_MAX * GUARD_FIELDS);
    this.switchings = new Uint16Array(states);
    this.ranges = new Float32Array(RANGE_FIELDS * channels);
    for (let j = 0; j < channels; j++) {
      this.ranges[RANGE_FIELDS * j + RANGE_LOW] = Infinity;
      this.ranges[RANGE_FIELDS * j + RANGE_HIGH] = -Infinity;
    }
    this.table = new BandTable(history.contacts, channels);
  }

  /** What counts as one unit of distance of channel j. */
  unit(j: number): number {
    return this.ranges[RANGE_FIELDS * j + UNIT];
  }

  /** Width of guard g's band, in parts of the switchings that made it. */
  spacing(g: number): number {
    const { guards, switchings } = this;
    const at = g * GUARD_FIELDS;
    return (guards[at + BAND_HIGH] - guards[at + BAND_LOW]) / switchings[Math.floor(g / GUARDS_MAX)];
  }

  /** Values and ranges of all channels, once a row. */
  learnRanges(row: ModelRow): void {
    const { table } = this;
    if (table === null) return;
    knownValues(row.values, row.qualities, table.values);
    learnRanges(table.values, this.ranges);
  }

  /** Contacts that keep their state: the row counts. */
  learnStates(): void {
    const { table, history } = this;
    if (table === null) return;
    learnBands(history.state, history.before, table.values, this.ranges, table.pending, table.cells, table.rows);
  }

  /** Contact q has switched out of its state, or lost it; `values`: the row before. True when something guards it. */
  learnSwitch(q: number, values: Float64Array): boolean {
    const { table, channels, history, switchings } = this;
    if (table === null) return false;
    const v = history.before[q];
    if (v >= 0) table.endState(q, v);
    if (!history.hasSwitched(q)) return false;
    if (switchings[2 * q + v] < 65535) switchings[2 * q + v]++;
    const from = (2 * q + v) * channels;
    for (let j = 0; j < channels; j++) if (!Number.isNaN(values[j])) table.widen(from + j, values[j], this.unit(j));
    if (switchings[2 * q + v] < SWITCHINGS_MIN) return false;
    return this.choose(q, v, table);
  }

  /** Chooses the guards of contact q in state v from what is known by now. */
  private choose(q: number, v: number, table: BandTable): boolean {
    const { channels, channel } = this;
    const from = (2 * q + v) * channels;
    const to = (2 * q + v) * GUARDS_MAX;
    const most = this.shareMax(this.switchings[2 * q + v]);
    let first = GUARD_NONE;
    let second = GUARD_NONE;
    let least = 1;
    let next = 1;
    for (let j = 0; j < channels; j++) {
      const f = this.share(table, 2 * q + v, j, most);
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
    for (let k = 0; k < GUARDS_MAX; k++) {
      if (channel[to + k] === GUARD_NONE) continue;
      const cell = (from + channel[to + k]) * CELL_FIELDS;
      for (let i = 0; i < GUARD_FIELDS; i++) this.guards[(to + k) * GUARD_FIELDS + i] = table.cells[cell + i];
    }
    return first !== GUARD_NONE;
  }

  /** Largest share of a band of `count` switchings that is no chance. */
  private shareMax(count: number): number {
    const most = exp(-(LEARNINGS_LN + ln(this.switchings.length * this.channels * count)) / (count - 1));
    return most < SHARE_MAX ? most : SHARE_MAX;
  }

  /** Share of the state's rows in the band of channel j; 1 where it is more than `most`: the channel does not guard. */
  private share(table: BandTable, state: number, j: number, most: number): number {
    const { cells } = table;
    const cell = (state * this.channels + j) * CELL_FIELDS;
    const unit = this.unit(j);
    if (!(cells[cell + BAND_HIGH] - cells[cell + BAND_LOW] <= (BAND_MAX / RANGE_UNIT) * unit) || unit === 0) return 1;
    const f = (cells[cell + INSIDE] + 1) / (table.rows[state] + 1);
    return f <= most ? f : 1;
  }

  /** Learning is over: what only learning needed is given back. */
  freeze(): void {
    this.table = null;
  }

  /** Carries contact q; the first also carries the ranges of the channels. */
  archive(q: number, archive: Archive): void {
    const { ranges, switchings, channel, guards } = this;
    if (q === 0) for (let i = 0; i < ranges.length; i++) ranges[i] = archive.number(ranges[i]);
    for (let s = 2 * q; s < 2 * q + 2; s++) switchings[s] = archive.uint16(switchings[s]);
    for (let g = 2 * q * GUARDS_MAX; g < (2 * q + 2) * GUARDS_MAX; g++) {
      const j = archive.uint16(channel[g]);
      if (j !== GUARD_NONE && j >= this.channels) archive.refuse();
      channel[g] = j;
      for (let i = g * GUARD_FIELDS; i < (g + 1) * GUARD_FIELDS; i++) guards[i] = archive.number(guards[i]);
    }
    if (archive.isLoading) this.freeze();
  }
}

/** What is known of every channel for every state of every contact, cell (2 q + v) A + j; only while learning. */
class BandTable {
  /** CELL_FIELDS each. */
  readonly cells: Float32Array;
  /** Of the row under way, NaN for none. */
  readonly values: Float64Array;
  /** Range since contact q took its state, entry 2 (q A + j): joins the state's range when the state ends. */
  readonly pending: Float32Array;
  /** Rows in the state. */
  readonly rows: Uint32Array;
  private readonly channels: number;

  constructor(contacts: number, channels: number) {
    this.channels = channels;
    this.cells = new Float32Array(2 * contacts * channels * CELL_FIELDS);
    this.values = new Float64Array(channels);
    this.pending = new Float32Array(2 * contacts * channels);
    this.rows = new Uint32Array(2 * contacts);
    for (let at = 0; at < this.cells.length; at += CELL_FIELDS) {
      this.cells[at + BAND_LOW] = Infinity;
      this.cells[at + BAND_HIGH] = -Infinity;
      this.cells[at + STATE_LOW] = Infinity;
      this.cells[at + STATE_HIGH] = -Infinity;
    }
    for (let at = 0; at < this.pending.length; at += 2) this.forget(at);
  }

  private forget(at: number): void {
    this.pending[at] = Infinity;
    this.pending[at + 1] = -Infinity;
  }

  /** A state's range takes in what was seen since the contact took it. */
  endState(q: number, v: number): void {
    const { channels, cells, pending } = this;
    let cell = (2 * q + v) * channels * CELL_FIELDS;
    for (let at = 2 * q * channels; at < 2 * (q + 1) * channels; at += 2) {
      if (pending[at] < cells[cell + STATE_LOW]) cells[cell + STATE_LOW] = pending[at];
      if (pending[at + 1] > cells[cell + STATE_HIGH]) cells[cell + STATE_HIGH] = pending[at + 1];
      this.forget(at);
      cell += CELL_FIELDS;
    }
  }

  /** The band takes in x. Rows that lay in the narrower band stand for as many more in the wider. */
  widen(index: number, x: number, margin: number): void {
    const { cells } = this;
    const cell = index * CELL_FIELDS;
    const low = cells[cell + BAND_LOW];
    const high = cells[cell + BAND_HIGH];
    if (x >= low && x <= high) return;
    if (x < low) cells[cell + BAND_LOW] = x;
    if (x > high) cells[cell + BAND_HIGH] = x;
    const width = high - low + 2 * margin;
    if (width > 0) cells[cell + INSIDE] *= (cells[cell + BAND_HIGH] - cells[cell + BAND_LOW] + 2 * margin) / width;
  }
}
