/**
 * Scan time: a PLC writes its outputs once per scan, so their edges lie on a grid whose period and phase are its own.
 * Edges off the grid are another controller's, or the PLC runs another program.
 *
 *   learning        d_p = distance of the time between two edges of orders from a multiple of p, for each period p of 8
 *                   to 64 samples; the largest p with a mean of |d_p| <= 0.1 p (p / 4 where there is no grid), and not
 *                   above twice that of a smaller such p, is the scan's
 *   its second half phase followed; every contact whose edges all lie within 0.2 p of the grid is watched
 *   watching        an edge with |d| > 1.25 * largest learned |d| + one sample is off the grid; score = |d| over that
 *                   of a contact's last edge, once there were k of them in turn
 *
 * Twice: what makes orders keep to a grid coarser than the scan's (timers of whole seconds, a slow task) lets one in
 * many of them out. A coarser grid and its divisor are equally near to all edges, or it is not the scan's.
 * Rule of succession (Laplace): were n edges learned and none was off, the next is with the probability 1 / (n + 2) at
 * most. One edge alone is chance; k is the least number with which n r (n + 2)^-k <= 1 for n r edges in the time of one
 * alarm. Counted for each contact since its last edge on the grid, and over all contacts: another controller drives one
 * of them, another program all.
 *
 * The PLC's clock drifts against the capture's, so orders move the phase, t - d + 0.25 d, and the drift by normalised
 * least mean squares (Widrow and Hoff, 1960): drift += 0.2 d T / (T^2 + (10 s)^2), T since the edge before. An edge off
 * the grid moves neither; eight of them in turn that lie on one grid of the same period do: a PLC that was restarted
 * tells so once. After a start the phase is that of the last order until two in turn agree. Blocks of less than four
 * samples (recordings) are too coarse, and nothing is watched.
 * It takes no share of the alarm budget: by chance it alarms once in the time in which one share does, at most.
 * 48 bytes per contact, 130 for the candidate periods.
 */
import type { ContactSignal } from '../condition/contact-signal.js';
import { QUALITY_GOOD } from '../condition/quality.js';
import { SCAN_SAMPLES_MAX, SCAN_SAMPLES_MIN } from '../limits.js';
import type { Archive } from '../model/archive.js';
import type { ModelRow } from '../model/model-row.js';
import { DETECTOR_SCAN_TIME, type Finding } from './finding.js';
import { LINE_ORDER } from './line-kind.js';
import type { Ranking } from './ranking.js';
import type { RowDetector } from './row-detector.js';

const SAMPLES_MIN = 4;
/** Part of learning in which the period is sought before edges are placed on its grid. */
const SEEKING = 0.5;
/** Edges of orders that must have been seen to tell a grid from chance among all candidates. */
const ORDER_EDGES_MIN = 12;
const PERIOD_FIT = 0.1;
/** Mean distance from a coarser grid, in those from the scan's. */
const COARSER_FIT = 2;
/** A contact belongs to the grid when no edge was farther from it than this part of the period... */
const CONTACT_FIT = 0.2;
/** ...and when there were enough, of an order and of another contact: 0.5^16 is the chance of a sensor to pass. */
const EDGES_OF_ORDER_MIN = 3;
const EDGES_OF_CONTACT_MIN = 16;
const MARGIN = 1.25;
/** With a limit beyond this part of the period next to nothing could be off the grid. */
const LIMIT_MAX = 0.4;
const PHASE_GAIN = 0.25;
const DRIFT_GAIN = 0.2;
const DRIFT_TIME_US = 10e6;
/** What a contact's last edge told holds until the next one, and no longer than this. */
const HOLD_ROWS = 300;
/** Rows after a gap in which changes may have happened in blocks that were lost. */
const SETTLING_ROWS = 2;
const RELOCK_EDGES = 8;
/** Distances of so many edges fit their sums. */
const ORDER_EDGES_MAX = 2000;

/** Fields of one contact: 1 when it is watched. */
const FIELDS = 4;
const WATCHED = 0;
/** Watching: distance from the grid of the last edge off it, for how many rows it still tells, and how many in turn. */
const OFFSET = 1;
const HOLD = 2;
const OFF = 3;
/** Learning: largest distance from the grid, and edges seen. */
const WORST = OFFSET;
const EDGES = HOLD;

/** Watches when the outputs of a PLC move. */
export class ScanTimeDetector implements RowDetector {
  readonly id = DETECTOR_SCAN_TIME;
  readonly members = 0;
  score = 0;
  intensity = 0;
  readonly units: number;
  readonly unitCost = 400;
  readonly endsCost = 250;
  readonly archiveUnits: number;
  /** Period of the grid; 0 while none was found. */
  periodUs = 0;
  /** An edge farther from the grid than this is off it. */
  limitUs = Infinity;
  /** So many edges off the grid are no chance. */
  offMin = 1;
  private readonly signals: readonly ContactSignal[];
  private readonly kinds: readonly number[];
  /** Moment of the last change taken of each contact. */
  private readonly changedAtUs: number[] = [];
  private readonly state: Float64Array;
  private readonly ranking: Ranking;
  private readonly firstContact: number;
  private readonly sampleUs: number;
  private row: ModelRow | null = null;
  private settlingRows = SETTLING_ROWS;
  /** A point of the grid, -1 before any, and how much slower than ours the PLC's clock runs. */
  private phaseUs = -1;
  private drift = 0;
  /** False while a single edge tells the phase. */
  private isAgreed = false;
  /** Edges off the grid, of each contact since its last one on it. */
  private off = 0;
  /** A point of another grid, and how many edges in turn were on that one. */
  private otherUs = 0;
  private others = 0;
  /** True while an edge still tells. */
  private isTelling = false;
  private isLearning = true;
  /** Rows in which edges were placed while learning. */
  private placedRows = 0;
  // while the period is sought
  private isSeeking = true;
  private orderEdges = 0;
  private orderAtUs = -1;
  /** Sums of |d_p|, in samples. */
  private readonly distances: Uint16Array;

  /** `kinds[i]`: LINE_* of contact i; channel numbers count from `firstContact`; `samples` of a full block. */
  constructor(
    signals: readonly ContactSignal[],
    kinds: readonly number[],
    firstContact: number,
    samples: number,
    sampleUs: number,
    ranking: Ranking,
  ) {
    this.signals = signals;
    this.kinds = kinds;
    this.ranking = ranking;
    this.state = new Float64Array(kinds.length * FIELDS);
    for (let i = 0; i < kinds.length; i++) this.changedAtUs.push(0);
    this.firstContact = firstContact;
    this.sampleUs = sampleUs;
    this.units = samples >= SAMPLES_MIN && kinds.length > 0 ? 1 : 0;
    this.distances = new Uint16Array(SCAN_SAMPLES_MAX + 1);
    this.archiveUnits = kinds.length + 1;
  }

  begin(row: ModelRow, isLearning: boolean): void {
    this.row = row;
    this.isLearning = isLearning;
    if (row.isFresh) this.settlingRows = SETTLING_ROWS;
  }

  /** Contacts that have changed in the row. */
  work(): void {
    const { signals, kinds, changedAtUs: takenUs, row, firstContact } = this;
    if (row === null) return;
    const isSettling = this.settlingRows > 0;
    if (isSettling) this.settlingRows--;
    for (let i = 0; i < signals.length; i++) {
      const { changedAtUs } = signals[i];
      if (takenUs[i] === changedAtUs) continue;
      takenUs[i] = changedAtUs;
      if (isSettling) continue;
      // the moment at which a contact can be read again is no edge
      if (row.inputs[firstContact + i].quality !== QUALITY_GOOD) this.settlingRows = SETTLING_ROWS;
      else {
        if (this.isLearning && kinds[i] === LINE_ORDER) this.seek(changedAtUs);
        if (!this.isSeeking && this.periodUs > 0) this.place(i, changedAtUs);
      }
    }
  }

  /** An edge of an order while learning. */
  private seek(atUs: number): void {
    const { distances, orderAtUs, sampleUs } = this;
    this.orderAtUs = atUs;
    if (orderAtUs < 0) return;
    const apart = Math.round((atUs > orderAtUs ? atUs - orderAtUs : orderAtUs - atUs) / sampleUs);
    // orders that move together tell nothing
    if (apart < SCAN_SAMPLES_MIN || this.orderEdges >= ORDER_EDGES_MAX) return;
    this.orderEdges++;
    for (let p = SCAN_SAMPLES_MIN; p <= SCAN_SAMPLES_MAX; p++) {
      const after = apart % p;
      distances[p] += after + after > p ? p - after : after;
    }
    if (!this.isSeeking) this.choose();
  }

  /** The period by all edges of orders so far. On a grid that refines the one before, what was placed stays placed. */
  private choose(): void {
    const { distances, orderEdges, sampleUs } = this;
    if (orderEdges < ORDER_EDGES_MIN) return;
    let best = 0;
    for (let p = SCAN_SAMPLES_MIN; p <= SCAN_SAMPLES_MAX; p++)
      if (distances[p] <= PERIOD_FIT * p * orderEdges && (best === 0 || distances[p] <= COARSER_FIT * distances[best]))
        best = p;
    const before = this.periodUs;
    this.periodUs = best * sampleUs;
    if (best > 0 && before % this.periodUs === 0) return;
    this.phaseUs = -1;
    this.drift = 0;
    this.state.fill(0);
  }

  /** An edge once the period is known. */
  private place(contact: number, atUs: number): void {
    const { state, limitUs, isLearning } = this;
    const at = contact * FIELDS;
    const isOrder = this.kinds[contact] === LINE_ORDER;
    if (this.phaseUs < 0) {
      if (isOrder && (isLearning || state[at + WATCHED] === 1)) this.phaseUs = atUs;
      return;
    }
    const offsetUs = this.offset(atUs, this.phaseUs);
    const distanceUs = offsetUs < 0 ? -offsetUs : offsetUs;
    if (isLearning) {
      state[at + EDGES]++;
      if (distanceUs > state[at + WORST]) state[at + WORST] = distanceUs;
      if (isOrder) this.follow(atUs, offsetUs);
      return;
    }
    if (state[at + WATCHED] === 0) return;
    if (distanceUs <= limitUs) {
      this.off -= state[at + OFF];
      state[at + OFF] = 0;
      state[at + HOLD] = 0;
      this.others = 0;
      if (!isOrder) return;
      this.isAgreed = true;
      this.follow(atUs, offsetUs);
    } else if (this.isAgreed) {
      this.off++;
      state[at + OFF]++;
      state[at + OFFSET] = offsetUs;
      state[at + HOLD] = HOLD_ROWS;
      this.isTelling = true;
      this.followOther(atUs);
    } else if (isOrder) this.phaseUs = atUs;
  }

  /** Distance of `atUs` from the grid through `phaseUs`. */
  private offset(atUs: number, phaseUs: number): number {
    const { periodUs } = this;
    const scans = ((atUs - phaseUs) * (1 - this.drift)) / periodUs;
    return (scans - Math.floor(scans + 0.5)) * periodUs;
  }

  /** An edge on the grid: phase and drift follow it. */
  private follow(atUs: number, offsetUs: number): void {
    const apartUs = atUs - this.phaseUs;
    this.phaseUs = atUs - (1 - PHASE_GAIN) * offsetUs;
    this.drift += (DRIFT_GAIN * offsetUs * apartUs) / (apartUs * apartUs + DRIFT_TIME_US * DRIFT_TIME_US);
  }

  /** An edge off the grid: enough of them on one other grid make it the grid. */
  private followOther(atUs: number): void {
    const offsetUs = this.offset(atUs, this.otherUs);
    const isOnOther = offsetUs <= this.limitUs && offsetUs >= -this.limitUs;
    this.others = this.others > 0 && isOnOther ? this.others + 1 : 1;
    this.otherUs = atUs;
    if (this.others < RELOCK_EDGES) return;
    this.phaseUs = atUs;
    this.others = 0;
    this.off = 0;
    for (let at = OFF; at < this.state.length; at += FIELDS) this.state[at] = 0;
  }

  learn(_row: ModelRow, progress: number): void {
    if (progress < SEEKING) return;
    this.placedRows++;
    if (!this.isSeeking) return;
    this.isSeeking = false;
    this.choose();
  }

  watch(): void {
    const { state, limitUs } = this;
    if (!this.isTelling) {
      this.score = 0;
      this.intensity = 0;
      return;
    }
    this.isTelling = false;
    let most = 0;
    for (let at = 0; at < state.length; at += FIELDS) {
      const hold = state[at + HOLD];
      if (hold === 0) continue;
      state[at + HOLD] = hold - 1;
      this.isTelling = true;
      const offset = state[at + OFFSET];
      if (offset > most) most = offset;
      else if (-offset > most) most = -offset;
    }
    const { off, offMin } = this;
    this.score = off < offMin ? off / offMin : most / limitUs;
    this.intensity = this.score;
  }

  /** The grid goes on over a gap: the clock does. */
  restart(): void {
    const { state } = this;
    this.score = 0;
    this.intensity = 0;
    for (let at = 0; at < state.length; at += FIELDS) state[at + HOLD] = 0;
  }

  calibrate(rowsPerAlarm: number): void {
    const { state, kinds, periodUs } = this;
    let worstUs = 0;
    let watched = 0;
    let edges = 0;
    for (let i = 0; i < kinds.length; i++) {
      const at = i * FIELDS;
      const isEnough = state[at + EDGES] >= (kinds[i] === LINE_ORDER ? EDGES_OF_ORDER_MIN : EDGES_OF_CONTACT_MIN);
      if (!isEnough || state[at + WORST] > CONTACT_FIT * periodUs) continue;
      state[at + WATCHED] = 1;
      watched++;
      edges += state[at + EDGES];
      if (state[at + WORST] > worstUs) worstUs = state[at + WORST];
    }
    this.isAgreed = true;
    let chance = (edges * rowsPerAlarm) / (this.placedRows * (edges + 2));
    for (; chance > 1; chance /= edges + 2) this.offMin++;
    this.limitUs = MARGIN * worstUs + this.sampleUs;
    if (watched > 0 && this.limitUs <= LIMIT_MAX * periodUs) return;
    this.periodUs = 0;
  }

  /** Expected and observed: microseconds from the grid. */
  explain(finding: Finding): void {
    const { state, kinds, ranking, limitUs } = this;
    for (let i = 0; i < kinds.length; i++) {
      const offset = state[i * FIELDS + HOLD] > 0 ? state[i * FIELDS + OFFSET] : 0;
      ranking.telling[i] = (offset < 0 ? -offset : offset) / limitUs;
    }
    const worst = ranking.name(finding, kinds.length, this.firstContact);
    finding.expectedLow = -limitUs;
    finding.expectedHigh = limitUs;
    finding.observed = state[worst * FIELDS + OFFSET];
    finding.onsetUs = this.changedAtUs[worst];
  }

  /** The phase is not kept: it is found again with the first edge. */
  archive(unit: number, archive: Archive): void {
    const { state } = this;
    if (unit < this.kinds.length) {
      const at = unit * FIELDS;
      state[at + WATCHED] = archive.uint16(state[at + WATCHED]);
    } else {
      this.periodUs = archive.number(this.periodUs);
      this.limitUs = archive.number(this.limitUs);
      this.offMin = archive.uint16(this.offMin);
      this.drift = archive.number(this.drift);
      if (archive.isLoading) this.isSeeking = false;
    }
  }
}
