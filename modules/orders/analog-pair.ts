/**
 * A pair whose execution is an analog line. While nothing happens only two comparisons a block are made on it: its
 * answer stays within its quiet band, and its command, where that is analog, within another. Counts of the converter.
 */
import type { AnalogSignal } from '../condition/analog-signal.js';
import type { Finding } from '../detect/finding.js';
import { Pair } from './pair.js';

/** A pair whose execution is an analog line. */
export abstract class AnalogPair extends Pair {
  /** Must be stepped in every block. */
  isAwake = true;
  /** Nothing to look at before this moment, but a change of a contact. */
  wakeAtUs = 0;
  quietLow = -Infinity;
  quietHigh = Infinity;
  commandLow = -Infinity;
  commandHigh = Infinity;
  abstract readonly answer: AnalogSignal;
  /** The analog order; of a contact's order the answer once more. */
  abstract readonly command: AnalogSignal;

  isPending(): boolean {
    return this.isAwake;
  }

  /**
   * Follows the pair through one block ending at `nowUs`; `progress` is the part of learning that is over, 1 while
   * watching. True when `finding` has something to say.
   */
  abstract step(nowUs: number, progress: number, finding: Finding): boolean;
}
