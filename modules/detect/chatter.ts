/**
 * Chatter: more edges of a contact per time than while learning; a loose terminal, a worn contact, a relay that is
 * driven to death.
 *   c = raw edges in 20 rows, bounces included
 *   score = max over contacts of c / (2 * largest c while learning + 10)
 * Contacts take turns: each is counted every 20 rows, whichever row that is. One that never moved while learning may
 * move with its bounces now and then: ten edges allow for it.
 * Pulse lines are no contacts: their edges are a measurement. Chatter of an order is consistent with an attack, that of
 * any other contact with a fault.
 * The threshold has its margin from the learned extreme: it takes no share of the alarm budget.
 * 24 bytes per contact.
 */
import type { ContactSignal } from '../condition/contact-signal.js';
import type { Archive } from '../model/archive.js';
import type { ModelRow } from '../model/model-row.js';
import { CLASS_ATTACK, CLASS_FAULT, DETECTOR_CHATTER, type Finding } from './finding.js';
import { LINE_ORDER, LINE_PULSE } from './line-kind.js';
import type { Ranking } from './ranking.js';
import type { RowDetector } from './row-detector.js';

const WINDOW_ROWS = 20;
const MARGIN = 2;
const EDGES_MIN = 10;

/** Fields of one contact: raw edges at the end of its last window, edges in it, and how many alarm (learning: most). */
const FIELDS = 3;
const COUNT = 1;
const LIMIT = 2;

/** Watches the edges of contacts. */
export class ChatterDetector implements RowDetector {
  readonly id = DETECTOR_CHATTER;
  readonly members = 0;
  score = 0;
  intensity = 0;
  readonly units = 1;
  readonly unitCost = 150;
  readonly endsCost = 250;
  readonly archiveUnits: number;
  private readonly signals: readonly ContactSignal[];
  private readonly kinds: readonly number[];
  private readonly firstContact: number;
  private readonly state: Float64Array;
  private readonly ranking: Ranking;
  private isLearning = true;
  private turn = 0;
  /** Rows until every window has begun after the last gap. */
  private gapRows = WINDOW_ROWS;
  /** The contact that tells most, and how much. */
  private worst = 0;
  private told = 0;

  /** `kinds[i]`: LINE_* of contact i. Channel numbers count from `firstContact`. */
  constructor(signals: readonly ContactSignal[], kinds: readonly number[], firstContact: number, ranking: Ranking) {
    this.signals = signals;
    this.kinds = kinds;
    this.firstContact = firstContact;
    this.ranking = ranking;
    this.state = new Float64Array(kinds.length * FIELDS);
    this.archiveUnits = kinds.length;
  }

  begin(row: ModelRow, isLearning: boolean): void {
    this.isLearning = isLearning;
    if (row.isFresh) this.gapRows = WINDOW_ROWS;
  }

  /** The contacts whose window ends in this row. */
  work(): void {
    const { turn, kinds } = this;
    for (let i = turn; i < kinds.length; i += WINDOW_ROWS) if (kinds[i] !== LINE_PULSE) this.count(i);
    this.turn = turn + 1 < WINDOW_ROWS ? turn + 1 : 0;
    if (this.gapRows > 0) this.gapRows--;
  }

  private count(contact: number): void {
    const { state } = this;
    const { edges } = this.signals[contact];
    const at = contact * FIELDS;
    const count = edges - state[at];
    state[at] = edges;
    // a window with a gap in it is none
    if (this.gapRows > 0) return;
    state[at + COUNT] = count;
    if (this.isLearning) {
      if (count > state[at + LIMIT]) state[at + LIMIT] = count;
      return;
    }
    const told = count / state[at + LIMIT];
    if (told < this.told && contact !== this.worst) return;
    this.told = told;
    this.worst = contact;
  }

  learn(): void {}

  watch(): void {
    this.score = this.told;
    this.intensity = this.told;
  }

  restart(): void {
    this.score = 0;
    this.intensity = 0;
    this.told = 0;
    this.turn = 0;
    this.gapRows = WINDOW_ROWS;
  }

  calibrate(): void {
    const { state } = this;
    for (let at = 0; at < state.length; at += FIELDS) state[at + LIMIT] = MARGIN * state[at + LIMIT] + EDGES_MIN;
  }

  /** Expected and observed: edges in 20 rows. */
  explain(finding: Finding): void {
    const { state, kinds, ranking } = this;
    for (let i = 0; i < kinds.length; i++) ranking.telling[i] = state[i * FIELDS + COUNT] / state[i * FIELDS + LIMIT];
    const worst = ranking.name(finding, kinds.length, this.firstContact);
    finding.incidentClass = kinds[worst] === LINE_ORDER ? CLASS_ATTACK : CLASS_FAULT;
    finding.expectedLow = 0;
    finding.expectedHigh = state[worst * FIELDS + LIMIT];
    finding.observed = state[worst * FIELDS + COUNT];
  }

  archive(unit: number, archive: Archive): void {
    const { state } = this;
    state[unit * FIELDS + LIMIT] = archive.number(state[unit * FIELDS + LIMIT]);
  }
}
