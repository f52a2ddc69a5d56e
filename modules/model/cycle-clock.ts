/**
 * Where the machine is in its cycle: rows since it began, the bin of the envelopes that they fall into, and how long
 * the learned cycles lasted. The first CYCLES_MEASURED cycles set the bins: PHASE_BINS of them reach over 1.7 times
 * their median, none is shorter than a row; the last one is for all that comes later, the rest after a cycle.
 *
 * Bounds that n cycles reached are no prediction limits where few were: they widen at either end by
 *
 *     width / 2 (H(N) / H(n) - 1),   H(n) = 1 + 1/2 + ... + 1/n
 *
 * N = the cycles learned, or those per allowed alarm where these are more: the extremes of n values with exponential
 * tails are expected at H(n) deviations (Renyi, Acta Math. Hung. 4, 1953). Lengths widen so, too, upwards by the cycles
 * that were longer than the middle of the lengths. 19 slots, 128 bytes.
 */
import { ln } from '../base/elementary.js';
import { QUALITY_GOOD } from '../condition/quality.js';
import { PHASE_BINS } from '../limits.js';
import type { Archive } from './archive.js';
import type { RowInput } from './model-row.js';

const CYCLES_MEASURED = 3;
/** The bins reach over this many median cycles. */
const REACHED_CYCLES = 1.7;
const LENGTH_PART = 0.01;
const WIDTH_PART = 0.03;
/** A contact is closed above this share of a row: what it orders is under way from the row of its edge on. */
const CLOSED = 0.05;
/** Bins that share a count of the cycles that reached them. */
const COUNTED_BINS = 4;
/** So many are as good as all. */
const COUNT_MAX = 255;
const EULER = 0.5772;

/** Counts rows and bins of the cycle. */
export class CycleClock {
  /** Rows since the cycle began; -1 while that is unknown. */
  rows = -1;
  /** Bin of the row under way. */
  bin = 0;
  /** The row under way is the first of its bin. */
  isNewBin = false;
  /** The row under way is the first of a cycle. */
  isStart = false;
  /** Rows of the cycle that this row has ended; 0 where none ended, or its beginning was not seen. */
  endedRows = 0;
  /** The last bin of that cycle; -1 where none ended. */
  endedBin = -1;
  /** Shortest and longest learned cycle, in rows. */
  shortest = Infinity;
  longest = 0;
  /** Learned cycles, and their rows together. */
  cycles = 0;
  cycleRows = 0;
  /** What bounds that the learned cycles reached in this bin widen by at either end, as a part of their width. */
  widening = 0;
  /** Cycles of which one may be outside of the bounds; known once learning is over. */
  cyclesPerAlarm = 0;
  /** How many cycles were in each COUNTED_BINS bins. */
  private readonly reached = new Uint8Array(PHASE_BINS / COUNTED_BINS);
  private binsPerRow = 0;
  private reachRows = 0;
  private readonly startInput: number;
  private isClosed = true;
  /** Rows of the first cycles, in order of length. */
  private readonly measured: number[] = [];

  /** `startInput`: the row's input whose rising edge starts a cycle; below 0: every row that is fresh does. */
  constructor(startInput: number) {
    this.startInput = startInput;
    for (let i = 0; i < CYCLES_MEASURED; i++) this.measured.push(0);
  }

  /** True where every row that is fresh starts a cycle. */
  get beginsAtGaps(): boolean {
    return this.startInput < 0;
  }

  /** True once the bins are known. */
  get hasBins(): boolean {
    return this.binsPerRow > 0;
  }

  /** Counts a row on; `isLearning` lets its end count as a learned cycle's. */
  advance(inputs: readonly RowInput[], isFresh: boolean, isLearning: boolean): void {
    this.endedRows = 0;
    this.endedBin = -1;
    this.isNewBin = false;
    this.isStart = this.startInput < 0 ? isFresh : this.isOrdered(inputs[this.startInput], isFresh);
    if (this.isStart) {
      if (this.rows >= 0) {
        this.endedRows = this.rows + 1;
        this.endedBin = this.binsPerRow > 0 ? this.bin : -1;
      }
      if (isLearning && this.endedRows > 0) this.learn(this.endedRows);
      this.rows = 0;
    } else if (this.rows >= 0) this.rows++;
    if (this.rows < 0 || this.binsPerRow === 0) return;
    let bin = Math.floor(this.rows * this.binsPerRow);
    if (bin >= PHASE_BINS) bin = PHASE_BINS - 1;
    this.isNewBin = this.isStart || bin !== this.bin;
    this.bin = bin;
    if (this.isNewBin && bin % COUNTED_BINS === 0) this.countBin(bin / COUNTED_BINS, isLearning);
  }

  private countBin(at: number, isLearning: boolean): void {
    const { reached } = this;
    this.widening = this.wideningOf(this.cyclesIn(at));
    if (isLearning && reached[at] < COUNT_MAX) reached[at]++;
  }

  /** A rising edge of the contact that orders the cycle. After a gap nobody knows where the machine is. */
  private isOrdered(input: RowInput, isFresh: boolean): boolean {
    if (isFresh) {
      this.rows = -1;
      this.isClosed = true;
    }
    if (input.quality !== QUALITY_GOOD) return false;
    const before = this.isClosed;
    this.isClosed = input.value >= CLOSED;
    return this.isClosed && !before;
  }

  private learn(rows: number): void {
    const { measured } = this;
    this.cycleRows += rows;
    if (this.cycles < CYCLES_MEASURED) {
      let at = this.cycles;
      for (; at > 0 && measured[at - 1] > rows; at--) measured[at] = measured[at - 1];
      measured[at] = rows;
    }
    if (++this.cycles !== CYCLES_MEASURED) return;
    this.reachRows = REACHED_CYCLES * measured[CYCLES_MEASURED >> 1];
    const bins = PHASE_BINS / this.reachRows;
    this.binsPerRow = bins < 1 ? bins : 1;
  }

  /** What bounds that `cycles` cycles reached widen by at either end, as a part of their width. */
  wideningOf(cycles: number): number {
    return widening(cycles, this.cycles > this.cyclesPerAlarm ? this.cycles : this.cyclesPerAlarm);
  }

  /** The ended cycle's length becomes known. Kept apart from `advance`: a cycle is judged before it is learned. */
  learnLength(): void {
    if (this.endedRows < this.shortest) this.shortest = this.endedRows;
    if (this.endedRows > this.longest) this.longest = this.endedRows;
  }

  /** Learning is over: what the cycle under way has lasted so far was seen. */
  endLearning(cyclesPerAlarm: number): void {
    this.cyclesPerAlarm = cyclesPerAlarm;
    if (this.cycles > 0 && this.rows + 1 > this.longest) this.longest = this.rows + 1;
  }

  /** Rows by which the cycle under way is beyond the longest learned one, in units. */
  overtime(): number {
    const over = this.rows + 1 - this.longest;
    return over > 0 && this.longest > 0 ? beyond(over, this.lengthMargin(this.longCycles()), this.unit()) : 0;
  }

  /** Rows by which the ended cycle is below the shortest learned one, in units. */
  shortfall(): number {
    const short = this.shortest - this.endedRows;
    if (!(short > 0 && this.endedRows > 0 && this.longest > 0)) return 0;
    return beyond(short, this.lengthMargin(this.cycles), this.unit());
  }

  /** How far the lengths of `cycles` cycles are widened. */
  private lengthMargin(cycles: number): number {
    return this.wideningOf(cycles) * (this.longest - this.shortest);
  }

  /** Cycles that were longer than the middle of the lengths: those in which the machine waited, where it does. */
  private longCycles(): number {
    const bin = Math.floor(((this.shortest + this.longest) / 2) * this.binsPerRow);
    const cycles = this.cyclesIn(Math.floor((bin < PHASE_BINS ? bin : PHASE_BINS - 1) / COUNTED_BINS));
    return cycles > 0 ? cycles : 1;
  }

  /** Learned cycles that reached the COUNTED_BINS bins. */
  private cyclesIn(at: number): number {
    const count = this.reached[at];
    return count < COUNT_MAX ? count : this.cycles;
  }

  /** A row at least, a hundredth of a cycle and three hundredths of the learned lengths' width. */
  private unit(): number {
    const unit = LENGTH_PART * this.longest + WIDTH_PART * (this.longest - this.shortest);
    return unit > 1 ? unit : 1;
  }

  /** Rows within which a cycle is over, unless the machine rests after it. */
  longestUsual(): number {
    return this.longest < this.reachRows ? this.longest : this.reachRows;
  }

  /** Mean rows of a learned cycle. */
  meanRows(): number {
    return this.cycles > 0 ? this.cycleRows / this.cycles : 1;
  }

  /** Carries what was learned. */
  archive(archive: Archive): void {
    this.binsPerRow = archive.number(this.binsPerRow);
    this.reachRows = archive.number(this.reachRows);
    this.shortest = archive.number(this.shortest);
    this.longest = archive.number(this.longest);
    this.cycles = archive.number(this.cycles);
    this.cycleRows = archive.number(this.cycleRows);
    this.cyclesPerAlarm = archive.number(this.cyclesPerAlarm);
    archive.bytes(this.reached);
  }
}

function beyond(distance: number, margin: number, unit: number): number {
  return distance > margin ? (distance - margin) / unit : 0;
}

/** By what part of their width the bounds of `seen` values widen at either end to stand for those of `all`. */
function widening(seen: number, all: number): number {
  return seen >= all || seen <= 0 ? 0 : (harmonic(all) / harmonic(seen) - 1) / 2;
}

function harmonic(n: number): number {
  return ln(n) + EULER + 1 / (2 * n);
}
