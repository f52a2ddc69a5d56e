/**
 * Which contacts change how fast a channel moves. A condition is a contact, or the sign of another channel's slope
 * (`slopes.ts`). With the slope S one row before a condition changed and 2 h rows after:
 *
 *   answer   mean of |S(after) - S(before)| over the changes / mean of the same between any two rows so far apart
 *
 * A condition whose answer is 2 or more is a cause; a channel has at most three, the largest answers first, and none
 * that changes together with one chosen before in nine of ten times. The delay is the number of rows after which nine
 * tenths of the causes' largest mean answer are reached. While learning 6 A + 2 Z bytes per condition for A channels
 * and Z conditions and 160 bytes per channel; then 4 bytes per channel.
 */
import type { Archive } from './archive.js';
import type { ContactHistory } from './contact-history.js';
import { HORIZON_MAX, type Slopes, STANDING_STATE } from './slopes.js';

/** Causes of a channel. */
export const CAUSES_MAX = 3;
export const CAUSE_NONE = 255;

const ANSWER_MIN = 2;
const CHANGES_MIN = 4;
/** Changes of a condition in all of learning below which it is dropped in the end: six of each kind. */
const PROVEN_CHANGES_MIN = 12;
const TOGETHER_ROWS = 2;
const TOGETHER_SHARE = 0.9;
/** Longest delay. */
const DELAY_MAX = HORIZON_MAX + 8;
const ANSWERED = 0.9;
const AGE_MAX = 255;

/** Conditions, and which of them are causes. */
export class SlopeCauses {
  /** Contacts first, then one for each channel. */
  readonly conditions: number;
  readonly state: number[] = [];
  /** Rows since the condition changed: 0 in the row in which it did. */
  readonly age: number[] = [];
  /** Entry CAUSES_MAX q + k. */
  readonly cause: Uint8Array;
  /** Rows after a change of a cause in which the slope of channel q is on its way. */
  readonly delay: Uint8Array;
  private readonly history: ContactHistory;
  private readonly slopes: Slopes;
  private counts: AnswerCounts | null;

  constructor(history: ContactHistory, slopes: Slopes) {
    const { channels } = slopes;
    this.history = history;
    this.slopes = slopes;
    this.conditions = history.contacts + channels;
    this.cause = new Uint8Array(channels * CAUSES_MAX).fill(CAUSE_NONE);
    this.delay = new Uint8Array(channels);
    this.counts = new AnswerCounts(channels, this.conditions);
    for (let z = 0; z < this.conditions; z++) {
      this.state.push(STANDING_STATE);
      this.age.push(AGE_MAX);
    }
  }

  /** Takes the conditions of a row in. */
  advance(isLearning: boolean): void {
    const { history, slopes, conditions, state, age } = this;
    const { contacts } = history;
    for (let z = 0; z < conditions; z++) {
      const is = z < contacts ? history.state[z] : slopes.state[z - contacts];
      if (age[z] < AGE_MAX) age[z]++;
      if (is === state[z] || is < 0) continue;
      state[z] = is;
      age[z] = 0;
    }
    if (isLearning) this.learnTogether();
  }

  /** Which conditions changed just before those that change now, or with them. */
  private learnTogether(): void {
    const { conditions, age, counts } = this;
    if (counts === null) return;
    for (let z = 0; z < conditions; z++) {
      if (age[z] > 0) continue;
      if (counts.changes[z] < 65535) counts.changes[z]++;
      for (let y = 0; y < conditions; y++)
        if (age[y] <= TOGETHER_ROWS && counts.together[z * conditions + y] < 65535)
          counts.together[z * conditions + y]++;
    }
  }

  /** Learns how channel q answers the changes. */
  learn(q: number): void {
    const { slopes, conditions, age, counts } = this;
    const after = 2 * slopes.horizon[q];
    if (counts === null || !slopes.isKnown(q, 3 * slopes.horizon[q] + 2)) return;
    const size = this.answer(q, after);
    counts.usual[q] += size;
    counts.rows[q]++;
    for (let z = 0; z < conditions; z++) {
      if (age[z] !== after) continue;
      counts.answers[q * conditions + z] += size;
      if (counts.answered[q * conditions + z] < 65535) counts.answered[q * conditions + z]++;
    }
    for (let k = 0; k < CAUSES_MAX; k++) {
      const z = this.cause[q * CAUSES_MAX + k];
      if (z === CAUSE_NONE || age[z] >= DELAY_MAX || !slopes.isKnown(q, DELAY_MAX + HORIZON_MAX)) continue;
      counts.curve[q * DELAY_MAX + age[z]] += this.answer(q, age[z]);
      counts.curveRows[q * DELAY_MAX + age[z]]++;
    }
  }

  /** How far the slope is from what it was one row before a change `after` rows ago. */
  private answer(q: number, after: number): number {
    const change = this.slopes.slope[q] - this.slopes.past(q, after + 1);
    return change > 0 ? change : -change;
  }

  /** Chooses the causes of channel q from what is known by now, and its delay. */
  choose(q: number): void {
    const { cause, counts, slopes } = this;
    if (counts === null) return;
    this.delay[q] = this.delayOf(q, counts, 2 * slopes.horizon[q] + 1);
    for (let k = 0; k < CAUSES_MAX; k++) cause[q * CAUSES_MAX + k] = CAUSE_NONE;
    for (let k = 0; k < CAUSES_MAX; k++) cause[q * CAUSES_MAX + k] = this.next(q, k, counts);
  }

  /** The condition of the largest answer that is not yet chosen among `k` causes, nor moves with one of them. */
  private next(q: number, k: number, counts: AnswerCounts): number {
    const { conditions, history } = this;
    let best = CAUSE_NONE;
    let most = ANSWER_MIN * (counts.usual[q] / (counts.rows[q] > 0 ? counts.rows[q] : 1));
    for (let z = 0; z < conditions; z++) {
      const count = counts.answered[q * conditions + z];
      if (count < CHANGES_MIN || z === history.contacts + q || this.isChosen(q, k, z, counts)) continue;
      const mean = counts.answers[q * conditions + z] / count;
      if (mean <= most) continue;
      most = mean;
      best = z;
    }
    return best;
  }

  private isChosen(q: number, k: number, z: number, counts: AnswerCounts): boolean {
    for (let i = 0; i < k; i++) {
      const y = this.cause[q * CAUSES_MAX + i];
      if (y === CAUSE_NONE || y === z) return true;
      const at = z * this.conditions + y;
      const back = y * this.conditions + z;
      const together = counts.together[at] + counts.together[back];
      if (together >= TOGETHER_SHARE * (counts.changes[z] > counts.changes[y] ? counts.changes[z] : counts.changes[y]))
        return true;
    }
    return false;
  }

  private delayOf(q: number, counts: AnswerCounts, unknown: number): number {
    const { curve, curveRows } = counts;
    let most = 0;
    for (let i = q * DELAY_MAX; i < (q + 1) * DELAY_MAX; i++)
      if (curveRows[i] >= CHANGES_MIN && curve[i] / curveRows[i] > most) most = curve[i] / curveRows[i];
    if (most === 0) return unknown;
    let rows = 0;
    while (curve[q * DELAY_MAX + rows] < ANSWERED * most * curveRows[q * DELAY_MAX + rows]) rows++;
    return rows + 1 < unknown ? rows + 1 : unknown;
  }

  /** True while the slope of channel q is on its way after a change of a cause. */
  isOnItsWay(q: number): boolean {
    const { age, cause, delay } = this;
    if (delay[q] === 0) return this.hasJustChanged(2 * this.slopes.horizon[q] + 1);
    for (let k = 0; k < CAUSES_MAX; k++) {
      const z = cause[q * CAUSES_MAX + k];
      if (z !== CAUSE_NONE && age[z] < delay[q]) return true;
    }
    return false;
  }

  /** True when a contact has changed less than `rows` rows ago: before causes are known every one may be one. */
  private hasJustChanged(rows: number): boolean {
    for (let z = 0; z < this.history.contacts; z++) if (this.age[z] < rows) return true;
    return false;
  }

  /** Learning is over: what was seen too seldom is no cause. */
  freeze(): void {
    const { cause, counts } = this;
    if (counts !== null)
      for (let i = 0; i < cause.length; i++)
        if (cause[i] !== CAUSE_NONE && counts.changes[cause[i]] < PROVEN_CHANGES_MIN) cause[i] = CAUSE_NONE;
    this.counts = null;
  }

  archive(q: number, archive: Archive): void {
    this.delay[q] = archive.uint16(this.delay[q]);
    for (let i = q * CAUSES_MAX; i < (q + 1) * CAUSES_MAX; i++) this.cause[i] = archive.uint16(this.cause[i]);
    if (archive.isLoading) this.counts = null;
  }
}

/** What is counted while learning. */
class AnswerCounts {
  /** Entry q Z + z. */
  readonly answers: Float32Array;
  readonly answered: Uint16Array;
  readonly usual: Float64Array;
  readonly rows: Uint32Array;
  /** Entry z Z + y: y changed with z or up to two rows before. */
  readonly together: Uint16Array;
  readonly changes: Uint16Array;
  /** Mean answer to the causes after so many rows, entry q DELAY_MAX + rows. */
  readonly curve: Float32Array;
  readonly curveRows: Uint32Array;

  constructor(channels: number, conditions: number) {
    this.answers = new Float32Array(channels * conditions);
    this.answered = new Uint16Array(channels * conditions);
    this.usual = new Float64Array(channels);
    this.rows = new Uint32Array(channels);
    this.together = new Uint16Array(conditions * conditions);
    this.changes = new Uint16Array(conditions);
    this.curve = new Float32Array(channels * DELAY_MAX);
    this.curveRows = new Uint32Array(channels * DELAY_MAX);
  }
}
