/** What the detectors of contacts have in common: how long an event is told, and how large it can be. */

/** Rows for which what happened in one row is told. */
export const EVENT_ROWS = 10;
/** Distances count up to this. */
const EVENT_SCORE_MAX = 8;
/** The distance of what happened in one row, told for EVENT_ROWS; a larger one takes its place. */
export class HeldEvent {
  private distance = 0;
  private rows = 0;

  /** Holds a distance; false when the one that is held says more. */
  hold(distance: number): boolean {
    if (!this.isLargest(distance)) return false;
    this.distance = distance;
    this.rows = EVENT_ROWS;
    return true;
  }

  /** True when nothing that is held says more. */
  isLargest(distance: number): boolean {
    return this.rows === 0 || distance >= this.distance;
  }

  /** A row ends: the larger of what is held and `distance`, which is under way. */
  endRow(distance: number): number {
    let larger = distance;
    if (this.rows > 0) {
      this.rows--;
      if (this.distance > larger) larger = this.distance;
    }
    return larger < EVENT_SCORE_MAX ? larger : EVENT_SCORE_MAX;
  }

  restart(): void {
    this.rows = 0;
  }
}

/** Part of learning after which tails are collected. */
const SETTLED = 0.4;

/** True when enough was learned for distances from it to say something about those to come. */
export function isSettled(progress: number): boolean {
  return progress > SETTLED;
}
