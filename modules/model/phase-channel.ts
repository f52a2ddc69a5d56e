/**
 * Envelope of one analog channel over the machine's cycle: the smallest and the largest value ever learned in each bin
 * of time since the cycle began. The distance of a value outside the envelope, read over +-2 bins and widened by how
 * few cycles were there (cycle-clock.ts), in units of a hundredth of the channel's range and three hundredths of the
 * envelope's width there, goes into an EWMA (excess.ts).
 *
 * A channel that the phase does not rule (own-level.ts) is held against the band about its own slow level instead, in
 * four hundredths of the band's width. Which it is, is decided before cycles are scored; the other is let go.
 *
 * A cycle is scored before it is learned: its values wait in three further bins until they are out of the envelope's
 * reach. Values are kept as one byte, rounded outwards; when a value lies outside the coded range, the code's step is
 * doubled as often as needed and the table recoded, some bins a row; the rows that come meanwhile are not learned.
 * 2 * (PHASE_BINS + 3) = 1,030 bytes and 24 slots a channel, and 5 of its own level until that is decided; after, where
 * the phase does not rule it, those slots alone.
 */
import { PHASE_BINS } from '../limits.js';
import type { Archive } from './archive.js';
import { Excess } from './excess.js';
import { OwnLevel } from './own-level.js';

/** Bins either side that the envelope is read over. */
const REACH = 2;
const PENDING = REACH + 1;
const SLOTS = PHASE_BINS + PENDING;

const RANGE_PART = 0.01;
const WIDTH_PART = 0.03;
const CODE_MAX = 255;
/** Free codes at either end at first, as a part of the range. */
const CODE_MARGIN = 0.125;
/** Smallest unit, relative to the value's size, of a channel that never moved. */
const MOVE_MIN = 1e-6;
/** Bins recoded in one unit of work. */
const RECODED = 32;

/** Envelope and score of one channel. */
export class PhaseChannel extends Excess {
  /** The envelope in the bin of the row under way; infinite where nothing is known. */
  low = -Infinity;
  high = Infinity;
  /** 1 / unit of distance there. */
  precision = 0;
  /** Smallest and largest value of the cycles that set the unit. */
  private lowest = Infinity;
  private highest = -Infinity;
  private readonly resolution: number;
  private origin = 0;
  private step = 0;
  /** Recoding under way: next slot, SLOTS when there is none; doublings, and whether codes move up. */
  private recodedTo = SLOTS;
  private doublings = 0;
  private isDownwards = false;
  /** Lower codes of all slots, then upper ones; a slot with the lower above the upper is empty. */
  private table: Uint8Array;
  /** The channel by itself: until it is known what rules it, and where the phase does not. */
  private own: OwnLevel | null = new OwnLevel();
  /** The phase does not rule the channel: it is held against its own level. */
  isOwn = false;

  constructor(resolution: number) {
    super();
    this.resolution = resolution;
    this.table = new Uint8Array(2 * SLOTS);
    this.table.fill(CODE_MAX, 0, SLOTS);
  }

  /** A value of the cycles that set the unit. */
  measure(value: number): void {
    if (value < this.lowest) this.lowest = value;
    if (value > this.highest) this.highest = value;
  }

  /** True once the coded range is known. */
  get hasTable(): boolean {
    return this.step > 0;
  }

  /** The coded range from what was measured: the table can be learned. */
  beginTable(): void {
    const smallest = this.smallestUnit();
    let range = this.highest - this.lowest;
    if (!(range > smallest)) range = smallest;
    this.step = (range * (1 + 2 * CODE_MARGIN)) / CODE_MAX;
    this.origin = (this.highest >= this.lowest ? this.lowest : 0) - range * CODE_MARGIN;
  }

  /**
   * What predicts the channel is what it is scored by from now on: the phase, or its own level. The other is let go.
   * `noTable`: what stands for the envelope where it is its own level.
   */
  decide(noTable: Uint8Array): void {
    const { own } = this;
    if (own === null || this.isOwn) return;
    if (own.lead > 0 || !(own.low <= own.high)) this.own = null;
    else this.becomeOwn(noTable);
  }

  /** The stored model knows which. @offStep at start. */
  private adopt(isOwn: boolean): void {
    if (isOwn) this.becomeOwn(new Uint8Array(0));
    else this.own = null;
  }

  private becomeOwn(noTable: Uint8Array): void {
    this.isOwn = true;
    this.recodedTo = SLOTS;
    this.table = noTable;
  }

  private smallestUnit(): number {
    const size = this.highest > -this.lowest ? this.highest : -this.lowest;
    const least = MOVE_MIN * (size > 1 && size < Infinity ? size : 1);
    return this.resolution > least ? this.resolution : least;
  }

  /** The row under way is the first of `bin`: the envelope there. */
  enter(bin: number, widening: number): void {
    const { table } = this;
    const last = bin + REACH < PHASE_BINS ? bin + REACH : PHASE_BINS - 1;
    let low = CODE_MAX;
    let high = 0;
    if (this.recodedTo === SLOTS) {
      for (let i = bin > REACH ? bin - REACH : 0; i <= last; i++) {
        const a = table[i];
        const b = table[SLOTS + i];
        if (a < low) low = a;
        if (b > high) high = b;
      }
    }
    if (low > high) {
      this.low = -Infinity;
      this.high = Infinity;
      return;
    }
    const margin = widening * (high - low);
    this.low = this.origin + (low - margin) * this.step;
    this.high = this.origin + (high + margin) * this.step;
    const unit = RANGE_PART * (this.highest - this.lowest) + WIDTH_PART * (this.high - this.low);
    const smallest = this.smallestUnit();
    this.precision = 1 / (unit > smallest ? unit : smallest);
  }

  /** Takes a value of the row under way into the score. */
  score(value: number): void {
    const distance = value > this.high ? value - this.high : value < this.low ? this.low - value : 0;
    this.add(distance * this.precision);
  }

  /** The same where the phase does not rule the channel. */
  scoreOwn(value: number, widening: number): void {
    const own = this.own as OwnLevel;
    const width = own.high - own.low;
    const unit = (RANGE_PART + WIDTH_PART) * width;
    const smallest = this.smallestUnit();
    this.low = own.level + own.low - widening * width;
    this.high = own.level + own.high + widening * width;
    this.precision = 1 / (unit > smallest ? unit : smallest);
    this.score(value);
  }

  /** Lets the level follow; `isLearning` after the level has settled. */
  followOwn(value: number, speed: number, isSettled: boolean, isLearning: boolean): void {
    const { own } = this;
    if (own === null) return;
    if (isLearning && isSettled) {
      if (!this.isOwn && this.low > -Infinity) own.compare(value, (this.low + this.high) / 2);
      own.learn(value);
    }
    if (isLearning || !isSettled) own.follow(value, speed);
    else own.followWithin(value, speed);
  }

  /** Learns a value in `bin`; it is part of the envelope once the cycle has left the bin's reach. */
  learn(bin: number, value: number): void {
    if (this.recodedTo < SLOTS) {
      this.recode();
      return;
    }
    const { table } = this;
    const code = (value - this.origin) / this.step;
    if (code < 0 || code > CODE_MAX) {
      this.beginRecoding(code);
      return;
    }
    const slot = PHASE_BINS + (bin % PENDING);
    const low = Math.floor(code);
    const high = Math.ceil(code);
    if (low < table[slot]) table[slot] = low;
    if (high > table[SLOTS + slot]) table[SLOTS + slot] = high;
  }

  /** A new bin begins: what waits for the bin that it cannot reach any more becomes part of the envelope. */
  leave(bin: number): void {
    if (bin >= PENDING) this.commit(bin - PENDING);
  }

  private commit(bin: number): void {
    const { table } = this;
    const slot = PHASE_BINS + (bin % PENDING);
    if (this.recodedTo === SLOTS) {
      if (table[slot] < table[bin]) table[bin] = table[slot];
      if (table[SLOTS + slot] > table[SLOTS + bin]) table[SLOTS + bin] = table[SLOTS + slot];
    }
    table[slot] = CODE_MAX;
    table[SLOTS + slot] = 0;
  }

  /** The cycle is over, `bin` was its last; below 0: its beginning was not seen, and nothing of it is kept. */
  endCycle(bin: number): void {
    for (let i = 0; i < PENDING && bin >= i; i++) this.commit(bin - i);
    for (let slot = PHASE_BINS; slot < SLOTS; slot++) {
      this.table[slot] = CODE_MAX;
      this.table[SLOTS + slot] = 0;
    }
  }

  /** A code outside 0 to CODE_MAX: the step doubles until it is inside. */
  private beginRecoding(code: number): void {
    this.isDownwards = code < 0;
    let span = CODE_MAX;
    this.doublings = 0;
    while ((this.isDownwards ? CODE_MAX - code : code) > span) {
      span *= 2;
      this.doublings++;
    }
    this.recodedTo = 0;
  }

  /** Recodes some bins; the step and the origin follow with the last. */
  private recode(): void {
    const { table } = this;
    let factor = 1;
    for (let i = 0; i < this.doublings; i++) factor *= 2;
    const shift = this.isDownwards ? CODE_MAX * (factor - 1) : 0;
    const end = this.recodedTo + RECODED < SLOTS ? this.recodedTo + RECODED : SLOTS;
    for (let i = this.recodedTo; i < end; i++) {
      if (table[i] > table[SLOTS + i]) continue;
      table[i] = Math.floor((table[i] + shift) / factor);
      table[SLOTS + i] = Math.ceil((table[SLOTS + i] + shift) / factor);
    }
    this.recodedTo = end;
    if (end < SLOTS) return;
    this.origin -= shift * this.step;
    this.step *= factor;
  }

  /** Carries what was learned. */
  archive(archive: Archive): void {
    this.share = archive.number(this.share);
    this.lowest = archive.number(this.lowest);
    this.highest = archive.number(this.highest);
    this.origin = archive.number(this.origin);
    this.step = archive.number(this.step);
    const isOwn = archive.number(this.isOwn ? 1 : 0) === 1;
    if (archive.isLoading) this.adopt(isOwn);
    if (isOwn) (this.own as OwnLevel).archive(archive);
    else archive.bytes(this.table);
  }
}
