/**
 * Guards of contacts: a contact that follows a level switches at a narrow band of it (`model/switch-bands.ts`). With
 * the band [a, b] of n switchings, a channel of range R, its value x in the row before the contact switched:
 *
 *   switched outside   z = distance of x outside [a, b] / (0.02 R + (b - a) / 2 (1 + 4 / n)), held for ten rows
 *   did not switch     z = how far x is beyond the state's whole range, on the guard's side / (0.02 R + 2 (b - a) / n),
 *                      while it is
 *
 * A state ends within the band, so that the end of its range is the most extreme of n values that are (b - a) / n
 * apart: the next one may lie beyond it by as much.
 * While learning a switching is compared before it is learned. A learned contact costs 76 bytes.
 */
import { knownValues, leftGuard } from '../base/kernels.js';
import { EVENT_CLUSTERS_MAX } from '../limits.js';
import type { Archive } from '../model/archive.js';
import type { ContactHistory } from '../model/contact-history.js';
import type { ModelRow } from '../model/model-row.js';
import {
  BAND_HIGH,
  BAND_LOW,
  GUARD_FIELDS,
  GUARD_NONE,
  GUARDS_MAX,
  STATE_HIGH,
  STATE_LOW,
  SWITCHINGS_MIN,
  SwitchBands,
} from '../model/switch-bands.js';
import { Tail } from '../model/tail.js';
import { HeldEvent, isSettled } from './contact-events.js';
import { DETECTOR_GUARD, type Finding } from './finding.js';
import type { RowDetector } from './row-detector.js';

const NEWNESS = 4;
const SCORE_FLOOR = 1.5;
/** Computrons of the unit of all contacts that keep their states, about, and of each of them. */
const LEARN_COST = 100;
const LEARN_CONTACT_COST = 60;
const WATCH_COST = 100;
const WATCH_CONTACT_COST = 10;
/** Of one whose contact has switched, more than that. */
const LEARN_SWITCH_COST = 3500;
const WATCH_SWITCH_COST = 250;
/** Of beginning and end together. */
const LEARN_ENDS_COST = 500;
const WATCH_ENDS_COST = 300;

/** Scores where contacts switch, and where they should have. */
export class GuardDetector implements RowDetector {
  readonly id = DETECTOR_GUARD;
  members = 0;
  score = 0;
  intensity = 0;
  units = 0;
  unitCost = 0;
  endsCost = 0;
  readonly archiveUnits: number;
  private readonly history: ContactHistory;
  private readonly bands: SwitchBands;
  private readonly tail = new Tail(SCORE_FLOOR, EVENT_CLUSTERS_MAX);
  private threshold = Infinity;
  private row: ModelRow;
  private isLearning = true;
  /** Values of the row before; NaN where there is none. */
  private readonly values: Float64Array;
  /** Contacts looked at so far for those that have switched in the row under way. */
  private looked = 0;
  /** A switching outside its band. */
  private readonly held = new HeldEvent();
  /** Largest distance in the row under way. */
  private distance = 0;
  /** Subject of the distance told last. */
  private contact = 0;
  private guard = 0;
  private observed = 0;

  /** `channels` analog channels lead the inputs of a row. */
  constructor(history: ContactHistory, row: ModelRow) {
    this.history = history;
    this.row = row;
    this.bands = new SwitchBands(history, history.firstInput);
    this.archiveUnits = history.contacts;
    this.values = new Float64Array(history.firstInput).fill(NaN);
  }

  begin(row: ModelRow, isLearning: boolean): void {
    const { history } = this;
    this.row = row;
    this.isLearning = isLearning;
    this.distance = 0;
    this.looked = 0;
    this.units = history.firstInput > 0 && history.contacts > 0 ? 1 + history.changes : 0;
    this.unitCost = this.restCost();
    this.endsCost =
      history.changes * (isLearning ? LEARN_SWITCH_COST : WATCH_SWITCH_COST) +
      (isLearning ? LEARN_ENDS_COST : WATCH_ENDS_COST);
    if (isLearning && this.units > 0) this.bands.learnRanges(row);
    if (row.isFresh) this.forget();
  }

  private restCost(): number {
    const { contacts } = this.history;
    return this.isLearning ? LEARN_COST + LEARN_CONTACT_COST * contacts : WATCH_COST + WATCH_CONTACT_COST * contacts;
  }

  /** First all contacts that keep their states, then the others, one in each unit. */
  work(unit: number): void {
    const { isLearning, bands } = this;
    if (unit === 0) {
      this.unitCost = this.restCost();
      this.watchStates();
      if (isLearning) bands.learnStates();
      return;
    }
    this.unitCost = isLearning ? LEARN_SWITCH_COST : WATCH_SWITCH_COST;
    const { history } = this;
    const { state, before, contacts } = history;
    let q = this.looked;
    while (q < contacts && state[q] === before[q]) q++;
    this.looked = q + 1;
    if (q === contacts) return;
    if (history.hasSwitched(q)) this.watchSwitch(q);
    if (isLearning && bands.learnSwitch(q, this.values)) this.members = 1;
  }

  /** A contact has switched: were the channels that guard it where they always were? */
  private watchSwitch(q: number): void {
    const { bands, values } = this;
    const state = 2 * q + this.history.before[q];
    if (bands.switchings[state] < SWITCHINGS_MIN) return;
    for (let g = state * GUARDS_MAX; g < (state + 1) * GUARDS_MAX; g++) {
      const j = bands.channel[g];
      if (j === GUARD_NONE) continue;
      const x = values[j];
      const low = bands.guards[g * GUARD_FIELDS + BAND_LOW];
      const high = bands.guards[g * GUARD_FIELDS + BAND_HIGH];
      const distance = x < low ? low - x : x > high ? x - high : 0;
      const z = distance / (bands.unit(j) + 0.5 * (high - low) + 0.5 * NEWNESS * bands.spacing(g));
      if (z > 0 && this.held.hold(z) && z >= this.distance) this.name(q, g, x);
    }
  }

  /** Contacts keep their states: is a channel that guards one where the state always had ended? */
  private watchStates(): void {
    const { bands, row, history } = this;
    const { channel, guards } = bands;
    const { values, qualities } = row;
    let next = 0;
    while (true) {
      const g = leftGuard(next, history.state, history.before, values, qualities, channel, guards);
      if (g < 0) return;
      next = g + 1;
      const j = channel[g];
      const x = values[j];
      const at = g * GUARD_FIELDS;
      const low = guards[at + STATE_LOW];
      const high = guards[at + STATE_HIGH];
      const isAbove = guards[at + BAND_LOW] + guards[at + BAND_HIGH] > low + high;
      const z = (isAbove ? x - high : low - x) / (bands.unit(j) + 0.5 * NEWNESS * bands.spacing(g));
      if (z <= this.distance) continue;
      this.distance = z;
      if (this.held.isLargest(z)) this.name(Math.floor(g / (2 * GUARDS_MAX)), g, x);
    }
  }

  private name(q: number, guard: number, observed: number): void {
    this.contact = q;
    this.guard = guard;
    this.observed = observed;
  }

  /** Distance of the row; its values become those of the row before. */
  private combine(): number {
    const { row } = this;
    knownValues(row.values, row.qualities, this.values);
    return this.held.endRow(this.distance);
  }

  learn(_row: ModelRow, progress: number): void {
    if (this.units === 0) return;
    const distance = this.combine();
    if (isSettled(progress)) this.tail.add(distance * progress);
  }

  calibrate(rowsPerAlarm: number): void {
    this.threshold = this.tail.threshold(rowsPerAlarm);
    this.bands.freeze();
  }

  watch(): void {
    if (this.units === 0) return;
    this.score = this.combine() / this.threshold;
    this.intensity = this.score;
  }

  restart(): void {
    this.held.restart();
    this.distance = 0;
    this.forget();
  }

  private forget(): void {
    for (let j = 0; j < this.values.length; j++) this.values[j] = NaN;
  }

  /** The contact and its guard; the band at which it switches, and where it did or did not. */
  explain(finding: Finding): void {
    const { bands, guard } = this;
    finding.channel[0] = this.history.firstInput + this.contact;
    finding.channel[1] = bands.channel[guard];
    finding.channels = 2;
    finding.expectedLow = bands.guards[guard * GUARD_FIELDS + BAND_LOW];
    finding.expectedHigh = bands.guards[guard * GUARD_FIELDS + BAND_HIGH];
    finding.observed = this.observed;
  }

  archive(unit: number, archive: Archive): void {
    if (unit === 0) this.threshold = archive.number(this.threshold);
    this.bands.archive(unit, archive);
  }
}
