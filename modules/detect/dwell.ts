/**
 * Dwell of contacts: how long each state of each contact lasts, and how long from one closing to the next.
 * With the shortest s and the longest l of n dwells learned, d rows are
 *
 *   z = distance of ln d outside [ln s, ln l] / (0.1 + (ln l - ln s) / 2 (1 + 4 / n))
 *
 * with one row's grace for the sampling. Too short is known when the state ends, and held for ten rows; too long grows
 * while it lasts and ends with it (a period that was too long says nothing more). While learning a dwell is compared
 * before it is learned.
 * A line of no pair whose states both last less than ten seconds, and never twice as long as at the shortest, shows
 * that a program runs (a PLC's pulse of life): where it stands still the program stands still, which a restart does,
 * too: a fault.
 * 52 bytes per contact.
 */
import { ln } from '../base/elementary.js';
import { longDwell } from '../base/kernels.js';
import { EVENT_CLUSTERS_MAX } from '../limits.js';
import type { Archive } from '../model/archive.js';
import type { ContactHistory } from '../model/contact-history.js';
import type { ModelRow } from '../model/model-row.js';
import { Tail } from '../model/tail.js';
import { HeldEvent, isSettled } from './contact-events.js';
import { CLASS_FAULT, DETECTOR_DWELL, type Finding } from './finding.js';
import type { RowDetector } from './row-detector.js';

/** What is timed of a contact: open, closed, and from closing to closing. */
const TIMED = 3;
const PERIOD = 2;
const FIELDS = 3;
const SHORTEST = 0;
const LONGEST = 1;
const COUNT = 2;
/** Dwells that must be known before others are compared with them. */
const DWELLS_MIN = 4;
/** Smallest unit of distance, in ln rows. */
const UNIT_MIN = 0.1;
const NEWNESS = 4;
const SCORE_FLOOR = 1.5;
const CONTACTS_PER_UNIT = 2;
/** Computrons, about: of a unit of them in a row with changes; of the one in a row without; of beginning and end. */
const CHANGE_COST = 350;
const REST_COST = 60;
const REST_CONTACT_COST = 5;
const ENDS_COST = 300;
const ENDS_CHANGE_COST = 100;
/** States of a pulse of life: longest in seconds, and in parts of the shortest. */
const PULSE_S_MAX = 10;
const PULSE_SPREAD_MAX = 2;

/** Scores how long contacts keep their states. */
export class DwellDetector implements RowDetector {
  readonly id = DETECTOR_DWELL;
  members = 0;
  score = 0;
  intensity = 0;
  units = 0;
  unitCost = 0;
  endsCost = 0;
  readonly archiveUnits = 1;
  private readonly history: ContactHistory;
  private readonly rowSeconds: number;
  private readonly paired: readonly boolean[];
  private readonly tail = new Tail(SCORE_FLOOR, EVENT_CLUSTERS_MAX);
  private threshold = Infinity;
  /** Shortest, longest and number, of whatever is timed of each contact. */
  private readonly dwells: Float32Array;
  /** Rows since the last closing of each contact; 0 when it was not seen. */
  private readonly sinceClosing: number[] = [];
  private isLearning = true;
  /** A dwell that ended. */
  private readonly held = new HeldEvent();
  /** Largest distance in the row under way. */
  private distance = 0;
  /** Subject of the largest distance told last: contact, what was timed, rows. */
  private contact = 0;
  private timed = 0;
  private rows = 0;

  /** Advances `history`: no other detector of contacts may come before it. `paired`: contacts that are no pulse. */
  constructor(history: ContactHistory, rowSeconds: number, paired: readonly boolean[]) {
    this.paired = paired;
    this.rowSeconds = rowSeconds;
    this.history = history;
    this.dwells = new Float32Array(FIELDS * TIMED * history.contacts);
    for (let i = 0; i < history.contacts; i++) this.sinceClosing.push(0);
  }

  begin(row: ModelRow, isLearning: boolean): void {
    this.isLearning = isLearning;
    const { history } = this;
    history.advance(row, isLearning);
    this.distance = 0;
    const isChange = history.changes > 0;
    const { contacts } = history;
    this.units = contacts === 0 ? 0 : isChange ? Math.ceil(contacts / CONTACTS_PER_UNIT) : 1;
    this.unitCost = isChange ? CHANGE_COST : REST_COST + contacts * REST_CONTACT_COST;
    this.endsCost = isChange ? ENDS_COST + contacts * ENDS_CHANGE_COST : ENDS_COST;
  }

  /** CONTACTS_PER_UNIT contacts; all of them where none has changed. */
  work(unit: number): void {
    const { history, sinceClosing, dwells } = this;
    if (history.changes === 0) {
      this.watchStates();
      return;
    }
    const { contacts, state, before, changes } = history;
    const first = unit * CONTACTS_PER_UNIT;
    const end = first + CONTACTS_PER_UNIT < contacts ? first + CONTACTS_PER_UNIT : contacts;
    for (let i = first; i < end; i++) {
      if (changes > 0 && state[i] !== before[i]) this.endDwell(i);
      else if (sinceClosing[i] > 0) sinceClosing[i]++;
      const dwell = history.dwell(i);
      if (dwell > 0 && dwell > dwells[entry(i, state[i]) + LONGEST] + 1) this.tell(i, state[i], dwell);
    }
  }

  /** No contact changes: does one of them keep its state for longer than ever? */
  private watchStates(): void {
    const { history, sinceClosing, dwells } = this;
    const { state, lasted, kept } = history;
    let i = longDwell(0, sinceClosing, state, lasted, kept, dwells);
    while (i >= 0) {
      this.tell(i, state[i], lasted[i]);
      i = longDwell(i + 1, sinceClosing, state, lasted, kept, dwells);
    }
  }

  /** The state of contact i has ended, or it is not known any more. */
  private endDwell(i: number): void {
    const { history, sinceClosing } = this;
    if (!history.hasSwitched(i)) {
      sinceClosing[i] = 0;
      return;
    }
    if (history.ended[i] > 0) this.time(i, history.before[i], history.ended[i]);
    if (history.state[i] === 0) {
      if (sinceClosing[i] > 0) sinceClosing[i]++;
      return;
    }
    if (sinceClosing[i] > 0) this.time(i, PERIOD, sinceClosing[i]);
    sinceClosing[i] = 1;
  }

  /** Something timed has ended after `rows`: compared, then learned. */
  private time(i: number, timed: number, rows: number): void {
    const { dwells, isLearning } = this;
    const at = entry(i, timed);
    const z = this.outside(at, rows);
    if (z > 0 && rows < dwells[at + LONGEST] && this.held.hold(z)) this.name(i, timed, rows);
    if (!isLearning) return;
    if (dwells[at + COUNT] === 0 || rows < dwells[at + SHORTEST]) dwells[at + SHORTEST] = rows;
    if (rows > dwells[at + LONGEST]) dwells[at + LONGEST] = rows;
    dwells[at + COUNT]++;
  }

  /** A state that lasts longer than ever. */
  private tell(i: number, timed: number, rows: number): void {
    const z = this.outside(entry(i, timed), rows);
    if (z <= this.distance) return;
    this.distance = z;
    if (this.held.isLargest(z)) this.name(i, timed, rows);
  }

  private name(i: number, timed: number, rows: number): void {
    this.contact = i;
    this.timed = timed;
    this.rows = rows;
  }

  /** Distance of `rows` outside what was learned. */
  private outside(at: number, rows: number): number {
    const { dwells } = this;
    const count = dwells[at + COUNT];
    const shortest = dwells[at + SHORTEST];
    const longest = dwells[at + LONGEST];
    if (count < DWELLS_MIN || (rows + 1 >= shortest && rows - 1 <= longest)) return 0;
    const low = ln(shortest);
    const high = ln(longest);
    const unit = UNIT_MIN + 0.5 * (high - low) * (1 + NEWNESS / count);
    return (rows < shortest ? low - ln(rows + 1) : ln(rows - 1) - high) / unit;
  }

  learn(_row: ModelRow, progress: number): void {
    const distance = this.held.endRow(this.distance);
    if (isSettled(progress)) this.tail.add(distance * progress);
    this.members = this.history.contacts > 0 ? 1 : 0;
  }

  calibrate(rowsPerAlarm: number): void {
    const { history, dwells } = this;
    this.threshold = this.tail.threshold(rowsPerAlarm);
    // a dwell that has not ended yet is as long as that at least
    for (let i = 0; i < history.contacts; i++) {
      const state = history.state[i];
      if (state >= 0 && history.lasted[i] > dwells[entry(i, state) + LONGEST])
        dwells[entry(i, state) + LONGEST] = history.lasted[i];
    }
  }

  watch(): void {
    this.score = this.held.endRow(this.distance) / this.threshold;
    this.intensity = this.score;
  }

  restart(): void {
    const { history, sinceClosing } = this;
    history.restart();
    for (let i = 0; i < history.contacts; i++) sinceClosing[i] = 0;
    this.held.restart();
    this.distance = 0;
  }

  /** True where the state of contact i has lasted longer than ever. */
  isStill(i: number): boolean {
    const { history } = this;
    const rows = history.dwell(i);
    return rows > 0 && rows > this.dwells[entry(i, history.state[i]) + LONGEST] + 1;
  }

  /** True where contact i is a pulse of life. */
  isPulse(i: number): boolean {
    const { dwells, rowSeconds } = this;
    if (this.paired[i]) return false;
    for (let timed = 0; timed < PERIOD; timed++) {
      const at = entry(i, timed);
      if (dwells[at + COUNT] < DWELLS_MIN || dwells[at + LONGEST] * rowSeconds > PULSE_S_MAX) return false;
      // to a row, as they are known
      if (dwells[at + LONGEST] - 1 >= PULSE_SPREAD_MAX * (dwells[at + SHORTEST] + 1)) return false;
    }
    return true;
  }

  /** The contact; expected and observed in seconds. */
  explain(finding: Finding): void {
    const at = entry(this.contact, this.timed);
    finding.channel[0] = this.history.firstInput + this.contact;
    finding.channels = 1;
    finding.expectedLow = this.dwells[at + SHORTEST] * this.rowSeconds;
    finding.expectedHigh = this.dwells[at + LONGEST] * this.rowSeconds;
    finding.observed = this.rows * this.rowSeconds;
    if (this.timed !== PERIOD && this.rows > this.dwells[at + LONGEST] && this.isPulse(this.contact))
      finding.incidentClass = CLASS_FAULT;
  }

  archive(_unit: number, archive: Archive): void {
    const { dwells, history } = this;
    this.threshold = archive.number(this.threshold);
    for (let i = 0; i < history.contacts; i++) history.archive(i, archive);
    for (let i = 0; i < dwells.length; i++) dwells[i] = archive.number(dwells[i]);
  }
}

function entry(contact: number, timed: number): number {
  return FIELDS * (TIMED * contact + timed);
}
