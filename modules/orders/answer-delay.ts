/**
 * The learned delay of one direction of a pair: longest and shortest, and the bound that an answer is held to.
 *
 *     bound = longest + (longest - shortest) / 2 + margin
 *
 * Six slots.
 */
import type { Archive } from '../model/archive.js';

/** Orders of a direction that must have been learned before it is watched. */
export const ORDERS_MIN = 3;

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
