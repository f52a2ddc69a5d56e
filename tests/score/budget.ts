/**
 * Whether the promised alarm budget holds: false episodes over all clean stretches against what was announced, pooled by
 * what learning said of itself. Announced is one alarm in min(m, 3 n) rows, m the rows per allowed alarm and n the rows
 * learned, and nothing while not learned. Single stretches are too short to judge: the pooled count is read with the
 * Poisson probability of at least that many when the announced rate is the true one.
 */
import type { Learning, LearningLevel } from './harness.js';
import { episodes, type Predictions } from './predictions.js';

/** After a labelled row a plant needs as long to settle: neither clean nor false. */
const SETTLING_ROWS = 20;
/** A learning of n rows proves no rate below one alarm in this many times n. */
const PROVEN_LEARNINGS = 3;

/** What one clean stretch shows. */
export interface Stretch {
  readonly level: LearningLevel;
  readonly rows: number;
  readonly falseEpisodes: number;
  readonly announced: number;
}

export interface Pool {
  readonly stretches: number;
  readonly rows: number;
  readonly observed: number;
  readonly announced: number;
  /** Observed for one announced; null where nothing was announced. */
  readonly ratio: number | null;
  /** Poisson probability of at least as many as observed. */
  readonly probability: number | null;
}

/**
 * The clean rows of predictions. `labels` of the whole file, by row; only rows before the first labelled one count
 * where `isUntilFirst`: what comes after is still under its influence.
 */
export function stretchOf(
  predictions: Predictions,
  labels: ArrayLike<number>,
  isUntilFirst: boolean,
  rates: { readonly learning: Learning; readonly learnedRows: number; readonly rowsPerAlarm: number },
): Stretch {
  const clean = cleanRows(predictions.row, labels, isUntilFirst);
  const all = episodes(predictions.alarm);
  const falseEpisodes = all.filter(([first, last]) => isAll(clean, first, last)).length;
  const rows = clean.reduce((sum, isClean) => sum + (isClean ? 1 : 0), 0);
  const { level } = rates.learning;
  const perAlarm = Math.min(rates.rowsPerAlarm, PROVEN_LEARNINGS * rates.learnedRows);
  return { level, rows, falseEpisodes, announced: level === 'not learned' ? 0 : rows / perAlarm };
}

function cleanRows(rows: readonly number[], labels: ArrayLike<number>, isUntilFirst: boolean): boolean[] {
  let settled = Number.NEGATIVE_INFINITY;
  return rows.map((row) => {
    if (labels[row] === 1) settled = isUntilFirst ? Number.POSITIVE_INFINITY : row + SETTLING_ROWS;
    return row > settled;
  });
}

function isAll(clean: readonly boolean[], first: number, last: number): boolean {
  for (let i = first; i <= last; i++) if (!clean[i]) return false;
  return true;
}

/** The stretches of each level of learning, added up. */
export function pool(stretches: readonly Stretch[]): Map<LearningLevel, Pool> {
  const pools = new Map<LearningLevel, Pool>();
  for (const level of ['sufficient', 'provisional', 'not learned', '-'] as const) {
    const own = stretches.filter((stretch) => stretch.level === level);
    if (own.length === 0) continue;
    const sum = (of: (stretch: Stretch) => number) => own.reduce((total, stretch) => total + of(stretch), 0);
    const observed = sum((stretch) => stretch.falseEpisodes);
    const announced = sum((stretch) => stretch.announced);
    pools.set(level, {
      stretches: own.length,
      rows: sum((stretch) => stretch.rows),
      observed,
      announced,
      ratio: announced > 0 ? observed / announced : null,
      probability: announced > 0 ? poissonAtLeast(observed, announced) : null,
    });
  }
  return pools;
}

/** Probability of `count` or more events where `mean` are expected. */
export function poissonAtLeast(count: number, mean: number): number {
  let below = 0;
  let lnTerm = -mean;
  for (let k = 0; k < count; k++) {
    below += Math.exp(lnTerm);
    lnTerm += Math.log(mean / (k + 1));
  }
  if (below < 0.5) return 1 - below;
  // the rest is small: add it up itself rather than lose it in 1 - below
  let tail = 0;
  for (let k = count; k < count + 1000; k++) {
    tail += Math.exp(lnTerm);
    lnTerm += Math.log(mean / (k + 1));
  }
  return tail;
}
