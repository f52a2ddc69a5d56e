/** What a scenario may lay its hands on. */
import type { Plant } from './plant.js';
import { Tank } from './plants/tank.js';
import type { Plc } from './plc.js';
import type { Wires } from './wires.js';

export class World {
  readonly plant: Plant;
  readonly plc: Plc;
  readonly wires: Wires;
  /** What SCADA is told instead of the PLC's value, by the channel's name. */
  readonly lies = new Map<string, () => number>();
  /** The event begins with the sample about to be taken. Only the first call counts. */
  readonly markOnset: () => void;

  constructor(plant: Plant, plc: Plc, wires: Wires, markOnset: () => void) {
    this.plant = plant;
    this.plc = plc;
    this.wires = wires;
    this.markOnset = markOnset;
  }

  /** The plant where it is the tank; throws where it is not. */
  get tank(): Tank {
    if (this.plant instanceof Tank) return this.plant;
    throw new Error('this plant is not the tank');
  }
}
