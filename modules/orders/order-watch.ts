/**
 * All pairs and interlocks of the wiring, or the pairs proposed where it states none, and whether any of them wants a
 * look in this block. In a quiet block the analog pairs are looked at in turn, one in each: four comparisons.
 */
import { LINE_MEAN } from '../base/kernel-fields.js';
import type { AnalogSignal } from '../condition/analog-signal.js';
import type { ContactSignal } from '../condition/contact-signal.js';
import type { Configuration, PairConfiguration } from '../config/configuration.js';
import type { Finding } from '../detect/finding.js';
import type { AnalogPair } from './analog-pair.js';
import { ContactPair, pairTwins } from './contact-pair.js';
import { type FollowMode, FollowPair } from './follow-pair.js';
import { Interlock } from './interlock.js';
import { LevelPair } from './level-pair.js';
import { OperatingMode } from './operating-mode.js';
import { MARGIN_US, type Pair } from './pair.js';
import { PairProposal } from './pair-proposal.js';

/** A pair's answer has a bound each way. */
const DIRECTIONS = 2;

/** Takes what a finding says; true while an incident of it is known. */
export interface Reporting {
  report(nowUs: number): boolean;
}

/** Orders held against executions. */
export class OrderWatch {
  /** Nothing must be stepped before this moment, and no pair of contacts before the other, but for a change. */
  private wakeAtUs = 0;
  private contactsWakeAtUs = 0;
  private hasChange = false;
  private turn = 0;
  /** Where the wiring states no pair; null: it does. */
  readonly proposal: PairProposal | null;
  private readonly analogPairs: AnalogPair[] = [];
  private readonly contactPairs: ContactPair[] = [];
  /** By their index. */
  readonly pairs: Pair[];
  readonly interlocks: Interlock[] = [];
  /** Interlocks whose condition is an analog value. */
  private readonly analogLocks: Interlock[] = [];
  private readonly contacts: readonly ContactSignal[];

  /** `sampleUs` between two samples; `pairs`, empty, is filled and stays the caller's. */
  constructor(
    c: Configuration,
    sampleUs: number,
    signals: readonly AnalogSignal[],
    contacts: readonly ContactSignal[],
    pairs: Pair[],
  ) {
    this.pairs = pairs;
    this.contacts = contacts;
    const first = signals.length;
    for (let i = 0; i < c.pairs.length; i++) {
      const pair = c.pairs[i];
      const { order, execution } = pair;
      if (execution >= first) this.addContactPair(new ContactPair(pair, i, first, sampleUs, this.modeOf(pair, first)));
      else if (order >= first) this.addAnalogPair(this.levelPairOf(pair, i, sampleUs, signals));
      else {
        const mode = this.modeOf<FollowMode>(pair, first);
        this.addAnalogPair(new FollowPair(pair, i, sampleUs, signals[execution], signals[order], mode));
      }
    }
    pairTwins(this.contactPairs);
    // a delay that is to be steady must be finer than it is sampled
    const canPropose = c.pairs.length === 0 && contacts.length > 1 && sampleUs < MARGIN_US;
    this.proposal = canPropose ? new PairProposal(contacts, first, sampleUs) : null;
    const interlocks = c.interlocks ?? [];
    for (let i = 0; i < interlocks.length; i++) {
      const lock = new Interlock(interlocks[i], i, sampleUs, signals, contacts);
      this.interlocks.push(lock);
      if (lock.analog !== null) this.analogLocks.push(lock);
    }
  }

  /** @offStep runs once at start. */
  private levelPairOf(
    pair: PairConfiguration,
    i: number,
    sampleUs: number,
    signals: readonly AnalogSignal[],
  ): LevelPair {
    const contact = this.contacts[pair.order - signals.length];
    return new LevelPair(pair, i, sampleUs, signals[pair.execution], contact, this.modeOf(pair, signals.length));
  }

  /** What makes the pair's mode, where the wiring states any. @offStep runs once at start. */
  private modeOf<Learned>({ mode = [] }: PairConfiguration, first: number): OperatingMode<Learned> | null {
    if (mode.length === 0) return null;
    return new OperatingMode(this.contacts[mode[0] - first], mode.length > 1 ? this.contacts[mode[1] - first] : null);
  }

  private addContactPair(pair: ContactPair): void {
    this.pairs.push(pair);
    this.contactPairs.push(pair);
  }

  private addAnalogPair(pair: AnalogPair): void {
    this.pairs.push(pair);
    this.analogPairs.push(pair);
  }

  /**
   * True when something wants to be stepped in the block that ends at `nowUs`; `hasChange`: a debounced level has
   * changed, or has become known or unknown.
   */
  isRestless(hasChange: boolean, nowUs: number): boolean {
    this.hasChange = hasChange;
    if (hasChange || nowUs >= this.wakeAtUs) return true;
    const { analogPairs, analogLocks } = this;
    if (analogPairs.length > 0) {
      const turn = this.turn > 0 ? this.turn - 1 : analogPairs.length - 1;
      this.turn = turn;
      if (isLoud(analogPairs[turn])) return true;
    }
    for (let i = 0; i < analogLocks.length; i++) {
      const lock = analogLocks[i];
      const { mean } = lock.analog as AnalogSignal;
      if (mean > lock.highCounts || mean < lock.lowCounts) return true;
    }
    return false;
  }

  /**
   * Steps what wants it through a block ending at `nowUs`; `progress`: part of learning that is over, 1 while watching.
   * What has something to say leaves it in `finding` for `table`.
   */
  step(nowUs: number, progress: number, finding: Finding, table: Reporting): void {
    if (this.hasChange || nowUs >= this.contactsWakeAtUs) this.stepContacts(nowUs, progress, finding, table);
    this.wakeAtUs = this.contactsWakeAtUs;
    if (this.analogPairs.length > 0) this.stepAnalogs(nowUs, progress, finding, table);
    if (this.interlocks.length > 0) this.stepInterlocks(nowUs, progress < 1, finding, table);
  }

  private stepContacts(nowUs: number, progress: number, finding: Finding, table: Reporting): void {
    const isLearning = progress < 1;
    const { contactPairs, contacts, proposal, hasChange } = this;
    if (isLearning && proposal !== null && !proposal.isOver && hasChange && proposal.count(progress)) this.adopt();
    let wakeAtUs = Infinity;
    for (let i = 0; i < contactPairs.length; i++) {
      const pair = contactPairs[i];
      if (hasChange || nowUs >= pair.wakeAtUs) {
        if (pair.step(contacts, nowUs, isLearning, finding)) pair.hasIncident = table.report(nowUs);
        pair.wakeAtUs = pair.nextUs(contacts);
      }
      if (pair.wakeAtUs < wakeAtUs) wakeAtUs = pair.wakeAtUs;
    }
    this.contactsWakeAtUs = wakeAtUs;
  }

  /** What was proposed is watched as if it had been stated. */
  adopt(): void {
    const { proposal } = this;
    if (proposal === null) return;
    for (let i = 0; i < proposal.pairs.length; i++) this.addContactPair(proposal.pairs[i]);
    pairTwins(this.contactPairs);
  }

  private stepAnalogs(nowUs: number, progress: number, finding: Finding, table: Reporting): void {
    const { analogPairs, hasChange } = this;
    for (let i = 0; i < analogPairs.length; i++) {
      const pair = analogPairs[i];
      if (hasChange || (pair.isAwake ? nowUs >= pair.wakeAtUs : isLoud(pair)))
        if (pair.step(nowUs, progress, finding)) pair.hasIncident = table.report(nowUs);
      if (pair.isAwake && pair.wakeAtUs < this.wakeAtUs) this.wakeAtUs = pair.wakeAtUs;
    }
  }

  private stepInterlocks(nowUs: number, isLearning: boolean, finding: Finding, table: Reporting): void {
    const { interlocks } = this;
    for (let i = 0; i < interlocks.length; i++) {
      const lock = interlocks[i];
      if (lock.step(nowUs, isLearning, finding)) lock.hasIncident = table.report(nowUs);
      if (lock.isAwake || lock.hasIncident) this.wakeAtUs = 0;
    }
  }

  /** Pairs and interlocks. */
  count(): number {
    return this.pairs.length + this.interlocks.length;
  }

  hasIncident(at: number): boolean {
    const { pairs } = this;
    return at < pairs.length ? pairs[at].hasIncident : this.interlocks[at - pairs.length].hasIncident;
  }

  /** Lets go of all of it. */
  release(): void {
    this.pairs.length = 0;
    this.interlocks.length = 0;
    this.contactPairs.length = 0;
    this.analogPairs.length = 0;
    this.analogLocks.length = 0;
  }

  /**
   * Ends learning. `learnings` like this one may go by until a verdict is wrong by chance: the directions of all pairs
   * and interlocks share that.
   */
  calibrate(learnings: number): void {
    const { pairs, interlocks } = this;
    this.wakeAtUs = 0;
    this.contactsWakeAtUs = 0;
    const share = learnings * (DIRECTIONS * pairs.length + interlocks.length);
    for (let i = 0; i < pairs.length; i++) {
      pairs[i].wakeAtUs = 0;
      pairs[i].calibrate(share);
    }
    for (let i = 0; i < interlocks.length; i++) interlocks[i].calibrate(share);
  }
}

/** Beyond what it may do while nothing happens. */
function isLoud(pair: AnalogPair): boolean {
  const { answer, command } = pair;
  const mean = answer.numbers[answer.at + LINE_MEAN];
  if (mean < pair.quietLow || mean > pair.quietHigh) return true;
  if (command === answer) return false;
  const ordered = command.numbers[command.at + LINE_MEAN];
  return ordered < pair.commandLow || ordered > pair.commandHigh;
}
