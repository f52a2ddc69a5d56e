/**
 * Frames of one device in the order of their sequence numbers: those that come early wait. Memory: WAITING_MAX frames;
 * when it is full the farthest gives way, to be asked for again.
 */
import type { Frame } from './verify.js';

const WAITING_MAX = 1024;

export class Delivery {
  /** Sequence number due next. */
  next: number;
  private readonly waiting = new Map<number, Frame>();

  constructor(next: number) {
    this.next = next;
  }

  get hasWaiting(): boolean {
    return this.waiting.size > 0;
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
    const frame = this.waiting.get(this.next);
    if (frame === undefined) return undefined;
    this.waiting.delete(this.next);
    this.next++;
    return frame;
  }

  /** Smallest sequence number waiting; undefined when none waits. */
  firstWaiting(): number | undefined {
    let first: number | undefined;
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
