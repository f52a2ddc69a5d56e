/**
 * What every pair of an order and its execution has: its verdicts, and how it words a finding.
 * Late is a fault (it came: wear); missing, contradicted and unordered are consistent with an attack.
 */
import type { PairConfiguration } from '../config/configuration.js';
import {
  CLASS_ATTACK,
  CLASS_FAULT,
  DETECTOR_ORDER,
  type Finding,
  VERDICT_CONTRADICTED,
  VERDICT_DONE,
  VERDICT_LATE,
  VERDICT_MISSING,
} from '../detect/finding.js';
import type { Archive, Archived } from '../model/archive.js';
import type { OperatingMode } from './operating-mode.js';

/** What an answer may be later than the learned longest, beside half the learned spread. */
export const MARGIN_US = 50_000;
/** The score of what lasts is held to this: how long it has lasted, the onset says. */
export const SCORE_MAX = 4;
/** The score of what has no measure. */
export const SCORE_PLAIN = 2;
const OFF_DELAY_US = 1_000_000;
/** Wear comes with every order: orders that are late one after the other are one incident, up to this far apart. */
const LATE_OFF_DELAY_US = 900_000_000;

/** Verdicts kept: done, late, missing, contradicted, unordered. */
export const VERDICTS = 5;

/** What is told of the delays of one direction. */
export interface LearnedDelay {
  readonly orders: number;
  readonly minUs: number;
  readonly maxUs: number;
  /** Infinity where too little was learned. */
  readonly boundUs: number;
}

/** A pair of any kind. */
export abstract class Pair implements Archived {
  /** Nothing to look at before this moment, but a change of a contact; Infinity: but that. */
  wakeAtUs = 0;
  abstract readonly archiveUnits: number;
  /** What makes its operating mode; null: the wiring states none. */
  abstract readonly operating: OperatingMode<unknown> | null;
  /** Verdicts since a readings frame told them last: done, late, missing, contradicted, unordered. */
  readonly verdicts: number[] = [0, 0, 0, 0, 0];
  /** True while the incident table knows an incident of this pair. */
  hasIncident = false;
  private offDelayUs = OFF_DELAY_US;
  /** Channel numbers. */
  readonly order: number;
  readonly execution: number;
  readonly inversion: number;
  readonly marginUs: number;
  readonly index: number;

  /** `sampleUs` between two samples: what is sampled slowly cannot be judged more finely. */
  constructor(c: PairConfiguration, index: number, sampleUs: number) {
    this.order = c.order;
    this.execution = c.execution;
    this.inversion = c.isInverted ? 1 : 0;
    this.marginUs = sampleUs > MARGIN_US ? sampleUs : MARGIN_US;
    this.index = index;
  }

  /** True when a readings frame would have something to tell. */
  hasVerdicts(): boolean {
    const { verdicts } = this;
    for (let i = 0; i < VERDICTS; i++) if (verdicts[i] > 0) return true;
    return false;
  }

  /** A frame tells the verdicts. */
  restartVerdicts(): void {
    for (let i = 0; i < VERDICTS; i++) this.verdicts[i] = 0;
    if (this.operating !== null) this.operating.pooledOrders = 0;
  }

  /** An order that was told missing has been executed after all: late. What no frame has told yet is taken back. */
  protected countLate(wasMissing: boolean): void {
    const { verdicts } = this;
    if (wasMissing && verdicts[VERDICT_MISSING] > 0) verdicts[VERDICT_MISSING]--;
    verdicts[VERDICT_LATE]++;
  }

  /** An order that was done is contradicted after all: one verdict for an order. */
  protected countContradicted(wasDone: boolean): void {
    const { verdicts } = this;
    if (wasDone && verdicts[VERDICT_DONE] > 0) verdicts[VERDICT_DONE]--;
    verdicts[VERDICT_CONTRADICTED]++;
  }

  protected begin(finding: Finding): void {
    finding.begin(DETECTOR_ORDER, this.index, this.execution);
    finding.offDelayUs = this.offDelayUs;
  }

  /** What is wrong, in engineering units or levels. */
  protected say(
    finding: Finding,
    verdict: number,
    onsetUs: number,
    score: number,
    expected: number,
    observed: number,
  ): void {
    if (verdict !== VERDICT_LATE) this.offDelayUs = OFF_DELAY_US;
    else if (!this.hasIncident) this.offDelayUs = LATE_OFF_DELAY_US;
    finding.isActive = true;
    finding.offDelayUs = this.offDelayUs;
    finding.incidentClass = verdict === VERDICT_LATE ? CLASS_FAULT : CLASS_ATTACK;
    finding.verdict = verdict;
    finding.score = score < SCORE_MAX ? score : SCORE_MAX;
    finding.onsetUs = onsetUs;
    finding.channels = 2;
    finding.channel[0] = this.execution;
    finding.channel[1] = this.order;
    finding.expectedLow = expected;
    finding.expectedHigh = expected;
    finding.observed = observed;
  }

  /**
   * The delays of a mode, MODE_UNKNOWN: of all together; `direction` 0: of answers to an order that opens or falls,
   * 1: to one that closes or rises.
   */
  abstract learnedDelay(mode: number, direction: number): LearnedDelay;

  /** What the answer took until it left its rest, where that was learned. */
  learnedLeft(_mode: number, _direction: number): LearnedDelay | null {
    return null;
  }

  /** The bound that goes with a delay, the margin included. */
  toldBoundUs(delay: LearnedDelay): number {
    return delay.boundUs;
  }

  /** How many numbers beside delays were learned: two levels, or gain, offset and tolerance. */
  learnedNumbers(_mode: number): number {
    return 0;
  }

  /** Such a number in engineering units; NaN where it is not known. */
  learnedNumber(_mode: number, _index: number): number {
    return NaN;
  }

  /** True while the pair must be stepped in every block. */
  abstract isPending(): boolean;

  /** Ends learning; `learnings` like this one may go by until a verdict on one of its bounds is wrong by chance. */
  abstract calibrate(learnings: number): void;

  abstract archive(unit: number, archive: Archive): void;
}
