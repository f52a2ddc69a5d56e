/**
 * Rows of the analog models: the mean of every input over `modelBlocks` blocks (10 Hz on boards).
 * Inputs are the analog channels, then the contacts as 0 to 1. A row value is good only when every block of it was.
 * Nine bytes per input, and three slots where it is looked at by itself.
 */
import { completeRow, restartRow } from '../base/kernels.js';
import { QUALITY_GOOD } from '../condition/quality.js';

/** One input of the models. */
export class RowInput {
  private readonly row: ModelRow;
  private readonly index: number;

  constructor(row: ModelRow, index: number) {
    this.row = row;
    this.index = index;
  }

  get value(): number {
    return this.row.values[this.index];
  }

  set value(value: number) {
    this.row.values[this.index] = value;
  }

  get quality(): number {
    return this.row.qualities[this.index];
  }

  set quality(quality: number) {
    this.row.qualities[this.index] = quality;
  }
}

/** Gathers blocks into rows. */
export class ModelRow {
  /** Blocks gathered for the row under way. */
  blocks = 0;
  /** True when the row just completed does not continue the one before it. */
  isFresh = true;
  /** End of the row just completed. */
  timeUs = 0;
  /** Means of the row just completed, in engineering units; of contacts the share of samples that were high. */
  readonly values: Float64Array;
  /** Worst quality of a block of the row just completed. */
  readonly qualities: Uint8Array;
  /** Each of them by itself. */
  readonly inputs: RowInput[] = [];
  private readonly blocksPerRow: number;
  private readonly contactShare: number;
  private isNextFresh = true;

  /** `blockSamples`: samples of a full block. */
  constructor(inputs: number, blocksPerRow: number, blockSamples: number) {
    this.values = new Float64Array(inputs);
    this.qualities = new Uint8Array(inputs).fill(QUALITY_GOOD);
    for (let i = 0; i < inputs; i++) this.inputs.push(new RowInput(this, i));
    this.blocksPerRow = blocksPerRow;
    this.contactShare = 1 / (blocksPerRow * blockSamples);
  }

  /** Counts one block; true when it completes a row. Begins a new row before a block that is fresh: call it first. */
  beginBlock(lines: Float64Array, contacts: Int32Array, isFresh: boolean): boolean {
    if (isFresh) this.breakOff(lines, contacts);
    return ++this.blocks === this.blocksPerRow;
  }

  /** What comes does not continue what was gathered so far. */
  breakOff(lines: Float64Array, contacts: Int32Array): void {
    restartRow(lines, contacts);
    this.blocks = 0;
    this.isNextFresh = true;
  }

  /** The next row does not continue the last one that was looked at. */
  skip(): void {
    this.isNextFresh = true;
  }

  /** Takes what lines and contacts gathered over the row that ends at `nowUs`, and lets them begin the next. */
  complete(lines: Float64Array, contacts: Int32Array, nowUs: number): void {
    completeRow(lines, contacts, this.blocksPerRow, this.contactShare, this.values, this.qualities);
    this.timeUs = nowUs;
    this.isFresh = this.isNextFresh;
    this.isNextFresh = false;
    this.blocks = 0;
  }
}
