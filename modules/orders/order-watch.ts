/**
 * All pairs and interlocks of the wiring, and whether any of them wants a look in this block. A quiet block costs two or
 * four comparisons for every other analog pair: each is looked at in every second block.
 */
import type { AnalogSignal } from '../condition/analog-signal.js';
import type { ContactSignal } from '../condition/contact-signal.js';
import type { Configuration } from '../config/configuration.js';
import type { Finding } from '../detect/finding.js';
import type { AnalogPair } from './analog-pair.js';
import { ContactPair, pairTwins } from './contact-pair.js';
import { FollowPair } from './follow-pair.js';
import { Interlock } from './interlock.js';
import { LevelPair } from './level-pair.js';
import type { Pair } from './pair.js';

/** Orders held against executions. */
export class OrderWatch {
  /** By their index. */
  readonly pairs: Pair[];
  readonly interlocks: Interlock[] = [];
  /** Something must be stepped in the next block too. */
  isAwake = true;
  private turn = 0;
  private readonly contactPairs: ContactPair[] = [];
  private readonly analogPairs: AnalogPair[] = [];
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
      if (pair.execution >= first) this.addContactPair(new ContactPair(pair, i, first, sampleUs));
      else if (pair.order >= first)
        this.addAnalogPair(new LevelPair(pair, i, sampleUs, signals[pair.execution], contacts[pair.order - first]));
      else this.addAnalogPair(new FollowPair(pair, i, sampleUs, signals[pair.execution], signals[pair.order]));
    }
    pairTwins(this.contactPairs);
    const interlocks = c.interlocks ?? [];
    for (let i = 0; i < interlocks.length; i++) {
      const lock = new Interlock(interlocks[i], i, sampleUs, signals, contacts);
      this.interlocks.push(lock);
      if (lock.analog !== null) this.analogLocks.push(lock);
    }
  }

  private addContactPair(pair: ContactPair): void {
    this.pairs.push(pair);
    this.contactPairs.push(pair);
  }

  private addAnalogPair(pair: AnalogPair): void {
    this.pairs.push(pair);
    this.analogPairs.push(pair);
  }

  /** True when something wants to be stepped in this block; `hasChange`: a debounced level has changed. */
  isRestless(hasChange: boolean): boolean {
    if (hasChange || this.isAwake) return true;
    const { analogPairs, analogLocks } = this;
    const pairs = analogPairs.length;
    this.turn = 1 - this.turn;
    for (let i = this.turn; i < pairs; i += 2) {
      const pair = analogPairs[i];
      const { mean } = pair.answer;
      if (mean < pair.quietLow || mean > pair.quietHigh) return true;
      const command = pair.command.mean;
      if (command < pair.commandLow || command > pair.commandHigh) return true;
    }
    for (let i = 0; i < analogLocks.length; i++) {
      const lock = analogLocks[i];
      const { mean } = lock.analog as AnalogSignal;
      if (mean > lock.highCounts || mean < lock.lowCounts) return true;
    }
    return false;
  }

  /**
   * Steps pair or interlock `at` (pairs first) of `count()` through a block ending at `nowUs`; `progress`: part of learning
   * that is over, 1 while watching. True when `finding` has something to say, to be answered with `setIncident`.
   */
  step(at: number, nowUs: number, progress: number, finding: Finding): boolean {
    const { pairs, interlocks } = this;
    const isLearning = progress < 1;
    if (at >= pairs.length) return interlocks[at - pairs.length].step(nowUs, isLearning, finding);
    const pair = pairs[at];
    if (pair instanceof ContactPair) return pair.step(this.contacts, nowUs, isLearning, finding);
    return (pair as AnalogPair).step(nowUs, progress, finding);
  }

  /** Pairs and interlocks. */
  count(): number {
    return this.pairs.length + this.interlocks.length;
  }

  hasIncident(at: number): boolean {
    const { pairs } = this;
    return at < pairs.length ? pairs[at].hasIncident : this.interlocks[at - pairs.length].hasIncident;
  }

  /** The incident table knows, or no longer knows, an incident of pair or interlock `at`. */
  setIncident(at: number, isKnown: boolean): void {
    const { pairs } = this;
    if (at < pairs.length) pairs[at].hasIncident = isKnown;
    else this.interlocks[at - pairs.length].hasIncident = isKnown;
  }

  /** A block is over. */
  endBlock(): void {
    const { pairs, interlocks } = this;
    this.isAwake = false;
    for (let i = 0; i < pairs.length; i++) if (pairs[i].isPending()) this.isAwake = true;
    for (let i = 0; i < interlocks.length; i++)
      if (interlocks[i].isAwake || interlocks[i].hasIncident) this.isAwake = true;
  }

  /** Lets go of all of it. */
  release(): void {
    this.pairs.length = 0;
    this.interlocks.length = 0;
    this.contactPairs.length = 0;
    this.analogPairs.length = 0;
    this.analogLocks.length = 0;
  }

  /** Ends learning. */
  calibrate(): void {
    const { pairs, interlocks } = this;
    for (let i = 0; i < pairs.length; i++) pairs[i].calibrate();
    for (let i = 0; i < interlocks.length; i++) interlocks[i].calibrate();
  }
}
