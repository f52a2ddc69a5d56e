/**
 * Sequence of contacts: states of two contacts that were never seen together and switchings never seen in the state
 * that another contact has, although both are common (`model/contact-pairs.ts`), and a state that a contact never had.
 *
 *   z = min(pairs in such a state + 0.4 pairs so switched, held for ten rows, + 3 contacts in a new state, 3)
 *   score = EWMA(0.1) of z / threshold, held below three thresholds
 *
 * A learned contact costs C + 32 bytes for C contacts. Quadratic in the contacts only in rows in which one
 * of them moves.
 */
import { EVENT_CLUSTERS_MAX } from '../limits.js';
import type { Archive } from '../model/archive.js';
import type { ContactHistory } from '../model/contact-history.js';
import { ContactPairs } from '../model/contact-pairs.js';
import type { ModelRow } from '../model/model-row.js';
import { Tail } from '../model/tail.js';
import { EVENT_ROWS, isSettled } from './contact-events.js';
import { DETECTOR_SEQUENCE, type Finding } from './finding.js';
import type { RowDetector } from './row-detector.js';

/** Contacts in one unit of work. */
const CONTACTS_PER_UNIT = 1;
/** Computrons of a unit, and of beginning and end together, about. */
const LEARN_COST = 900;
const WATCH_COST = 500;
const LEARN_ENDS_COST = 900;
const WATCH_ENDS_COST = 180;
const SMOOTHING = 0.1;
const STRANGE_MAX = 3;
/** One strange switching alone may be chance and stays below the smallest threshold; two do not. */
const SWITCHING_SHARE = 0.4;
const SCORE_FLOOR = 0.3;
const WINDUP_THRESHOLDS = 3;

/** Scores which states of contacts come together, and in which one the next comes. */
export class SequenceDetector implements RowDetector {
  readonly id = DETECTOR_SEQUENCE;
  members = 0;
  score = 0;
  intensity = 0;
  units = 0;
  unitCost = 0;
  endsCost = 0;
  readonly archiveUnits: number;
  private readonly history: ContactHistory;
  private readonly pairs: ContactPairs;
  private readonly tail = new Tail(SCORE_FLOOR, EVENT_CLUSTERS_MAX);
  private threshold = Infinity;
  private isLearning = true;
  private smoothed = 0;
  private switchings = 0;
  private switchingRows = 0;

  constructor(history: ContactHistory) {
    this.history = history;
    this.pairs = new ContactPairs(history);
    this.archiveUnits = history.contacts;
  }

  begin(_row: ModelRow, isLearning: boolean): void {
    const { history } = this;
    this.isLearning = isLearning;
    this.unitCost = isLearning ? LEARN_COST : WATCH_COST;
    this.endsCost = isLearning ? LEARN_ENDS_COST : WATCH_ENDS_COST;
    this.units = history.changes > 0 ? Math.ceil(history.contacts / CONTACTS_PER_UNIT) : 0;
    if (this.units > 0) this.pairs.begin();
  }

  /** CONTACTS_PER_UNIT contacts, in a row in which one at least has changed. */
  work(unit: number): void {
    const { contacts } = this.history;
    const first = unit * CONTACTS_PER_UNIT;
    const end = first + CONTACTS_PER_UNIT < contacts ? first + CONTACTS_PER_UNIT : contacts;
    for (let a = first; a < end; a++) {
      this.pairs.compare(a);
      if (this.isLearning) this.pairs.learnChange(a);
    }
  }

  /** Moves the smoothed number of strange pairs on. */
  private combine(): void {
    const { pairs } = this;
    if (this.units > 0 && pairs.strangeSwitchings > 0) {
      this.switchings = pairs.strangeSwitchings;
      this.switchingRows = EVENT_ROWS;
    }
    let strange = pairs.strangeStates + STRANGE_MAX * pairs.newStates;
    if (this.switchingRows > 0) {
      this.switchingRows--;
      strange += SWITCHING_SHARE * this.switchings;
    }
    if (strange > STRANGE_MAX) strange = STRANGE_MAX;
    this.smoothed += SMOOTHING * (strange - this.smoothed);
  }

  learn(_row: ModelRow, progress: number): void {
    if (this.history.contacts === 0) return;
    this.combine();
    this.pairs.learnRow();
    this.members = 1;
    if (isSettled(progress)) this.tail.add(this.smoothed * progress);
  }

  calibrate(rowsPerAlarm: number): void {
    this.threshold = this.tail.threshold(rowsPerAlarm);
    this.pairs.freeze();
  }

  watch(): void {
    if (this.history.contacts === 0) return;
    this.combine();
    const limit = WINDUP_THRESHOLDS * this.threshold;
    if (this.smoothed > limit) this.smoothed = limit;
    this.score = this.smoothed / this.threshold;
    this.intensity = this.score;
  }

  restart(): void {
    this.smoothed = 0;
    this.switchingRows = 0;
    this.pairs.begin();
  }

  /** The two contacts. */
  explain(finding: Finding): void {
    const { pairs, history } = this;
    finding.channel[0] = history.firstInput + pairs.first;
    finding.channel[1] = history.firstInput + pairs.second;
    finding.channels = pairs.first === pairs.second ? 1 : 2;
    finding.observed = history.state[pairs.first];
  }

  archive(unit: number, archive: Archive): void {
    if (unit === 0) this.threshold = archive.number(this.threshold);
    this.pairs.archive(unit, archive);
  }
}
