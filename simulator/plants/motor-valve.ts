/**
 * A motorised on-off valve: opens while ordered, closes otherwise, a stroke taking about 2 s; limit switches at both ends.
 */
import type { Random } from '../random.js';

const STROKE_MS = 2000;
/** Standard deviation of the stroke time from stroke to stroke. */
const STROKE_DEVIATION = 0.015;
const START_MS_MIN = 40;
const START_MS_MAX = 80;
const LIMIT_SHARE = 0.015;

export class MotorValve {
  /** 0 closed to 1 open. */
  position = 0;
  /** Stroke times are so many times as long: wear. */
  strokeFactor = 1;
  private direction = 0;
  private startMs = 0;
  private stepShare = 0;
  private readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  get isOpened(): boolean {
    return this.position > 1 - LIMIT_SHARE;
  }

  get isClosed(): boolean {
    return this.position < LIMIT_SHARE;
  }

  /** One millisecond on under `order` (1 open, 0 close). */
  step(order: number): void {
    const direction = order === 1 ? 1 : -1;
    if (direction !== this.direction) {
      this.direction = direction;
      this.startMs = Math.round(this.random.between(START_MS_MIN, START_MS_MAX));
      this.stepShare = direction / (STROKE_MS * this.strokeFactor * (1 + STROKE_DEVIATION * this.random.gaussian()));
    } else if (this.startMs > 0) {
      this.startMs--;
    } else {
      const position = this.position + this.stepShare;
      this.position = position < 0 ? 0 : Math.min(position, 1);
    }
  }
}
