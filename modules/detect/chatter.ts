/**
 * Chatter: more edges of a contact per time than while learning; a loose terminal, a worn contact, a relay that is
 * driven to death.
 *   c = EWMA(0.05) of raw edges per row, bounces included
 *   score = max over contacts of c / (2 * largest c while learning + 0.5)
 * A contact that never moved while learning may move with its bounces now and then: half an edge per row allows for it.
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

const SHARE = 0.05;
const MARGIN = 2;
const EDGES_MIN = 0.5;
/** The EWMA is held below this many thresholds, so that it does not ring on. */
const WINDUP_THRESHOLDS = 3;
/** An EWMA below this has died away. */
const NEGLIGIBLE = 1e-3;

/** Fields of one contact: rate (c), raw edges so far, the rate that alarms (while learning the largest so far). */
const FIELDS = 3;
const RATE = 0;
const EDGES = 1;
const LIMIT = 2;

/** Watches the edges of contacts. */
export class ChatterDetector implements RowDetector {
  readonly id = DETECTOR_CHATTER;
  readonly members = 0;
  score = 0;
  intensity = 0;
  readonly units = 0;
  readonly leadingUnits = 0;
  readonly archiveUnits: number;
  private readonly signals: readonly ContactSignal[];
  private readonly kinds: readonly number[];
  private readonly firstContact: number;
  private readonly state: Float64Array;
  private readonly ranking: Ranking;
  private isLearning = true;
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

  /** Takes the edges of the row: cheap enough to need no unit of work. */
  begin(_row: ModelRow, isLearning: boolean): void {
    const { signals, state } = this;
    this.isLearning = isLearning;
    let score = 0;
    for (let i = 0; i < signals.length; i++) {
      const at = i * FIELDS;
      const { edges } = signals[i];
      const rate = state[at];
      if (rate === 0 && edges === state[at + EDGES]) continue;
      const told = this.advance(i, rate + SHARE * (edges - state[at + EDGES] - rate));
      state[at + EDGES] = edges;
      if (told > score) score = told;
    }
    this.told = score;
  }

  /** Moves the rate of a contact on; its score. */
  private advance(contact: number, next: number): number {
    const { state, kinds } = this;
    const at = contact * FIELDS;
    if (kinds[contact] === LINE_PULSE) return 0;
    let rate = next < NEGLIGIBLE ? 0 : next;
    const limit = state[at + LIMIT];
    if (this.isLearning) {
      if (rate > limit) state[at + LIMIT] = rate;
      state[at] = rate;
      return 0;
    }
    if (rate > WINDUP_THRESHOLDS * limit) rate = WINDUP_THRESHOLDS * limit;
    state[at] = rate;
    return rate / limit;
  }

  work(): void {}

  learn(): void {}

  watch(): void {
    this.score = this.told;
    this.intensity = this.told;
  }

  restart(): void {
    const { state } = this;
    this.score = 0;
    this.intensity = 0;
    for (let at = 0; at < state.length; at += FIELDS) state[at + RATE] = 0;
  }

  calibrate(): void {
    const { state } = this;
    for (let at = 0; at < state.length; at += FIELDS) state[at + LIMIT] = MARGIN * state[at + LIMIT] + EDGES_MIN;
  }

  /** Expected and observed: edges per row. */
  explain(finding: Finding): void {
    const { state, kinds, ranking } = this;
    for (let i = 0; i < kinds.length; i++) ranking.telling[i] = state[i * FIELDS + RATE] / state[i * FIELDS + LIMIT];
    const worst = ranking.name(finding, kinds.length, this.firstContact);
    finding.incidentClass = kinds[worst] === LINE_ORDER ? CLASS_ATTACK : CLASS_FAULT;
    finding.expectedLow = 0;
    finding.expectedHigh = state[worst * FIELDS + LIMIT];
    finding.observed = state[worst * FIELDS + RATE];
  }

  archive(unit: number, archive: Archive): void {
    const { state } = this;
    state[unit * FIELDS + LIMIT] = archive.number(state[unit * FIELDS + LIMIT]);
  }
}
