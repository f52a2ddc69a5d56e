/** A plant: what the wires and the PLC see of it, and what an installer and an electrician would say of its kind. */
import type { Configuration } from '../modules/config/configuration.js';
import type { LoopLine } from './current-loop.js';
import type { Program } from './plc.js';
import type { Random } from './random.js';
import type { DigitalLine } from './wires.js';

export interface Plant {
  /** Measured quantities in engineering units, one per loop; what the PLC commands where it drives the loop. */
  readonly values: readonly number[];
  /** Position of each contact (1 closed, 0 open), one per 24 V line; 0 where the PLC drives the line. */
  readonly contacts: readonly number[];
  /** One millisecond on under the PLC's outputs, one per 24 V line, and its commands, one per loop. */
  step(outputs: readonly number[], commands: readonly number[]): void;
}

/** Everything that differs from plant to plant. */
export interface PlantKind {
  readonly name: string;
  /** A learning that an installer would choose: long enough to have seen the rhythm of the plant, in hours. */
  readonly learnHours: number;
  readonly loops: readonly LoopLine[];
  readonly lines: readonly DigitalLine[];
  /** The configuration of the witness at this plant. */
  configuration(): Configuration;
  createPlant(seed: number): Plant;
  createProgram(random: Random): Program;
}
