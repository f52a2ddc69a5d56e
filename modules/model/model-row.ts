/**
 * Rows of the analog models: the mean of every input over `modelBlocks` blocks (10 Hz on boards).
 * Inputs are the analog channels, then the contacts as 0 to 1. A row value is good only when every block of it was.
 * Four slots per input.
 */
import type { AnalogSignal } from '../condition/analog-signal.js';
import type { ContactSignal } from '../condition/contact-signal.js';
import { QUALITY_GOOD } from '../condition/quality.js';

/** One input of the models. */
export class RowInput {
  sum = 0;
  worst = QUALITY_GOOD;
  /** Mean of the row just completed, in engineering units. */
  value = 0;
  /** Quality of the row just completed. */
  quality = QUALITY_GOOD;
}

/** Gathers blocks into rows. */
export class ModelRow {
  readonly inputs: RowInput[] = [];
  private readonly blocksPerRow: number;
  private readonly share: number;
  private blocks = 0;
  /** True when the row just completed does not continue the one before it. */
  isFresh = true;
  private isNextFresh = true;

  constructor(inputs: number, blocksPerRow: number) {
    for (let i = 0; i < inputs; i++) this.inputs.push(new RowInput());
    this.blocksPerRow = blocksPerRow;
    this.share = 1 / blocksPerRow;
  }

  /** Adds one block; true when it completes a row. A block that is fresh starts a new row. */
  add(signals: readonly AnalogSignal[], contacts: readonly ContactSignal[], isFresh: boolean): boolean {
    const inputs = this.inputs;
    if (isFresh) this.restart();
    let at = 0;
    for (let i = 0; i < signals.length; i++, at++) {
      const signal = signals[i];
      const input = inputs[at];
      input.sum += signal.value;
      if (signal.quality > input.worst) input.worst = signal.quality;
    }
    for (let i = 0; i < contacts.length; i++, at++) {
      const contact = contacts[i];
      const input = inputs[at];
      input.sum += contact.duty;
      if (contact.quality > input.worst) input.worst = contact.quality;
    }
    if (++this.blocks < this.blocksPerRow) return false;
    this.complete();
    return true;
  }

  private complete(): void {
    const share = this.share;
    const inputs = this.inputs;
    for (let i = 0; i < inputs.length; i++) {
      const input = inputs[i];
      input.value = input.sum * share;
      input.quality = input.worst;
      input.sum = 0;
      input.worst = QUALITY_GOOD;
    }
    this.blocks = 0;
    this.isFresh = this.isNextFresh;
    this.isNextFresh = false;
  }

  private restart(): void {
    const inputs = this.inputs;
    for (let i = 0; i < inputs.length; i++) {
      inputs[i].sum = 0;
      inputs[i].worst = QUALITY_GOOD;
    }
    this.blocks = 0;
    this.isNextFresh = true;
  }
}
