/**
 * The tapped wires: 4-20 mA loops and 24 V lines, one sample of each per millisecond.
 * A 24 V line is driven by a transistor output of the PLC, which switches cleanly, or by a contact in the field.
 */
import { Contact } from './contact.js';
import { CurrentLoop, type LoopLine } from './current-loop.js';
import { Mains } from './mains.js';
import type { Plant } from './plant.js';
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
  /** Level on each 24 V line. */
  readonly levels: number[] = [];
  /** Null where the PLC drives the line. */
  private readonly contacts: readonly (Contact | null)[];
  private readonly mains: Mains;

  constructor(loopLines: readonly LoopLine[], digitalLines: readonly DigitalLine[], plant: Plant, seed: number) {
    this.mains = new Mains(seed);
    this.loops = loopLines.map((line, i) => new CurrentLoop(line, plant.values[i], seed));
    this.contacts = digitalLines.map((line, i) =>
      line.source === 'output' ? null : new Contact(plant.contacts[i], new Random(seed, `contact ${line.name}`)),
    );
    for (let i = 0; i < digitalLines.length; i++) this.levels.push(plant.contacts[i]);
  }

  /** One millisecond on: the plant's quantities and contacts, and the PLC's outputs, reach the wires. */
  step(plant: Plant, outputs: readonly number[]): void {
    this.mains.step();
    const { loops, contacts, levels, mains } = this;
    for (let i = 0; i < loops.length; i++) loops[i].step(plant.values[i], mains);
    for (let i = 0; i < contacts.length; i++) {
      const contact = contacts[i];
      levels[i] = contact === null ? outputs[i] : contact.step(plant.contacts[i]);
    }
  }

  sampleInto(sink: SampleSink): void {
    const { loops, levels } = this;
    for (let i = 0; i < loops.length; i++) sink.addAnalog(i, loops[i].counts);
    for (let i = 0; i < levels.length; i++) sink.addDigital(i, levels[i]);
    sink.endSample();
  }
}
