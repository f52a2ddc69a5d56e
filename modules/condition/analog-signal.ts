/**
 * Converter counts to engineering units with quality.
 * 4-20 mA by NAMUR NE 43: valid 3.8 to 20.5 mA, failure at or below 3.6 and at or above 21 mA; one sample of a block in
 * a failure band makes the block uncertain, so that models never learn the edge of a break.
 * 0-10 V: valid -0.2 to 10.5 V. Direct values (recordings): good when present.
 * The quiet case, a full block with every sample in the valid band and within the installer's limits, is tested first
 * and only adds counts up. About 20 slots per channel.
 */
import { ANALOG_FIELDS, ANALOG_MAX, ANALOG_MIN, ANALOG_SUM, type Block } from '../capture/block.js';
import type { AnalogConfiguration } from '../config/configuration.js';
import { QUALITY_BAD, QUALITY_GOOD, QUALITY_UNCERTAIN } from './quality.js';

/** One analog channel after conditioning. */
export class AnalogSignal {
  /** Since the row began: sum of block means in counts, smallest and largest sample in counts. */
  sum = 0;
  lowestCounts = Infinity;
  highestCounts = -Infinity;
  /** Mean of the block in counts; the last one known while the quality is bad. */
  mean = 0;
  quality = QUALITY_BAD;
  /** Every sample within these is valid and within the installer's limits. */
  readonly quietLowCounts: number;
  readonly quietHighCounts: number;
  /** Since the row began: worst quality, blocks without value. */
  worst = QUALITY_GOOD;
  missing = 0;
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

  constructor(c: AnalogConfiguration) {
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
    this.quietLowCounts = Math.max(this.validLowCounts, Math.min(a, b) + edge);
    this.quietHighCounts = Math.min(this.validHighCounts, Math.max(a, b) - edge);
  }

  /** Mean of the block, engineering units; the last one known while the quality is bad. */
  get value(): number {
    return this.mean * this.gain + this.offset;
  }

  /** Begins a row. */
  restart(): void {
    this.sum = 0;
    this.lowestCounts = Infinity;
    this.highestCounts = -Infinity;
    this.worst = QUALITY_GOOD;
    this.missing = 0;
  }
}

/**
 * Conditions every analog channel of the block, full with `samples` of each. True when a channel is not quiet.
 * The fields of a block are read in their order.
 */
export function conditionAnalog(signals: readonly AnalogSignal[], block: Block, samples: number): boolean {
  const analog = block.analog;
  const channels = signals.length;
  const perSample = 1 / samples;
  let isLoud = false;
  let at = 0;
  for (let i = 0; i < channels; i++) {
    const signal = signals[i];
    const min = analog[at + ANALOG_MIN];
    const max = analog[at + ANALOG_MAX];
    if (analog[at] === samples && min >= signal.quietLowCounts && max <= signal.quietHighCounts) {
      const mean = analog[at + ANALOG_SUM] * perSample;
      signal.sum += mean;
      if (min < signal.lowestCounts) signal.lowestCounts = min;
      if (max > signal.highestCounts) signal.highestCounts = max;
      signal.mean = mean;
      if (signal.quality !== QUALITY_GOOD) signal.quality = QUALITY_GOOD;
    } else {
      conditionLoud(signal, analog[at], min, max, analog[at + ANALOG_SUM]);
      isLoud = true;
    }
    at += ANALOG_FIELDS;
  }
  return isLoud;
}

/** The rare case: something is outside the valid band or a limit, or a sample is missing. */
function conditionLoud(signal: AnalogSignal, count: number, min: number, max: number, sum: number): void {
  const mean = sum / count;
  let quality = QUALITY_GOOD;
  if (!(mean > signal.failLowCounts && mean < signal.failHighCounts)) quality = QUALITY_BAD;
  else if (min <= signal.failLowCounts || max >= signal.failHighCounts) quality = QUALITY_UNCERTAIN;
  else if (mean < signal.validLowCounts || mean > signal.validHighCounts) quality = QUALITY_UNCERTAIN;
  signal.quality = quality;
  if (quality > signal.worst) signal.worst = quality;
  if (count > 0) signal.mean = mean;
  if (quality === QUALITY_BAD) {
    signal.missing++;
    return;
  }
  signal.sum += mean;
  if (min < signal.lowestCounts) signal.lowestCounts = min;
  if (max > signal.highestCounts) signal.highestCounts = max;
}
