/**
 * Frames of one device in the order of their sequence numbers: those that come early wait. Memory: WAITING_MAX frames;
 * when it is full the farthest gives way, to be taken from the store, or without one to be asked for again.
 */
import type { Runs } from './runs.js';
import type { Frame } from './verify.js';

const WAITING_MAX = 1024;

/** Where frames stand that came before they were due. */
export interface Shelf {
  readonly held: Runs;
  /** Undefined for a frame that is damaged; it is passed over. */
  load(sequence: number): Frame | undefined;
  onDamaged(sequence: number): void;
}

export class Delivery {
  /** Sequence number due next. */
  next: number;
  private readonly waiting = new Map<number, Frame>();
  private readonly shelf: Shelf | undefined;

  constructor(next: number, shelf?: Shelf) {
    this.next = next;
    this.shelf = shelf;
  }

  get hasWaiting(): boolean {
    return this.firstWaiting() !== undefined;
  }

  /** Keeps a frame until it is due; false when it came before or is already here. */
  offer(frame: Frame): boolean {
    const { sequence } = frame;
    if (sequence < this.next || this.waiting.has(sequence)) return false;
    this.waiting.set(sequence, frame);
    if (this.waiting.size > WAITING_MAX) this.waiting.delete(Math.max(...this.waiting.keys()));
    return true;
  }

  /** The frame due, if it is here. */
  take(): Frame | undefined {
    const { shelf } = this;
    for (;;) {
      const { next } = this;
      const isShelved = shelf?.held.has(next) === true;
      const frame = this.waiting.get(next) ?? (isShelved ? shelf?.load(next) : undefined);
      if (frame === undefined && !isShelved) return undefined;
      this.waiting.delete(next);
      this.next++;
      if (frame !== undefined) return frame;
      shelf?.onDamaged(next);
    }
  }

  /** Smallest sequence number waiting; undefined when none waits. */
  firstWaiting(): number | undefined {
    let first = this.shelf?.held.firstHeld(this.next);
    for (const sequence of this.waiting.keys()) if (first === undefined || sequence < first) first = sequence;
    return first;
  }

  /** Gives up what is before `next`, whether it waits or not. */
  skipTo(next: number): void {
    if (next <= this.next) return;
    this.next = next;
    for (const sequence of this.waiting.keys()) if (sequence < next) this.waiting.delete(sequence);
  }
}
