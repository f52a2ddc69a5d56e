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
  /** Debounced level 0 or 1; -1 before the first stable level. */
  level = -1;
  /** 1 in the block in which the debounced level changed (the first level known does not count), else 0. */
  hasChanged = 0;
  /** Moment of the last change of the debounced level, in microseconds. */
  changedAtUs = 0;
  quality = QUALITY_BAD;
  /** Share of the block's samples that were high, 0 to 1. */
  duty = 0;
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
  const endUs = block.timeUs;
  let at = 0;
  for (let i = 0; i < signals.length; i++, at += DIGITAL_FIELDS) {
    const signal = signals[i];
    const level = digital[at + DIGITAL_LEVEL];
    signal.hasChanged = 0;
    if (level < 0) {
      signal.quality = QUALITY_BAD;
      continue;
    }
    const edges = digital[at + DIGITAL_EDGES];
    signal.quality = QUALITY_GOOD;
    signal.duty = digital[at + DIGITAL_HIGH] / samples;
    if (edges > 0) {
      signal.edges += edges;
      signal.lastEdgeUs = endUs - (samples - digital[at + DIGITAL_LAST_EDGE]) * sampleUs;
      if (signal.burstAtUs < 0) signal.burstAtUs = endUs - (samples - digital[at + DIGITAL_FIRST_EDGE]) * sampleUs;
    }
    if (level !== signal.level || signal.burstAtUs >= 0) settle(signal, level, endUs);
  }
}

/** The rare case: a level that is new or was bouncing takes effect when it has held long enough. */
function settle(signal: ContactSignal, level: number, endUs: number): void {
  if (signal.level < 0) {
    signal.level = level;
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
