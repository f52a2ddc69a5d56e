/**
 * Order against execution, analog to analog: a command and the feedback that must follow it (valve command and
 * position, speed reference and feedback).
 *
 *     feedback = offset + gain command     least squares over values held, each weighted by how long it was held
 *     an order                             the command leaves the value that was last answered by more than a step,
 *                                          1/64 of the range learned or 8 times its noise
 *     tolerance at command c               T (1 + 1 / n + (c - mean)^2 / (n variance))^(1/2), the prediction interval
 *                                          of that line: n values held (the square of the weights' sum over the sum
 *                                          of their squares) with this mean and variance, each off by T
 *     T                                    f times the largest residual learned at rest, and 4 times the noise; at
 *                                          least two steps
 *     answered                             within 1/8 of the order's size, or the tolerance
 *     bound                                longest lag + k (longest - shortest) of that direction, as in
 *                                          answer-delay.ts, 1.1 times the longest at least, + margin; where it is
 *                                          farther behind than was ever learned in proportion, and never shorter than
 *                                          the way takes at the fastest that it was ever seen to move
 *
 * f is what a Pareto tail of index 0.2, known with the weight of five clusters (as in model/tail.ts), reaches once in
 * r learnings beyond a largest that is reached in every one: f = exp(exp(ln r / 6) - 1), 1.25 at least.
 * A value beyond those of the line teaches no residual and no lag until it has been held itself, and an order that
 * finds its answer in place already teaches no lag. Where no lag was learned the way at the fastest is all that is
 * known: twice that is the bound.
 *
 * The lag counts from the command's last move to the answer. A command that keeps moving is held to where it was one
 * bound ago. `missing`: not followed within the bound; `late`: followed after it; `contradicted`: the feedback goes the
 * other way, or has left again by the time it should rest; `unordered`: it leaves the command while that stands still,
 * by more than the tolerance. About 76 slots per pair.
 *
 * Where the wiring states a mode the lags are learned in each mode as well, about 16 slots a mode; line and tolerance
 * are those of all modes together.
 */
import { exp, ln } from '../base/elementary.js';
import type { AnalogSignal } from '../condition/analog-signal.js';
import type { PairConfiguration } from '../config/configuration.js';
import { VERDICT_CONTRADICTED, VERDICT_DONE, VERDICT_MISSING, VERDICT_NONE } from '../detect/finding.js';
import type { Archive } from '../model/archive.js';
import { AnalogPair } from './analog-pair.js';
import { ORDERS_MIN, reachOf } from './answer-delay.js';
import { MODE_UNKNOWN, type OperatingMode } from './operating-mode.js';
import { type LearnedDelay, SCORE_PLAIN } from './pair.js';

const NOISE_STEPS = 8;
const RANGE_STEPS = 64;
const NOISE_BLOCKS = 64;
const ARRIVED_SHARE = 1 / 8;
const LAG_MARGIN = 1.1;
const RESIDUAL_MARGIN = 1.25;
const RESIDUAL_NOISES = 4;
const TAIL_WEIGHT = 6;
/** Moves of the command that are counted as orders, in tolerances of the feedback. */
const ORDER_TOLERANCES = 2;
/** The learned residual may be no more than this part of what the feedback moves over the learned range. */
const RESIDUAL_SHARE_MAX = 1 / 4;
/** Parts of learning: the range first, then the gain as well, then lags and residual as well. */
const RANGE_LEARNED = 0.25;
const GAIN_LEARNED = 0.5;
/** Lags and residual are learned in so many parts of learning less than all. */
const LEARNINGS_OF_LAGS = 1 / (1 - GAIN_LEARNED);
/** Values that must have been held, weighted. */
const HOLDS_MIN = 3;
/** How far the feedback goes is looked at over so many blocks. */
const SPEED_BLOCKS = 64;
/** Values held for less than this part of the longest hold say little of the gain. */
const HOLD_SHARE_MIN = 1 / 8;
/** A value held for this part of the longest hold is at rest. */
const HOLD_SHARE_REST = 1 / 4;
const BOUNDS_SETTLED = 2;
/** Ways at the fastest that an order may take whose lag was not learned. */
const BOUNDS_UNKNOWN = 2;
/** A command that moves by less in a block stands still, in steps. */
const STILL_STEPS = 1 / 2;

/** The lag of one direction. */
class Lag {
  /** Orders whose answer was not in place when they came. */
  orders = 0;
  minUs = Infinity;
  maxUs = 0;
  /** The farthest that the feedback was behind the command, in counts of the command. */
  span = 0;
  /** What an order may take that leaves the feedback no farther behind, without the margin. */
  reachUs = 0;

  add(lagUs: number, size: number): void {
    this.orders++;
    if (lagUs < this.minUs) this.minUs = lagUs;
    if (lagUs > this.maxUs) this.maxUs = lagUs;
    if (size > this.span) this.span = size;
  }

  calibrate(learnings: number): void {
    const { maxUs, orders } = this;
    this.reachUs = LAG_MARGIN * maxUs;
    if (orders < ORDERS_MIN) return;
    const reachUs = maxUs + reachOf(orders, learnings) * (maxUs - this.minUs);
    if (reachUs > this.reachUs) this.reachUs = reachUs;
  }

  /** Of an order no larger than those learned, without the margin. */
  get boundUs(): number {
    return this.orders < ORDERS_MIN ? Infinity : this.reachUs;
  }

  /** Without the margin; `wayUs`: what the way takes at the fastest. */
  boundFor(size: number, wayUs: number): number {
    if (this.orders < ORDERS_MIN) return BOUNDS_UNKNOWN * wayUs;
    if (size <= this.span) return this.reachUs;
    const inProportion = (this.reachUs * size) / this.span;
    return inProportion > wayUs ? inProportion : wayUs;
  }

  /** What an order was seen to take; while learning so far. */
  settledUs(): number {
    return this.reachUs > 0 ? this.reachUs : LAG_MARGIN * this.maxUs;
  }

  archive(archive: Archive): void {
    this.orders = archive.uint16(this.orders < ORDERS_MIN ? this.orders : ORDERS_MIN);
    this.reachUs = archive.number(this.reachUs);
    this.span = archive.number(this.span);
  }
}

/** The lags of one mode. */
export class FollowMode {
  readonly rising = new Lag();
  readonly falling = new Lag();
}

/** One pair. */
export class FollowPair extends AnalogPair {
  readonly archiveUnits = 1;
  readonly operating: OperatingMode<FollowMode> | null;
  readonly answer: AnalogSignal;
  readonly command: AnalogSignal;
  readonly rising = new Lag();
  readonly falling = new Lag();
  /** Counts of the feedback for one of the command, and at none. */
  gain = 0;
  offset = 0;
  /** A command that moves by more is an order, in its counts; NaN while it is not known. */
  stepCounts = NaN;
  /** T: residual that the feedback may have at rest, in its counts, where the line is known best. */
  tolerance = 0;
  /** What the line's own uncertainty adds: 1 / n and 1 / (n variance), around the mean command held. */
  private lineShare = 0;
  private lineCurve = 0;
  /** The fastest that the feedback was seen to move, counts in a microsecond. */
  private fastest = 0;
  private speedBlocks = 0;
  private speedFrom = NaN;
  private speedFromUs = 0;
  private residual = 0;
  private lowest = Infinity;
  private highest = -Infinity;
  private commandNoise = 0;
  private answerNoise = 0;
  private lastCommand = NaN;
  private lastAnswer = 0;
  // moments of the values held
  private weight = 0;
  private weightSquares = 0;
  private heldLow = Infinity;
  private heldHigh = -Infinity;
  private commandMean = 0;
  private answerMean = 0;
  private squares = 0;
  private products = 0;
  private longestHoldUs = 0;
  /** The command that it was last, within a step, and when it moved last. */
  private held = NaN;
  private movedAtUs = -1;
  private settledFromUs = 0;
  /** The order under way: from which command, and where the feedback was. */
  private from = 0;
  private answerFrom = 0;
  /** The feedback was elsewhere when the order came, or since, and how far from the line at most. */
  private wasAway = false;
  private widest = 0;
  private followed = 0;
  /** Range of the command since the moment that the feedback is held to. */
  private checkAtUs = 0;
  private checkLow = 0;
  private checkHigh = 0;
  /** The feedback is beyond its tolerance, since when. */
  private isOut = false;
  private outAtUs = 0;
  private isFreshlyDone = false;

  constructor(
    c: PairConfiguration,
    index: number,
    sampleUs: number,
    answer: AnalogSignal,
    command: AnalogSignal,
    operating: OperatingMode<FollowMode> | null = null,
  ) {
    super(c, index, sampleUs);
    this.operating = operating;
    if (operating !== null)
      for (let mode = operating.count(); mode > 0; mode--) operating.learned.push(new FollowMode());
    this.answer = answer;
    this.command = command;
  }

  protected orderQuality(): number {
    return this.command.quality;
  }

  protected attend(nowUs: number, progress: number): void {
    const isLearning = progress < 1;
    if (isLearning) this.watchSpeed(nowUs);
    if (isLearning && progress < GAIN_LEARNED) this.learnGain(nowUs, progress);
    else if (isLearning || this.hasModel) this.follow(nowUs, isLearning);
  }

  protected isBusy(nowUs: number, isLearning: boolean): boolean {
    return isLearning || this.orderAtUs >= 0 || !this.isAtRest(nowUs);
  }

  protected lose(): void {
    this.orderAtUs = -1;
    this.told = VERDICT_NONE;
    this.stray = VERDICT_NONE;
    this.isOut = false;
    this.isFreshlyDone = false;
    this.held = NaN;
    this.lastCommand = NaN;
    this.speedFrom = NaN;
  }

  /** How far the feedback gets in SPEED_BLOCKS. */
  private watchSpeed(nowUs: number): void {
    if (!Number.isNaN(this.speedFrom) && ++this.speedBlocks < SPEED_BLOCKS) return;
    const { mean } = this.answer;
    const speed = distanceOf(mean, this.speedFrom) / (nowUs - this.speedFromUs);
    if (speed > this.fastest) this.fastest = speed;
    this.speedBlocks = 0;
    this.speedFrom = mean;
    this.speedFromUs = nowUs;
  }

  private watchRange(c: number): void {
    if (c < this.lowest) this.lowest = c;
    if (c > this.highest) this.highest = c;
  }

  /** Range and noise of the command, then the feedback that goes with each value that it holds. */
  private learnGain(nowUs: number, progress: number): void {
    const c = this.command.mean;
    const f = this.answer.mean;
    this.watchRange(c);
    if (!Number.isNaN(this.lastCommand)) {
      // a step of the command is no noise, nor is the answer to it
      const change = distanceOf(c, this.lastCommand);
      const most = (this.highest - this.lowest) / RANGE_STEPS;
      this.commandNoise += ((change < most ? change : most) - this.commandNoise) / NOISE_BLOCKS;
      if (nowUs - this.movedAtUs > HOLD_SHARE_REST * this.longestHoldUs)
        this.answerNoise += (distanceOf(f, this.lastAnswer) - this.answerNoise) / NOISE_BLOCKS;
    }
    if (progress >= RANGE_LEARNED) {
      this.stepCounts = this.stepNow();
      if (Number.isNaN(this.held)) this.hold(c, nowUs);
      else if (distanceOf(c, this.held) > this.stepCounts) {
        this.endHold(nowUs);
        this.hold(c, nowUs);
      }
    }
    this.lastCommand = c;
    this.lastAnswer = f;
  }

  private stepNow(): number {
    const ofRange = (this.highest - this.lowest) / RANGE_STEPS;
    const ofNoise = NOISE_STEPS * this.commandNoise;
    return ofRange > ofNoise ? ofRange : ofNoise;
  }

  private hold(command: number, nowUs: number): void {
    this.held = command;
    this.movedAtUs = nowUs;
  }

  /** The command leaves the value that it held. */
  private endHold(nowUs: number): void {
    const heldUs = nowUs - this.movedAtUs;
    if (heldUs > this.longestHoldUs) this.longestHoldUs = heldUs;
    if (heldUs >= HOLD_SHARE_MIN * this.longestHoldUs) this.addHold(heldUs, this.lastCommand, this.lastAnswer);
  }

  private addHold(weight: number, command: number, answer: number): void {
    if (command < this.heldLow) this.heldLow = command;
    if (command > this.heldHigh) this.heldHigh = command;
    this.weight += weight;
    this.weightSquares += weight * weight;
    const share = weight / this.weight;
    const dc = command - this.commandMean;
    const df = answer - this.answerMean;
    this.commandMean += share * dc;
    this.answerMean += share * df;
    this.squares += weight * dc * (command - this.commandMean);
    this.products += weight * dc * (answer - this.answerMean);
    if (this.squares <= 0) return;
    this.gain = this.products / this.squares;
    this.offset = this.answerMean - this.gain * this.commandMean;
  }

  private lagOf(target: number): Lag {
    return target > this.from ? this.rising : this.falling;
  }

  private boundNow(): number {
    const size = this.widest / (this.gain < 0 ? -this.gain : this.gain);
    const wayUs = this.wayUs(size);
    const pooled = this.lagOf(this.command.mean);
    if (this.operating !== null) return this.widestOf(this.operating, pooled, size, wayUs) + this.marginUs;
    return pooled.boundFor(size, wayUs) + this.marginUs;
  }

  /** The widest bound of the modes that the order has seen; of one hardly learned the `pooled` one. */
  private widestOf(operating: OperatingMode<FollowMode>, pooled: Lag, size: number, wayUs: number): number {
    const { learned } = operating;
    let widestUs = operating.hasSeen(MODE_UNKNOWN) ? pooled.boundFor(size, wayUs) : 0;
    for (let mode = 0; mode < learned.length; mode++) {
      if (!operating.hasSeen(mode)) continue;
      const own = pooled === this.rising ? learned[mode].rising : learned[mode].falling;
      const boundUs = (own.orders < ORDERS_MIN ? pooled : own).boundFor(size, wayUs);
      if (boundUs > widestUs) widestUs = boundUs;
    }
    return widestUs;
  }

  /** What the feedback needs for so many counts of the command at the fastest. */
  private wayUs(size: number): number {
    return (LAG_MARGIN * size * (this.gain < 0 ? -this.gain : this.gain)) / this.fastest;
  }

  /** What the feedback may be away from the line at command `c`. */
  private toleranceAt(c: number): number {
    const away = c - this.commandMean;
    return this.tolerance * Math.sqrt(1 + this.lineShare + this.lineCurve * away * away);
  }

  /** The line was learned at `c`, or near it: what departs from it there is the feedback's doing. */
  private isLearned(c: number): boolean {
    return c >= this.heldLow - this.stepCounts && c <= this.heldHigh + this.stepCounts;
  }

  /** Distance from the command's own feedback at which an order has been answered. */
  private nearness(): number {
    const size = distanceOf(this.command.mean, this.from);
    const share = size * ARRIVED_SHARE > this.stepCounts ? size * ARRIVED_SHARE : this.stepCounts;
    const near = share * (this.gain < 0 ? -this.gain : this.gain);
    const tolerance = this.toleranceAt(this.command.mean);
    return near > tolerance ? near : tolerance;
  }

  private follow(nowUs: number, isLearning: boolean): void {
    const c = this.command.mean;
    if (this.gain === 0 || !(this.stepCounts > 0)) return;
    if (Number.isNaN(this.held)) {
      this.hold(c, nowUs);
      this.from = c;
      this.settledFromUs = nowUs + this.settleUs(0);
    }
    if (distanceOf(c, this.held) > this.stepCounts) {
      if (isLearning) this.endHold(nowUs);
      this.moveCommand(c, nowUs);
    }
    if (this.orderAtUs >= 0) this.followOrder(c, nowUs, isLearning);
    else this.followRest(c, nowUs, isLearning);
    this.lastCommand = c;
    if (!isLearning) return;
    this.lastAnswer = this.answer.mean;
    this.watchRange(c);
  }

  private moveCommand(c: number, nowUs: number): void {
    // a command that turns back from what was not followed is another order
    const isBack = this.told !== VERDICT_NONE && c > this.held !== this.held > this.from;
    if (this.orderAtUs < 0 || isBack) {
      this.orderAtUs = nowUs;
      this.from = this.held;
      this.answerFrom = this.answer.mean;
      this.wasAway = false;
      this.widest = 0;
      if (this.operating !== null) this.beginMode(this.operating, c, nowUs);
      this.check(c, nowUs);
      this.told = VERDICT_NONE;
      this.stray = VERDICT_NONE;
      this.isOut = false;
    }
    this.hold(c, nowUs);
  }

  private beginMode(operating: OperatingMode<FollowMode>, c: number, nowUs: number): void {
    operating.begin(nowUs);
    const { mode, learned } = operating;
    const own = mode === MODE_UNKNOWN ? null : c > this.from ? learned[mode].rising : learned[mode].falling;
    if (this.hasModel && (own === null || own.orders < ORDERS_MIN)) operating.pooledOrders++;
  }

  private check(c: number, nowUs: number): void {
    this.checkAtUs = nowUs;
    this.checkLow = c;
    this.checkHigh = c;
  }

  private followOrder(c: number, nowUs: number, isLearning: boolean): void {
    if (this.operating !== null) this.operating.follow();
    if (c < this.checkLow) this.checkLow = c;
    if (c > this.checkHigh) this.checkHigh = c;
    const near = this.nearness();
    const answer = this.answer.mean;
    const own = this.offset + this.gain * c;
    const away = distanceOf(answer, own);
    if (away > near) this.wasAway = true;
    if (away > this.widest) this.widest = away;
    // a command on its way may pass by the feedback
    const isStill = distanceOf(c, this.lastCommand) <= STILL_STEPS * this.stepCounts;
    if (isStill && away <= near) {
      this.arrive(c, nowUs, isLearning);
      return;
    }
    if (isLearning || this.told === VERDICT_CONTRADICTED) return;
    const boundUs = this.boundNow();
    if (away - distanceOf(this.answerFrom, own) > near) this.tell(VERDICT_CONTRADICTED);
    else if (nowUs - this.checkAtUs > boundUs && this.told === VERDICT_NONE) {
      const a = this.offset + this.gain * this.checkLow;
      const b = this.offset + this.gain * this.checkHigh;
      const isBetween = answer >= (a < b ? a : b) - near && answer <= (a < b ? b : a) + near;
      if (!isBetween) this.tell(VERDICT_MISSING);
      else this.check(c, nowUs);
    }
  }

  /** The feedback is where the command wants it. */
  private arrive(c: number, nowUs: number, isLearning: boolean): void {
    const size = distanceOf(c, this.from);
    if (isLearning) {
      this.followed++;
      if (this.wasAway && this.isLearned(c)) this.learnLag(c, nowUs);
    }
    if (this.told === VERDICT_MISSING) {
      this.countLate(true);
      this.lateBounds = (nowUs - this.orderAtUs) / this.boundNow();
    } else if (this.told === VERDICT_NONE && this.isOrder(c)) this.verdicts[VERDICT_DONE]++;
    this.lastOrderAtUs = this.orderAtUs;
    this.orderAtUs = -1;
    this.told = VERDICT_NONE;
    this.isOut = false;
    this.isFreshlyDone = true;
    this.rest(c, nowUs);
    this.settledFromUs = nowUs + this.settleUs(size);
  }

  private rest(c: number, nowUs: number): void {
    this.held = c;
    this.from = c;
    this.check(c, nowUs);
  }

  private learnLag(c: number, nowUs: number): void {
    const { operating } = this;
    const pooled = this.lagOf(c);
    const lagUs = nowUs - this.movedAtUs;
    const size = this.widest / (this.gain < 0 ? -this.gain : this.gain);
    pooled.add(lagUs, size);
    if (operating === null || !operating.isSteady()) return;
    const { rising, falling } = operating.learned[operating.mode];
    (pooled === this.rising ? rising : falling).add(lagUs, size);
  }

  /** True when the command has moved by more than the feedback may stray: less is followed, but no order to count. */
  private isOrder(c: number): boolean {
    const moved = distanceOf(c, this.from) * (this.gain < 0 ? -this.gain : this.gain);
    return moved > ORDER_TOLERANCES * this.tolerance;
  }

  /** Longest that the answer to an order of `size` takes to come to rest once it is near. */
  private settleUs(size: number): number {
    const longestUs = this.lagUs();
    const wayUs = this.wayUs(ARRIVED_SHARE * size);
    return BOUNDS_SETTLED * ((longestUs > wayUs ? longestUs : wayUs) + this.marginUs);
  }

  /** Longest that an answer takes. */
  private lagUs(): number {
    const risingUs = this.rising.settledUs();
    const fallingUs = this.falling.settledUs();
    return risingUs > fallingUs ? risingUs : fallingUs;
  }

  private isAtRest(nowUs: number): boolean {
    return !Number.isNaN(this.held) && nowUs > this.settledFromUs && this.stray === VERDICT_NONE && !this.isOut;
  }

  private followRest(c: number, nowUs: number, isLearning: boolean): void {
    if (nowUs <= this.settledFromUs) return;
    const away = distanceOf(this.answer.mean, this.offset + this.gain * c);
    if (isLearning) {
      if (away > this.residual && this.isLearned(c)) this.residual = away;
      return;
    }
    if (away <= this.toleranceAt(c)) {
      this.isOut = false;
      this.isFreshlyDone = false;
      this.stray = VERDICT_NONE;
      // small moves add up: an order begins at the command of the rest, once the feedback cannot be behind it any more
      if (nowUs - this.checkAtUs > this.lagUs()) this.rest(c, nowUs);
      return;
    }
    if (this.stray !== VERDICT_NONE) return;
    if (!this.isOut) {
      this.isOut = true;
      this.outAtUs = nowUs;
      return;
    }
    this.tellStray(this.isFreshlyDone, this.outAtUs);
  }

  protected sleep(): void {
    const { held, stepCounts } = this;
    this.commandLow = held - stepCounts;
    this.commandHigh = held + stepCounts;
    const middle = this.offset + this.gain * held;
    const width = this.toleranceAt(held) - stepCounts * (this.gain < 0 ? -this.gain : this.gain);
    this.quietLow = middle - width;
    this.quietHigh = middle + width;
  }

  protected expectedCounts(): number {
    return this.offset + this.gain * this.command.mean;
  }

  protected strength(): number {
    const away = distanceOf(this.answer.mean, this.expectedCounts()) / this.toleranceAt(this.command.mean);
    return away > SCORE_PLAIN ? away : SCORE_PLAIN;
  }

  protected waitedBounds(nowUs: number): number {
    return (nowUs - this.checkAtUs) / this.boundNow();
  }

  /** Ends learning. */
  calibrate(learnings: number): void {
    const slope = this.gain < 0 ? -this.gain : this.gain;
    const ofLags = LEARNINGS_OF_LAGS * learnings;
    const tail = ofLags > 1 ? exp(exp(ln(ofLags) / TAIL_WEIGHT) - 1) : 1;
    const learned = (tail > RESIDUAL_MARGIN ? tail : RESIDUAL_MARGIN) * this.residual;
    const least = 2 * slope * this.stepCounts;
    const tolerance = learned + RESIDUAL_NOISES * this.answerNoise;
    this.tolerance = tolerance > least ? tolerance : least;
    const holds = this.weight > 0 ? (this.weight * this.weight) / this.weightSquares : 0;
    this.lineShare = 1 / holds;
    this.lineCurve = this.weight / (holds * this.squares);
    this.rising.calibrate(ofLags);
    this.falling.calibrate(ofLags);
    if (this.operating !== null) calibrateModes(this.operating.learned, ofLags);
    const isFollowing = this.residual < RESIDUAL_SHARE_MAX * slope * (this.highest - this.lowest);
    if (!isFollowing || holds < HOLDS_MIN || this.followed < ORDERS_MIN || !(this.stepCounts > 0)) this.gain = 0;
    this.resume();
  }

  /** Begins to watch with what was learned. */
  private resume(): void {
    this.lose();
    this.hasModel = this.gain !== 0;
  }

  learnedDelay(mode: number, direction: number): LearnedDelay {
    const { operating } = this;
    const at = operating === null || mode === MODE_UNKNOWN ? this : operating.learned[mode];
    return direction === 1 ? at.rising : at.falling;
  }

  /** Of an order no larger than those learned. */
  override toldBoundUs(delay: LearnedDelay): number {
    return delay.boundUs + this.marginUs;
  }

  override learnedNumbers(mode: number): number {
    return mode === MODE_UNKNOWN ? 3 : 0;
  }

  /** Gain, offset and tolerance at rest, of engineering values. */
  override learnedNumber(_mode: number, index: number): number {
    const { answer, command, gain } = this;
    if (gain === 0) return NaN;
    if (index === 2) return this.tolerance * (answer.gain < 0 ? -answer.gain : answer.gain);
    const slope = (gain * answer.gain) / command.gain;
    return index === 0 ? slope : this.offset * answer.gain + answer.offset - slope * command.offset;
  }

  archive(_unit: number, archive: Archive): void {
    this.gain = archive.number(this.gain);
    this.offset = archive.number(this.offset);
    this.stepCounts = archive.number(this.stepCounts);
    this.tolerance = archive.number(this.tolerance);
    this.commandMean = archive.number(this.commandMean);
    this.lineShare = archive.number(this.lineShare);
    this.lineCurve = archive.number(this.lineCurve);
    this.fastest = archive.number(this.fastest);
    this.rising.archive(archive);
    this.falling.archive(archive);
    if (this.operating !== null) archiveModes(this.operating.learned, archive);
    if (archive.isLoading) this.resume();
  }
}

/** The modes share what may be wrong by chance. */
function calibrateModes(modes: readonly FollowMode[], learnings: number): void {
  for (let i = 0; i < modes.length; i++) {
    modes[i].rising.calibrate(learnings * modes.length);
    modes[i].falling.calibrate(learnings * modes.length);
  }
}

function archiveModes(modes: readonly FollowMode[], archive: Archive): void {
  for (let i = 0; i < modes.length; i++) {
    modes[i].rising.archive(archive);
    modes[i].falling.archive(archive);
  }
}

function distanceOf(a: number, b: number): number {
  return a > b ? a - b : b - a;
}
