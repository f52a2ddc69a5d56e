/**
 * What a detector that works on rows owes the sensor. All of them learn from the same rows, are calibrated once, and
 * are frozen then; `score` 1.0 is the threshold. Fused by `fusion.ts`.
 */
import type { Archive } from '../model/archive.js';
import type { ModelRow } from '../model/model-row.js';
import type { Finding } from './finding.js';

/** A detector that works on rows. Nothing but `calibrate` and the constructor may allocate while a row is worked on. */
export interface RowDetector {
  /** DETECTOR_* of `finding.ts`. */
  readonly id: number;
  /**
   * Scores that it compares with thresholds of their own: each takes its share of the alarm budget. A part of 1: a
   * single score that takes that part of a share. 0 when idle.
   */
  readonly members: number;
  /** Largest score of the last row over its subjects; 0 while it has nothing to watch. */
  readonly score: number;
  /** The same without anti-windup, slow: how intense the event is now. Equal to `score` where that needs no holding. */
  readonly intensity: number;
  /** Units of work on the row under way, done in order, spread over the blocks until the next row. */
  readonly units: number;
  /**
   * About what one of them costs, in computrons or what takes as long (a hundred cycles of an M0+); after `work` what
   * that one did.
   */
  readonly unitCost: number;
  /** About what `begin` and the row's end cost together. */
  readonly endsCost: number;
  /** A row is complete: says in `units` what there is to do for it. */
  begin(row: ModelRow, isLearning: boolean): void;
  /** Does unit `unit` of the row. */
  work(unit: number): void;
  /** All units are done, while learning; `progress` (0 to 1) is the part of learning that is over. */
  learn(row: ModelRow, progress: number): void;
  /** All units are done, while watching: sets `score` and `intensity`. */
  watch(row: ModelRow): void;
  /** After a gap nothing of before it may add up with what comes. Learned values stay. */
  restart(): void;
  /** Learning is over, `members` is final: thresholds for one alarm of each member in `rowsPerAlarm` rows. */
  calibrate(rowsPerAlarm: number): void;
  /** What its members' scores are divided by, for the model frame; a detector with one per channel leaves it out. */
  readonly thresholds?: readonly number[];
  /** Says in `finding`, already begun, what is wrong: channels ranked, expected range and observed value, onset. */
  explain(finding: Finding, row: ModelRow): void;
  /** What was learned and must survive a reset, in `archiveUnits` pieces of bounded size. */
  readonly archiveUnits: number;
  /** Carries piece `unit` to or from the archive, the same walk both ways. */
  archive(unit: number, archive: Archive): void;
}
