/** What a scenario may lay its hands on. */
import { WitnessBus } from './bus/witness-bus.js';
import { Operator } from './operator.js';
import type { Plant, PlantKind } from './plant.js';
import { Tank } from './plants/tank.js';
import type { Plc, Program, Report } from './plc.js';
import { Random } from './random.js';
import type { Wires } from './wires.js';

export class World {
  readonly plant: Plant;
  readonly plc: Plc;
  readonly wires: Wires;
  /** What SCADA is told instead of the PLC's value, by the channel's name. */
  readonly lies = new Map<string, () => number>();
  /** Who tells the witness what is going to be done to the plant. */
  readonly operator = new Operator();
  /** Where the witness reports. Whoever runs it connects it. */
  readonly bus = new WitnessBus();
  /** For the scenario alone: it shifts nobody else's numbers. */
  readonly random: Random;
  /** Number of the sample about to be taken. */
  sample = 0;
  /** Time of the sample with which the event begins, in microseconds; null: not yet. */
  onsetUs: number | null = null;
  private readonly kind: PlantKind;
  private readonly seed: number;

  constructor(kind: PlantKind, seed: number, plant: Plant, plc: Plc, wires: Wires) {
    this.kind = kind;
    this.seed = seed;
    this.plant = plant;
    this.plc = plc;
    this.wires = wires;
    this.random = new Random(seed, 'scenario');
  }

  /** The plant where it is the tank; throws where it is not. */
  get tank(): Tank {
    if (this.plant instanceof Tank) return this.plant;
    throw new Error('this plant is not the tank');
  }

  /** The event begins with the sample about to be taken. Only the first call counts. */
  markOnset(): void {
    this.onsetUs ??= this.sample * 1000;
  }

  /** The plant's own program, as after a restart of the PLC. */
  createProgram(): Program {
    return this.kind.createProgram(new Random(this.seed, 'program restarted'));
  }

  /** What SCADA is told at this moment, channel by channel: the PLC's own readings, or an attacker's lies. */
  scada(): Report[] {
    const readings = this.readings();
    for (const reading of readings) reading.value = this.lies.get(reading.name)?.() ?? reading.value;
    return readings;
  }

  /** What the PLC itself reads and orders. */
  readings(): Report[] {
    const { plc, kind } = this;
    const readings: Report[] = kind.loops.map((loop, i) => {
      const share = (plc.inputs.currentsMa[i] - 4) / 16;
      return { name: loop.name, value: loop.low + Math.min(Math.max(share, 0), 1) * (loop.high - loop.low) };
    });
    kind.lines.forEach((line, i) => {
      readings.push({ name: line.name, value: line.source === 'output' ? plc.outputs[i] : plc.inputs.levels[i] });
    });
    return readings;
  }
}
