/**
 * Converter counts to engineering units with quality.
 * 4-20 mA by NAMUR NE 43: valid 3.8 to 20.5 mA, failure at or below 3.6 and at or above 21 mA; one sample of a block in
 * a failure band makes the block uncertain, so that models never learn the edge of a break.
 * 0-10 V: valid -0.2 to 10.5 V. Direct values (recordings): good when present.
 * The quiet case, a full block with every sample in the valid band and within the installer's limits, only adds counts
 * up: `base/kernels.ts` does it for all channels. About 14 slots and 80 bytes per channel.
 */
import {
  LINE_FIELDS,
  LINE_GAIN,
  LINE_HIGHEST,
  LINE_LOWEST,
  LINE_MEAN,
  LINE_MISSING,
  LINE_OFFSET,
  LINE_QUIET_HIGH,
  LINE_QUIET_LOW,
  LINE_SUM,
  LINE_WORST,
} from '../base/kernel-fields.js';
import { addQuietLines } from '../base/kernels.js';
import { ANALOG_FIELDS, ANALOG_MAX, ANALOG_MIN, ANALOG_SUM, type Block } from '../capture/block.js';
import type { AnalogConfiguration } from '../config/configuration.js';
import { QUALITY_BAD, QUALITY_GOOD, QUALITY_UNCERTAIN } from './quality.js';

/** One analog channel after conditioning. */
export class AnalogSignal {
  quality = QUALITY_BAD;
  /** True while the incident table knows a limit incident of this channel. */
  hasIncident = false;
  readonly validLowCounts: number;
  readonly validHighCounts: number;
  readonly gain: number;
  readonly offset: number;
  /** Limits stated by the installer, engineering units; infinite where there are none. */
  readonly lowLimit: number;
  readonly highLimit: number;
  readonly failLowCounts: number;
  readonly failHighCounts: number;

  /** The numbers that blocks are added to, LINE_* from `at` on. */
  readonly numbers: Float64Array;
  readonly at: number;

  /** Line `index` of those that share `numbers`. */
  constructor(c: AnalogConfiguration, numbers: Float64Array = new Float64Array(LINE_FIELDS), index = 0) {
    this.numbers = numbers;
    this.at = index * LINE_FIELDS;
    const isDirect = c.kind === 'direct';
    const isCurrent = c.kind === 'current';
    const span = isDirect ? 1 : c.countsHigh - c.countsLow;
    this.gain = isDirect ? 1 : (c.high - c.low) / span;
    this.offset = isDirect ? 0 : c.low - c.countsLow * this.gain;
    const zero = isCurrent ? 4 : 0;
    const countsPerLoop = span / (isCurrent ? 16 : 10);
    this.failLowCounts = isDirect ? -Infinity : c.countsLow + ((isCurrent ? 3.6 : -1) - zero) * countsPerLoop;
    this.failHighCounts = isDirect ? Infinity : c.countsLow + ((isCurrent ? 21 : 11) - zero) * countsPerLoop;
    this.validLowCounts = isDirect ? -Infinity : c.countsLow + ((isCurrent ? 3.8 : -0.2) - zero) * countsPerLoop;
    this.validHighCounts = isDirect ? Infinity : c.countsLow + ((isCurrent ? 20.5 : 10.5) - zero) * countsPerLoop;
    this.lowLimit = c.lowLimit === null ? -Infinity : c.lowLimit;
    this.highLimit = c.highLimit === null ? Infinity : c.highLimit;
    const a = (this.lowLimit - this.offset) / this.gain;
    const b = (this.highLimit - this.offset) / this.gain;
    // half a count inwards: what rounding leaves on a limit's edge is looked at closely
    const edge = isDirect ? 0 : 0.5;
    numbers[this.at + LINE_QUIET_LOW] = Math.max(this.validLowCounts, Math.min(a, b) + edge);
    numbers[this.at + LINE_QUIET_HIGH] = Math.min(this.validHighCounts, Math.max(a, b) - edge);
    numbers[this.at + LINE_GAIN] = this.gain;
    numbers[this.at + LINE_OFFSET] = this.offset;
    this.restart();
  }

  /** Mean of the block in counts; the last one known while the quality is bad. */
  get mean(): number {
    return this.numbers[this.at + LINE_MEAN];
  }

  set mean(counts: number) {
    this.numbers[this.at + LINE_MEAN] = counts;
  }

  /** Since the row began: sum of block means in counts, smallest and largest sample in counts. */
  get sum(): number {
    return this.numbers[this.at + LINE_SUM];
  }

  /** Since the row began: worst quality, blocks without value. */
  get worst(): number {
    return this.numbers[this.at + LINE_WORST];
  }

  get missing(): number {
    return this.numbers[this.at + LINE_MISSING];
  }

  get lowestCounts(): number {
    return this.numbers[this.at + LINE_LOWEST];
  }

  get highestCounts(): number {
    return this.numbers[this.at + LINE_HIGHEST];
  }

  /** Mean of the block, engineering units; the last one known while the quality is bad. */
  get value(): number {
    return this.mean * this.gain + this.offset;
  }

  /** Begins a row. */
  restart(): void {
    const { numbers, at } = this;
    numbers[at + LINE_SUM] = 0;
    numbers[at + LINE_LOWEST] = Infinity;
    numbers[at + LINE_HIGHEST] = -Infinity;
    numbers[at + LINE_WORST] = QUALITY_GOOD;
    numbers[at + LINE_MISSING] = 0;
  }

  /** True for a full block whose every sample is valid and within the installer's limits. */
  isQuiet(count: number, min: number, max: number, samples: number): boolean {
    const { numbers, at } = this;
    return count === samples && min >= numbers[at + LINE_QUIET_LOW] && max <= numbers[at + LINE_QUIET_HIGH];
  }

  /** The rare case: something is outside the valid band or a limit, or a sample is missing. */
  takeLoud(count: number, min: number, max: number, sum: number): void {
    const { numbers, at } = this;
    const mean = sum / count;
    let quality = QUALITY_GOOD;
    if (!(mean > this.failLowCounts && mean < this.failHighCounts)) quality = QUALITY_BAD;
    else if (min <= this.failLowCounts || max >= this.failHighCounts) quality = QUALITY_UNCERTAIN;
    else if (mean < this.validLowCounts || mean > this.validHighCounts) quality = QUALITY_UNCERTAIN;
    this.quality = quality;
    if (quality > numbers[at + LINE_WORST]) numbers[at + LINE_WORST] = quality;
    if (count > 0) numbers[at + LINE_MEAN] = mean;
    if (quality === QUALITY_BAD) {
      numbers[at + LINE_MISSING]++;
      return;
    }
    numbers[at + LINE_SUM] += mean;
    if (min < numbers[at + LINE_LOWEST]) numbers[at + LINE_LOWEST] = min;
    if (max > numbers[at + LINE_HIGHEST]) numbers[at + LINE_HIGHEST] = max;
  }
}

/** All analog channels of a board. */
export class AnalogLines {
  readonly signals: AnalogSignal[] = [];
  /** LINE_FIELDS of each. */
  readonly numbers: Float64Array;
  /** True when a channel may still have to become good. */
  private wasLoud = true;

  constructor(channels: readonly AnalogConfiguration[]) {
    this.numbers = new Float64Array(channels.length * LINE_FIELDS);
    for (let i = 0; i < channels.length; i++) this.signals.push(new AnalogSignal(channels[i], this.numbers, i));
  }

  /** Conditions every channel of the block, full with `samples` of each. True when a channel is not quiet. */
  take(block: Block, samples: number): boolean {
    const isLoud = addQuietLines(block.analog, this.numbers, samples) > 0;
    if (isLoud || this.wasLoud) this.takeLoud(block.analog, samples);
    this.wasLoud = isLoud;
    return isLoud;
  }

  private takeLoud(analog: readonly number[], samples: number): void {
    const { signals } = this;
    for (let i = 0; i < signals.length; i++) {
      const at = i * ANALOG_FIELDS;
      const signal = signals[i];
      const min = analog[at + ANALOG_MIN];
      const max = analog[at + ANALOG_MAX];
      if (signal.isQuiet(analog[at], min, max, samples)) signal.quality = QUALITY_GOOD;
      else signal.takeLoud(analog[at], min, max, analog[at + ANALOG_SUM]);
    }
  }
}
