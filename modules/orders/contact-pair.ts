/**
 * Order against execution, contact to contact: a PLC output and the contact that must answer it.
 * The answer's delay is learned for closing and for opening; an order is then `done` within the longest delay learned
 * plus half the learned spread plus 50 ms, `missing` while it does not come, `late` when it comes after. An answer that
 * leaves the ordered state within that time again is `contradicted`, later `unordered`. A valve's two end switches are
 * twins: pairs of one order, the one inverted. Both reached at once is `contradicted`; while one end has been left in
 * time an order is late for up to twice its bound, and missing only then. About 35 slots per pair.
 * Where the wiring states a mode the delays are learned in each mode as well: about 15 slots a mode.
 */
import type { ContactSignal } from '../condition/contact-signal.js';
import { QUALITY_GOOD } from '../condition/quality.js';
import type { PairConfiguration } from '../config/configuration.js';
import {
  type Finding,
  VERDICT_CONTRADICTED,
  VERDICT_DONE,
  VERDICT_LATE,
  VERDICT_MISSING,
  VERDICT_UNORDERED,
} from '../detect/finding.js';
import type { Archive } from '../model/archive.js';
import { AnswerDelay } from './answer-delay.js';
import { MODE_UNKNOWN, type OperatingMode } from './operating-mode.js';
import { Pair, SCORE_PLAIN } from './pair.js';

/** Bounds that an order may take while the other end switch says that it is under way. */
const BOUNDS_UNDER_WAY = 2;
const BOTH_ENDS = 2;

/** The delays of one mode. */
export class ContactMode {
  readonly closing = new AnswerDelay();
  readonly opening = new AnswerDelay();
}

/** One pair. */
export class ContactPair extends Pair {
  readonly archiveUnits = 1;
  readonly operating: OperatingMode<ContactMode> | null;
  /** Of all modes together. */
  readonly closing = new AnswerDelay();
  readonly opening = new AnswerDelay();
  /** The pair of the other end switch, of the same order; null: none. */
  twin: ContactPair | null = null;
  private orderAtUs = -1;
  private isMissing = false;
  /** Its answer came in this block, clearly too late: what it took, in bounds. 0: it did not. */
  private lateBounds = 0;
  private lateOrderAtUs = 0;
  /** The order before was withdrawn at its answer's time: given at this time; -1: it was not. */
  private withdrawnAtUs = -1;
  /** The execution moved with no order known, at this time; -1: it did not. */
  private movedAtUs = -1;
  /** No order has come for that move either: VERDICT_UNORDERED or VERDICT_CONTRADICTED; 0: not so. */
  private stray = 0;
  /** Both ends have been reached since this time; -1: they are not. */
  private bothAtUs = -1;
  private isBothCounted = false;
  /** Flags: 1 moves without orders too, 2 both ends are reached at once. */
  private learnedStrays = 0;
  private readonly firstContact: number;

  /** `index` of the pair; channel numbers count from `firstContact` for contacts. */
  constructor(
    c: PairConfiguration,
    index: number,
    firstContact: number,
    sampleUs: number,
    operating: OperatingMode<ContactMode> | null = null,
  ) {
    super(c, index, sampleUs);
    this.firstContact = firstContact;
    this.operating = operating;
    if (operating !== null)
      for (let mode = operating.count(); mode > 0; mode--) operating.learned.push(new ContactMode());
  }

  /**
   * Follows the two contacts through one block ending at `nowUs`. True when `finding` has something to say: what is
   * wrong, or that nothing is any more.
   */
  step(contacts: readonly ContactSignal[], nowUs: number, isLearning: boolean, finding: Finding): boolean {
    const order = contacts[this.order - this.firstContact];
    const execution = contacts[this.execution - this.firstContact];
    const isMoving = order.hasChanged === 1 || execution.hasChanged === 1;
    if (!isMoving && !this.isPending() && (this.twin === null || !this.isTwinMoving(contacts))) return false;
    this.lateBounds = 0;
    if (order.quality !== QUALITY_GOOD || execution.quality !== QUALITY_GOOD) this.lose();
    else {
      this.follow(order, execution, nowUs, isLearning);
      if (this.twin !== null && this.inversion === 0) this.followEnds(contacts, execution, nowUs, isLearning);
    }
    const isStrange = this.stray > 0 || this.lateBounds > 0 || this.isBothCounted;
    const isWaiting = this.orderAtUs >= 0;
    if (!isStrange && !this.hasIncident) if (!isWaiting || nowUs - this.orderAtUs <= this.boundOf(order)) return false;
    this.begin(finding);
    if (isStrange || isWaiting) this.judge(order, execution, nowUs, finding);
    return finding.isActive || this.hasIncident;
  }

  /** True while the pair must be stepped although neither contact changes. */
  isPending(): boolean {
    return this.orderAtUs >= 0 || this.movedAtUs >= 0 || this.bothAtUs >= 0 || this.hasIncident;
  }

  /** When it must be stepped next; Infinity: not before a contact of it changes. */
  nextUs(contacts: readonly ContactSignal[]): number {
    if (!this.isPending()) return Infinity;
    if (this.hasIncident || this.stray > 0 || this.isBothCounted) return 0;
    const { orderAtUs, movedAtUs, bothAtUs } = this;
    const order = contacts[this.order - this.firstContact];
    const execution = contacts[this.execution - this.firstContact];
    let nextUs = movedAtUs >= 0 ? movedAtUs + order.debounceUs : Infinity;
    if (bothAtUs >= 0 && bothAtUs + this.marginUs < nextUs) nextUs = bothAtUs + this.marginUs;
    if (orderAtUs < 0) return nextUs;
    const waitUs = this.isAsOrdered(order, execution) ? this.longestUs() + this.marginUs : this.boundOf(order);
    return orderAtUs + waitUs < nextUs ? orderAtUs + waitUs : nextUs;
  }

  private isTwinMoving(contacts: readonly ContactSignal[]): boolean {
    const { twin } = this;
    return twin !== null && this.inversion === 0 && contacts[twin.execution - this.firstContact].hasChanged === 1;
  }

  /** A contact says nothing: there is nothing to wait for. */
  private lose(): void {
    this.orderAtUs = -1;
    this.withdrawnAtUs = -1;
    this.bothAtUs = -1;
    this.isBothCounted = false;
  }

  private follow(order: ContactSignal, execution: ContactSignal, nowUs: number, isLearning: boolean): void {
    const isAsOrdered = this.isAsOrdered(order, execution);
    // an answer may be debounced before its order is, but what was told as stray is none
    const isAnswered =
      execution.hasChanged === 1 || (order.hasChanged === 1 && this.movedAtUs >= 0 && this.stray === 0);
    if (order.hasChanged === 1) {
      this.withdrawnAtUs = this.isMissing ? -1 : this.orderAtUs;
      this.orderAtUs = order.changedAtUs;
      this.isMissing = false;
    }
    if (this.operating !== null) this.followMode(this.operating, order, isLearning);
    if (isAnswered && isAsOrdered) this.answer(order, execution, isLearning);
    else if (execution.hasChanged === 1 && this.orderAtUs < 0) this.leave(order, execution);
    else if (this.orderAtUs >= 0 && isAsOrdered) this.settle(nowUs);
    if (order.hasChanged === 1 || (execution.hasChanged === 1 && isAsOrdered)) this.forgetMove();
    if (this.movedAtUs >= 0 && this.stray === 0) this.suspect(order, nowUs, isLearning);
  }

  private forgetMove(): void {
    this.movedAtUs = -1;
    this.stray = 0;
  }

  /** The execution moves away from where the order wants it: it answers the order before, or none that is known. */
  private leave(order: ContactSignal, execution: ContactSignal): void {
    const longestUs = this.longestUs() + this.marginUs;
    if (this.withdrawnAtUs >= 0 && execution.changedAtUs - this.withdrawnAtUs <= longestUs) {
      this.withdrawnAtUs = -1;
      this.orderAtUs = execution.changedAtUs > order.changedAtUs ? execution.changedAtUs : order.changedAtUs;
    } else this.movedAtUs = execution.changedAtUs;
  }

  /** A move that no order explains is told once an order would have been debounced. */
  private suspect(order: ContactSignal, nowUs: number, isLearning: boolean): void {
    const sinceUs = nowUs - this.movedAtUs;
    if (sinceUs <= order.debounceUs || (order.burstAtUs >= 0 && sinceUs <= order.debounceUs + this.marginUs)) return;
    if (isLearning) this.learnedStrays |= 1;
    if (isLearning || (this.learnedStrays & 1) !== 0) {
      this.movedAtUs = -1;
      return;
    }
    const boundUs = this.boundOf(order);
    const isFresh = boundUs < Infinity && this.movedAtUs - order.changedAtUs <= boundUs;
    this.stray = isFresh ? VERDICT_CONTRADICTED : VERDICT_UNORDERED;
    if (isFresh) this.countContradicted(true);
    else this.verdicts[VERDICT_UNORDERED]++;
  }

  /** Both ends reached for longer than contacts settle. */
  private followEnds(
    contacts: readonly ContactSignal[],
    execution: ContactSignal,
    nowUs: number,
    isLearning: boolean,
  ): void {
    const other = contacts[(this.twin as ContactPair).execution - this.firstContact];
    if (execution.level !== 1 || other.level !== 1) {
      this.bothAtUs = -1;
      this.isBothCounted = false;
      return;
    }
    if (this.bothAtUs < 0)
      this.bothAtUs = execution.changedAtUs > other.changedAtUs ? execution.changedAtUs : other.changedAtUs;
    if (this.isBothCounted || nowUs - this.bothAtUs <= this.marginUs) return;
    if (isLearning) this.learnedStrays |= BOTH_ENDS;
    if (isLearning || (this.learnedStrays & BOTH_ENDS) !== 0) return;
    this.isBothCounted = true;
    this.verdicts[VERDICT_CONTRADICTED]++;
  }

  private isAsOrdered(order: ContactSignal, execution: ContactSignal): boolean {
    return (order.level ^ this.inversion) === execution.level;
  }

  private delayOf(order: ContactSignal): AnswerDelay {
    return order.level === 1 ? this.closing : this.opening;
  }

  /** What an answer to the order of now is held to: the widest bound of the modes that it has seen. */
  private boundOf(order: ContactSignal): number {
    if (this.operating !== null) return this.widestOf(this.operating, order);
    return order.level === 1 ? this.closing.boundUs : this.opening.boundUs;
  }

  private widestOf(operating: OperatingMode<ContactMode>, order: ContactSignal): number {
    const pooledUs = this.delayOf(order).boundUs;
    const { learned } = operating;
    let widestUs = operating.hasSeen(MODE_UNKNOWN) ? pooledUs : 0;
    for (let mode = 0; mode < learned.length; mode++) {
      if (!operating.hasSeen(mode)) continue;
      const { boundUs } = order.level === 1 ? learned[mode].closing : learned[mode].opening;
      const heldUs = boundUs < Infinity ? boundUs : pooledUs;
      if (heldUs > widestUs) widestUs = heldUs;
    }
    return widestUs;
  }

  /** The mode of a new order, or what it has become while the order is under way. */
  private followMode(operating: OperatingMode<ContactMode>, order: ContactSignal, isLearning: boolean): void {
    if (order.hasChanged === 0) {
      operating.follow();
      return;
    }
    operating.begin(order.changedAtUs);
    if (isLearning) return;
    const { learned, mode } = operating;
    const known = mode === MODE_UNKNOWN ? null : order.level === 1 ? learned[mode].closing : learned[mode].opening;
    if (known === null || known.boundUs === Infinity) operating.pooledOrders++;
  }

  /** A delay is that of its mode where that stood still meanwhile, and in any case one of all. */
  private learn(order: ContactSignal, delayUs: number): void {
    this.delayOf(order).add(delayUs);
    const { operating } = this;
    if (operating === null || !operating.isSteady()) return;
    const { closing, opening } = operating.learned[operating.mode];
    (order.level === 1 ? closing : opening).add(delayUs);
  }

  private longestUs(): number {
    return this.closing.maxUs > this.opening.maxUs ? this.closing.maxUs : this.opening.maxUs;
  }

  /**
   * The execution stands where the order wants it, and no edge has come for as long as an answer to this order or to
   * the one before it may take: there is nothing to wait for.
   */
  private settle(nowUs: number): void {
    if (nowUs - this.orderAtUs > this.longestUs() + this.marginUs) this.orderAtUs = -1;
  }

  /** The execution has moved to where the order wants it. */
  private answer(order: ContactSignal, execution: ContactSignal, isLearning: boolean): void {
    if (this.orderAtUs < 0) return;
    const delayUs = execution.changedAtUs > this.orderAtUs ? execution.changedAtUs - this.orderAtUs : 0;
    if (isLearning) this.learn(order, delayUs);
    const boundUs = this.boundOf(order);
    if (delayUs > boundUs) {
      this.countLate(this.isMissing);
      // late by less than a block is counted; what an incident has called missing is told late
      if (this.hasIncident) this.lateBounds = delayUs / boundUs;
      this.lateOrderAtUs = this.orderAtUs;
    } else this.verdicts[VERDICT_DONE]++;
    this.orderAtUs = -1;
    this.isMissing = false;
  }

  private judge(order: ContactSignal, execution: ContactSignal, nowUs: number, finding: Finding): void {
    const expected = order.level ^ this.inversion;
    const { level } = execution;
    if (this.stray > 0) this.say(finding, this.stray, this.movedAtUs, SCORE_PLAIN, expected, level);
    else if (this.isBothCounted) this.say(finding, VERDICT_CONTRADICTED, this.bothAtUs, SCORE_PLAIN, expected, level);
    else if (this.lateBounds > 0) this.say(finding, VERDICT_LATE, this.lateOrderAtUs, this.lateBounds, expected, level);
    else if (!this.isAsOrdered(order, execution)) this.judgeWaiting(order, execution, nowUs, finding);
  }

  /** An order without an answer yet. */
  private judgeWaiting(order: ContactSignal, execution: ContactSignal, nowUs: number, finding: Finding): void {
    const boundUs = this.boundOf(order);
    // an edge that is still settling is the answer, until it has lasted too long for one
    const isSettling = execution.burstAtUs >= 0 && nowUs - execution.burstAtUs <= execution.debounceUs + this.marginUs;
    const waitedUs = (isSettling ? execution.burstAtUs : nowUs) - this.orderAtUs;
    if (waitedUs <= boundUs) return;
    const isUnderWay = this.twin !== null && waitedUs <= BOUNDS_UNDER_WAY * boundUs && this.twin.hasAnswered();
    if (!isUnderWay && !this.isMissing) {
      this.verdicts[VERDICT_MISSING]++;
      this.isMissing = true;
    }
    const verdict = isUnderWay && !this.isMissing ? VERDICT_LATE : VERDICT_MISSING;
    const expected = order.level ^ this.inversion;
    this.say(finding, verdict, this.orderAtUs, waitedUs / boundUs, expected, execution.level);
  }

  /** The order of now was answered, and nothing is wrong. */
  hasAnswered(): boolean {
    return this.orderAtUs < 0 && this.stray === 0;
  }

  /** Ends learning. The modes share what may be wrong by chance. */
  calibrate(learnings: number): void {
    this.closing.calibrate(this.marginUs, learnings);
    this.opening.calibrate(this.marginUs, learnings);
    if (this.operating === null) return;
    const { learned } = this.operating;
    for (let mode = 0; mode < learned.length; mode++) {
      learned[mode].closing.calibrate(this.marginUs, learnings * learned.length);
      learned[mode].opening.calibrate(this.marginUs, learnings * learned.length);
    }
  }

  learnedDelay(mode: number, direction: number): AnswerDelay {
    const { operating } = this;
    const at = operating === null || mode === MODE_UNKNOWN ? this : operating.learned[mode];
    return direction === 1 ? at.closing : at.opening;
  }

  /** The delays, and what was learned to go without orders. */
  archive(_unit: number, archive: Archive): void {
    this.closing.archive(archive);
    this.opening.archive(archive);
    this.learnedStrays = archive.uint16(this.learnedStrays);
    if (this.operating === null) return;
    const { learned } = this.operating;
    for (let mode = 0; mode < learned.length; mode++) {
      learned[mode].closing.archive(archive);
      learned[mode].opening.archive(archive);
    }
  }
}

/** Makes the two end switches of one order twins. @offStep runs once at start */
export function pairTwins(pairs: readonly ContactPair[]): void {
  for (const a of pairs)
    for (const b of pairs)
      if (a !== b && a.order === b.order && a.inversion !== b.inversion && a.twin === null) a.twin = b;
}
