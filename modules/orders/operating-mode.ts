/**
 * The operating mode that a pair's answers are learned apart for: the levels of one or two contacts that the wiring
 * names.
 *
 *     mode = level of the first + 2 * level of the second
 *
 * An order belongs to the mode in which it began. The mode may switch while it is under way: it is then held to the
 * widest bound of all modes that it has seen, and teaches none of them. Eight slots.
 */
import type { ContactSignal } from '../condition/contact-signal.js';
import { QUALITY_GOOD } from '../condition/quality.js';
import { PAIR_MODES_MAX } from '../limits.js';

/** The mode where a contact of it says nothing: what was learned in all modes together is all that is known. */
export const MODE_UNKNOWN = PAIR_MODES_MAX;

/** Follows the mode over one pair's orders, and holds what was learned in each. */
export class OperatingMode<Learned> {
  /** In which the order of now, or the last one, began. */
  mode = MODE_UNKNOWN;
  /** Farthest that its answer went the other way first, while that is learned. */
  wrong = 0;
  /** All that it has seen, a bit each. */
  private seen = 0;
  /** Orders watched that began in a mode hardly or never learned, since a readings frame told them last. */
  pooledOrders = 0;
  /** What was learned in each of its 2 or 4 modes; filled by the pair. */
  readonly learned: Learned[] = [];
  private readonly first: ContactSignal;
  private readonly second: ContactSignal | null;

  constructor(first: ContactSignal, second: ContactSignal | null) {
    this.first = first;
    this.second = second;
  }

  /** Modes that there are. */
  count(): number {
    return this.second === null ? 2 : PAIR_MODES_MAX;
  }

  /** The mode of now, by debounced levels. */
  now(): number {
    const { first, second } = this;
    if (first.quality !== QUALITY_GOOD) return MODE_UNKNOWN;
    if (second === null) return first.level;
    return second.quality === QUALITY_GOOD ? first.level + 2 * second.level : MODE_UNKNOWN;
  }

  /** An order began at `atUs`: a contact that has switched since stood at its other level then. */
  begin(atUs: number): void {
    const { first, second } = this;
    const now = this.now();
    let then = now;
    if (now !== MODE_UNKNOWN) {
      if (first.changedAtUs > atUs) then ^= 1;
      if (second !== null && second.changedAtUs > atUs) then ^= 2;
    }
    this.mode = then;
    this.wrong = 0;
    this.seen = (1 << then) | (1 << now);
  }

  /** Another block of the order under way. */
  follow(): void {
    this.seen |= 1 << this.now();
  }

  /** A contact of it has an edge that is not debounced yet. */
  isSwitching(): boolean {
    return this.first.burstAtUs >= 0 || (this.second !== null && this.second.burstAtUs >= 0);
  }

  /** The order has seen one mode, and that is known. */
  isSteady(): boolean {
    return this.mode !== MODE_UNKNOWN && this.seen === 1 << this.mode;
  }

  /** The order has seen `mode`. */
  hasSeen(mode: number): boolean {
    return (this.seen & (1 << mode)) !== 0;
  }
}
