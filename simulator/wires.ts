/**
 * The tapped wires: 4-20 mA loops and 24 V lines, one sample of each per millisecond.
 * A 24 V line is driven by a transistor output of the PLC, which switches cleanly, or by a contact in the field.
 */

import { ANALOG_FIELDS, type Block } from '../modules/capture/block.js';
import { Contact } from './contact.js';
import { CurrentLoop, type LoopLine, type MainsHistory, RUN_MS_MAX } from './current-loop.js';
import { Mains } from './mains.js';
import type { Plant } from './plant.js';
import { PulseLine } from './pulse-line.js';
import { Random } from './random.js';

export interface DigitalLine {
  readonly name: string;
  readonly source: 'output' | 'contact';
}

/** Where samples go: `Accumulator`, or the pins of an emulated board. */
export interface SampleSink {
  addAnalog(channel: number, counts: number): void;
  addDigital(channel: number, level: number): void;
  endSample(): void;
}

export class Wires {
  readonly loops: readonly CurrentLoop[];
  /** False while the 24 V supply is away. */
  isSupplied = true;
  /** Level on each 24 V line. */
  readonly levels: number[] = [];
  /** Null where the PLC drives the line. */
  private readonly contacts: readonly (Contact | null)[];
  private readonly mains: Mains;
  /** What the loops have not been stepped through yet: quantities per loop, and the mains. */
  private readonly waiting: readonly Float64Array[];
  private readonly waitingMains: MainsHistory;
  private waitingMs = 0;

  constructor(loopLines: readonly LoopLine[], digitalLines: readonly DigitalLine[], plant: Plant, seed: number) {
    this.mains = new Mains(seed);
    this.loops = loopLines.map((line, i) =>
      line.isPulse ? new PulseLine(line, plant.values[i], seed) : new CurrentLoop(line, plant.values[i], seed),
    );
    this.contacts = digitalLines.map((line, i) =>
      line.source === 'output' ? null : new Contact(plant.contacts[i], new Random(seed, `contact ${line.name}`)),
    );
    for (let i = 0; i < digitalLines.length; i++) this.levels.push(plant.contacts[i]);
    this.waiting = loopLines.map(() => new Float64Array(RUN_MS_MAX));
    this.waitingMains = { sines: new Float64Array(RUN_MS_MAX), cosines: new Float64Array(RUN_MS_MAX) };
  }

  /** One millisecond on: the plant's quantities and contacts, and the PLC's outputs, reach the wires. */
  step(plant: Plant, outputs: readonly number[]): void {
    this.mains.step();
    const { loops, mains } = this;
    for (let i = 0; i < loops.length; i++) loops[i].step(plant.values[i], mains);
    this.stepLines(plant, outputs);
  }

  private stepLines(plant: Plant, outputs: readonly number[]): void {
    const { contacts, levels } = this;
    for (let i = 0; i < contacts.length; i++) {
      const contact = contacts[i];
      levels[i] = contact === null ? outputs[i] : contact.step(plant.contacts[i]);
      if (!this.isSupplied) levels[i] = 0;
    }
  }

  /**
   * One millisecond on for the 24 V lines, sampled at once; the loops wait for `catchUp`, which is faster for many
   * milliseconds than for one. Only while every loop is driven by its transmitter.
   */
  stepAhead(plant: Plant, outputs: readonly number[], sink: SampleSink): void {
    if (this.waitingMs === RUN_MS_MAX) this.catchUp();
    const { waiting, waitingMains, mains, levels } = this;
    const { values } = plant;
    const at = this.waitingMs++;
    mains.step();
    waitingMains.sines[at] = mains.sine;
    waitingMains.cosines[at] = mains.cosine;
    for (let i = 0; i < waiting.length; i++) waiting[i][at] = values[i];
    this.stepLines(plant, outputs);
    for (let i = 0; i < levels.length; i++) sink.addDigital(i, levels[i]);
    sink.endSample();
  }

  /** Steps the loops through what is waiting. */
  catchUp(): void {
    const { loops, waiting, waitingMains, waitingMs } = this;
    if (waitingMs > 0) for (let i = 0; i < loops.length; i++) loops[i].run(waiting[i], waitingMains, waitingMs);
    this.waitingMs = 0;
  }

  /** Catches up and gives the loops' part of the block that ends now, full with `samples`. */
  takeInto(block: Block, samples: number): void {
    this.catchUp();
    for (let i = 0; i < this.loops.length; i++) this.loops[i].takeInto(block.analog, i * ANALOG_FIELDS, samples);
  }

  sampleInto(sink: SampleSink): void {
    const { loops, levels } = this;
    for (let i = 0; i < loops.length; i++) sink.addAnalog(i, loops[i].counts);
    for (let i = 0; i < levels.length; i++) sink.addDigital(i, levels[i]);
    sink.endSample();
  }
}
