/**
 * Order against execution, contact to contact: a PLC output and the contact that must answer it.
 * The answer's delay is learned for closing and for opening; an order is then `done` within the longest delay learned
 * plus half the learned spread plus 50 ms, `late` when it comes after, `missing` while it does not come; an answer that
 * moves with no order is `unordered`. About 24 slots per pair.
 */
import type { ContactSignal } from '../condition/contact-signal.js';
import { QUALITY_GOOD } from '../condition/quality.js';
import type { PairConfiguration } from '../config/configuration.js';
import {
  CLASS_ATTACK,
  DETECTOR_ORDER,
  type Finding,
  VERDICT_DONE,
  VERDICT_LATE,
  VERDICT_MISSING,
  VERDICT_UNORDERED,
} from '../detect/finding.js';
import type { Archive, Archived } from '../model/archive.js';

/** Orders of a direction that must have been learned before it is watched. */
const ORDERS_MIN = 3;
const MARGIN_US = 50_000;
/** A missing answer's score is held to this: how long it has been missing, the onset says. */
const SCORE_MAX = 4;
const OFF_DELAY_US = 1_000_000;

/** Learned delay of one direction of a pair. */
export class AnswerDelay {
  orders = 0;
  minUs = Infinity;
  maxUs = 0;
  /** An answer later than this is late; Infinity while not enough was learned. */
  boundUs = Infinity;

  add(delayUs: number): void {
    this.orders++;
    if (delayUs < this.minUs) this.minUs = delayUs;
    if (delayUs > this.maxUs) this.maxUs = delayUs;
  }

  calibrate(marginUs: number): void {
    if (this.orders >= ORDERS_MIN) this.boundUs = this.maxUs + 0.5 * (this.maxUs - this.minUs) + marginUs;
  }

  archive(archive: Archive): void {
    this.maxUs = archive.number(this.maxUs);
    this.boundUs = archive.number(this.boundUs);
  }
}

/** One pair. */
export class ContactPair implements Archived {
  readonly archiveUnits = 1;
  readonly closing = new AnswerDelay();
  readonly opening = new AnswerDelay();
  /** Verdicts since boot: done, late, missing, contradicted, unordered. */
  readonly verdicts: number[] = [0, 0, 0, 0, 0];
  /** True while the incident table knows an incident of this pair. */
  hasIncident = false;
  private orderAtUs = -1;
  private isMissing = false;
  /** The execution moved with no order known, at this time; -1: it did not. */
  private movedAtUs = -1;
  /** No order has come for that move either. */
  private isUnordered = false;
  private learnedUnordered = 0;
  private readonly marginUs: number;
  private readonly order: number;
  private readonly execution: number;
  private readonly inversion: number;
  private readonly index: number;
  private readonly firstContact: number;

  /**
   * `index` of the pair; channel numbers count from `firstContact` for contacts; `sampleUs` between two samples:
   * what is sampled slowly cannot be judged more finely.
   */
  constructor(c: PairConfiguration, index: number, firstContact: number, sampleUs: number) {
    this.marginUs = sampleUs > MARGIN_US ? sampleUs : MARGIN_US;
    this.order = c.order - firstContact;
    this.execution = c.execution - firstContact;
    this.inversion = c.isInverted ? 1 : 0;
    this.index = index;
    this.firstContact = firstContact;
  }

  /**
   * Follows the two contacts through one block ending at `nowUs`. True when `finding` has something to say: what is
   * wrong, or that nothing is any more.
   */
  step(contacts: readonly ContactSignal[], nowUs: number, isLearning: boolean, finding: Finding): boolean {
    const order = contacts[this.order];
    const execution = contacts[this.execution];
    const isMoving = order.hasChanged === 1 || execution.hasChanged === 1;
    if (!isMoving && !this.isPending()) return false;
    if (order.quality !== QUALITY_GOOD || execution.quality !== QUALITY_GOOD) this.orderAtUs = -1;
    else this.follow(order, execution, nowUs, isLearning);
    const isUnanswered = this.isUnordered || this.orderAtUs >= 0;
    if (!isUnanswered && !this.hasIncident) return false;
    finding.begin(DETECTOR_ORDER, this.index, this.execution + this.firstContact);
    finding.offDelayUs = OFF_DELAY_US;
    if (isUnanswered) this.judge(order, execution, nowUs, finding);
    return finding.isActive || this.hasIncident;
  }

  /** True while the pair must be stepped although neither contact changes. */
  isPending(): boolean {
    return this.orderAtUs >= 0 || this.movedAtUs >= 0 || this.hasIncident;
  }

  private follow(order: ContactSignal, execution: ContactSignal, nowUs: number, isLearning: boolean): void {
    const isAsOrdered = this.isAsOrdered(order, execution);
    // an answer may be debounced before its order is
    const isAnswered = execution.hasChanged === 1 || (order.hasChanged === 1 && this.movedAtUs >= 0);
    if (order.hasChanged === 1) {
      this.orderAtUs = order.changedAtUs;
      this.isMissing = false;
    }
    if (isAnswered && isAsOrdered) this.answer(order, execution, isLearning);
    else if (execution.hasChanged === 1 && this.orderAtUs < 0) this.movedAtUs = execution.changedAtUs;
    else if (this.orderAtUs >= 0 && isAsOrdered) this.settle(nowUs);
    if (order.hasChanged === 1 || (execution.hasChanged === 1 && isAsOrdered)) this.forgetMove();
    if (this.movedAtUs >= 0 && !this.isUnordered) this.suspect(order, nowUs, isLearning);
  }

  private forgetMove(): void {
    this.movedAtUs = -1;
    this.isUnordered = false;
  }

  /** A move that no order explains is unordered once an order would have been debounced. */
  private suspect(order: ContactSignal, nowUs: number, isLearning: boolean): void {
    if (nowUs - this.movedAtUs <= order.debounceUs) return;
    if (isLearning) this.learnedUnordered++;
    if (isLearning || this.learnedUnordered > 0) this.movedAtUs = -1;
    else {
      this.isUnordered = true;
      this.verdicts[VERDICT_UNORDERED]++;
    }
  }

  private isAsOrdered(order: ContactSignal, execution: ContactSignal): boolean {
    return (order.level ^ this.inversion) === execution.level;
  }

  private delayOf(order: ContactSignal): AnswerDelay {
    return order.level === 1 ? this.closing : this.opening;
  }

  /**
   * The execution stands where the order wants it, and no edge has come for as long as an answer to this order or to
   * the one before it may take: there is nothing to wait for.
   */
  private settle(nowUs: number): void {
    const longestUs = this.closing.maxUs > this.opening.maxUs ? this.closing.maxUs : this.opening.maxUs;
    if (nowUs - this.orderAtUs > longestUs + this.marginUs) this.orderAtUs = -1;
  }

  /** The execution has moved to where the order wants it. */
  private answer(order: ContactSignal, execution: ContactSignal, isLearning: boolean): void {
    if (this.orderAtUs < 0) return;
    const delayUs = execution.changedAtUs > this.orderAtUs ? execution.changedAtUs - this.orderAtUs : 0;
    const delay = this.delayOf(order);
    if (isLearning) delay.add(delayUs);
    this.verdicts[delayUs > delay.boundUs ? VERDICT_LATE : VERDICT_DONE]++;
    this.orderAtUs = -1;
    this.isMissing = false;
  }

  private judge(order: ContactSignal, execution: ContactSignal, nowUs: number, finding: Finding): void {
    if (this.isUnordered) {
      this.say(finding, order, execution, VERDICT_UNORDERED, this.movedAtUs, 2);
      return;
    }
    const boundUs = this.delayOf(order).boundUs;
    // an edge that is still settling is the answer, until it has lasted too long for one
    const isSettling = execution.burstAtUs >= 0 && nowUs - execution.burstAtUs <= execution.debounceUs + this.marginUs;
    const waitedUs = (isSettling ? execution.burstAtUs : nowUs) - this.orderAtUs;
    if (this.isAsOrdered(order, execution) || waitedUs <= boundUs) return;
    if (!this.isMissing) this.verdicts[VERDICT_MISSING]++;
    this.isMissing = true;
    const score = waitedUs / boundUs;
    this.say(finding, order, execution, VERDICT_MISSING, this.orderAtUs, score < SCORE_MAX ? score : SCORE_MAX);
  }

  private say(
    finding: Finding,
    order: ContactSignal,
    execution: ContactSignal,
    verdict: number,
    onsetUs: number,
    score: number,
  ): void {
    finding.isActive = true;
    finding.incidentClass = CLASS_ATTACK;
    finding.verdict = verdict;
    finding.score = score;
    finding.onsetUs = onsetUs;
    finding.channels = 2;
    finding.channel[0] = this.execution + this.firstContact;
    finding.channel[1] = this.order + this.firstContact;
    finding.expectedLow = order.level ^ this.inversion;
    finding.expectedHigh = finding.expectedLow;
    finding.observed = execution.level;
  }

  /** Ends learning. */
  calibrate(): void {
    this.closing.calibrate(this.marginUs);
    this.opening.calibrate(this.marginUs);
  }

  /** The delays, and whether the execution moves without orders too. */
  archive(_unit: number, archive: Archive): void {
    this.closing.archive(archive);
    this.opening.archive(archive);
    this.learnedUnordered = archive.uint16(this.learnedUnordered > 0 ? 1 : 0);
  }
}
