/**
 * Detectors that nobody should need, under the same protocols and scorers as the firmware: a figure that one of them
 * reaches too says nothing. Score 1.0 is the threshold of each; what is random comes from a printed seed.
 */
import { type Recording, signalOf } from '../../hosts/bench/recording.js';
import { Random } from '../../simulator/random.js';

export const SEED = 1;

const RANDOM_PART = 0.05;
const RANDOM_EPISODE_ROWS = 10;
const DEVIATIONS = 3;

/** What a trivial detector is given. `rowsPerAlarm`: the alarm budget. */
export interface Watch {
  readonly learn: readonly Recording[];
  readonly watch: readonly Recording[];
  readonly rowsPerAlarm: number;
}

/** One score for every watched row, in order. */
export type TrivialDetector = (given: Watch) => number[];

export const TRIVIAL: Readonly<Record<string, TrivialDetector>> = {
  /** Alarms at every row. */
  always: ({ watch }) => rowsOf(watch).map(() => 2),
  /** Never alarms. */
  never: ({ watch }) => rowsOf(watch).map(() => 0),
  /** Alarms at random rows, one in 20. */
  random: ({ watch }) => {
    const random = randomOf('random', watch);
    return rowsOf(watch).map(() => RANDOM_PART / random.uniform());
  },
  /** Alarms for ten rows at random places, as often as the alarm budget allows. */
  budget: ({ watch, rowsPerAlarm }) => {
    const random = randomOf('budget', watch);
    let left = 0;
    return rowsOf(watch).map(() => {
      left = random.uniform() * rowsPerAlarm < 1 ? RANDOM_EPISODE_ROWS : left - 1;
      return left > 0 ? 2 : 0;
    });
  },
  /** Any signal outside its learned range; the score grows by the distance in ranges. */
  range: (given) =>
    perSignal(given, (learned) => {
      const low = smallest(learned);
      const high = largest(learned);
      const range = high - low > 0 ? high - low : 1;
      return (x) => (x >= low && x <= high ? 0 : 1 + Math.max(low - x, x - high) / range);
    }),
  /** Any signal more than three standard deviations from its learned mean. */
  sigma: (given) =>
    perSignal(given, (learned) => {
      const mean = meanOf(learned);
      const deviation = Math.sqrt(meanOf(learned.map((x) => (x - mean) * (x - mean))));
      return (x) => Math.abs(x - mean) / (DEVIATIONS * (deviation > 0 ? deviation : Number.MIN_VALUE));
    }),
  /** Any signal that changes by more in one row than it ever did while learning. */
  step: (given) =>
    perSignal(given, (learned) => {
      const most = largest(learned.map((x, i) => (i > 0 ? Math.abs(x - learned[i - 1]) : 0)));
      return (x, before) => Math.abs(x - before) / (most > 0 ? most : Number.MIN_VALUE);
    }),
};

/** Score of one value of a signal, and the value before it. */
type SignalScore = (x: number, before: number) => number;

/** The largest score over all signals; a value that is missing is not scored. */
function perSignal({ learn, watch }: Watch, learnSignal: (learned: number[]) => SignalScore): number[] {
  const signals = learn[0].names.map((name) => ({
    name,
    score: learnSignal(learn.flatMap((recording) => [...signalOf(recording, name)]).filter(Number.isFinite)),
  }));
  return watch.flatMap((recording) => {
    const worst = new Array<number>(recording.time.length).fill(0);
    for (const { name, score } of signals) {
      const values = signalOf(recording, name);
      for (let row = 0; row < values.length; row++) {
        const value = score(values[row], values[row > 0 ? row - 1 : 0]);
        if (value > worst[row]) worst[row] = value;
      }
    }
    return worst;
  });
}

function rowsOf(watch: readonly Recording[]): number[] {
  return watch.flatMap(({ time }) => [...time]);
}

function randomOf(name: string, watch: readonly Recording[]): Random {
  return new Random(SEED, `${name} ${watch.map(({ series }) => series).join(' ')}`);
}

function smallest(values: readonly number[]): number {
  return values.reduce((low, x) => (x < low ? x : low), Number.POSITIVE_INFINITY);
}

function largest(values: readonly number[]): number {
  return values.reduce((high, x) => (x > high ? x : high), Number.NEGATIVE_INFINITY);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, x) => sum + x, 0) / values.length;
}
