/**
 * Wall time from signed set-time commands, with what it may be wrong by. Nothing is known after a reset.
 *
 *   time(t) = set + (t - t_set) (1 + drift),   uncertainty(t) = u_set + (t - t_set) bound
 *
 * Two settings give the drift: how much more of the operator's time passed than of the board's, to within (u1 + u2) /
 * interval. Until then, and where they contradict what a crystal can do, drift is 0 and the bound DRIFT_MAX. 112 bytes.
 */

/** A crystal's error over temperature and age, and what is left of it once it was measured. */
export const DRIFT_MAX = 100e-6;
const DRIFT_RESIDUE = 20e-6;
/** No board of ours has seen a moment before: 2025-01-01. */
export const UNIX_MS_MIN = 1_735_689_600_000;
export const UNIX_MS_MAX = 253_402_300_799_999;

/** The wall clock of one board. */
export class WallClock {
  isSet = false;
  /** Part by which the operator's time runs faster than the board's, and what that may be wrong by. */
  drift = 0;
  driftBound = DRIFT_MAX;
  private setUs = 0;
  private setMs = 0;
  private setUncertaintyMs = 0;
  /** The setting that drift is measured from. */
  private baseUs = 0;
  private baseMs = 0;
  private baseUncertaintyMs = 0;

  /** At `nowUs` of the board the time is `unixMs`, give or take `uncertaintyMs`. */
  set(nowUs: number, unixMs: number, uncertaintyMs: number): void {
    if (!this.isSet || this.measureDrift(nowUs, unixMs, uncertaintyMs)) {
      this.baseUs = nowUs;
      this.baseMs = unixMs;
      this.baseUncertaintyMs = uncertaintyMs;
    }
    this.isSet = true;
    this.setUs = nowUs;
    this.setMs = unixMs;
    this.setUncertaintyMs = uncertaintyMs;
  }

  /** True when the next drift is to be measured from this setting. */
  private measureDrift(nowUs: number, unixMs: number, uncertaintyMs: number): boolean {
    const intervalMs = (nowUs - this.baseUs) / 1000;
    const drift = (unixMs - this.baseMs - intervalMs) / intervalMs;
    const bound = (uncertaintyMs + this.baseUncertaintyMs) / intervalMs;
    if (!(drift <= DRIFT_MAX + bound && drift >= -DRIFT_MAX - bound)) {
      this.drift = 0;
      this.driftBound = DRIFT_MAX;
      return true;
    }
    // tells less than what is known: the base stays, so that the next interval is longer
    if (!(bound + DRIFT_RESIDUE < this.driftBound)) return false;
    this.drift = drift;
    this.driftBound = bound + DRIFT_RESIDUE;
    return true;
  }

  /** Unix time in milliseconds, not whole. */
  unixMs(nowUs: number): number {
    const ms = (nowUs - this.setUs) / 1000;
    return this.setMs + ms + ms * this.drift;
  }

  uncertaintyMs(nowUs: number): number {
    return this.setUncertaintyMs + ((nowUs - this.setUs) / 1000) * this.driftBound;
  }
}
