/**
 * Occupancy: with the contacts as they are and at this level, was a slope like this one ever seen? A residual cannot
 * see "pump on, level falling". Of each channel the conditions that change its slope are learned
 * (`model/slope-causes.ts`), and for each state of a cause and each level the set of slopes (`model/slope-sets.ts`).
 *
 *   d      largest distance over the causes, in bins beyond two, at most 16; 0 while the slope is on its way after a
 *          change of a cause
 *   score  max over channels of e / T, e = EWMA(0.25) of d held below 3 T, T = max(1, M) (m / N)^0.2
 *
 * M: the channel's largest e in N learned rows, each times the part of learning that was over (what is new becomes rare
 * as learning goes on); m: rows per allowed alarm. A channel that surprises to the end is thereby hardly watched.
 *
 * Scales are taken at 15 % of learning, causes first chosen at 25 %; scores are made with the sets of the last
 * checkpoint. 1 KB per channel, 432 (C + A) bytes more while learning: for hosts that have the memory.
 */
import { exp, ln } from '../base/elementary.js';
import { QUALITY_GOOD } from '../condition/quality.js';
import type { Archive } from '../model/archive.js';
import type { ContactHistory } from '../model/contact-history.js';
import type { ModelRow } from '../model/model-row.js';
import { SlopeCauses } from '../model/slope-causes.js';
import { SlopeSets } from '../model/slope-sets.js';
import { Slopes } from '../model/slopes.js';
import { DETECTOR_OCCUPANCY, type Finding } from './finding.js';
import type { RowDetector } from './row-detector.js';

const SMOOTHING = 0.25;
/** Smallest distance, smoothed, that a threshold is made of. */
const DISTANCE_MIN = 1;
/** How far beyond the largest distance learned rarer ones are expected: the prior of `model/tail.ts`. */
const GAMMA = 0.2;
const WINDUP_THRESHOLDS = 3;
/** Parts of learning after which causes are chosen anew and rows join the sets; at the first, scales are taken. */
const CHECKPOINTS: readonly number[] = Object.freeze([0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95]);
/** The checkpoint from which on tails are collected. */
const SETTLED = 4;

/** State of one channel. */
class Occupied {
  smoothed = 0;
  /** 1 / threshold. */
  share = 0;
  /** Largest distance learned. */
  most = DISTANCE_MIN;
  limit = Infinity;
  low = Infinity;
  high = -Infinity;
}

/** Scores slopes by the states of contacts and by level. */
export class OccupancyDetector implements RowDetector {
  readonly id = DETECTOR_OCCUPANCY;
  members = 0;
  score = 0;
  intensity = 0;
  units = 0;
  readonly unitCost = 800;
  readonly endsCost = 250;
  readonly archiveUnits: number;
  private readonly slopes: Slopes;
  private readonly causes: SlopeCauses;
  private readonly sets: SlopeSets;
  private readonly occupied: Occupied[] = [];
  private readonly resolutions: readonly number[];
  /** Learned rows in which distances were taken. */
  private settledRows = 0;
  private row: ModelRow;
  private isLearning = true;
  /** Checkpoints passed. */
  private passed = 0;
  private largest = 0;
  private worst = 0;

  /** `resolutions[i]`: smallest step of analog channel i. */
  constructor(history: ContactHistory, row: ModelRow, resolutions: readonly number[]) {
    this.resolutions = resolutions;
    const channels = history.contacts > 0 ? history.firstInput : 0;
    this.row = row;
    this.slopes = new Slopes(channels);
    this.causes = new SlopeCauses(history, this.slopes);
    this.sets = new SlopeSets(this.causes, this.slopes);
    this.archiveUnits = channels;
    for (let q = 0; q < channels; q++) this.occupied.push(new Occupied());
  }

  begin(row: ModelRow, isLearning: boolean): void {
    this.row = row;
    this.isLearning = isLearning;
    this.units = this.slopes.channels > 0 ? this.slopes.channels + 1 : 0;
    this.largest = 0;
  }

  /** First the slopes of the row and the conditions, then each channel. */
  work(unit: number): void {
    const { slopes, causes } = this;
    if (unit === 0) {
      slopes.advance(this.row);
      causes.advance(this.isLearning);
      return;
    }
    const q = unit - 1;
    if (slopes.horizon[q] > 0) this.follow(q);
    else if (this.isLearning) this.learnScale(q);
  }

  private learnScale(q: number): void {
    const occupied = this.occupied[q];
    const input = this.row.inputs[q];
    if (input.quality !== QUALITY_GOOD) return;
    if (input.value < occupied.low) occupied.low = input.value;
    if (input.value > occupied.high) occupied.high = input.value;
    this.slopes.learn(q);
  }

  /** Scores the slope of channel q, then learns it. */
  private follow(q: number): void {
    const { slopes, causes, sets, row, occupied, isLearning } = this;
    const state = occupied[q];
    const h = slopes.horizon[q];
    let distance = 0;
    if (slopes.isKnown(q, h)) {
      const level = row.inputs[q].value;
      const isOnItsWay = causes.isOnItsWay(q);
      if (!isOnItsWay) distance = sets.distance(q, level);
      if (isLearning) causes.learn(q);
      if (isLearning && !isOnItsWay) sets.learn(q, level);
    }
    let smoothed = state.smoothed;
    smoothed += SMOOTHING * (distance - smoothed);
    state.smoothed = smoothed > state.limit ? state.limit : smoothed;
    const scaled = state.smoothed * state.share;
    if (scaled <= this.largest) return;
    this.largest = scaled;
    this.worst = q;
  }

  learn(_row: ModelRow, progress: number): void {
    const { passed, occupied } = this;
    if (this.units === 0) return;
    if (passed < CHECKPOINTS.length && progress >= CHECKPOINTS[passed]) this.passCheckpoint();
    if (passed < SETTLED) return;
    this.settledRows++;
    this.members = 1;
    for (let q = 0; q < occupied.length; q++) {
      const distance = occupied[q].smoothed * progress;
      if (distance > occupied[q].most) occupied[q].most = distance;
    }
  }

  /** Causes are chosen anew, rows so far join the sets; channels that have begun to move get their scales. */
  private passCheckpoint(): void {
    const { slopes, causes, sets, occupied } = this;
    for (let q = 0; q < occupied.length; q++) {
      if (slopes.horizon[q] > 0) causes.choose(q);
      else if (slopes.choose(q)) sets.scale(q, occupied[q].low, occupied[q].high, this.resolutions[q]);
    }
    sets.commit();
    this.passed++;
  }

  calibrate(rowsPerAlarm: number): void {
    const { occupied, settledRows } = this;
    this.passCheckpoint();
    this.causes.freeze();
    this.sets.freeze();
    this.slopes.freeze();
    const excess = settledRows > 0 ? rowsPerAlarm / settledRows : 1;
    const rarer = excess > 1 ? exp(GAMMA * ln(excess)) : 1;
    for (let q = 0; q < occupied.length; q++) setThreshold(occupied[q], occupied[q].most * rarer);
    this.restart();
  }

  watch(): void {
    this.score = this.largest;
    this.intensity = this.score;
  }

  restart(): void {
    const { occupied } = this;
    this.slopes.restart();
    for (let q = 0; q < occupied.length; q++) occupied[q].smoothed = 0;
  }

  /** The channel, and the contact that changes its slope first. */
  explain(finding: Finding, row: ModelRow): void {
    finding.channel[0] = this.worst;
    finding.channels = 1;
    finding.observed = row.inputs[this.worst].value;
  }

  archive(q: number, archive: Archive): void {
    const { occupied } = this;
    occupied[q].share = archive.number(occupied[q].share);
    occupied[q].limit = archive.number(occupied[q].limit);
    this.slopes.archive(q, archive);
    this.causes.archive(q, archive);
    this.sets.archive(q, archive);
  }
}

function setThreshold(occupied: Occupied, threshold: number): void {
  occupied.share = 1 / threshold;
  occupied.limit = WINDUP_THRESHOLDS * threshold;
}
