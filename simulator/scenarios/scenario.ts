/** What a scenario is, and what it may lay its hands on. */
import type { Tank } from '../plants/tank.js';
import type { Plc } from '../plc.js';
import type { Wires } from '../wires.js';

export interface World {
  readonly tank: Tank;
  readonly plc: Plc;
  readonly wires: Wires;
  /** What SCADA is told instead of the PLC's value, by the channel's name. */
  readonly lies: Map<string, () => number>;
  /** The event begins with the sample about to be taken. Only the first call counts. */
  markOnset(): void;
}

export interface Scenario {
  readonly name: string;
  /** What the witness should make of it. */
  readonly expected: 'attack' | 'fault' | 'quiet';
  readonly plant: 'tank';
  /** When `apply` is called by default, in seconds after the start; null: never. */
  readonly atS: number | null;
  /** Begins the event. What it returns is called before each sample from then on, the first time at once. */
  apply(world: World): () => void;
}
