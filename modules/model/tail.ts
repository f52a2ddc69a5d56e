/**
 * Threshold from the tail of learned scores by a shrunk Hill estimate (Hill, Annals of Statistics 3(5), 1975):
 * u = the scores' 90 % quantile, cluster maxima x_i above it (clusters end after 10 rows below), n of them in N rows,
 * m = rows per allowed alarm, b = sum ln(x_i / u) + 0.2 * 5, A = n + 5:
 *
 *   threshold = u exp(b (max(1, n m / N)^(1 / A) - 1))
 *
 * the predictive quantile of a Pareto tail whose index has the gamma distribution of shape A and rate b: with few
 * clusters it is above the plugged-in u (n m / N)^(b / A), because so few say little about the index.
 * One pass: u is a running quantile, the largest TAIL_CLUSTERS_MAX maxima are kept, and u rises to the smallest of them
 * when there were more. Scores that are zero nearly always get a floor that u never falls below; where no cluster
 * passed it, n = 1 stands for the one that might have, with the prior of gamma alone.
 * A few slots, 172 bytes, and 8 bytes a cluster.
 */
import { exp, ln } from '../base/elementary.js';
import { TAIL_CLUSTERS_MAX } from '../limits.js';
import { RunningQuantile } from './running-quantile.js';

const QUANTILE = 0.9;
/** Nothing is above the quantile before there is one. */
const PRIOR: readonly number[] = Object.freeze([Infinity]);
/** Scores are about 1 when nothing happens: a tail below this learned from next to nothing. */
const SCORE_MIN = 0.05;
const CLUSTER_GAP_ROWS = 10;
const GAMMA_PRIOR = 0.2;
const GAMMA_PRIOR_WEIGHT = 5;

/** Tail of one score. */
export class Tail {
  private readonly quantile = new RunningQuantile(QUANTILE, PRIOR);
  /** 90 % quantile of the scores so far. */
  level = PRIOR[0];
  private rows = 0;
  private rowsBelow = 0;
  private clusterMax = 0;
  private clusters = 0;
  private readonly maxima: Float64Array;
  private readonly floor: number;

  /** `floor`: u is never below it; `clusters`: how many maxima are kept. */
  constructor(floor = SCORE_MIN, clusters = TAIL_CLUSTERS_MAX) {
    this.floor = floor;
    this.maxima = new Float64Array(clusters);
  }

  /** One learned score. */
  add(score: number): void {
    const isAbove = score > this.level;
    this.level = this.quantile.add(0, score);
    this.rows++;
    if (isAbove) {
      this.rowsBelow = 0;
      if (score > this.clusterMax) this.clusterMax = score;
    } else if (this.clusterMax > 0 && ++this.rowsBelow >= CLUSTER_GAP_ROWS) this.endCluster();
  }

  private endCluster(): void {
    const maxima = this.maxima;
    if (this.clusters < maxima.length) maxima[this.clusters++] = this.clusterMax;
    else {
      let smallest = 0;
      for (let i = 1; i < maxima.length; i++) if (maxima[i] < maxima[smallest]) smallest = i;
      if (this.clusterMax > maxima[smallest]) maxima[smallest] = this.clusterMax;
    }
    this.clusterMax = 0;
    this.rowsBelow = 0;
  }

  /** The score that one cluster in `rowsPerAlarm` rows is expected to reach. */
  threshold(rowsPerAlarm: number): number {
    if (this.clusterMax > 0) this.endCluster();
    const { maxima, clusters } = this;
    let u = this.level;
    if (clusters === maxima.length) {
      let smallest = maxima[0];
      for (let i = 1; i < clusters; i++) if (maxima[i] < smallest) smallest = maxima[i];
      if (smallest > u) u = smallest;
    }
    if (u < this.floor) u = this.floor;
    let n = 0;
    let sum = GAMMA_PRIOR * GAMMA_PRIOR_WEIGHT;
    for (let i = 0; i < clusters; i++) {
      if (maxima[i] < u) continue;
      n++;
      sum += ln(maxima[i] / u);
    }
    if (n === 0 && this.floor === SCORE_MIN) return 2 * u;
    if (n === 0) n = 1;
    const excess = this.rows > 0 ? (n * rowsPerAlarm) / this.rows : 1;
    return excess > 1 ? u * exp(sum * (exp(ln(excess) / (n + GAMMA_PRIOR_WEIGHT)) - 1)) : u;
  }
}
