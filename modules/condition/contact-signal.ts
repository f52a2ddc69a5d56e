/**
 * Contact debounce: a level counts once it has held for the debounce time; the moment reported is that of the first
 * edge of the bounce, to one sample. Needs only the block's level, edge count and edge places.
 * Contacts that are settled and without an edge are the quiet case: `base/kernels.ts` adds them up.
 * About 11 slots and 12 bytes per channel.
 */
import { CONTACT_FIELDS, CONTACT_HIGH, CONTACT_MISSING, CONTACT_SETTLED } from '../base/kernel-fields.js';
import { addSettledContacts, restlessContact } from '../base/kernels.js';
import {
  type Block,
  DIGITAL_EDGES,
  DIGITAL_FIELDS,
  DIGITAL_FIRST_EDGE,
  DIGITAL_HIGH,
  DIGITAL_LAST_EDGE,
  DIGITAL_LEVEL,
} from '../capture/block.js';
import type { DigitalConfiguration } from '../config/configuration.js';
import { QUALITY_BAD, QUALITY_GOOD } from './quality.js';

/** One digital channel after conditioning. */
export class ContactSignal {
  /** Debounced level 0 or 1; -1 before the first sample and while nothing is sampled. */
  level = -1;
  /** 1 in the block in which the debounced level changed (the first level known does not count), else 0. */
  hasChanged = 0;
  /** Moment of the last change of the debounced level, in microseconds. */
  changedAtUs = 0;
  quality = QUALITY_BAD;
  /** Raw edges since start: pulses of a pulse line are half of them. */
  edges = 0;
  burstAtUs = -1;
  lastEdgeUs = 0;
  readonly debounceUs: number;
  /** The numbers that blocks are added to, CONTACT_* from `at` on. */
  private readonly numbers: Int32Array;
  private readonly at: number;

  /** Contact `index` of those that share `numbers`. */
  constructor(c: DigitalConfiguration, numbers: Int32Array = new Int32Array(CONTACT_FIELDS), index = 0) {
    this.debounceUs = c.debounceMs * 1000;
    this.numbers = numbers;
    this.at = index * CONTACT_FIELDS;
    this.settled = -2;
  }

  /** The level while it is settled: sampled, no edge waiting to be debounced, no change to be taken back; else -2. */
  get settled(): number {
    return this.numbers[this.at + CONTACT_SETTLED];
  }

  set settled(level: number) {
    this.numbers[this.at + CONTACT_SETTLED] = level;
  }

  /** Samples that were high since the row began. */
  get high(): number {
    return this.numbers[this.at + CONTACT_HIGH];
  }

  set high(samples: number) {
    this.numbers[this.at + CONTACT_HIGH] = samples;
  }

  /** Blocks without a level since the row began. */
  get missing(): number {
    return this.numbers[this.at + CONTACT_MISSING];
  }

  set missing(blocks: number) {
    this.numbers[this.at + CONTACT_MISSING] = blocks;
  }
}

/** All digital channels of a board. */
export class ContactLines {
  readonly contacts: ContactSignal[] = [];
  /** CONTACT_FIELDS of each. */
  readonly numbers: Int32Array;

  constructor(channels: readonly DigitalConfiguration[]) {
    this.numbers = new Int32Array(channels.length * CONTACT_FIELDS);
    for (let i = 0; i < channels.length; i++) this.contacts.push(new ContactSignal(channels[i], this.numbers, i));
  }

  /**
   * Conditions every channel of the block. `samples` of a full block, `sampleUs` between two of them. True when a
   * debounced level has changed, or has become known or unknown.
   */
  take(block: Block, samples: number, sampleUs: number): boolean {
    return addSettledContacts(block.digital, this.numbers, samples) > 0 && this.takeRestless(block, samples, sampleUs);
  }

  private takeRestless(block: Block, samples: number, sampleUs: number): boolean {
    const { digital, timeUs } = block;
    const { contacts, numbers } = this;
    const startUs = timeUs - samples * sampleUs;
    let hasChange = false;
    let i = restlessContact(digital, numbers, 0);
    while (i >= 0) {
      if (conditionRestless(contacts[i], digital, i * DIGITAL_FIELDS, startUs, sampleUs, timeUs)) hasChange = true;
      i = restlessContact(digital, numbers, i + 1);
    }
    return hasChange;
  }
}

/** The rare case: an edge, a level not yet debounced, or nothing sampled. True when the debounced level is another. */
function conditionRestless(
  signal: ContactSignal,
  digital: readonly number[],
  at: number,
  startUs: number,
  sampleUs: number,
  endUs: number,
): boolean {
  const level = digital[at + DIGITAL_LEVEL];
  const edges = digital[at + DIGITAL_EDGES];
  const before = signal.level;
  signal.high += digital[at + DIGITAL_HIGH];
  signal.hasChanged = 0;
  if (edges > 0) {
    const firstUs = startUs + digital[at + DIGITAL_FIRST_EDGE] * sampleUs;
    noteEdges(signal, edges, firstUs, startUs + digital[at + DIGITAL_LAST_EDGE] * sampleUs);
  }
  if (level !== signal.level || edges > 0 || signal.burstAtUs >= 0 || level < 0) settle(signal, level, endUs);
  signal.settled = signal.burstAtUs < 0 && signal.hasChanged === 0 && level >= 0 ? level : -2;
  return signal.level !== before;
}

function noteEdges(signal: ContactSignal, edges: number, firstUs: number, lastUs: number): void {
  signal.edges += edges;
  signal.lastEdgeUs = lastUs;
  if (signal.burstAtUs < 0) signal.burstAtUs = firstUs;
}

/** The rare case: a level that is new or was bouncing takes effect when it has held long enough. */
function settle(signal: ContactSignal, level: number, endUs: number): void {
  if (level < 0) signal.missing++;
  if (level < 0 || signal.level < 0) {
    signal.level = level;
    signal.quality = level < 0 ? QUALITY_BAD : QUALITY_GOOD;
    signal.changedAtUs = endUs;
    signal.burstAtUs = -1;
    return;
  }
  // a level that changed without an edge in this block changed in blocks that were lost
  if (signal.burstAtUs < 0) {
    signal.burstAtUs = endUs;
    signal.lastEdgeUs = endUs;
  }
  if (endUs - signal.lastEdgeUs < signal.debounceUs) return;
  if (level !== signal.level) {
    signal.level = level;
    signal.hasChanged = 1;
    signal.changedAtUs = signal.burstAtUs;
  }
  signal.burstAtUs = -1;
}
