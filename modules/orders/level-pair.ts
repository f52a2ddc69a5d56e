/**
 * Order against execution, contact to analog: a PLC output and the measured value that must answer it, resting at one
 * level while it is off and at another while it is on (pump and flow, valve and position, heater and temperature).
 *
 *     p = (value - off) / (on - off)       off, on: medians of the value before the first three orders each way
 *     left at p = 1/4 of the way, arrived at 3/4; both delays learned for each direction
 *
 * `done`          arrived within the arrival's bound
 * `missing`       not moved by the time it should have left, or not arrived within twice the bound
 * `late`          under way, or arrived, after the bound
 * `contradicted`  went the other way, or has left again by the time it should rest
 * `unordered`     left its rest with no order
 *
 * How far it strays from its rest is learned too; where the levels come closer than half their distance nothing is
 * watched. Gain: on - off. Stroke at constant speed: twice (arrived - left); time constant of a first-order answer: the
 * same divided by twice ln 3. About 91 slots per pair.
 *
 * Where the wiring states a mode, levels and delays are learned in each mode, about 90 slots a mode, and the delays of
 * all modes together as well: a mode that was hardly learned is held to those, at the levels of the others where these
 * agree to a quarter of the way (where they do not it is not watched). An order during which the mode switches arrives
 * at the level of the new mode, and so may the level at rest.
 */
import type { AnalogSignal } from '../condition/analog-signal.js';
import type { ContactSignal } from '../condition/contact-signal.js';
import type { PairConfiguration } from '../config/configuration.js';
import { VERDICT_CONTRADICTED, VERDICT_DONE, VERDICT_LATE, VERDICT_MISSING, VERDICT_NONE } from '../detect/finding.js';
import type { Archive } from '../model/archive.js';
import { AnalogPair } from './analog-pair.js';
import { AnswerDelay } from './answer-delay.js';
import { MODE_UNKNOWN, type OperatingMode } from './operating-mode.js';
import { SCORE_PLAIN } from './pair.js';

const NEAR = 0.25;
const FAR = 0.75;
/** Of the way; less is no movement, beside what the rest strays by. */
const STIRRED = 1 / 16;
/** Rests of each level whose median is taken. */
const RESTS = 3;
/** Part of the levels' distance that must be left between the learned rests. */
const GAP_MIN = 0.5;
/** The value before an order: an average over so many blocks. */
const REST_BLOCKS = 8;
/** Blocks that the noise of a block's mean is averaged over. */
const NOISE_BLOCKS = 64;
/** Levels closer than this many times the noise of a block's mean are one level. */
const NOISES_MIN = 16;
/** Bounds after an order from which its answer must rest, and that it may take while it is under way. */
const BOUNDS_SETTLED = 2;

/** What one direction of a pair has learned. */
class Way {
  readonly left = new AnswerDelay();
  readonly arrived = new AnswerDelay();
  /** Farthest that the answer went the other way first, 0 or less, in parts of the way. */
  wrong = 0;
  /** Farthest that the answer strayed from its rest at the end of this way, in parts of it. */
  astray = 0;

  archive(archive: Archive): void {
    this.left.archive(archive);
    this.arrived.archive(archive);
    this.wrong = archive.number(this.wrong);
    this.astray = archive.number(this.astray);
  }
}

/** Two levels, the ways between them, and the rests that they are learned from. */
interface Levels {
  readonly toOn: Way;
  readonly toOff: Way;
  /** Counts; NaN while they are not known. */
  off: number;
  on: number;
  /** Rest values seen, RESTS off then RESTS on, and how many. */
  readonly rests: number[];
  offRests: number;
  onRests: number;
}

/** What one mode has learned. */
export class LevelMode implements Levels {
  readonly toOn = new Way();
  readonly toOff = new Way();
  off = NaN;
  on = NaN;
  readonly rests: number[] = [0, 0, 0, 0, 0, 0];
  offRests = 0;
  onRests = 0;
}

/** One pair. */
export class LevelPair extends AnalogPair implements Levels {
  readonly archiveUnits = 1;
  readonly operating: OperatingMode<LevelMode> | null;
  /** What the answer is held to now: its mode's, or of all modes together. */
  private at: Levels = this;
  readonly answer: AnalogSignal;
  readonly command: AnalogSignal;
  readonly contact: ContactSignal;
  readonly toOn = new Way();
  readonly toOff = new Way();
  off = NaN;
  on = NaN;
  readonly rests: number[] = [0, 0, 0, 0, 0, 0];
  offRests = 0;
  onRests = 0;
  private rest = NaN;
  private noise = 0;
  private lastMean = 0;
  /** The order was given while the answer rested: its delays can be learned. */
  private isFull = false;
  /** The answer was already there when the order came. */
  private isInPlace = false;
  /** When the answer left, and arrived; -1: it did not. While no order is known: as the order to come will see it. */
  private leftAtUs = -1;
  private arrivedAtUs = -1;
  /** It rests where it was ordered, and may not leave. */
  private isSettled = false;
  private settledFromUs = -1;
  private movedAtUs = -1;
  private learnedStrays = 0;

  /** `answer` and `contact` are the lines of the pair. */
  constructor(
    c: PairConfiguration,
    index: number,
    sampleUs: number,
    answer: AnalogSignal,
    contact: ContactSignal,
    operating: OperatingMode<LevelMode> | null = null,
  ) {
    super(c, index, sampleUs);
    this.operating = operating;
    if (operating !== null)
      for (let mode = operating.count(); mode > 0; mode--) operating.learned.push(new LevelMode());
    this.answer = answer;
    this.command = answer;
    this.contact = contact;
  }

  protected orderQuality(): number {
    return this.contact.quality;
  }

  protected attend(nowUs: number, progress: number): void {
    const isLearning = progress < 1;
    if (this.operating !== null) this.followMode(this.operating, isLearning);
    if (!Number.isNaN(this.at.on)) {
      if (isLearning || this.hasModel) this.follow(nowUs, isLearning);
    } else if (isLearning && (this.operating === null || this.at !== this)) this.learnLevels();
  }

  /** An order keeps the mode in which it began; a rest has that of now. */
  private followMode(operating: OperatingMode<LevelMode>, isLearning: boolean): void {
    const isNew = this.contact.hasChanged === 1;
    if (isNew) operating.begin(this.contact.changedAtUs);
    else if (this.orderAtUs >= 0) operating.follow();
    const mode = isNew || this.orderAtUs >= 0 ? operating.mode : operating.now();
    const at = this.levelsOf(operating, mode, isLearning);
    if (isNew && !isLearning) this.countPooled(operating, mode);
    if (at === this.at) return;
    this.at = at;
    this.isSettled = false;
    this.settledFromUs = -1;
    this.lastOrderAtUs = 0;
    this.movedAtUs = -1;
    this.stray = VERDICT_NONE;
    this.rest = NaN;
    this.wakeAtUs = 0;
    if (isLearning) return;
    this.hasModel = isApart(at);
    this.quietLow = -Infinity;
    this.quietHigh = Infinity;
  }

  /** The levels of `mode`; while watching those of all together where it has learned none. */
  private levelsOf(operating: OperatingMode<LevelMode>, mode: number, isLearning: boolean): Levels {
    if (mode === MODE_UNKNOWN) return this;
    const own = operating.learned[mode];
    return isLearning || !Number.isNaN(own.on) ? own : this;
  }

  private countPooled(operating: OperatingMode<LevelMode>, mode: number): void {
    const own = mode === MODE_UNKNOWN ? this : operating.learned[mode];
    const { arrived } = this.target() === 1 ? own.toOn : own.toOff;
    if (own === this || arrived.boundUs === Infinity) operating.pooledOrders++;
  }

  protected isBusy(_nowUs: number, isLearning: boolean): boolean {
    if (isLearning && (Number.isNaN(this.at.on) || this.leftAtUs >= 0)) return true;
    return !this.isSettled || this.orderAtUs >= 0 || this.movedAtUs >= 0;
  }

  /** Its quiet band is that of the level where it settled; while learning as far as it has strayed from there. */
  protected sleep(isLearning: boolean): void {
    if (!isLearning) return;
    const way = this.way();
    this.setQuiet(1 - (way.arrived.orders > 0 && way.astray < NEAR ? way.astray : NEAR));
  }

  protected lose(): void {
    this.wakeAtUs = 0;
    this.orderAtUs = -1;
    this.told = VERDICT_NONE;
    this.stray = VERDICT_NONE;
    this.movedAtUs = -1;
    this.isSettled = false;
    this.settledFromUs = -1;
    this.rest = NaN;
  }

  /** Takes the value before each order for the level of the state that it ends. */
  private learnLevels(): void {
    const { contact, answer, at } = this;
    const { mean } = answer;
    if (contact.hasChanged === 1 && !Number.isNaN(this.rest)) {
      const isOn = this.target() === 0;
      const n = isOn ? at.onRests : at.offRests;
      if (n < RESTS) at.rests[(isOn ? RESTS : 0) + n] = this.rest;
      if (isOn) at.onRests++;
      else at.offRests++;
      if (at.onRests >= RESTS && at.offRests >= RESTS) this.setLevels(at);
    }
    this.watchNoise(mean);
    if (Number.isNaN(this.rest)) this.rest = mean;
    else if (contact.burstAtUs < 0) this.rest += (mean - this.rest) / REST_BLOCKS;
  }

  /** Mean absolute change from block to block. */
  private watchNoise(mean: number): void {
    const change = mean > this.lastMean ? mean - this.lastMean : this.lastMean - mean;
    this.lastMean = mean;
    if (!Number.isNaN(this.rest)) this.noise += (change - this.noise) / NOISE_BLOCKS;
  }

  private setLevels(at: Levels): void {
    const { rests } = at;
    const off = medianOf(rests[0], rests[1], rests[2]);
    const on = medianOf(rests[RESTS], rests[RESTS + 1], rests[RESTS + 2]);
    const distance = on > off ? on - off : off - on;
    at.onRests = 0;
    at.offRests = 0;
    if (!(distance > NOISES_MIN * this.noise)) return;
    at.off = off;
    at.on = on;
    rests.length = 0;
    this.isSettled = false;
    this.settledFromUs = -1;
  }

  /** 1 while the answer is ordered to the level `on`. */
  private target(): number {
    return this.contact.level ^ this.inversion;
  }

  /** The way to the ordered level; while watching a way of all modes where that of this one was hardly seen. */
  private way(): Way {
    const { at } = this;
    const way = this.target() === 1 ? at.toOn : at.toOff;
    if (at === this || !this.hasModel || way.arrived.boundUs < Infinity) return way;
    return this.target() === 1 ? this.toOn : this.toOff;
  }

  /** Part of the way to the ordered level; where the mode has switched meanwhile, to that of the mode of now. */
  private part(): number {
    const { operating, at } = this;
    if (operating !== null) return this.partOf(this.levelsNow(operating));
    const p = (this.answer.mean - at.off) / (at.on - at.off);
    return this.target() === 1 ? p : 1 - p;
  }

  private levelsNow(operating: OperatingMode<LevelMode>): Levels {
    if (this.orderAtUs < 0 || operating.isSteady()) return this.at;
    const now = this.levelsOf(operating, operating.now(), !this.hasModel);
    return Number.isNaN(now.on) ? this.at : now;
  }

  private partOf(at: Levels): number {
    const p = (this.answer.mean - at.off) / (at.on - at.off);
    return this.target() === 1 ? p : 1 - p;
  }

  /** What the order is held to on its way: the widest bound of the modes that it has seen. */
  private boundOf(operating: OperatingMode<LevelMode>, way: Way, isArrival: boolean): number {
    let widestUs = isArrival ? way.arrived.boundUs : way.left.boundUs;
    if (operating.isSteady()) return widestUs;
    const { learned } = operating;
    const isOn = this.target() === 1;
    for (let mode = 0; mode < learned.length; mode++) {
      const own = isOn ? learned[mode].toOn : learned[mode].toOff;
      const seen = own.arrived.boundUs < Infinity ? own : isOn ? this.toOn : this.toOff;
      const boundUs = isArrival ? seen.arrived.boundUs : seen.left.boundUs;
      if (operating.hasSeen(mode) && boundUs > widestUs) widestUs = boundUs;
    }
    return widestUs;
  }

  private follow(nowUs: number, isLearning: boolean): void {
    if (this.contact.hasChanged === 1) this.take(nowUs);
    const part = this.part();
    if (this.orderAtUs >= 0) this.followOrder(part, nowUs, isLearning);
    else if (this.isSettled) this.followRest(part, nowUs, isLearning);
    else this.settle(part, nowUs, isLearning);
  }

  /** A new order. What the answer did since it left its rest is part of it. */
  private take(nowUs: number): void {
    const { contact } = this;
    const part = this.part();
    this.isFull = this.isSettled && this.stray === VERDICT_NONE;
    this.orderAtUs = contact.changedAtUs;
    this.wakeAtUs = 0;
    if (!this.isFull || this.movedAtUs < 0) {
      this.leftAtUs = -1;
      this.arrivedAtUs = -1;
    }
    this.isInPlace = part >= FAR && this.arrivedAtUs < 0 && !(this.isFull && this.movedAtUs >= 0);
    if (part >= NEAR && this.leftAtUs < 0) this.leftAtUs = nowUs;
    this.told = VERDICT_NONE;
    this.stray = VERDICT_NONE;
    this.movedAtUs = -1;
    this.isSettled = false;
  }

  private followOrder(part: number, nowUs: number, isLearning: boolean): void {
    const way = this.way();
    const waitedUs = nowUs - this.orderAtUs;
    if (this.isInPlace) {
      if (part >= FAR) {
        if (waitedUs > this.longestUs()) this.endOrder();
        return;
      }
      // the order before was under way still: this one's answer begins now
      this.isInPlace = false;
      this.orderAtUs = nowUs;
      this.isFull = false;
      return;
    }
    if (part >= NEAR && this.leftAtUs < 0) this.leftAtUs = nowUs;
    if (part >= FAR) {
      if (this.arrivedAtUs < 0) this.arrivedAtUs = nowUs;
      this.arrive(way, isLearning);
    } else {
      this.arrivedAtUs = -1;
      if (isLearning) {
        if (this.isFull && part > -1) this.learnWrong(way, part);
      } else this.judge(way, part, waitedUs);
    }
  }

  /** Of a mode once it is known to have stood still. */
  private learnWrong(way: Way, part: number): void {
    const { operating } = this;
    if (operating === null) {
      if (part < way.wrong) way.wrong = part;
    } else if (part < operating.wrong) operating.wrong = part;
  }

  private arrive(way: Way, isLearning: boolean): void {
    const delayUs = this.arrivedAtUs > this.orderAtUs ? this.arrivedAtUs - this.orderAtUs : 0;
    if (isLearning && this.isFull) this.learn(way, delayUs);
    const boundUs = this.operating === null ? way.arrived.boundUs : this.boundOf(this.operating, way, true);
    if (delayUs > boundUs) {
      if (this.told !== VERDICT_CONTRADICTED) this.countLate(this.told === VERDICT_MISSING);
      if (this.hasIncident) this.lateBounds = delayUs / boundUs;
    } else if (this.told === VERDICT_MISSING) {
      this.countLate(true);
      this.lateBounds = 1;
    } else if (this.told === VERDICT_NONE) this.verdicts[VERDICT_DONE]++;
    this.endOrder();
  }

  /** Delays are those of the mode where that stood still meanwhile, and in any case of all. */
  private learn(way: Way, delayUs: number): void {
    const { operating } = this;
    const leftUs = this.leftAtUs > this.orderAtUs ? this.leftAtUs - this.orderAtUs : 0;
    if (operating === null || operating.isSteady()) {
      way.arrived.add(delayUs);
      way.left.add(leftUs);
    }
    if (operating === null) return;
    if (operating.isSteady() && operating.wrong < way.wrong) way.wrong = operating.wrong;
    const pooled = this.target() === 1 ? this.toOn : this.toOff;
    pooled.arrived.add(delayUs);
    pooled.left.add(leftUs);
  }

  private endOrder(): void {
    this.lastOrderAtUs = this.orderAtUs;
    this.settledFromUs = this.orderAtUs + BOUNDS_SETTLED * this.longestUs();
    this.orderAtUs = -1;
    this.told = VERDICT_NONE;
    this.leftAtUs = -1;
    this.arrivedAtUs = -1;
    if (!this.hasIncident && this.lateBounds === 0) this.wakeAtUs = this.settledFromUs;
  }

  /** Longest that an answer may take either way. */
  private longestUs(): number {
    const pooledUs = this.longestOf(this);
    if (this.at === this) return pooledUs;
    const ownUs = this.longestOf(this.at);
    return ownUs > pooledUs ? ownUs : pooledUs;
  }

  private longestOf(at: Levels): number {
    const a = at.toOn.arrived;
    const b = at.toOff.arrived;
    const aUs = a.boundUs < Infinity ? a.boundUs : a.maxUs + this.marginUs;
    const bUs = b.boundUs < Infinity ? b.boundUs : b.maxUs + this.marginUs;
    return aUs > bUs ? aUs : bUs;
  }

  private judge(way: Way, part: number, waitedUs: number): void {
    if (this.told === VERDICT_CONTRADICTED) return;
    const { operating } = this;
    const boundUs = operating === null ? way.arrived.boundUs : this.boundOf(operating, way, true);
    if (boundUs === Infinity) return;
    let verdict = this.told;
    const wrong = way.wrong - NEAR;
    // from the levels of the order's own mode, too
    if (part < wrong && (operating === null || this.partOf(this.at) < wrong)) verdict = VERDICT_CONTRADICTED;
    else if (this.told !== VERDICT_MISSING) {
      // slow is another thing than not moved at all
      const stirred = STIRRED + (this.target() === 1 ? this.at.toOff : this.at.toOn).astray;
      const isStill = this.leftAtUs < 0 && part < stirred;
      const leftUs = operating === null ? way.left.boundUs : this.boundOf(operating, way, false);
      if (isStill && waitedUs > leftUs) verdict = VERDICT_MISSING;
      else if (waitedUs > BOUNDS_SETTLED * boundUs) verdict = VERDICT_MISSING;
      else if (waitedUs > boundUs) verdict = VERDICT_LATE;
    }
    if (verdict !== this.told) this.tell(verdict);
  }

  /** Done, but for a while not yet at rest. */
  private settle(part: number, nowUs: number, isLearning: boolean): void {
    if (this.settledFromUs < 0) this.settledFromUs = nowUs + BOUNDS_SETTLED * this.longestUs();
    if (nowUs <= this.settledFromUs) return;
    if (part >= (this.lastOrderAtUs > 0 ? this.restEdge() : FAR)) {
      this.isSettled = true;
      this.isFull = true;
      this.setQuiet(this.restEdge());
    } else if (!isLearning && this.lastOrderAtUs > 0 && this.stray === VERDICT_NONE && this.learnedStrays === 0) {
      this.movedAtUs = nowUs;
      this.tellStray(true, nowUs);
      this.isSettled = true;
    }
  }

  private followRest(part: number, nowUs: number, isLearning: boolean): void {
    // how the order to come would see it
    if (1 - part >= NEAR) {
      if (this.leftAtUs < 0) this.leftAtUs = nowUs;
      if (1 - part >= FAR) {
        if (this.arrivedAtUs < 0) this.arrivedAtUs = nowUs;
      } else this.arrivedAtUs = -1;
    } else {
      this.leftAtUs = -1;
      this.arrivedAtUs = -1;
    }
    if (part >= this.restEdge()) {
      if (isLearning) this.learnRest(1 - part);
      this.movedAtUs = -1;
      this.stray = VERDICT_NONE;
      return;
    }
    if (this.movedAtUs < 0) this.movedAtUs = nowUs;
    if (this.stray !== VERDICT_NONE || this.isOrderComing(nowUs)) return;
    if (isLearning) {
      this.learnedStrays = 1;
      this.isSettled = false;
      this.movedAtUs = -1;
    } else if (this.learnedStrays === 0) this.tellStray(false, this.movedAtUs);
    else {
      this.movedAtUs = -1;
      this.isSettled = false;
    }
  }

  /** An order may have been given that is not debounced yet. */
  private isOrderComing(nowUs: number): boolean {
    const { contact, operating } = this;
    const sinceUs = nowUs - this.movedAtUs;
    // nor a mode that has switched
    if (operating?.isSwitching() === true) return true;
    return sinceUs <= contact.debounceUs || (contact.burstAtUs >= 0 && sinceUs <= contact.debounceUs + this.marginUs);
  }

  private learnRest(astray: number): void {
    // the level that rests now is the end of the way of this order
    const way = this.way();
    if (this.contact.burstAtUs < 0 && way.arrived.orders > 0 && astray > way.astray) way.astray = astray;
  }

  /** The part of the way that the answer does not fall below while it rests. */
  private restEdge(): number {
    if (!this.hasModel) return 0.5;
    const { at } = this;
    const gap = 1 - at.toOn.astray - at.toOff.astray;
    const edge = 1 - this.way().astray - NEAR * gap;
    return edge < FAR ? edge : FAR;
  }

  /** Quiet while the answer is beyond the part `edge` of the way. */
  private setQuiet(edge: number): void {
    const p = this.target() === 1 ? edge : 1 - edge;
    const { off, on } = this.at;
    const counts = off + p * (on - off);
    const isAbove = (this.target() === 1) === on > off;
    this.quietLow = isAbove ? counts : -Infinity;
    this.quietHigh = isAbove ? Infinity : counts;
  }

  protected expectedCounts(): number {
    return this.target() === 1 ? this.at.on : this.at.off;
  }

  protected strength(): number {
    return SCORE_PLAIN;
  }

  protected waitedBounds(nowUs: number): number {
    const way = this.way();
    const boundUs = this.operating === null ? way.arrived.boundUs : this.boundOf(this.operating, way, true);
    return (nowUs - this.orderAtUs) / boundUs;
  }

  /** Ends learning. */
  calibrate(learnings: number): void {
    this.calibrateWays(this, learnings);
    if (this.operating !== null) this.poolModes(this.operating.learned, learnings);
    this.resume();
  }

  private calibrateWays(at: Levels, learnings: number): void {
    at.toOn.arrived.calibrate(this.marginUs, learnings);
    at.toOff.arrived.calibrate(this.marginUs, learnings);
    at.toOn.left.calibrate(this.marginUs, learnings);
    at.toOff.left.calibrate(this.marginUs, learnings);
  }

  /** The modes share what may be wrong by chance. What they agree on is known of a mode that was never learned. */
  private poolModes(modes: readonly LevelMode[], learnings: number): void {
    let areAlike = true;
    for (let i = 0; i < modes.length; i++) {
      const mode = modes[i];
      this.calibrateWays(mode, learnings * modes.length);
      poolWays(this.toOn, mode.toOn);
      poolWays(this.toOff, mode.toOff);
      if (Number.isNaN(mode.on)) continue;
      if (Number.isNaN(this.on)) {
        this.off = mode.off;
        this.on = mode.on;
      }
      const distance = this.on - this.off;
      const off = (mode.off - this.off) / distance;
      const on = (mode.on - this.on) / distance;
      if (!(off < NEAR && off > -NEAR && on < NEAR && on > -NEAR)) areAlike = false;
    }
    if (areAlike) return;
    this.off = NaN;
    this.on = NaN;
  }

  /** Begins to watch with what was learned. */
  private resume(): void {
    this.lose();
    this.isAwake = true;
    this.at = this;
    this.hasModel = isApart(this);
    this.lastOrderAtUs = 0;
  }

  private learnedIn(mode: number): Levels {
    return this.operating === null || mode === MODE_UNKNOWN ? this : this.operating.learned[mode];
  }

  learnedDelay(mode: number, direction: number): AnswerDelay {
    const at = this.learnedIn(mode);
    return direction === 1 ? at.toOn.arrived : at.toOff.arrived;
  }

  override learnedLeft(mode: number, direction: number): AnswerDelay {
    const at = this.learnedIn(mode);
    return direction === 1 ? at.toOn.left : at.toOff.left;
  }

  override learnedNumbers(_mode: number): number {
    return 2;
  }

  /** The levels off and on. */
  override learnedNumber(mode: number, index: number): number {
    const at = this.learnedIn(mode);
    return (index === 0 ? at.off : at.on) * this.answer.gain + this.answer.offset;
  }

  archive(_unit: number, archive: Archive): void {
    this.off = archive.number(this.off);
    this.on = archive.number(this.on);
    this.toOn.archive(archive);
    this.toOff.archive(archive);
    this.learnedStrays = archive.uint16(this.learnedStrays);
    if (this.operating !== null) this.archiveModes(this.operating.learned, archive);
    if (archive.isLoading) this.resume();
  }

  private archiveModes(modes: readonly LevelMode[], archive: Archive): void {
    for (let i = 0; i < modes.length; i++) {
      const mode = modes[i];
      mode.off = archive.number(mode.off);
      mode.on = archive.number(mode.on);
      mode.toOn.archive(archive);
      mode.toOff.archive(archive);
    }
  }
}

/** The levels are known, and far enough apart to watch. */
function isApart(at: Levels): boolean {
  return !Number.isNaN(at.on) && 1 - at.toOn.astray - at.toOff.astray >= GAP_MIN;
}

function poolWays(pooled: Way, way: Way): void {
  if (way.wrong < pooled.wrong) pooled.wrong = way.wrong;
  if (way.astray > pooled.astray) pooled.astray = way.astray;
}

function medianOf(a: number, b: number, c: number): number {
  if (a > b) return b > c ? b : a > c ? c : a;
  return a > c ? a : b > c ? c : b;
}
