/**
 * A mechanical 24 V contact: after each change it bounces for a few milliseconds, closing more than opening.
 * The tap's opto-isolator makes two levels of it: 1 with 24 V on the wire, 0 without.
 */
import type { Random } from './random.js';

const CLOSING_BOUNCES_MAX = 3;
const OPENING_BOUNCES_MAX = 1;
const HALF_BOUNCE_MS_MAX = 2;

/** A contact rests this long after it began to move, at the latest. */
export const SETTLE_MS_MAX = 2 * CLOSING_BOUNCES_MAX * HALF_BOUNCE_MS_MAX;

export class Contact {
  level: number;
  private position: number;
  private togglesLeft = 0;
  private waitMs = 0;
  private readonly random: Random;

  constructor(level: number, random: Random) {
    this.level = level;
    this.position = level;
    this.random = random;
  }

  /** One millisecond on, the mechanism standing at `position` (1 closed, 0 open). Gives the level on the wire. */
  step(position: number): number {
    if (position !== this.position) this.move(position);
    else if (this.togglesLeft > 0 && --this.waitMs === 0) this.bounce();
    return this.level;
  }

  private move(position: number): void {
    this.position = position;
    this.level = position;
    this.togglesLeft = 2 * this.random.below(1 + (position === 1 ? CLOSING_BOUNCES_MAX : OPENING_BOUNCES_MAX));
    this.waitMs = 1 + this.random.below(HALF_BOUNCE_MS_MAX);
  }

  private bounce(): void {
    this.level = 1 - this.level;
    this.togglesLeft--;
    this.waitMs = 1 + this.random.below(HALF_BOUNCE_MS_MAX);
  }
}
