/**
 * A channel by itself, without the machine's phase: how far it ever was from its own slow level,
 *
 *     level' = level + (value - level) / rows of LEVEL_CYCLES mean cycles
 *
 * While watching, what the level follows is held to the band of the learned differences: a jump is told for longer the
 * farther it goes, and only a wander that is slow against the cycle is followed.
 *
 * While learning also which of two predictions of values not learned yet is nearer: the level, or the middle of the
 * phase's envelope, `lead` = sum of (value - level)^2 - (value - middle)^2 / PHASE_PART. 4 slots.
 */
import type { Archive } from './archive.js';

/** Mean cycles over which the level follows. */
export const LEVEL_CYCLES = 16;
/** The phase must leave less than this part of the variance about the own level, or it does not rule the channel. */
const PHASE_PART = 0.5;

/** Level of one channel and the band about it. */
export class OwnLevel {
  level = 0;
  /** Smallest and largest learned difference from the level. */
  low = Infinity;
  high = -Infinity;
  /** Above 0: the phase predicts the channel. */
  lead = 0;

  /** Whether the middle of the phase's envelope was nearer to a value than the level. */
  compare(value: number, middle: number): void {
    const own = value - this.level;
    const phase = value - middle;
    this.lead += own * own - (phase * phase) / PHASE_PART;
  }

  /** Learns the difference; `speed` as for `follow`. */
  learn(value: number): void {
    const difference = value - this.level;
    if (difference < this.low) this.low = difference;
    if (difference > this.high) this.high = difference;
  }

  /** The level follows by `speed`, the part of the difference taken in a row. */
  follow(value: number, speed: number): void {
    this.level += speed * (value - this.level);
  }

  /** The same while watching. */
  followWithin(value: number, speed: number): void {
    const difference = value - this.level;
    const { low, high } = this;
    this.level += speed * (difference > high ? high : difference < low ? low : difference);
  }

  archive(archive: Archive): void {
    this.low = archive.number(this.low);
    this.high = archive.number(this.high);
  }
}
