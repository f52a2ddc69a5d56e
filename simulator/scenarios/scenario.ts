/** What a scenario is. */
import type { World } from '../world.js';

export interface Scenario {
  readonly name: string;
  /** What the witness should make of it: an attack, a fault, or nothing that it calls an attack. */
  readonly expected: 'attack' | 'fault' | 'quiet';
  /** The plant that it is played at; null: any. */
  readonly plant: string | null;
  /** When `apply` is called by default, in seconds after the start; null: never. */
  readonly atS: number | null;
  /** How long it takes to show, in seconds after `apply`. */
  readonly watchS: number;
  /** True where it begins with the plant: the witness learns from what is already wrong. */
  readonly isInLearning?: true;
  /** True where it takes so long that it is played only when named. */
  readonly isLong?: true;
  /** True where it is the witness's bus that suffers: only a witness on one sees it. */
  readonly isOnBus?: true;
  /** Channels to be drawn, reported against measured; the most telling first. */
  readonly shows: readonly string[];
  /**
   * Begins the event. What it returns is called before each sample from then on, the first time at once; null: there is
   * nothing more to do, and every loop is its transmitter's.
   */
  apply(world: World): (() => void) | null;
}
