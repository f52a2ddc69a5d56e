/**
 * A contactor: closes 30 to 60 ms after its coil is energised, drops out 15 to 30 ms after it is not.
 * The auxiliary contact moves with the main contacts.
 */
import type { Random } from '../random.js';

const CLOSE_MS_MIN = 30;
const CLOSE_MS_MAX = 60;
const OPEN_MS_MIN = 15;
const OPEN_MS_MAX = 30;

export class Contactor {
  isClosed = false;
  /** True when the coil gets no current whatever the order says. */
  isCut = false;
  private coil = 0;
  private moveMs = 0;
  private readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  /** One millisecond on under `order` (1 on, 0 off). */
  step(order: number): void {
    const coil = this.isCut ? 0 : order;
    if (coil !== this.coil) {
      this.coil = coil;
      this.moveMs = coil === 1 ? this.delay(CLOSE_MS_MIN, CLOSE_MS_MAX) : this.delay(OPEN_MS_MIN, OPEN_MS_MAX);
    } else if (this.moveMs > 0 && --this.moveMs === 0) {
      this.isClosed = coil === 1;
    }
  }

  /** Most often near the middle: the point of the mains' wave at switching, heat and wear all add to it. */
  private delay(lowMs: number, highMs: number): number {
    const share = (this.random.uniform() + this.random.uniform() + this.random.uniform()) / 3;
    return Math.round(lowMs + (highMs - lowMs) * share);
  }
}
