/** What was lost and is not yet told: how many, from when to when. */
export class Loss {
  count = 0;
  fromUs = 0;
  toUs = 0;

  /** Adds `count` losses between two moments, in microseconds of the board's clock. */
  add(count: number, fromUs: number, toUs: number): void {
    if (this.count === 0) this.fromUs = fromUs;
    this.count += count;
    this.toUs = toUs;
  }
}
