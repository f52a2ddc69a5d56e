/**
 * Noise on the links: what came and was nobody's (BoardLink.noise) in the last ten seconds or so, against four times
 * the most of it while learning, and never less than a jabbering node makes nor more than any healthy bus does.
 *
 *     level <- 0.9 level + noise of this second,   score = level / bound
 *
 * A flooded bus keeps frames from those who wait for them; they stay in the log. One comparison a second, five numbers.
 */
import type { Archive, Archived } from '../model/archive.js';
import type { Finding } from './finding.js';

const KEEP = 0.9;
const MARGIN = 4;
const BOUND_MIN = 30;
const BOUND_MAX = 300;
/** The level is that of ten seconds. */
const PER_MINUTE = 6;
const ON_DELAY_US = 5_000_000;
const OFF_DELAY_US = 60_000_000;

/** Noise on all links together. */
export class LinkNoise implements Archived {
  /** True while the incident table knows its incident. */
  hasIncident = false;
  readonly archiveUnits = 1;
  private level = 0;
  private before: number;
  private largest = 0;

  /** `noise`: counted since start, before this one listens. */
  constructor(noise = 0) {
    this.before = noise;
  }

  /** Once a second; `noise` is counted since start. The score. */
  add(noise: number, isLearning: boolean): number {
    const level = KEEP * this.level + noise - this.before;
    this.before = noise;
    this.level = level;
    if (isLearning && level > this.largest) this.largest = level;
    return level / (isLearning ? BOUND_MAX : this.bound());
  }

  private bound(): number {
    const learned = MARGIN * this.largest;
    if (learned < BOUND_MIN) return BOUND_MIN;
    return learned < BOUND_MAX ? learned : BOUND_MAX;
  }

  /** Noise a minute, as it is and as it may be; no channel has to do with it. */
  explain(finding: Finding, isLearning: boolean): void {
    finding.channels = 0;
    finding.onDelayUs = ON_DELAY_US;
    finding.offDelayUs = OFF_DELAY_US;
    finding.expectedLow = 0;
    finding.expectedHigh = PER_MINUTE * (isLearning ? BOUND_MAX : this.bound());
    finding.observed = PER_MINUTE * this.level;
  }

  archive(_unit: number, archive: Archive): void {
    this.largest = archive.number(this.largest);
  }
}
