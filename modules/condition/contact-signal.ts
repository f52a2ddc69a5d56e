/**
 * Contact debounce: a level counts once it has held for the debounce time; the moment reported is that of the first
 * edge of the bounce, to one sample. Needs only the block's level, edge count and edge places.
 * About 12 slots per channel.
 */
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
  /** Samples that were high since the row began. */
  high = 0;
  /** Blocks without a level since the row began. */
  missing = 0;
  /** Raw edges since start: pulses of a pulse line are half of them. */
  edges = 0;
  burstAtUs = -1;
  lastEdgeUs = 0;
  readonly debounceUs: number;

  constructor(c: DigitalConfiguration) {
    this.debounceUs = c.debounceMs * 1000;
  }
}

/** Conditions every digital channel of the block. `samples` of a full block, `sampleUs` between two of them. */
export function conditionContacts(
  signals: readonly ContactSignal[],
  block: Block,
  samples: number,
  sampleUs: number,
): void {
  const digital = block.digital;
  const channels = signals.length;
  let at = 0;
  for (let i = 0; i < channels; i++) {
    const signal = signals[i];
    const high = digital[at + DIGITAL_HIGH];
    if (high > 0) signal.high += high;
    if (signal.hasChanged === 1) signal.hasChanged = 0;
    const level = digital[at + DIGITAL_LEVEL];
    const edges = digital[at + DIGITAL_EDGES];
    if (level !== signal.level || edges > 0 || signal.burstAtUs >= 0 || level < 0) {
      if (edges > 0) {
        const firstUs = block.timeUs - (samples - digital[at + DIGITAL_FIRST_EDGE]) * sampleUs;
        const lastUs = block.timeUs - (samples - digital[at + DIGITAL_LAST_EDGE]) * sampleUs;
        noteEdges(signal, edges, firstUs, lastUs);
      }
      settle(signal, level, block.timeUs);
    }
    at += DIGITAL_FIELDS;
  }
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
