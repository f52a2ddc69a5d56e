/**
 * Manipulations of single sensors in copies of a clean stretch. A piece is WARM_UP_ROWS clean rows, WINDOW_ROWS in which
 * one signal lies, and GRACE_ROWS clean rows. Every signal that moves in the clean stretch is manipulated in every way
 * that fits it at PLACES places drawn from a printed seed. What does not move the signal by MOVED_PART of its learned
 * range somewhere in the window (a freeze of a signal that stands still, 0.7 times nothing) is no manipulation. An
 * untouched copy of each place is watched too: found is what alarms at a row where the untouched copy does not. All pieces
 * go through one run, one learning; a score above the threshold counts as an alarm even where the fusion's servo, which
 * remembers the incidents of other pieces, would ask for more: a piece alone finds it quiet.
 */
import type { Recording } from '../../hosts/bench/recording.js';
import { Random } from '../../simulator/random.js';
import type { Predictions } from './predictions.js';

export const SEED = 1;
export const WARM_UP_ROWS = 300;
export const WINDOW_ROWS = 60;
export const GRACE_ROWS = 60;
export const PLACES = 3;
export const MOVED_PART = 0.05;

/** Places begin on this grid of rows. */
const PLACE_STEP_ROWS = 15;
/** A signal with at most this many learned values is a contact. */
const CONTACT_VALUES_MAX = 4;
/** Of the learned range, added by `offset` and reached by `ramp` at the end of its window. */
const SHIFT_PART = 0.2;
const SCALE = 0.7;

/** What a signal says while it lies. */
export const KINDS = ['freeze', 'offset', 'scale', 'ramp', 'replay', 'zero', 'flip'] as const;
export type Kind = (typeof KINDS)[number];

/** What the learning rows say of a signal. */
export interface Learned {
  readonly low: number;
  readonly high: number;
  /** Smallest step between two values: a sensor tells no value between. */
  readonly step: number;
  readonly isContact: boolean;
}

export interface Manipulation {
  /** Column among the signals. */
  readonly signal: number;
  readonly kind: Kind;
  /** First manipulated row of the recording. */
  readonly start: number;
}

export interface ManipulationPlan {
  readonly manipulations: readonly Manipulation[];
  /** Their starts, each once: these rows are watched untouched. */
  readonly places: readonly number[];
}

export interface Tally {
  found: number;
  of: number;
}

export function learnedOf(values: Float64Array): Learned {
  const distinct = [...new Set(values)].filter(Number.isFinite).sort((a, b) => a - b);
  let step = Number.POSITIVE_INFINITY;
  for (let i = 1; i < distinct.length; i++) step = Math.min(step, distinct[i] - distinct[i - 1]);
  return {
    low: distinct[0] ?? 0,
    high: distinct[distinct.length - 1] ?? 0,
    step: Number.isFinite(step) ? step : 0,
    isContact: distinct.length <= CONTACT_VALUES_MAX,
  };
}

/** The window's values as the lying sensor gives them. */
export function manipulate(values: Float64Array, { kind, start }: Manipulation, learned: Learned): Float64Array {
  const { low, high, step } = learned;
  const shift = SHIFT_PART * (high - low);
  const lie: Record<Kind, (row: number) => number> = {
    freeze: () => values[start - 1],
    offset: (row) => values[row] + shift,
    scale: (row) => values[row] * SCALE,
    ramp: (row) => values[row] + (shift * (row - start + 1)) / WINDOW_ROWS,
    replay: (row) => values[row - WINDOW_ROWS],
    zero: () => 0,
    flip: (row) => low + high - values[row],
  };
  const told = new Float64Array(WINDOW_ROWS);
  for (let i = 0; i < WINDOW_ROWS; i++) {
    const value = lie[kind](start + i);
    told[i] = step > 0 ? Math.round(value / step) * step : value;
  }
  return told;
}

/** True when the lie is one: it moves the signal by enough somewhere in the window. */
export function isManipulation(values: Float64Array, manipulation: Manipulation, learned: Learned): boolean {
  const told = manipulate(values, manipulation, learned);
  const needed = MOVED_PART * (learned.high - learned.low);
  return needed > 0 && told.some((value, i) => Math.abs(value - values[manipulation.start + i]) >= needed);
}

/** Manipulations of the rows from `split` on; what is learned of a signal are the rows before. */
export function planManipulations(recording: Recording, split: number, seed: number): ManipulationPlan {
  const manipulations: Manipulation[] = [];
  const starts: number[] = [];
  const last = recording.time.length - WINDOW_ROWS - GRACE_ROWS;
  for (let start = Math.max(split, WARM_UP_ROWS); start <= last; start += PLACE_STEP_ROWS) starts.push(start);
  recording.values.forEach((values, signal) => {
    const learned = learnedOf(values.subarray(0, split));
    if (!isMoving(values.subarray(split))) return;
    for (const kind of KINDS) {
      if ((kind === 'flip') !== learned.isContact) continue;
      const fitting = starts
        .map((start) => ({ signal, kind, start }))
        .filter((manipulation) => isManipulation(values, manipulation, learned));
      manipulations.push(...draw(fitting, PLACES, new Random(seed, `${recording.names[signal]} ${kind}`)));
    }
  });
  const places = [...new Set(manipulations.map(({ start }) => start))].sort((a, b) => a - b);
  return { manipulations, places };
}

function isMoving(values: Float64Array): boolean {
  return values.some((value) => value !== values[0]);
}

/** Some of them, in their order. */
function draw<T>(all: readonly T[], count: number, random: Random): T[] {
  const left = all.map((_, i) => i);
  const drawn: number[] = [];
  while (drawn.length < count && left.length > 0) drawn.push(left.splice(random.below(left.length), 1)[0]);
  return drawn.sort((a, b) => a - b).map((i) => all[i]);
}

const PIECE_ROWS = WARM_UP_ROWS + WINDOW_ROWS + GRACE_ROWS;

/** One CSV with every piece, the untouched ones first. Time goes back where a piece begins: it begins afresh. */
export function piecesCsv(recording: Recording, split: number, { places, manipulations }: ManipulationPlan): string {
  const lines = [`t_s,${recording.names.join(',')}`];
  const add = (start: number, signal: number, told: Float64Array | null) => {
    for (let i = 0; i < PIECE_ROWS; i++) {
      const row = start - WARM_UP_ROWS + i;
      const cells: (number | string)[] = [recording.time[row] - recording.time[start - WARM_UP_ROWS]];
      recording.values.forEach((values, s) => {
        const isTold = s === signal && told !== null && i >= WARM_UP_ROWS && i < WARM_UP_ROWS + WINDOW_ROWS;
        const value = isTold ? told[i - WARM_UP_ROWS] : values[row];
        cells.push(Number.isNaN(value) ? '' : value);
      });
      lines.push(cells.join(','));
    }
  };
  for (const start of places) add(start, -1, null);
  for (const manipulation of manipulations) {
    const values = recording.values[manipulation.signal];
    add(
      manipulation.start,
      manipulation.signal,
      manipulate(values, manipulation, learnedOf(values.subarray(0, split))),
    );
  }
  return `${lines.join('\n')}\n`;
}

/** Found and number of each kind, from what was predicted for the rows of the pieces. */
export function tally(
  { alarm, score }: Pick<Predictions, 'alarm' | 'score'>,
  { places, manipulations }: ManipulationPlan,
): Record<Kind, Tally> {
  const isAlarm = (row: number) => alarm[row] === 1 || score[row] > 1;
  const tallies = Object.fromEntries(KINDS.map((kind) => [kind, { found: 0, of: 0 }])) as Record<Kind, Tally>;
  manipulations.forEach(({ kind, start }, i) => {
    const untouched = places.indexOf(start) * PIECE_ROWS;
    const touched = (places.length + i) * PIECE_ROWS;
    let isFound = false;
    for (let row = WARM_UP_ROWS; row < PIECE_ROWS; row++)
      if (isAlarm(touched + row) && !isAlarm(untouched + row)) isFound = true;
    tallies[kind].of++;
    if (isFound) tallies[kind].found++;
  });
  return tallies;
}
