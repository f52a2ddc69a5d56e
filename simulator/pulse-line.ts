/**
 * A line on which pulses are counted: a quantity's rate as so many pulses per unit, each pulse counted once in the
 * millisecond in which it begins. `high` of the line stands for one pulse in every millisecond.
 *
 *     phase' = phase + (value - low) / (high - low);   one pulse whenever it passes a whole number
 */
import { ANALOG_COUNT, ANALOG_MAX, ANALOG_MIN, ANALOG_SUM, ANALOG_SUM_SQUARES } from '../modules/capture/block.js';
import { CurrentLoop, type LoopLine, type MainsHistory } from './current-loop.js';
import type { Mains } from './mains.js';
import { Random } from './random.js';

export class PulseLine extends CurrentLoop {
  /** Pulses since the start. */
  total = 0;
  private phase: number;
  private pulses = 0;
  private least = 1;
  private most = 0;

  constructor(line: LoopLine, value: number, seed: number) {
    super(line, value, seed);
    this.phase = new Random(seed, `pulses ${line.name}`).uniform();
    this.hold(value);
  }

  /** One millisecond on at the rate that `value` stands for. */
  override step(value: number, _mains: Mains): void {
    this.hold(value);
    this.count();
  }

  override run(values: Float64Array, _mains: MainsHistory, count: number): void {
    for (let i = 0; i < count; i++) {
      this.hold(values[i]);
      this.count();
      this.pulses += this.counts;
      this.least = Math.min(this.least, this.counts);
      this.most = Math.max(this.most, this.counts);
    }
  }

  override takeInto(fields: number[], at: number, count: number): void {
    const { pulses } = this;
    fields[at + ANALOG_COUNT] = count;
    fields[at + ANALOG_MIN] = this.least;
    fields[at + ANALOG_MAX] = this.most;
    fields[at + ANALOG_SUM] = pulses;
    fields[at + ANALOG_SUM_SQUARES] = pulses;
    this.pulses = 0;
    this.least = 1;
    this.most = 0;
  }

  /** What the rate would be as a current: the PLC and SCADA know it as a number. */
  private hold(value: number): void {
    this.transmitterMa = this.currentFor(value);
    if (this.source === 'transmitter') this.currentMa = this.transmitterMa;
    else this.currentMa = this.source === 'forged' ? this.forgedMa : 4;
  }

  private count(): void {
    this.phase += (this.currentMa - 4) / 16;
    this.counts = this.phase >= 1 ? 1 : 0;
    this.phase -= this.counts;
    this.total += this.counts;
  }
}
