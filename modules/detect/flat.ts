/**
 * Flat line of one analog channel: rows without a move of half its resolution, against the longest such stretch seen
 * while learning. Score = rows flat / (3 longest + 60). A channel that was flat for a tenth of learning or never moved
 * is not watched. A fault: a stuck transmitter and a frozen value look alike on one wire. A value that could not be
 * used ends a stretch. `base/kernels.ts` counts all channels in one call. 48 bytes and four slots per channel.
 */
import {
  FLAT_ANCHOR,
  FLAT_FIELDS,
  FLAT_LEARNED,
  FLAT_LIMIT,
  FLAT_LONGEST,
  FLAT_ROWS,
  FLAT_STEP,
} from '../base/kernel-fields.js';
import { addToFlats } from '../base/kernels.js';
import type { Archive, Archived } from '../model/archive.js';
import type { ModelRow } from '../model/model-row.js';

const MARGIN = 3;
const ROWS_MIN = 60;

/** Flat line of one channel. */
export class FlatDetector implements Archived {
  /** True while the incident table knows an incident of this channel. */
  hasIncident = false;
  readonly archiveUnits = 1;
  private readonly numbers: Float64Array;
  private readonly at: number;

  /** Channel `index` of those that share `numbers`; `resolution`: its smallest step; 0 compares for equality. */
  constructor(numbers: Float64Array, index: number, resolution: number) {
    this.numbers = numbers;
    this.at = index * FLAT_FIELDS;
    numbers[this.at + FLAT_ANCHOR] = NaN;
    numbers[this.at + FLAT_STEP] = 0.5 * resolution;
    numbers[this.at + FLAT_LIMIT] = Infinity;
  }

  /** Rows flat in limits; 0 below one. */
  get score(): number {
    const { numbers, at } = this;
    const rows = numbers[at + FLAT_ROWS];
    const limit = numbers[at + FLAT_LIMIT];
    return rows < limit ? 0 : rows / limit;
  }

  /** Ends learning. */
  calibrate(): void {
    const { numbers, at } = this;
    const longest = numbers[at + FLAT_LONGEST];
    if (longest * 10 < numbers[at + FLAT_LEARNED]) numbers[at + FLAT_LIMIT] = MARGIN * longest + ROWS_MIN;
  }

  archive(_unit: number, archive: Archive): void {
    this.numbers[this.at + FLAT_LIMIT] = archive.number(this.numbers[this.at + FLAT_LIMIT]);
  }
}

/** Flat lines of all analog channels, the first values of a row. */
export class FlatLines {
  readonly detectors: FlatDetector[] = [];
  /** FLAT_FIELDS of each. */
  private readonly numbers: Float64Array;

  /** `resolutions[i]`: smallest step of channel i in engineering units. */
  constructor(resolutions: readonly number[]) {
    this.numbers = new Float64Array(resolutions.length * FLAT_FIELDS);
    for (let i = 0; i < resolutions.length; i++) this.detectors.push(new FlatDetector(this.numbers, i, resolutions[i]));
  }

  /** Takes a row's values; true when a channel is flat beyond its limit. */
  add(row: ModelRow, isLearning: boolean): boolean {
    return addToFlats(row.values, row.qualities, this.numbers, isLearning ? 1 : 0) > 0;
  }
}
