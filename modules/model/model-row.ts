/**
 * Rows of the analog models: the mean of every input over `modelBlocks` blocks (10 Hz on boards).
 * Inputs are the analog channels, then the contacts as 0 to 1. A row value is good only when every block of it was.
 * Two slots per input.
 */
import type { AnalogSignal } from '../condition/analog-signal.js';
import type { ContactSignal } from '../condition/contact-signal.js';
import { QUALITY_BAD, QUALITY_GOOD } from '../condition/quality.js';

/** One input of the models. */
export class RowInput {
  /** Mean of the row just completed, in engineering units; of contacts the share of samples that were high. */
  value = 0;
  /** Worst quality of a block of the row just completed. */
  quality = QUALITY_GOOD;
}

/** Gathers blocks into rows. */
export class ModelRow {
  readonly inputs: RowInput[] = [];
  /** End of the row just completed. */
  timeUs = 0;
  /** True when the row just completed does not continue the one before it. */
  isFresh = true;
  private readonly blocksPerRow: number;
  private readonly contactShare: number;
  /** Blocks gathered for the row under way. */
  blocks = 0;
  private isNextFresh = true;

  /** `blockSamples`: samples of a full block. */
  constructor(inputs: number, blocksPerRow: number, blockSamples: number) {
    for (let i = 0; i < inputs; i++) this.inputs.push(new RowInput());
    this.blocksPerRow = blocksPerRow;
    this.contactShare = 1 / (blocksPerRow * blockSamples);
  }

  /** Counts one block; true when it completes a row. Begins a new row before a block that is fresh: call it first. */
  beginBlock(signals: readonly AnalogSignal[], contacts: readonly ContactSignal[], isFresh: boolean): boolean {
    if (isFresh) this.breakOff(signals, contacts);
    return ++this.blocks === this.blocksPerRow;
  }

  /** What comes does not continue what was gathered so far. */
  breakOff(signals: readonly AnalogSignal[], contacts: readonly ContactSignal[]): void {
    this.restart(signals, contacts);
    this.isNextFresh = true;
  }

  /** The next row does not continue the last one that was looked at. */
  skip(): void {
    this.isNextFresh = true;
  }

  /** Takes what the signals gathered over the row that ends at `nowUs`, and lets them begin the next. */
  complete(signals: readonly AnalogSignal[], contacts: readonly ContactSignal[], nowUs: number): void {
    this.timeUs = nowUs;
    const { inputs, blocksPerRow, contactShare } = this;
    const channels = signals.length;
    for (let i = 0; i < channels; i++) {
      const signal = signals[i];
      const input = inputs[i];
      const usable = blocksPerRow - signal.missing;
      input.value = (usable > 0 ? signal.sum / usable : signal.mean) * signal.gain + signal.offset;
      input.quality = signal.worst;
    }
    for (let i = 0; i < contacts.length; i++) {
      const input = inputs[channels + i];
      input.value = contacts[i].high * contactShare;
      input.quality = contacts[i].missing > 0 ? QUALITY_BAD : QUALITY_GOOD;
    }
    this.isFresh = this.isNextFresh;
    this.isNextFresh = false;
  }

  /** Lets the signals begin the next row. */
  restart(signals: readonly AnalogSignal[], contacts: readonly ContactSignal[]): void {
    for (let i = 0; i < signals.length; i++) signals[i].restart();
    for (let i = 0; i < contacts.length; i++) {
      contacts[i].high = 0;
      contacts[i].missing = 0;
    }
    this.blocks = 0;
  }
}
