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
 * agree to a quarter of the way (where they do not it is not watched). What the pair is held to is taken in when the
 * mode switches. An order during which it switches arrives at the level of the new mode, and so may the level at rest.
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

  copy(way: Way): void {
    this.left.boundUs = way.left.boundUs;
    this.arrived.boundUs = way.arrived.boundUs;
    this.wrong = way.wrong;
    this.astray = way.astray;
  }

  /** As wide as `way` where that is wider. */
  widen(way: Way): void {
    if (way.left.boundUs > this.left.boundUs) this.left.boundUs = way.left.boundUs;
    if (way.arrived.boundUs > this.arrived.boundUs) this.arrived.boundUs = way.arrived.boundUs;
    if (way.astray > this.astray) this.astray = way.astray;
  }

  /** What differs from mode to mode is known of all of them as far as it goes. */
  pool(way: Way): void {
    if (way.wrong < this.wrong) this.wrong = way.wrong;
    if (way.astray > this.astray) this.astray = way.astray;
  }

  archive(archive: Archive): void {
    this.left.archive(archive);
    this.arrived.archive(archive);
    this.wrong = archive.number(this.wrong);
    this.astray = archive.number(this.astray);
  }
}

/** Of a mode: levels, the ways between them, and the rests that they come from. */
export class LevelMode {
  readonly toOn = new Way();
  readonly toOff = new Way();
  off = NaN;
  on = NaN;
  rests: number[] = [0, 0, 0, 0, 0, 0];
  offRests = 0;
  onRests = 0;
}

/** The modes of a pair: what it holds now, and what an order is held to that sees the mode switch. */
class LevelModes {
  /** All modes together. */
  readonly pooled = new LevelMode();
  /** Both ways of an order under which the mode switches. */
  readonly wide = new Way();
  /** What the pair has taken in; null: nothing, or the wide way. */
  inUse: LevelMode | null = null;
}

/** One pair. */
export class LevelPair extends AnalogPair {
  readonly archiveUnits = 1;
  readonly answer: AnalogSignal;
  readonly command: AnalogSignal;
  readonly contact: ContactSignal;
  /** What the answer is held to: of the mode of now, where there are modes. */
  toOn = new Way();
  toOff = new Way();
  /** Counts of the two levels; NaN while they are not known. */
  off = NaN;
  on = NaN;
  /** Rest values seen, RESTS off then RESTS on, and how many. */
  private rests: number[] = [0, 0, 0, 0, 0, 0];
  private offRests = 0;
  private onRests = 0;
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
  readonly operating: OperatingMode<LevelMode> | null;
  private readonly modes: LevelModes | null;

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
    this.modes = operating === null ? null : new LevelModes();
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
    if (this.modes !== null && !this.followMode(this.modes, isLearning)) return;
    if (!Number.isNaN(this.on)) {
      if (isLearning || this.hasModel) this.follow(nowUs, isLearning);
    } else if (isLearning) this.learnLevels();
  }

  /**
   * Takes in what the mode of now has learned; an order keeps the mode in which it began, or has the widest bounds.
   * False where there is nothing to learn from: the mode is not known.
   */
  private followMode(modes: LevelModes, isLearning: boolean): boolean {
    const operating = this.operating as OperatingMode<LevelMode>;
    const isNew = this.contact.hasChanged === 1;
    const isUnderWay = !isNew && this.orderAtUs >= 0;
    if (isNew) operating.begin(this.contact.changedAtUs);
    else if (isUnderWay) operating.follow();
    const mode = isNew ? operating.mode : operating.now();
    if (isLearning && mode === MODE_UNKNOWN) {
      this.lose();
      return false;
    }
    if (isNew && !isLearning) this.countPooled(operating, mode);
    const own = mode === MODE_UNKNOWN ? modes.pooled : operating.learned[mode];
    const next = isLearning || !Number.isNaN(own.on) ? own : modes.pooled;
    if (isUnderWay && !operating.isSteady()) this.widen(modes, operating, next);
    else if (next !== modes.inUse) this.change(modes, next, isLearning);
    return true;
  }

  private countPooled(operating: OperatingMode<LevelMode>, mode: number): void {
    const own = mode === MODE_UNKNOWN ? null : operating.learned[mode];
    const isOn = this.target() === 1;
    if (own === null || (isOn ? own.toOn : own.toOff).arrived.boundUs === Infinity) operating.pooledOrders++;
  }

  /** Another mode: the level comes to rest anew, where that is. */
  private change(modes: LevelModes, next: LevelMode, isLearning: boolean): void {
    this.keep(modes);
    modes.inUse = next;
    this.takeLevels(next);
    this.rests = next.rests;
    this.offRests = next.offRests;
    this.onRests = next.onRests;
    const { pooled } = modes;
    this.toOn = isLearning || next.toOn.arrived.boundUs < Infinity ? next.toOn : pooled.toOn;
    this.toOff = isLearning || next.toOff.arrived.boundUs < Infinity ? next.toOff : pooled.toOff;
    this.isSettled = false;
    this.settledFromUs = -1;
    this.lastOrderAtUs = 0;
    this.movedAtUs = -1;
    this.stray = VERDICT_NONE;
    this.rest = NaN;
    this.wakeAtUs = 0;
    if (isLearning) return;
    this.hasModel = isApart(next);
    this.quietLow = -Infinity;
    this.quietHigh = Infinity;
  }

  private takeLevels({ off, on }: LevelMode): void {
    this.off = off;
    this.on = on;
  }

  /** The levels that were learned go to the mode that they are of. */
  private keep({ inUse }: LevelModes): void {
    if (inUse === null) return;
    inUse.off = this.off;
    inUse.on = this.on;
    inUse.offRests = this.offRests;
    inUse.onRests = this.onRests;
  }

  /** The mode has switched under an order: it has to arrive at the level of the `next` mode, by the widest bounds. */
  private widen(modes: LevelModes, operating: OperatingMode<LevelMode>, next: LevelMode): void {
    const { wide, pooled } = modes;
    const isOn = this.target() === 1;
    const isFirst = modes.inUse !== null;
    const way = isOn ? this.toOn : this.toOff;
    this.keep(modes);
    modes.inUse = null;
    if (!Number.isNaN(next.on)) this.takeLevels(next);
    if (isFirst) wide.copy(way);
    const shifted = this.part();
    if (isFirst && shifted < 0) wide.wrong += shifted;
    const { learned } = operating;
    for (let mode = 0; mode < learned.length; mode++) {
      if (!operating.hasSeen(mode)) continue;
      const own = isOn ? learned[mode].toOn : learned[mode].toOff;
      wide.widen(own.arrived.boundUs < Infinity ? own : isOn ? pooled.toOn : pooled.toOff);
    }
    if (isOn) this.toOn = wide;
    else this.toOff = wide;
  }

  protected isBusy(_nowUs: number, isLearning: boolean): boolean {
    if (isLearning && (Number.isNaN(this.on) || this.leftAtUs >= 0)) return true;
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
    const { contact, answer } = this;
    const { mean } = answer;
    if (contact.hasChanged === 1 && !Number.isNaN(this.rest)) {
      const isOn = this.target() === 0;
      const n = isOn ? this.onRests : this.offRests;
      if (n < RESTS) this.rests[(isOn ? RESTS : 0) + n] = this.rest;
      if (isOn) this.onRests++;
      else this.offRests++;
      if (this.onRests >= RESTS && this.offRests >= RESTS) this.setLevels();
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

  private setLevels(): void {
    const { rests } = this;
    const off = medianOf(rests[0], rests[1], rests[2]);
    const on = medianOf(rests[RESTS], rests[RESTS + 1], rests[RESTS + 2]);
    const distance = on > off ? on - off : off - on;
    this.onRests = 0;
    this.offRests = 0;
    if (!(distance > NOISES_MIN * this.noise)) return;
    this.off = off;
    this.on = on;
    rests.length = 0;
    this.isSettled = false;
    this.settledFromUs = -1;
  }

  /** 1 while the answer is ordered to the level `on`. */
  private target(): number {
    return this.contact.level ^ this.inversion;
  }

  private way(): Way {
    return this.target() === 1 ? this.toOn : this.toOff;
  }

  /** Part of the way to the ordered level. */
  private part(): number {
    const p = (this.answer.mean - this.off) / (this.on - this.off);
    return this.target() === 1 ? p : 1 - p;
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
    if (isLearning && this.isFull) {
      way.arrived.add(delayUs);
      way.left.add(this.leftAtUs > this.orderAtUs ? this.leftAtUs - this.orderAtUs : 0);
      if (this.operating !== null) this.learnPooled(this.operating, way, delayUs);
    }
    if (delayUs > way.arrived.boundUs) {
      if (this.told !== VERDICT_CONTRADICTED) this.countLate(this.told === VERDICT_MISSING);
      if (this.hasIncident) this.lateBounds = delayUs / way.arrived.boundUs;
    } else if (this.told === VERDICT_MISSING) {
      this.countLate(true);
      this.lateBounds = 1;
    } else if (this.told === VERDICT_NONE) this.verdicts[VERDICT_DONE]++;
    this.endOrder();
  }

  /** Where the mode switched meanwhile `way` is the wide one, which learns nothing that lasts. */
  private learnPooled(operating: OperatingMode<LevelMode>, way: Way, delayUs: number): void {
    if (operating.wrong < way.wrong) way.wrong = operating.wrong;
    const { pooled } = this.modes as LevelModes;
    const all = this.target() === 1 ? pooled.toOn : pooled.toOff;
    all.arrived.add(delayUs);
    all.left.add(this.leftAtUs > this.orderAtUs ? this.leftAtUs - this.orderAtUs : 0);
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
    const a = this.toOn.arrived;
    const b = this.toOff.arrived;
    const aUs = a.boundUs < Infinity ? a.boundUs : a.maxUs + this.marginUs;
    const bUs = b.boundUs < Infinity ? b.boundUs : b.maxUs + this.marginUs;
    return aUs > bUs ? aUs : bUs;
  }

  private judge(way: Way, part: number, waitedUs: number): void {
    if (this.told === VERDICT_CONTRADICTED) return;
    const { boundUs } = way.arrived;
    if (boundUs === Infinity) return;
    let verdict = this.told;
    if (part < way.wrong - NEAR) verdict = VERDICT_CONTRADICTED;
    else if (this.told !== VERDICT_MISSING) {
      // slow is another thing than not moved at all
      const stirred = STIRRED + (way === this.toOn ? this.toOff : this.toOn).astray;
      const isStill = this.leftAtUs < 0 && part < stirred;
      if (isStill && waitedUs > way.left.boundUs) verdict = VERDICT_MISSING;
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
    const gap = 1 - this.toOn.astray - this.toOff.astray;
    const edge = 1 - this.way().astray - NEAR * gap;
    return edge < FAR ? edge : FAR;
  }

  /** Quiet while the answer is beyond the part `edge` of the way. */
  private setQuiet(edge: number): void {
    const p = this.target() === 1 ? edge : 1 - edge;
    const counts = this.off + p * (this.on - this.off);
    const isAbove = (this.target() === 1) === this.on > this.off;
    this.quietLow = isAbove ? counts : -Infinity;
    this.quietHigh = isAbove ? Infinity : counts;
  }

  protected expectedCounts(): number {
    return this.target() === 1 ? this.on : this.off;
  }

  protected strength(): number {
    return SCORE_PLAIN;
  }

  protected waitedBounds(nowUs: number): number {
    return (nowUs - this.orderAtUs) / this.way().arrived.boundUs;
  }

  /** Ends learning. */
  calibrate(learnings: number): void {
    this.toOn.arrived.calibrate(this.marginUs, learnings);
    this.toOff.arrived.calibrate(this.marginUs, learnings);
    this.toOn.left.calibrate(this.marginUs, learnings);
    this.toOff.left.calibrate(this.marginUs, learnings);
    if (this.modes !== null) this.poolModes(this.modes, learnings);
    this.resume();
  }

  /** The modes share what may be wrong by chance. What they agree on is known of a mode that was never learned. */
  private poolModes(modes: LevelModes, learnings: number): void {
    this.keep(modes);
    const { pooled } = modes;
    const { learned } = this.operating as OperatingMode<LevelMode>;
    let areAlike = true;
    calibrateMode(pooled, this.marginUs, learnings);
    for (let i = 0; i < learned.length; i++) {
      const mode = learned[i];
      calibrateMode(mode, this.marginUs, learnings * learned.length);
      pooled.toOn.pool(mode.toOn);
      pooled.toOff.pool(mode.toOff);
      if (Number.isNaN(mode.on)) continue;
      if (Number.isNaN(pooled.on)) {
        pooled.off = mode.off;
        pooled.on = mode.on;
      }
      const distance = pooled.on - pooled.off;
      const off = (mode.off - pooled.off) / distance;
      const on = (mode.on - pooled.on) / distance;
      if (!(off < NEAR && off > -NEAR && on < NEAR && on > -NEAR)) areAlike = false;
    }
    if (areAlike) return;
    pooled.off = NaN;
    pooled.on = NaN;
  }

  /** Begins to watch with what was learned. */
  private resume(): void {
    this.lose();
    this.isAwake = true;
    this.hasModel = 1 - this.toOn.astray - this.toOff.astray >= GAP_MIN;
    if (this.modes !== null) this.modes.inUse = null;
    this.lastOrderAtUs = 0;
  }

  /** What was learned in a mode, MODE_UNKNOWN: in all together. */
  learnedIn(mode: number): LevelMode | LevelPair {
    const { modes, operating } = this;
    if (modes === null || operating === null) return this;
    return mode === MODE_UNKNOWN ? modes.pooled : operating.learned[mode];
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
    archiveLevels(this.learnedIn(MODE_UNKNOWN), archive);
    this.learnedStrays = archive.uint16(this.learnedStrays);
    if (this.operating !== null) {
      const { learned } = this.operating;
      for (let i = 0; i < learned.length; i++) archiveLevels(learned[i], archive);
    }
    if (archive.isLoading) this.resume();
  }
}

function archiveLevels(at: LevelMode | LevelPair, archive: Archive): void {
  at.off = archive.number(at.off);
  at.on = archive.number(at.on);
  at.toOn.archive(archive);
  at.toOff.archive(archive);
}

/** The levels are known, and far enough apart to watch. */
function isApart(at: LevelMode): boolean {
  return !Number.isNaN(at.on) && 1 - at.toOn.astray - at.toOff.astray >= GAP_MIN;
}

function calibrateMode(mode: LevelMode, marginUs: number, learnings: number): void {
  mode.toOn.arrived.calibrate(marginUs, learnings);
  mode.toOff.arrived.calibrate(marginUs, learnings);
  mode.toOn.left.calibrate(marginUs, learnings);
  mode.toOff.left.calibrate(marginUs, learnings);
}

function medianOf(a: number, b: number, c: number): number {
  if (a > b) return b > c ? b : a > c ? c : a;
  return a > c ? a : b > c ? c : b;
}
