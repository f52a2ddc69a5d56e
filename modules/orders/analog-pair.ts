/**
 * A pair whose execution is an analog line. While nothing happens only two comparisons a block are made on it: its
 * answer stays within its quiet band, and its command, where that is analog, within another. Counts of the converter.
 * The frame of a step, and what is kept of an order's verdict until an incident tells it, are the same for both kinds.
 */
import type { AnalogSignal } from '../condition/analog-signal.js';
import { QUALITY_GOOD } from '../condition/quality.js';
import {
  type Finding,
  VERDICT_CONTRADICTED,
  VERDICT_LATE,
  VERDICT_MISSING,
  VERDICT_NONE,
  VERDICT_UNORDERED,
} from '../detect/finding.js';
import { Pair } from './pair.js';

/** A pair whose execution is an analog line. */
export abstract class AnalogPair extends Pair {
  /** Must be stepped in every block from `wakeAtUs` on. */
  isAwake = true;
  quietLow = -Infinity;
  quietHigh = Infinity;
  commandLow = -Infinity;
  commandHigh = Infinity;
  abstract readonly answer: AnalogSignal;
  /** The analog order; of a contact's order the answer once more. */
  abstract readonly command: AnalogSignal;
  /** Enough was learned to watch. */
  protected hasModel = false;
  /** The order under way: since when; -1: none. */
  protected orderAtUs = -1;
  /** Verdict that it has been given so far. */
  protected told = VERDICT_NONE;
  /** What the answer does without an order, or against the one that it has answered, and since when. */
  protected stray = VERDICT_NONE;
  protected strayAtUs = 0;
  /** In this block an answer came too late: what it took, in bounds. 0: none did. */
  protected lateBounds = 0;
  /** When the order was given that was answered last; 0: none was. */
  protected lastOrderAtUs = 0;

  isPending(): boolean {
    return this.isAwake;
  }

  /**
   * Follows the pair through one block ending at `nowUs`; `progress` is the part of learning that is over, 1 while
   * watching. True when `finding` has something to say.
   */
  step(nowUs: number, progress: number, finding: Finding): boolean {
    const isLearning = progress < 1;
    this.lateBounds = 0;
    if (this.orderQuality() !== QUALITY_GOOD || this.answer.quality !== QUALITY_GOOD) this.lose();
    else this.attend(nowUs, progress);
    const isWrong = this.stray !== VERDICT_NONE || this.told !== VERDICT_NONE || this.lateBounds > 0;
    const hasFinding = isWrong || this.hasIncident;
    this.isAwake = hasFinding || ((isLearning || this.hasModel) && this.isBusy(nowUs, isLearning));
    if (!this.isAwake) this.sleep(isLearning);
    if (!hasFinding) return false;
    this.begin(finding);
    if (isWrong) this.word(nowUs, finding);
    return true;
  }

  private word(nowUs: number, finding: Finding): void {
    const { answer, stray, told } = this;
    const expected = this.expectedCounts() * answer.gain + answer.offset;
    const { value } = answer;
    if (stray !== VERDICT_NONE) this.say(finding, stray, this.strayAtUs, this.strength(), expected, value);
    else if (this.lateBounds > 0) this.say(finding, VERDICT_LATE, this.lastOrderAtUs, this.lateBounds, expected, value);
    else {
      const waited = this.waitedBounds(nowUs);
      const score = told === VERDICT_CONTRADICTED ? this.strength() : waited > 1 ? waited : 1;
      this.say(finding, told, this.orderAtUs, score, expected, value);
    }
  }

  /** The order under way gets another verdict: one for an order, and one that is under way still is not counted. */
  protected tell(verdict: number): void {
    const { verdicts } = this;
    if (verdict !== VERDICT_LATE) {
      if (this.told === VERDICT_MISSING && verdicts[VERDICT_MISSING] > 0) verdicts[VERDICT_MISSING]--;
      verdicts[verdict]++;
    }
    this.told = verdict;
  }

  /** The answer does since `atUs` what nothing orders; `isFreshlyDone`: it leaves what it has just answered. */
  protected tellStray(isFreshlyDone: boolean, atUs: number): void {
    this.strayAtUs = atUs;
    this.stray = isFreshlyDone ? VERDICT_CONTRADICTED : VERDICT_UNORDERED;
    if (isFreshlyDone) this.countContradicted(true);
    else this.verdicts[VERDICT_UNORDERED]++;
  }

  /** QUALITY_* of the order's line. */
  protected abstract orderQuality(): number;

  /** A line says nothing: no verdict until it rests again. */
  protected abstract lose(): void;

  /** Learns from the block, or follows the order and the rest. */
  protected abstract attend(nowUs: number, progress: number): void;

  /** True while something is under way that every block must be looked at for. */
  protected abstract isBusy(nowUs: number, isLearning: boolean): boolean;

  /** The block leaves nothing to look at but the quiet bands. */
  protected abstract sleep(isLearning: boolean): void;

  /** What the order wants of the answer. */
  protected abstract expectedCounts(): number;

  /** The score of a departure that has no measure in time. */
  protected abstract strength(): number;

  /** How long the order under way has been waited for, in bounds. */
  protected abstract waitedBounds(nowUs: number): number;
}
