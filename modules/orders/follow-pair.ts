/**
 * Order against execution, analog to analog: a command and the feedback that must follow it (valve command and
 * position, speed reference and feedback).
 *
 *     feedback = offset + gain command     least squares over values held, each weighted by how long it was held
 *     an order                             the command leaves the value that was last answered by more than a step,
 *                                          1/64 of the range learned or 8 times its noise
 *     answered                             within 1/8 of the order's size, or the learned tolerance
 *     bound                                1.1 x longest lag learned in that direction + margin; longer for orders
 *                                          larger than any learned, in proportion
 *
 * The lag counts from the command's last move to the answer. A command that keeps moving is held to where it was one
 * bound ago. `missing`: not followed within the bound; `late`: followed after it; `contradicted`: the feedback goes the
 * other way, or has left again by the time it should rest; `unordered`: it leaves the command while that stands still,
 * by more than 1.25 times the residual learned. About 60 slots per pair.
 */
import type { AnalogSignal } from '../condition/analog-signal.js';
import type { PairConfiguration } from '../config/configuration.js';
import { VERDICT_CONTRADICTED, VERDICT_DONE, VERDICT_MISSING, VERDICT_NONE } from '../detect/finding.js';
import type { Archive } from '../model/archive.js';
import { AnalogPair } from './analog-pair.js';
import { ORDERS_MIN } from './answer-delay.js';
import { SCORE_PLAIN } from './pair.js';

const NOISE_STEPS = 8;
const RANGE_STEPS = 64;
const NOISE_BLOCKS = 64;
const ARRIVED_SHARE = 1 / 8;
const LAG_MARGIN = 1.1;
const RESIDUAL_MARGIN = 1.25;
const RESIDUAL_NOISES = 4;
/** Moves of the command that are counted as orders, in tolerances of the feedback. */
const ORDER_TOLERANCES = 2;
/** The learned residual may be no more than this part of what the feedback moves over the learned range. */
const RESIDUAL_SHARE_MAX = 1 / 4;
/** Parts of learning: the range first, then the gain, then lags and residual. */
const RANGE_LEARNED = 0.25;
const GAIN_LEARNED = 0.5;
/** Values held for less than this part of the longest hold say little of the gain. */
const HOLD_SHARE_MIN = 1 / 8;
/** A value held for this part of the longest hold is at rest. */
const HOLD_SHARE_REST = 1 / 4;
const BOUNDS_SETTLED = 2;
/** A command that moves by less in a block stands still, in steps. */
const STILL_STEPS = 1 / 2;

/** The lag of one direction. */
class Lag {
  orders = 0;
  maxUs = 0;
  /** Largest order learned, in counts of the command. */
  span = 0;

  add(lagUs: number, size: number): void {
    this.orders++;
    if (lagUs > this.maxUs) this.maxUs = lagUs;
    if (size > this.span) this.span = size;
  }

  /** Infinity while too little was learned. */
  boundUs(size: number, marginUs: number): number {
    if (this.orders < ORDERS_MIN) return Infinity;
    return LAG_MARGIN * this.maxUs * (size > this.span ? size / this.span : 1) + marginUs;
  }

  archive(archive: Archive): void {
    this.orders = archive.uint16(this.orders < ORDERS_MIN ? this.orders : ORDERS_MIN);
    this.maxUs = archive.number(this.maxUs);
    this.span = archive.number(this.span);
  }
}

/** One pair. */
export class FollowPair extends AnalogPair {
  readonly archiveUnits = 1;
  readonly answer: AnalogSignal;
  readonly command: AnalogSignal;
  readonly rising = new Lag();
  readonly falling = new Lag();
  /** Counts of the feedback for one of the command, and at none. */
  gain = 0;
  offset = 0;
  /** A command that moves by more is an order, in its counts; NaN while it is not known. */
  stepCounts = NaN;
  /** Residual that the feedback may have at rest, in its counts. */
  tolerance = 0;
  private residual = 0;
  private lowest = Infinity;
  private highest = -Infinity;
  private commandNoise = 0;
  private answerNoise = 0;
  private lastCommand = NaN;
  private lastAnswer = 0;
  // moments of the values held
  private weight = 0;
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
  /** Range of the command since the moment that the feedback is held to. */
  private checkAtUs = 0;
  private checkLow = 0;
  private checkHigh = 0;
  /** The feedback is beyond its tolerance, since when. */
  private isOut = false;
  private outAtUs = 0;
  private isFreshlyDone = false;

  constructor(c: PairConfiguration, index: number, sampleUs: number, answer: AnalogSignal, command: AnalogSignal) {
    super(c, index, sampleUs);
    this.answer = answer;
    this.command = command;
  }

  protected orderQuality(): number {
    return this.command.quality;
  }

  protected attend(nowUs: number, progress: number): void {
    const isLearning = progress < 1;
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
  }

  /** Range and noise of the command, then the feedback that goes with each value that it holds. */
  private learnGain(nowUs: number, progress: number): void {
    const c = this.command.mean;
    const f = this.answer.mean;
    if (c < this.lowest) this.lowest = c;
    if (c > this.highest) this.highest = c;
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
        const heldUs = nowUs - this.movedAtUs;
        if (heldUs > this.longestHoldUs) this.longestHoldUs = heldUs;
        if (heldUs >= HOLD_SHARE_MIN * this.longestHoldUs) this.addHold(heldUs, this.lastCommand, this.lastAnswer);
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

  private addHold(weight: number, command: number, answer: number): void {
    this.weight += weight;
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
    const c = this.command.mean;
    return this.lagOf(c).boundUs(distanceOf(c, this.from), this.marginUs);
  }

  /** Distance from the command's own feedback at which an order has been answered. */
  private nearness(): number {
    const size = distanceOf(this.command.mean, this.from);
    const share = size * ARRIVED_SHARE > this.stepCounts ? size * ARRIVED_SHARE : this.stepCounts;
    const near = share * (this.gain < 0 ? -this.gain : this.gain);
    return near > this.tolerance ? near : this.tolerance;
  }

  private follow(nowUs: number, isLearning: boolean): void {
    const c = this.command.mean;
    if (this.gain === 0 || !(this.stepCounts > 0)) return;
    if (Number.isNaN(this.held)) {
      this.hold(c, nowUs);
      this.from = c;
      this.settledFromUs = nowUs + this.settleUs();
    }
    if (distanceOf(c, this.held) > this.stepCounts) this.moveCommand(c, nowUs);
    if (this.orderAtUs >= 0) this.followOrder(c, nowUs, isLearning);
    else this.followRest(c, nowUs, isLearning);
    this.lastCommand = c;
  }

  private moveCommand(c: number, nowUs: number): void {
    // a command that turns back from what was not followed is another order
    const isBack = this.told !== VERDICT_NONE && c > this.held !== this.held > this.from;
    if (this.orderAtUs < 0 || isBack) {
      this.orderAtUs = nowUs;
      this.from = this.held;
      this.answerFrom = this.answer.mean;
      this.check(c, nowUs);
      this.told = VERDICT_NONE;
      this.stray = VERDICT_NONE;
      this.isOut = false;
    }
    this.hold(c, nowUs);
  }

  private check(c: number, nowUs: number): void {
    this.checkAtUs = nowUs;
    this.checkLow = c;
    this.checkHigh = c;
  }

  private followOrder(c: number, nowUs: number, isLearning: boolean): void {
    if (c < this.checkLow) this.checkLow = c;
    if (c > this.checkHigh) this.checkHigh = c;
    const near = this.nearness();
    const answer = this.answer.mean;
    // a command on its way may pass by the feedback
    const isStill = distanceOf(c, this.lastCommand) <= STILL_STEPS * this.stepCounts;
    if (isStill && distanceOf(answer, this.offset + this.gain * c) <= near) {
      this.arrive(c, nowUs, isLearning);
      return;
    }
    if (isLearning || this.told === VERDICT_CONTRADICTED) return;
    const boundUs = this.boundNow();
    if (boundUs === Infinity) return;
    const own = this.offset + this.gain * c;
    if (distanceOf(answer, own) - distanceOf(this.answerFrom, own) > near) this.tell(VERDICT_CONTRADICTED);
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
    if (isLearning) this.lagOf(c).add(nowUs - this.movedAtUs, distanceOf(c, this.from));
    if (this.told === VERDICT_MISSING) {
      this.countLate(true);
      this.lateBounds = (nowUs - this.orderAtUs) / this.boundNow();
    } else if (this.told === VERDICT_NONE && this.isOrder(c)) this.verdicts[VERDICT_DONE]++;
    this.lastOrderAtUs = this.orderAtUs;
    this.orderAtUs = -1;
    this.told = VERDICT_NONE;
    this.isOut = false;
    this.isFreshlyDone = true;
    this.held = c;
    this.from = c;
    this.settledFromUs = nowUs + this.settleUs();
  }

  /** True when the command has moved by more than the feedback may stray: less is followed, but no order to count. */
  private isOrder(c: number): boolean {
    const moved = distanceOf(c, this.from) * (this.gain < 0 ? -this.gain : this.gain);
    return moved > ORDER_TOLERANCES * this.tolerance;
  }

  /** Longest that an answer takes to come to rest. */
  private settleUs(): number {
    const longestUs = this.rising.maxUs > this.falling.maxUs ? this.rising.maxUs : this.falling.maxUs;
    return BOUNDS_SETTLED * (LAG_MARGIN * longestUs + this.marginUs);
  }

  private isAtRest(nowUs: number): boolean {
    return !Number.isNaN(this.held) && nowUs > this.settledFromUs && this.stray === VERDICT_NONE && !this.isOut;
  }

  private followRest(c: number, nowUs: number, isLearning: boolean): void {
    if (nowUs <= this.settledFromUs) return;
    const away = distanceOf(this.answer.mean, this.offset + this.gain * c);
    if (isLearning) {
      if (away > this.residual) this.residual = away;
      return;
    }
    if (away <= this.tolerance) {
      this.isOut = false;
      this.isFreshlyDone = false;
      this.stray = VERDICT_NONE;
      // small moves add up: the command of a rest is where an order begins
      this.held = c;
      this.from = c;
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
    const { held, stepCounts, tolerance } = this;
    this.commandLow = held - stepCounts;
    this.commandHigh = held + stepCounts;
    const middle = this.offset + this.gain * held;
    const width = tolerance - stepCounts * (this.gain < 0 ? -this.gain : this.gain);
    this.quietLow = middle - width;
    this.quietHigh = middle + width;
  }

  protected expectedCounts(): number {
    return this.offset + this.gain * this.command.mean;
  }

  protected strength(): number {
    const away = distanceOf(this.answer.mean, this.expectedCounts()) / this.tolerance;
    return away > SCORE_PLAIN ? away : SCORE_PLAIN;
  }

  protected waitedBounds(nowUs: number): number {
    return (nowUs - this.checkAtUs) / this.boundNow();
  }

  /** Ends learning. */
  calibrate(): void {
    const slope = this.gain < 0 ? -this.gain : this.gain;
    const learned = RESIDUAL_MARGIN * this.residual + RESIDUAL_NOISES * this.answerNoise;
    const least = 2 * slope * this.stepCounts;
    this.tolerance = learned > least ? learned : least;
    const isFollowing = this.residual < RESIDUAL_SHARE_MAX * slope * (this.highest - this.lowest);
    const orders = this.rising.orders + this.falling.orders;
    if (!isFollowing || orders < ORDERS_MIN || !(this.stepCounts > 0)) this.gain = 0;
    this.resume();
  }

  /** Begins to watch with what was learned. */
  private resume(): void {
    this.lose();
    this.hasModel = this.gain !== 0;
  }

  archive(_unit: number, archive: Archive): void {
    this.gain = archive.number(this.gain);
    this.offset = archive.number(this.offset);
    this.stepCounts = archive.number(this.stepCounts);
    this.tolerance = archive.number(this.tolerance);
    this.rising.archive(archive);
    this.falling.archive(archive);
    if (archive.isLoading) this.resume();
  }
}

function distanceOf(a: number, b: number): number {
  return a > b ? a - b : b - a;
}
