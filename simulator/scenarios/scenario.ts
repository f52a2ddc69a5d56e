/** What a scenario is. */
import type { World } from '../world.js';

export interface Scenario {
  readonly name: string;
  /** What the witness should make of it. */
  readonly expected: 'attack' | 'fault' | 'quiet';
  /** The plant that it is played at; null: any. */
  readonly plant: string | null;
  /** When `apply` is called by default, in seconds after the start; null: never. */
  readonly atS: number | null;
  /** Begins the event. What it returns is called before each sample from then on, the first time at once. */
  apply(world: World): () => void;
}
