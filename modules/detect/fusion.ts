/**
 * Fuses the scores of all row detectors into one alarm: the largest is the score, its detector speaks for the incident.
 *
 * Relative release: an alarm that has fallen to a fifteenth of its peak for ten rows is "recovering": still an
 * incident, no longer an alarm, until it grows again. A bounded servo raises the level at which an incident opens after
 * more than one incident per budget period: exp(min(0.4 (N - 1), 0.7)), never above twice the threshold, so that an
 * attacker who makes it alarm gains at most that.
 */
import { exp, ln } from '../base/elementary.js';
import type { Archive, Archived } from '../model/archive.js';
import type { CycleClock } from '../model/cycle-clock.js';
import type { RowDetector } from './row-detector.js';

/** States of the alarm. */
export const ALARM_QUIET = 0;
export const ALARM_ON = 1;
export const ALARM_RECOVERING = 2;

const RECOVERED_RATIO = 15;
const RECOVERED_ROWS = 10;
const REGROWN_LN = 1.3;
const SLACK = 0.02;
const SERVO_GAIN = 0.4;
const SERVO_MAX_LN = 0.7;
/** Alarms closer together than this are one event; on a cyclic machine those in consecutive cycles are, too. */
const SAME_EVENT_ROWS = 30;
const LONG_AGO_ROWS = 1e9;
/** Rows without an alarm after which its incident closes. */
const OFF_DELAY_ROWS = 20;
const WARM_UP_ROWS = 3;

/** One alarm from many scores. */
export class Fusion implements Archived {
  readonly archiveUnits = 1;
  /** Fused score of the last row; 1.0 is the threshold. */
  score = 0;
  state = ALARM_QUIET;
  /** The detector whose score is the largest. */
  leader: RowDetector;
  /** True while the incident table knows the incident. */
  hasIncident = false;
  private readonly detectors: readonly RowDetector[];
  private readonly apart: readonly RowDetector[];
  private rowsPerAlarm = 1;
  private rows = 0;
  private intensityLn = 0;
  private peakLn = 0;
  private levelLn = 0;
  private fallenRows = 0;
  private recentIncidents = 0;
  private rowsSinceAlarm = LONG_AGO_ROWS;
  private readonly clock: CycleClock | null;

  /**
   * `detectors`: one at least; on equal scores the first speaks. `apart`: they share the budget, but speak for
   * incidents of their own. `clock`: of a cyclic machine, else null.
   */
  constructor(detectors: readonly RowDetector[], apart: readonly RowDetector[], clock: CycleClock | null) {
    this.detectors = detectors;
    this.apart = apart;
    this.clock = clock;
    this.leader = detectors[0];
  }

  /**
   * Ends learning: one alarm in `rowsPerAlarm` rows, shared by the members of all detectors. Call it for each `part`,
   * from 0 on, a detector each; false when there was none left, and all is ready.
   */
  calibrate(part: number, rowsPerAlarm: number): boolean {
    const { detectors, apart } = this;
    this.rowsPerAlarm = rowsPerAlarm > 1 ? rowsPerAlarm : 1;
    let members = 0;
    for (let i = 0; i < detectors.length; i++) members += detectors[i].members;
    for (let i = 0; i < apart.length; i++) members += apart[i].members;
    const rows = rowsPerAlarm * members;
    const all = detectors.length + apart.length;
    if (part < all) calibrate(part < detectors.length ? detectors[part] : apart[part - detectors.length], rows);
    else this.restart();
    return part < all;
  }

  archive(_unit: number, archive: Archive): void {
    this.rowsPerAlarm = archive.number(this.rowsPerAlarm);
  }

  /** After a gap. Where the machine's cycles begin with gaps, an alarm does not end with it but with the score. */
  continueAfterGap(): void {
    if (this.clock?.beginsAtGaps) this.restartDetectors();
    else this.restart();
  }

  private restartDetectors(): void {
    const { detectors, apart } = this;
    for (let i = 0; i < detectors.length; i++) detectors[i].restart();
    for (let i = 0; i < apart.length; i++) apart[i].restart();
  }

  /** Begins anew, the servo too: what came before may have been another plant. */
  restart(): void {
    this.restartDetectors();
    this.rows = 0;
    this.recentIncidents = 0;
    this.state = ALARM_QUIET;
    this.rowsSinceAlarm = LONG_AGO_ROWS;
  }

  /** Takes the scores of a row that every detector has watched. */
  watch(): void {
    const detectors = this.detectors;
    let leader = detectors[0];
    let intensity = 0;
    for (let i = 0; i < detectors.length; i++) {
      const detector = detectors[i];
      if (detector.score > leader.score) leader = detector;
      if (detector.intensity > intensity) intensity = detector.intensity;
    }
    this.leader = leader;
    this.score = this.rows < WARM_UP_ROWS ? 0 : leader.score;
    if (this.rows < WARM_UP_ROWS) this.rows++;
    this.decide(intensity);
  }

  /** Quiet, alarm or recovering. */
  private decide(intensity: number): void {
    this.recentIncidents *= 1 - 1 / this.rowsPerAlarm;
    const isAbove = this.score > 1;
    if (this.state === ALARM_QUIET && !isAbove) {
      this.rowsSinceAlarm++;
      return;
    }
    if (!isAbove) {
      this.state = ALARM_QUIET;
      this.rowsSinceAlarm = 0;
      return;
    }
    this.intensityLn = ln(intensity > 1e-6 ? intensity : 1e-6);
    if (this.state === ALARM_QUIET) this.consider();
    else this.follow();
  }

  /** Above the threshold: an incident opens when the servo's level is passed too. */
  private consider(): void {
    const excess = this.recentIncidents - 1;
    const servo = excess > 0 ? SERVO_GAIN * excess : 0;
    if (servo > 0 && this.score <= exp(servo < SERVO_MAX_LN ? servo : SERVO_MAX_LN)) {
      this.rowsSinceAlarm++;
      return;
    }
    if (this.rowsSinceAlarm < this.eventRows()) this.resume();
    else {
      this.state = ALARM_ON;
      this.peakLn = this.intensityLn;
      this.fallenRows = 0;
      this.recentIncidents++;
    }
  }

  /** The event was not over: its peak still counts. */
  private resume(): void {
    const level = this.intensityLn;
    this.fallenRows = 0;
    this.levelLn = level;
    if (level > this.peakLn) this.peakLn = level;
    this.state = level < this.peakLn - ln(RECOVERED_RATIO) ? ALARM_RECOVERING : ALARM_ON;
  }

  /** Rows without an alarm after which its incident closes: a fault that comes back cycle after cycle is one. */
  offDelayRows(): number {
    return this.clock === null ? OFF_DELAY_ROWS : this.eventRows();
  }

  /** Rows without an alarm after which the next one is another event; of a cyclic machine a whole cycle is in them. */
  private eventRows(): number {
    const cyclesRows = this.clock === null ? 0 : 2 * this.clock.longestUsual();
    return cyclesRows > SAME_EVENT_ROWS ? cyclesRows : SAME_EVENT_ROWS;
  }

  /** Within an incident: alarm, recovering, alarm again. */
  private follow(): void {
    const level = this.intensityLn;
    if (this.state === ALARM_ON) {
      if (level > this.peakLn) this.peakLn = level;
      this.fallenRows = level < this.peakLn - ln(RECOVERED_RATIO) ? this.fallenRows + 1 : 0;
      if (this.fallenRows < RECOVERED_ROWS) return;
      this.state = ALARM_RECOVERING;
      this.levelLn = level;
      return;
    }
    this.levelLn -= SLACK * (this.levelLn - level);
    if (level <= (this.levelLn > 0 ? this.levelLn : 0) + REGROWN_LN) return;
    this.state = ALARM_ON;
    this.peakLn = level;
    this.fallenRows = 0;
  }
}

function calibrate(detector: RowDetector, rows: number): void {
  const { members } = detector;
  detector.calibrate(members > 0 && members < 1 ? rows / members : rows);
}
