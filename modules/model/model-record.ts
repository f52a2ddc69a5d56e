/**
 * What is known of the model as a whole, and what has happened to it: what a model frame tells. The part that was
 * learned is stored with the model, with the list of detectors that it was learned for. 20 slots, one more a channel.
 */
import { type Archive, type Archived, archiveSame } from './archive.js';
import type { ResidualChannel } from './residual-channel.js';

/** What happened to a model: why a model frame is sent. */
export const MODEL_LEARNED = 0;
export const MODEL_LOADED = 1;
export const MODEL_OF_OTHER_CONFIGURATION = 2;
export const MODEL_OF_OTHER_FORMAT = 3;
export const MODEL_DAMAGED = 4;
/** Learned, but it is longer than its place in flash; or the flash did not keep it. It serves until the next reset. */
export const MODEL_TOO_LONG = 5;
export const MODEL_NOT_KEPT = 6;
const WHYS = 7;
const ROWS_LIMIT = 4294967296;

/** Level of learning of a model that nothing has judged. */
export const LEVEL_NOT_JUDGED = -1;

/** What is told of a detector. */
export interface ToldDetector {
  readonly id: number;
  readonly thresholds?: readonly number[];
}

/** The model as a whole. */
export class ModelRecord implements Archived {
  readonly archiveUnits = 1;
  /** Rows that it was learned from. */
  rows = 0;
  /** 0 not learned, 1 provisional, 2 sufficient. */
  level = LEVEL_NOT_JUDGED;
  /** How well learning converged, a number per analog channel; NaN where there is none. */
  readonly convergence: number[] = [];
  /** Modes of the plant seen while learning: joint states of its contacts. */
  modes = 0;
  /** Alarms a day that its thresholds answer: what was asked for, or what so short a learning can promise. */
  promisedPerDay = 0;
  /** DETECTOR_* of all that run, those without a model too. */
  readonly runs: number[] = [];
  /** Of the analog channels, in order; and the detectors that work on rows. */
  channels: readonly ResidualChannel[] = [];
  detectors: readonly ToldDetector[] = [];
  /** Why, and the first pair of orders whose learning no frame has told yet; -1: none. */
  pairsWhy = MODEL_LEARNED;
  pairsNext = -1;
  /** The MODEL_* that no frame has told yet, one bit each. */
  private untold = 0;

  /** Forgets what was learned, and what is untold of it. */
  forget(): void {
    const { convergence } = this;
    this.rows = 0;
    this.level = LEVEL_NOT_JUDGED;
    for (let i = 0; i < convergence.length; i++) convergence[i] = NaN;
    this.modes = 0;
    this.promisedPerDay = 0;
    this.pairsNext = -1;
    this.untold &= ~((1 << MODEL_LEARNED) | (1 << MODEL_LOADED) | (1 << MODEL_TOO_LONG) | (1 << MODEL_NOT_KEPT));
  }

  /** `why` is to be told. */
  tell(why: number): void {
    this.untold |= 1 << why;
  }

  /** What is to be told next, a refusal before what came of it; -1: nothing. */
  nextUntold(): number {
    if (this.untold === 0) return -1;
    let why = WHYS - 1;
    while ((this.untold & (1 << why)) === 0) why--;
    return why;
  }

  /** A signed frame has told `why`; of a model just learned, the pairs' frames come next. */
  told(why: number): void {
    const isLearned = why === MODEL_LEARNED || why === MODEL_TOO_LONG || why === MODEL_NOT_KEPT;
    if (isLearned && (this.untold & (1 << why)) !== 0) {
      this.pairsWhy = why;
      this.pairsNext = 0;
    }
    this.untold &= ~(1 << why);
  }

  /** A signed frame has told the pairs before `end` of `count`. */
  toldPairs(end: number, count: number): void {
    if (this.pairsNext >= 0) this.pairsNext = end < count ? end : -1;
  }

  archive(_unit: number, archive: Archive): void {
    const { runs } = this;
    archiveSame(archive, runs.length);
    for (let i = 0; i < runs.length; i++) archiveSame(archive, runs[i]);
    this.rows = archive.number(this.rows);
    this.level = archive.number(this.level);
    archive.numbers(this.convergence);
    this.promisedPerDay = archive.number(this.promisedPerDay);
    if (archive.isLoading && !this.isTellable()) archive.refuse();
  }

  /** What was read back can be told in a frame. */
  private isTellable(): boolean {
    const { rows, level } = this;
    const isLevel = level === LEVEL_NOT_JUDGED || level === 0 || level === 1 || level === 2;
    return isLevel && rows > 0 && rows < ROWS_LIMIT && Math.floor(rows) === rows;
  }
}
