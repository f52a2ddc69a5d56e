/**
 * A pneumatic cylinder with a spring: goes out while its valve is open, back otherwise; end switches at both ends.
 *
 *     valve      shifts 12 to 25 ms after its coil, by the coil or by hand
 *     chamber    bar' = (supply or 0 - bar) / 60 ms
 *     travel     begins above the spring's 1.5 bar, in proportion to what is beyond it; friction differs by 2 %
 */
import type { Random } from '../random.js';

const SHIFT_MS_MIN = 12;
const SHIFT_MS_MAX = 25;
const CHAMBER_FOLLOW = 1 / 60;
const SPRING_BAR = 1.5;
const FRICTION_DEVIATION = 0.02;
const END_SHARE = 0.02;
const RETURN_BAR = 5;

export class Cylinder {
  /** 0 back to 1 out. */
  travel = 0;
  bar = 0;
  /** True while somebody holds the valve's hand override. */
  isForced = false;
  private isOpen = false;
  private coil = 0;
  private shiftMs = 0;
  private friction = 1;
  /** Travel per millisecond and bar. */
  private readonly sharePerBar: number;
  private readonly random: Random;

  /** `strokeMs` at 5 bar beyond the spring. */
  constructor(strokeMs: number, random: Random) {
    this.sharePerBar = 1 / (strokeMs * RETURN_BAR);
    this.random = random;
  }

  get isOut(): boolean {
    return this.travel > 1 - END_SHARE;
  }

  get isBack(): boolean {
    return this.travel < END_SHARE;
  }

  /** One millisecond on under `order` (1 out, 0 back). True in the millisecond in which it takes its fill of air. */
  step(order: number, supplyBar: number): boolean {
    const coil = this.isForced ? 1 : order;
    let isFilling = false;
    if (coil !== this.coil) {
      this.coil = coil;
      this.shiftMs = Math.round(this.random.between(SHIFT_MS_MIN, SHIFT_MS_MAX));
      this.friction = 1 + FRICTION_DEVIATION * this.random.gaussian();
    } else if (this.shiftMs > 0 && --this.shiftMs === 0) {
      isFilling = coil === 1;
      this.isOpen = coil === 1;
    }
    this.bar += ((this.isOpen ? supplyBar : 0) - this.bar) * CHAMBER_FOLLOW;
    const beyond = this.isOpen ? Math.max(this.bar - SPRING_BAR, 0) : Math.min(this.bar - RETURN_BAR, 0);
    const travel = this.travel + beyond * this.sharePerBar * this.friction;
    this.travel = travel < 0 ? 0 : Math.min(travel, 1);
    return isFilling;
  }
}
