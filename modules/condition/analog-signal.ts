/**
 * Converter counts to engineering units with quality.
 * 4-20 mA by NAMUR NE 43: valid 3.8 to 20.5 mA, failure at or below 3.6 and at or above 21 mA; one sample of a block in
 * a failure band makes the block uncertain, so that models never learn the edge of a break.
 * 0-10 V: valid -0.2 to 10.5 V. Direct values (recordings): good when present.
 * About 14 slots per channel.
 */
import { ANALOG_COUNT, ANALOG_FIELDS, ANALOG_MAX, ANALOG_MIN, ANALOG_SUM, type Block } from '../capture/block.js';
import type { AnalogConfiguration } from '../config/configuration.js';
import { QUALITY_BAD, QUALITY_GOOD, QUALITY_UNCERTAIN } from './quality.js';

/** One analog channel after conditioning. Value, min and max in engineering units, loop in mA or V. */
export class AnalogSignal {
  value = 0;
  quality = QUALITY_BAD;
  min = 0;
  max = 0;
  loop = 0;
  /** Loop values that bound good and usable signals; in counts, so that the quiet path compares what it has. */
  readonly failLowCounts: number;
  readonly failHighCounts: number;
  readonly validLowCounts: number;
  readonly validHighCounts: number;
  readonly gain: number;
  readonly offset: number;
  readonly loopGain: number;
  readonly loopOffset: number;

  constructor(c: AnalogConfiguration) {
    const isDirect = c.kind === 'direct';
    const isCurrent = c.kind === 'current';
    const span = isDirect ? 1 : c.countsHigh - c.countsLow;
    this.gain = isDirect ? 1 : (c.high - c.low) / span;
    this.offset = isDirect ? 0 : c.low - c.countsLow * this.gain;
    this.loopGain = isDirect ? 1 : (isCurrent ? 16 : 10) / span;
    this.loopOffset = isDirect ? 0 : (isCurrent ? 4 : 0) - c.countsLow * this.loopGain;
    this.failLowCounts = isDirect ? -Infinity : this.toCounts(isCurrent ? 3.6 : -1);
    this.failHighCounts = isDirect ? Infinity : this.toCounts(isCurrent ? 21 : 11);
    this.validLowCounts = isDirect ? -Infinity : this.toCounts(isCurrent ? 3.8 : -0.2);
    this.validHighCounts = isDirect ? Infinity : this.toCounts(isCurrent ? 20.5 : 10.5);
  }

  private toCounts(loop: number): number {
    return (loop - this.loopOffset) / this.loopGain;
  }
}

/** Conditions every analog channel of the block. */
export function conditionAnalog(signals: readonly AnalogSignal[], block: Block): void {
  const analog = block.analog;
  let at = 0;
  for (let i = 0; i < signals.length; i++, at += ANALOG_FIELDS) {
    const signal = signals[i];
    const count = analog[at + ANALOG_COUNT];
    if (!(count > 0)) {
      signal.quality = QUALITY_BAD;
      continue;
    }
    const mean = analog[at + ANALOG_SUM] / count;
    const min = analog[at + ANALOG_MIN];
    const max = analog[at + ANALOG_MAX];
    const gain = signal.gain;
    const offset = signal.offset;
    signal.value = mean * gain + offset;
    signal.min = min * gain + offset;
    signal.max = max * gain + offset;
    signal.loop = mean * signal.loopGain + signal.loopOffset;
    if (mean <= signal.failLowCounts || mean >= signal.failHighCounts) signal.quality = QUALITY_BAD;
    else if (min <= signal.failLowCounts || max >= signal.failHighCounts) signal.quality = QUALITY_UNCERTAIN;
    else if (mean < signal.validLowCounts || mean > signal.validHighCounts) signal.quality = QUALITY_UNCERTAIN;
    else signal.quality = QUALITY_GOOD;
  }
}
