/**
 * Spreads a row's work over the blocks until the next row: in each block its share of what is left, units of one
 * detector after the other, each detector's end with its last unit. Shares go by cost, so that no block takes long;
 * what a row costs is known as soon as its detectors have begun. 10 slots, and 2 per detector.
 */
import type { ModelRow } from '../model/model-row.js';
import type { RowDetector } from './row-detector.js';

/** Least that a block spends on a row: what a row costs is known only when its last detector has begun. */
const SHARE_MIN = 800;
/** Costs, in computrons about: of a turn but for its units and ends, of what begins a row, of what ends it. */
const TURN_COST = 60;
const BEGIN_COST = 900;
const ROW_END_COST = 1100;
/** No unit of the turn's detector is done yet. */
const NOT_BEGUN = -1;

/** The detectors' turns in the row under way. */
export class RowTurns {
  /** True until the last detector has ended. */
  isUnderWay = false;
  /** The turn under way, and its next unit. */
  private turn = 0;
  private unit = NOT_BEGUN;
  /** What is left to spend on the turn under way, and on those after it. */
  private own = 0;
  private rest = 0;
  /** In the order of their turns. */
  private readonly detectors: RowDetector[] = [];
  /** Of each turn what its last row cost. */
  private readonly costs: number[] = [];
  private readonly row: ModelRow;
  /** The turn whose detector began before the row did. */
  private readonly begunTurn: number = -1;

  /**
   * The first of `detectors`, the residuals, whose cost never changes, come last but for the drift, which takes what
   * they standardise: so what contacts cost in rows in which they move is known early. `begun`: the detector that
   * begins with the row's first block, by itself.
   */
  constructor(detectors: readonly RowDetector[], row: ModelRow, begun: RowDetector) {
    const last = detectors.length - 1;
    for (let turn = 0; turn <= last; turn++) {
      const detector = detectors[turn < last - 1 ? turn + 1 : turn === last ? turn : 0];
      if (detector === begun) this.begunTurn = turn;
      this.detectors.push(detector);
      this.costs.push(0);
    }
    this.row = row;
  }

  /** A row is complete. */
  begin(): void {
    const { costs } = this;
    let cost = ROW_END_COST;
    for (let i = 0; i < costs.length; i++) cost += costs[i];
    this.own = 0;
    this.rest = cost;
    this.turn = 0;
    this.unit = NOT_BEGUN;
    this.isUnderWay = true;
  }

  /**
   * One block's share of what is left, where `blocks` are left with this one; Infinity where all of it must be done.
   * `isFirst`: the block has begun the row. `progress`: part of learning that is over. True when the row is done.
   */
  advance(blocks: number, isFirst: boolean, isLearning: boolean, progress: number): boolean {
    const { detectors, row } = this;
    const isLast = blocks <= 1;
    let spent = isFirst ? BEGIN_COST : 0;
    let { turn, unit, own, rest } = this;
    let share = isLast ? Infinity : shareOf(spent + own + rest, blocks);
    for (; turn < detectors.length; turn++) {
      const detector = detectors[turn];
      if (unit === NOT_BEGUN) {
        if (turn !== this.begunTurn) detector.begin(row, isLearning);
        unit = 0;
        rest -= this.costs[turn];
        own = this.costOf(turn, detector);
        if (!isLast) share = shareOf(spent + own + rest, blocks);
      }
      const { units } = detector;
      while (unit < units && spent < share) {
        detector.work(unit++);
        const cost = detector.unitCost;
        spent += cost;
        own -= cost;
      }
      if (spent >= share) break;
      if (isLearning) detector.learn(row, progress);
      else detector.watch(row);
      if (own > 0) spent += own;
      own = 0;
      unit = NOT_BEGUN;
    }
    this.turn = turn;
    this.unit = unit;
    this.own = own;
    this.rest = rest;
    if (turn < detectors.length || spent >= share) return false;
    this.isUnderWay = false;
    return true;
  }

  /** What the detector of a turn, just begun, costs in this row. */
  private costOf(turn: number, detector: RowDetector): number {
    const cost = detector.units * detector.unitCost + detector.endsCost + TURN_COST;
    this.costs[turn] = cost;
    return cost;
  }
}

function shareOf(left: number, blocks: number): number {
  const even = left / blocks;
  return even > SHARE_MIN ? even : SHARE_MIN;
}
