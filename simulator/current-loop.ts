/**
 * A 4-20 mA loop from the transmitter to the tap's converter, at 1 kHz.
 *
 *     value -> damping (first order) -> 4-20 mA, NE 43 saturation -> + transmitter noise -> wire
 *     wire -> + 50 Hz pick-up -> converter: counts, rounded, limited to its range
 *
 * Transmitter noise is Gaussian with lag-1 correlation, as a transmitter's output stage leaves it.
 */
import { ANALOG_COUNT, ANALOG_MAX, ANALOG_MIN, ANALOG_SUM, ANALOG_SUM_SQUARES } from '../modules/capture/block.js';
import type { Mains } from './mains.js';
import { Random } from './random.js';

/** What drives the current: the transmitter, somebody else, or nothing (a broken wire). */
export type LoopSource = 'transmitter' | 'forged' | 'broken';

/** What an installer and an electrician would say of a loop. */
export interface LoopLine {
  readonly name: string;
  readonly unit: string;
  /** Engineering value at 4 mA and at 20 mA. */
  readonly low: number;
  readonly high: number;
  readonly lowLimit: number | null;
  readonly highLimit: number | null;
  readonly signal: LoopSignal;
  /** True where pulses are counted on the line: `low` stands for none, `high` for one in each millisecond. */
  readonly isPulse?: true;
}

/** How the transmitter, the cable and the converter shape the signal. */
export interface LoopSignal {
  readonly converterBits: 12 | 16;
  readonly dampingMs: number;
  /** Standard deviation of the transmitter's noise, in microamperes. */
  readonly noiseUa: number;
  /** Its correlation from one millisecond to the next. */
  readonly correlation: number;
  /** Amplitude of the 50 Hz pick-up, in microamperes. */
  readonly pickUpUa: number;
}

/** Counts per milliampere: 16 bits reach 24.3 mA, 12 bits 24.1 mA. */
const COUNTS_PER_MA = { 12: 170, 16: 2700 } as const;

/** `run` takes so many milliseconds at most. */
export const RUN_MS_MAX = 16;

const COUNTS_MAX = 65535;

/** A transmitter's current saturates here (NAMUR NE 43). */
const SATURATED_LOW_MA = 3.8;
const SATURATED_HIGH_MA = 20.5;

/** The mains over several milliseconds. */
export interface MainsHistory {
  readonly sines: Float64Array;
  readonly cosines: Float64Array;
}

export function countsAt(line: LoopLine, currentMa: number): number {
  if (line.isPulse) return (currentMa - 4) / 16;
  return currentMa * COUNTS_PER_MA[line.signal.converterBits];
}

export class CurrentLoop {
  source: LoopSource = 'transmitter';
  /** The current while `source` is 'forged'. */
  forgedMa = 0;
  /** What somebody adds to the transmitter's current, and by how much that grows in a millisecond. */
  bentMa = 0;
  bendMaPerMs = 0;
  /** What the transmitter drives, its noise included, whether or not it reaches the wire. */
  transmitterMa = 0;
  /** On the wire: what both the PLC and the tap are given. */
  currentMa = 0;
  /** What the tap's converter makes of it. */
  counts = 0;

  readonly line: LoopLine;
  private damped: number;
  private noiseMa = 0;
  private readonly noise = new Float64Array(RUN_MS_MAX);
  private lowest = COUNTS_MAX;
  private highest = 0;
  private sum = 0;
  private squares = 0;
  private readonly follow: number;
  private readonly maPerUnit: number;
  private readonly keep: number;
  private readonly kickMa: number;
  private readonly pickUpSineMa: number;
  private readonly pickUpCosineMa: number;
  private readonly countsPerMa: number;
  private readonly countsMax: number;
  private readonly random: Random;

  constructor(line: LoopLine, value: number, seed: number) {
    this.line = line;
    const { signal } = line;
    this.random = new Random(seed, `loop ${line.name}`);
    this.damped = value;
    this.follow = 1 - Math.exp(-1 / signal.dampingMs);
    this.maPerUnit = 16 / (line.high - line.low);
    this.keep = signal.correlation;
    this.kickMa = (signal.noiseUa / 1000) * Math.sqrt(1 - signal.correlation * signal.correlation);
    const phase = this.random.between(0, 2 * Math.PI);
    this.pickUpSineMa = (signal.pickUpUa / 1000) * Math.cos(phase);
    this.pickUpCosineMa = (signal.pickUpUa / 1000) * Math.sin(phase);
    this.countsPerMa = COUNTS_PER_MA[signal.converterBits];
    this.countsMax = 2 ** signal.converterBits - 1;
  }

  /** The current, free of noise, that stands for `value`. */
  currentFor(value: number): number {
    return 4 + (value - this.line.low) * this.maPerUnit;
  }

  /** One millisecond on, the measured quantity being `value`. */
  step(value: number, { sine, cosine }: Mains): void {
    this.transmit(value);
    this.bentMa += this.bendMaPerMs;
    if (this.source === 'transmitter') this.currentMa = this.transmitterMa + this.bentMa;
    else this.currentMa = this.source === 'forged' ? this.forgedMa : 0;
    this.counts = this.source === 'broken' ? 0 : this.convert(sine, cosine);
  }

  private transmit(value: number): void {
    this.damped += (value - this.damped) * this.follow;
    this.noiseMa = this.keep * this.noiseMa + this.kickMa * this.random.gaussian();
    let signalMa = 4 + (this.damped - this.line.low) * this.maPerUnit;
    signalMa = Math.max(signalMa, SATURATED_LOW_MA);
    signalMa = Math.min(signalMa, SATURATED_HIGH_MA);
    this.transmitterMa = signalMa + this.noiseMa;
  }

  /** The same as `step` to the bit, for `count` milliseconds at a time while the transmitter drives the loop. */
  run(values: Float64Array, mains: MainsHistory, count: number): void {
    const { random, noise, follow, keep, kickMa, maPerUnit } = this;
    const { low } = this.line;
    const { sines, cosines } = mains;
    const { pickUpSineMa, pickUpCosineMa, countsPerMa, countsMax } = this;
    random.gaussians(noise, count);
    const { bendMaPerMs } = this;
    let { damped, noiseMa, bentMa, transmitterMa, currentMa, counts, lowest, highest, sum, squares } = this;
    for (let i = 0; i < count; i++) {
      damped += (values[i] - damped) * follow;
      noiseMa = keep * noiseMa + kickMa * noise[i];
      let signalMa = 4 + (damped - low) * maPerUnit;
      signalMa = signalMa < SATURATED_LOW_MA ? SATURATED_LOW_MA : signalMa;
      signalMa = signalMa > SATURATED_HIGH_MA ? SATURATED_HIGH_MA : signalMa;
      bentMa += bendMaPerMs;
      transmitterMa = signalMa + noiseMa;
      currentMa = transmitterMa + bentMa;
      const pickUpMa = pickUpSineMa * sines[i] + pickUpCosineMa * cosines[i];
      counts = ((currentMa + pickUpMa) * countsPerMa + 0.5) | 0;
      counts = counts < 0 ? 0 : counts > countsMax ? countsMax : counts;
      // without a branch, for which of ten samples is the smallest cannot be foreseen
      const below = (counts - lowest) | 0;
      lowest = (lowest + (below & (below >> 31))) | 0;
      const above = (counts - highest) | 0;
      highest = (highest + (above & ~(above >> 31))) | 0;
      sum = (sum + counts) | 0;
      squares += counts * counts;
    }
    this.damped = damped;
    this.noiseMa = noiseMa;
    this.bentMa = bentMa;
    this.transmitterMa = transmitterMa;
    this.currentMa = currentMa;
    this.counts = counts;
    this.lowest = lowest;
    this.highest = highest;
    this.sum = sum;
    this.squares = squares;
  }

  /** What `run` gathered since the last call, as the fields of a block at `at`; `count` says how many samples. */
  takeInto(fields: number[], at: number, count: number): void {
    fields[at + ANALOG_COUNT] = count;
    fields[at + ANALOG_MIN] = this.lowest;
    fields[at + ANALOG_MAX] = this.highest;
    fields[at + ANALOG_SUM] = this.sum;
    fields[at + ANALOG_SUM_SQUARES] = this.squares;
    this.lowest = COUNTS_MAX;
    this.highest = 0;
    this.sum = 0;
    this.squares = 0;
  }

  private convert(sine: number, cosine: number): number {
    const pickUpMa = this.pickUpSineMa * sine + this.pickUpCosineMa * cosine;
    const counts = Math.floor((this.currentMa + pickUpMa) * this.countsPerMa + 0.5);
    if (counts < 0) return 0;
    return Math.min(counts, this.countsMax);
  }
}
