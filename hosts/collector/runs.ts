/** A set of sequence numbers as runs without a hole, in order. Memory: 16 bytes a run, whatever its length. */

/** First and last number, both in it. */
export interface Run {
  readonly first: number;
  readonly last: number;
}

export class Runs {
  private readonly firsts: number[] = [];
  private readonly lasts: number[] = [];

  constructor(runs: Iterable<Run> = []) {
    for (const { first, last } of runs) this.add(first, last);
  }

  get size(): number {
    let size = 0;
    for (let i = 0; i < this.firsts.length; i++) size += this.lasts[i] - this.firsts[i] + 1;
    return size;
  }

  /** One more than the largest number; 0 when there is none. */
  get end(): number {
    return this.lasts.length === 0 ? 0 : this.lasts[this.lasts.length - 1] + 1;
  }

  list(): Run[] {
    return this.firsts.map((first, i) => ({ first, last: this.lasts[i] }));
  }

  has(number: number): boolean {
    const i = this.runFrom(number);
    return i < this.firsts.length && this.firsts[i] <= number;
  }

  add(first: number, last = first): void {
    const { firsts, lasts } = this;
    // The runs that touch first..last become one with it.
    const start = this.runFrom(first - 1);
    let end = start;
    while (end < firsts.length && firsts[end] <= last + 1) end++;
    if (end > start) {
      first = Math.min(first, firsts[start]);
      last = Math.max(last, lasts[end - 1]);
    }
    firsts.splice(start, end - start, first);
    lasts.splice(start, end - start, last);
  }

  /** Smallest number from `from` on that is not in it. */
  firstMissing(from: number): number {
    const i = this.runFrom(from);
    return i < this.firsts.length && this.firsts[i] <= from ? this.lasts[i] + 1 : from;
  }

  /** Smallest number from `from` on that is in it; undefined when there is none. */
  firstHeld(from: number): number | undefined {
    const i = this.runFrom(from);
    return i < this.firsts.length ? Math.max(from, this.firsts[i]) : undefined;
  }

  /** What is missing from `from` up to the largest number. */
  gaps(from: number): Run[] {
    const gaps: Run[] = [];
    for (let first = this.firstMissing(from); first < this.end; ) {
      const held = this.firstHeld(first) as number;
      gaps.push({ first, last: held - 1 });
      first = this.firstMissing(held);
    }
    return gaps;
  }

  /** What is in it and not in `other`. */
  without(other: Runs): Run[] {
    const runs: Run[] = [];
    for (const { first, last } of this.list())
      for (let at = other.firstMissing(first); at <= last; ) {
        const end = Math.min(last, (other.firstHeld(at) ?? last + 1) - 1);
        runs.push({ first: at, last: end });
        at = other.firstMissing(end + 1);
      }
    return runs;
  }

  /** Index of the first run that ends at `number` or later. */
  private runFrom(number: number): number {
    const { lasts } = this;
    let [low, high] = [0, lasts.length];
    if (high > 0 && lasts[high - 1] < number) return high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (lasts[middle] < number) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
