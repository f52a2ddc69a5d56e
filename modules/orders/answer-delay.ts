/**
 * The learned delay of one direction of a pair: longest and shortest of n orders, and the bound that an answer is held
 * to.
 *
 *     bound = longest + k (longest - shortest) + margin        k is a half at least
 *
 * By chance one answer in r n may be later: r learnings like this one may go by until then. Were delays a least one and
 * an exponential rest, the next answer would be later than that (but for the margin) with the probability
 *
 *     P(k) = n / (n + 1) * product of j / (j + 1 + k) over j = 1 .. n - 1
 *
 * (spacings of exponential order statistics: Renyi, Acta Mathematica Hungarica 4, 1953), and k solves P(k) = 1 / (r n).
 * With r = 30 it is 9 after three orders, which say little, 2.2 after ten, 0.85 after a hundred, a half after
 * thousands.
 * Six slots.
 */
import { ln } from '../base/elementary.js';
import type { Archive } from '../model/archive.js';

/** Orders of a direction that must have been learned before it is watched. */
export const ORDERS_MIN = 3;

const REACH_MIN = 0.5;
const REACH_STEPS_MAX = 8;
const REACH_PRECISION = 0.01;
/** Factors of the product that are multiplied; the others are two terms of their logarithms' sum. */
const FACTORS_MAX = 16;

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

  /** `learnings` like this one may go by until an answer is late by chance. */
  calibrate(marginUs: number, learnings: number): void {
    const { orders, maxUs, minUs } = this;
    if (orders >= ORDERS_MIN) this.boundUs = maxUs + reachOf(orders, learnings) * (maxUs - minUs) + marginUs;
  }

  archive(archive: Archive): void {
    this.maxUs = archive.number(this.maxUs);
    this.boundUs = archive.number(this.boundUs);
  }
}

/** k of `orders` learned, by Newton's method: -ln P is concave in k, so that it comes from below. */
export function reachOf(orders: number, learnings: number): number {
  const wanted = ln(orders * learnings);
  const factors = orders < FACTORS_MAX ? orders : FACTORS_MAX;
  const far = 1 / (factors - 0.5);
  const rest = orders > factors ? ln(far * (orders - 0.5)) : 0;
  const restSquares = orders > factors ? far - 1 / (orders - 0.5) : 0;
  let k = REACH_MIN;
  for (let i = 0; i < REACH_STEPS_MAX; i++) {
    const power = 1 + k;
    let product = 1 + 1 / orders;
    let slope = rest - power * restSquares;
    for (let j = 1; j < factors; j++) {
      product *= (j + power) / j;
      slope += 1 / (j + power);
    }
    const step = (wanted - ln(product) - power * rest + 0.5 * power * power * restSquares) / slope;
    if (!(step > REACH_PRECISION)) break;
    k += step;
  }
  return k;
}
