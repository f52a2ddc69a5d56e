/**
 * An interlock: while its condition is present, its outputs must stand at their levels. The time that they have is
 * stated, or learned as that of a pair's answer; a second where neither. A violation is an output that is not there by
 * then, or leaves again while the condition lasts. All of several outputs at those levels with no condition present is
 * told too, where learning has never seen it. About 30 slots.
 */
import type { AnalogSignal } from '../condition/analog-signal.js';
import type { ContactSignal } from '../condition/contact-signal.js';
import { QUALITY_BAD, QUALITY_GOOD } from '../condition/quality.js';
import type { InterlockConfiguration } from '../config/configuration.js';
import { CLASS_ATTACK, DETECTOR_INTERLOCK, type Finding } from '../detect/finding.js';
import type { Archive, Archived } from '../model/archive.js';
import { AnswerDelay } from './answer-delay.js';
import { MARGIN_US, SCORE_MAX, SCORE_PLAIN } from './pair.js';

const WITHIN_US = 1_000_000;
const OFF_DELAY_US = 1_000_000;

/** One interlock. */
export class Interlock implements Archived {
  readonly archiveUnits = 1;
  /** Must be stepped in every block. */
  isAwake = true;
  hasIncident = false;
  readonly delay = new AnswerDelay();
  /** The condition's line: one of the two. */
  readonly analog: AnalogSignal | null;
  readonly contact: ContactSignal | null;
  /** Beyond these counts the analog condition is present. */
  readonly lowCounts: number = -Infinity;
  readonly highCounts: number = Infinity;
  private readonly level: number;
  private readonly outputs: readonly ContactSignal[];
  private readonly levels: readonly number[];
  private readonly channels: readonly number[];
  private readonly channel: number;
  private readonly index: number;
  private readonly statedUs: number;
  private readonly marginUs: number;
  /** Present since; -1: it is not. */
  private presentAtUs = -1;
  /** All outputs stood at their levels since the condition came. */
  private isObeyed = false;
  private leftAtUs = -1;
  /** All outputs at their levels with no condition since; -1: they are not. */
  private alikeAtUs = -1;
  private hasSeenAlike = false;
  private isUncalled = false;

  /** `signals` and `contacts` of the whole board. */
  constructor(
    c: InterlockConfiguration,
    index: number,
    sampleUs: number,
    signals: readonly AnalogSignal[],
    contacts: readonly ContactSignal[],
  ) {
    const first = signals.length;
    this.index = index;
    this.channel = c.channel;
    this.level = c.level ?? -1;
    this.analog = c.level === null ? signals[c.channel] : null;
    this.contact = c.level === null ? null : contacts[c.channel - first];
    if (this.analog !== null) {
      const { gain, offset } = this.analog;
      const counts = ((c.above ?? c.below ?? 0) - offset) / gain;
      if ((c.above !== null) === gain > 0) this.highCounts = counts;
      else this.lowCounts = counts;
    }
    this.outputs = c.outputs.map((output) => contacts[output.channel - first]);
    this.levels = c.outputs.map((output) => output.level);
    this.channels = c.outputs.map((output) => output.channel);
    this.statedUs = c.withinMs === null ? -1 : c.withinMs * 1000;
    this.marginUs = sampleUs > MARGIN_US ? sampleUs : MARGIN_US;
  }

  /** Time that the outputs have. */
  boundUs(): number {
    if (this.statedUs > 0) return this.statedUs;
    return this.delay.boundUs < Infinity ? this.delay.boundUs : WITHIN_US;
  }

  /** Follows condition and outputs through one block. True when `finding` has something to say. */
  step(nowUs: number, isLearning: boolean, finding: Finding): boolean {
    const wrong = this.firstWrong();
    const isPresent = this.isPresent();
    if (!isPresent) this.presentAtUs = -1;
    else if (this.presentAtUs < 0) {
      this.presentAtUs = this.contact !== null ? this.contact.changedAtUs : nowUs;
      this.isObeyed = false;
      this.leftAtUs = -1;
    }
    this.followAlike(wrong, isPresent, nowUs, isLearning);
    const score = isPresent ? this.obey(wrong, nowUs, isLearning) : 0;
    const isWrong = !isLearning && (score > 1 || this.isUncalled);
    this.isAwake = isPresent || this.alikeAtUs >= 0 || isWrong || this.hasIncident;
    if (!isWrong && !this.hasIncident) return false;
    finding.begin(DETECTOR_INTERLOCK, this.index, this.channel);
    finding.offDelayUs = OFF_DELAY_US;
    if (isWrong) this.word(wrong, score, finding);
    return true;
  }

  private isPresent(): boolean {
    const { contact, analog } = this;
    if (contact !== null) return contact.level === this.level;
    if (analog === null || analog.quality === QUALITY_BAD) return false;
    return analog.mean > this.highCounts || analog.mean < this.lowCounts;
  }

  /** Index of the first output that is not at its level; -1: none. */
  private firstWrong(): number {
    const { outputs, levels } = this;
    for (let i = 0; i < outputs.length; i++)
      if (outputs[i].quality === QUALITY_GOOD && outputs[i].level !== levels[i]) return i;
    return -1;
  }

  /** The score of an output that is not where the condition wants it: time over bound. */
  private obey(wrong: number, nowUs: number, isLearning: boolean): number {
    if (wrong < 0) {
      if (!this.isObeyed && isLearning) this.delay.add(this.obeyedAtUs() - this.presentAtUs);
      this.isObeyed = true;
      this.leftAtUs = -1;
      return 0;
    }
    if (!this.isObeyed) return (nowUs - this.presentAtUs) / this.boundUs();
    if (this.leftAtUs < 0) this.leftAtUs = this.outputs[wrong].changedAtUs;
    return (nowUs - this.leftAtUs) / this.marginUs;
  }

  /** When the last output reached its level, not before the condition came. */
  private obeyedAtUs(): number {
    const { outputs } = this;
    let atUs = this.presentAtUs;
    for (let i = 0; i < outputs.length; i++) if (outputs[i].changedAtUs > atUs) atUs = outputs[i].changedAtUs;
    return atUs;
  }

  /** All outputs as if the condition were present, which it is not, for longer than it could still be on its way. */
  private followAlike(wrong: number, isPresent: boolean, nowUs: number, isLearning: boolean): void {
    if (this.hasSeenAlike || this.outputs.length < 2) return;
    if (wrong >= 0 || isPresent) {
      this.alikeAtUs = -1;
      this.isUncalled = false;
      return;
    }
    // the first state known is no event
    if (this.alikeAtUs < 0) this.alikeAtUs = nowUs;
    if (nowUs - this.alikeAtUs <= this.marginUs) return;
    if (isLearning) {
      this.hasSeenAlike = true;
      this.alikeAtUs = -1;
    } else this.isUncalled = true;
  }

  private word(wrong: number, score: number, finding: Finding): void {
    const at = wrong >= 0 ? wrong : 0;
    finding.isActive = true;
    finding.incidentClass = CLASS_ATTACK;
    finding.channels = 2;
    finding.channel[0] = this.channels[at];
    finding.channel[1] = this.channel;
    finding.onsetUs = this.isUncalled ? this.alikeAtUs : this.leftAtUs >= 0 ? this.leftAtUs : this.presentAtUs;
    finding.score = this.isUncalled ? SCORE_PLAIN : score < SCORE_MAX ? score : SCORE_MAX;
    finding.expectedLow = this.isUncalled ? 1 - this.levels[at] : this.levels[at];
    finding.expectedHigh = finding.expectedLow;
    finding.observed = this.outputs[at].level;
  }

  /** Ends learning. */
  calibrate(learnings: number): void {
    this.delay.calibrate(this.marginUs, learnings);
    // after learning the outputs may stand alike for the first time only by an event
    if (this.alikeAtUs >= 0) this.hasSeenAlike = true;
  }

  archive(_unit: number, archive: Archive): void {
    this.delay.archive(archive);
    this.hasSeenAlike = archive.uint16(this.hasSeenAlike ? 1 : 0) === 1;
  }
}
