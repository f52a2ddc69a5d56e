/**
 * How plant time runs: with the real clock, or some times as fast. The board's clock is the real one in between, and
 * skips to the end of each block that is handed over ahead of it: a plant too fast for this machine falls behind its
 * speed, and no block is lost.
 */
import type { Clock } from '../../modules/board.js';

export class Pace implements Clock {
  readonly speed: number;
  private readonly realUs: () => number;
  private readonly startUs: number;
  private skippedUs = 0;

  /** `realUs` is monotonic; `speed` is 1 or more, Infinity for as fast as the firmware reads. */
  constructor(realUs: () => number, speed: number) {
    this.realUs = realUs;
    this.speed = speed;
    this.startUs = realUs();
  }

  nowUs(): number {
    return this.realUs() - this.startUs + this.skippedUs;
  }

  /** True once a block that ends at `timeUs` may be handed over. */
  isDue(timeUs: number): boolean {
    return this.speed === Infinity || timeUs <= (this.realUs() - this.startUs) * this.speed;
  }

  /** A block that ends at `timeUs` is handed over. */
  skipTo(timeUs: number): void {
    const aheadUs = timeUs - this.nowUs();
    if (aheadUs > 0) this.skippedUs += aheadUs;
  }
}
