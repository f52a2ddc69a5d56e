/**
 * How far outside of what was learned a subject of the cycle phase envelope is: an EWMA(0.12) of the distance, in units
 * held to 10, that starts anew with every cycle. 6 slots.
 */
const SPEED = 0.12;
/** A single row counts for at most this many units. */
const DISTANCE_MAX = 10;

/** EWMA of one subject, with its scale. */
export class Excess {
  /** The EWMA now. */
  excess = 0;
  /** It is held to this: anti-windup. */
  limit = Infinity;
  /** 1 / what it reaches in one learned cycle of ten. */
  share = 1;
  /** Largest in the cycle under way. */
  peak = 0;

  /** The distance outside in a row, in units; 0: inside. */
  add(distance: number): void {
    const held = distance < DISTANCE_MAX ? distance : DISTANCE_MAX;
    const excess = this.excess + SPEED * (held - this.excess);
    this.excess = excess < this.limit ? excess : this.limit;
    if (this.excess > this.peak) this.peak = this.excess;
  }

  /** A cycle begins. */
  reset(): void {
    this.excess = 0;
    this.peak = 0;
  }
}
