/**
 * Cycle phase envelope: how far every analog channel is outside of what it ever was at this time of the machine's cycle
 * (model/phase-channel.ts), or of its own slow level where the phase does not rule it (model/own-level.ts), and how far
 * the cycle's length is outside of the learned lengths, as one more channel: beyond the longest while it lasts, below
 * the shortest when the next one begins. Bounds widen by how few cycles they come from and how rarely one may be
 * outside (model/cycle-clock.ts). Every cycle begins anew.
 *
 *     score = max over channels of (EWMA / scale) / threshold
 *
 * The scale of a channel is the 90 % quantile of its largest EWMA in a cycle, from cycles that were scored before they
 * were learned; the threshold is given by the tail of the cycles' largest scaled EWMA (model/cycle-maxima.ts), with
 * rowsPerAlarm / mean rows of a cycle as cycles per allowed alarm. EWMAs are held below three thresholds.
 * About 1.9 KB a channel while learning, 1.8 KB after, 0.8 KB where it is held against its own level. One
 * unit of work a channel: 10 table reads with a new bin, 650 computrons about.
 */
import { QUALITY_GOOD } from '../condition/quality.js';
import type { Archive } from '../model/archive.js';
import type { CycleClock } from '../model/cycle-clock.js';
import { CycleMaxima } from '../model/cycle-maxima.js';
import { Excess } from '../model/excess.js';
import type { ModelRow } from '../model/model-row.js';
import { LEVEL_CYCLES } from '../model/own-level.js';
import { PhaseChannel } from '../model/phase-channel.js';
import { DETECTOR_PHASE, type Finding } from './finding.js';
import type { Ranking } from './ranking.js';
import type { RowDetector } from './row-detector.js';

const WINDUP_THRESHOLDS = 3;
/** Cycles begun before this part of learning is over only teach. */
const SCORED_FROM = 0.4;
/** Entries of maxima below which there is no threshold, and no cycle is watched. */
const ENTRIES_MIN = 4;

/** Scores the cycle's phase of all analog channels. */
export class PhaseEnvelope implements RowDetector {
  readonly id = DETECTOR_PHASE;
  score = 0;
  intensity = 0;
  readonly units: number;
  readonly unitCost = 650;
  readonly endsCost = 250;
  readonly archiveUnits: number;
  readonly clock: CycleClock;
  /** Score that a cycle in cyclesPerAlarm reaches; Infinity before calibration, and when there is none. */
  threshold = Infinity;
  /** Largest scaled EWMA of the row under way, of the channels done so far. */
  private largest = 0;
  private row: ModelRow;
  private readonly ranking: Ranking;
  private readonly channels: PhaseChannel[] = [];
  /** The length of the cycle, scored as a channel is. */
  private readonly length = new Excess();
  private readonly maxima: CycleMaxima;
  private readonly shares: Float64Array;
  private readonly noTable = new Uint8Array(0);
  private isLearning = true;
  /** Rows over which the channels' own levels have followed; of the difference that part that they take in a row. */
  private levelRows = 0;
  private levelSpeed = 1;
  private isSettled = false;
  /** Values within the level's time tell of one another: so many cycles are worth one. */
  private levelWidening = 0;
  /** Part of learning that is over. */
  private progress = 0;
  /** Part of learning that was over when the cycle under way began; 0: it only teaches. */
  private weight = 0;
  /** The same of the cycle that the row under way has ended. */
  private endedWeight = 0;

  /** `resolutions[i]`: smallest step of analog channel i in engineering units; they are the row's first inputs. */
  constructor(row: ModelRow, resolutions: readonly number[], clock: CycleClock, ranking: Ranking) {
    this.ranking = ranking;
    this.row = row;
    this.clock = clock;
    for (let i = 0; i < resolutions.length; i++) this.channels.push(new PhaseChannel(resolutions[i]));
    this.units = resolutions.length;
    this.archiveUnits = resolutions.length + 1;
    this.maxima = new CycleMaxima(resolutions.length + 1);
    this.shares = new Float64Array(resolutions.length + 1);
  }

  get members(): number {
    return this.maxima.entries < ENTRIES_MIN ? 0 : 1;
  }

  begin(row: ModelRow, isLearning: boolean): void {
    const { clock } = this;
    this.row = row;
    this.isLearning = isLearning;
    clock.advance(row.inputs, row.isFresh, isLearning);
    if (clock.isStart) this.turn();
    if (clock.rows >= 0) {
      this.length.add(clock.overtime());
      if (clock.hasBins) this.countLevelRow();
    }
    this.largest = this.length.excess * this.length.share;
  }

  private countLevelRow(): void {
    const rows = LEVEL_CYCLES * this.clock.meanRows();
    const levelRows = this.levelRows + 1;
    this.levelRows = levelRows;
    this.isSettled = levelRows > rows;
    this.levelSpeed = 1 / (this.isSettled ? rows : levelRows);
  }

  /** A cycle begins; the one that ends with it may have been too short. */
  private turn(): void {
    const { clock, length, maxima } = this;
    const shortfall = clock.shortfall();
    if (this.isLearning) {
      length.add(shortfall);
      this.endedWeight = clock.endedRows > 0 ? this.weight : 0;
      if (this.endedWeight > 0) maxima.put(this.units, length.peak * this.endedWeight);
      if (clock.endedRows > 0) clock.learnLength();
      this.levelWidening = clock.wideningOf(clock.cycles / LEVEL_CYCLES);
      this.weight = clock.hasBins && this.progress >= SCORED_FROM ? this.progress : 0;
    }
    length.reset();
    if (!this.isLearning) length.add(shortfall);
  }

  /** Channel `unit`: score, then learn. */
  work(unit: number): void {
    const { clock, isLearning } = this;
    const channel = this.channels[unit];
    const input = this.row.inputs[unit];
    if (clock.rows < 0) return;
    if (clock.isStart) this.turnChannel(channel, unit);
    const isGood = input.quality === QUALITY_GOOD;
    if (isLearning && isGood && this.weight === 0) channel.measure(input.value);
    if (!clock.hasBins) return;
    if (channel.isOwn) {
      if (isGood) {
        if (this.isSettled) channel.scoreOwn(input.value, this.levelWidening);
        channel.followOwn(input.value, this.levelSpeed, this.isSettled, isLearning);
      }
    } else this.workPhase(channel, input.value, isGood);
    const scaled = channel.excess * channel.share;
    if (scaled > this.largest) this.largest = scaled;
  }

  private workPhase(channel: PhaseChannel, value: number, isGood: boolean): void {
    const { clock, isLearning } = this;
    if (clock.isNewBin) {
      if (isLearning && !clock.isStart) channel.leave(clock.bin);
      channel.enter(clock.bin, clock.widening);
    }
    if (!isGood) return;
    channel.score(value);
    if (!isLearning) return;
    channel.learn(clock.bin, value);
    channel.followOwn(value, this.levelSpeed, this.isSettled, true);
  }

  private turnChannel(channel: PhaseChannel, unit: number): void {
    const { clock } = this;
    if (this.isLearning && clock.hasBins) {
      if (this.endedWeight > 0) this.maxima.put(unit, channel.peak * this.endedWeight);
      if (!channel.hasTable) channel.beginTable();
      else if (!channel.isOwn) channel.endCycle(clock.endedBin);
      if (this.weight > 0) channel.decide(this.noTable);
    }
    channel.reset();
  }

  learn(_row: ModelRow, progress: number): void {
    this.progress = progress;
    if (this.clock.isStart && this.endedWeight > 0) this.maxima.endCycle();
  }

  calibrate(rowsPerAlarm: number): void {
    const { channels, length, maxima, shares, clock, units } = this;
    for (let i = 0; i < units; i++) channels[i].share = 1 / maxima.scale(i);
    length.share = 1 / maxima.scale(units);
    for (let i = 0; i < units; i++) shares[i] = channels[i].share;
    shares[units] = length.share;
    clock.endLearning(rowsPerAlarm / clock.meanRows());
    this.levelWidening = clock.wideningOf(clock.cycles / LEVEL_CYCLES);
    if (this.members > 0) this.threshold = maxima.threshold(shares, clock.cyclesPerAlarm);
    this.holdBelowThreshold();
  }

  /** Anti-windup limits from the threshold. */
  private holdBelowThreshold(): void {
    const { channels, length } = this;
    const most = WINDUP_THRESHOLDS * this.threshold;
    for (let i = 0; i < channels.length; i++) channels[i].limit = most / channels[i].share;
    length.limit = most / length.share;
    this.restart();
  }

  /** Where the machine is in its cycle is known by the clock, which sees the gap itself. */
  restart(): void {
    const { channels, clock } = this;
    if (!clock.beginsAtGaps) {
      this.levelRows = 0;
      this.isSettled = false;
    }
    for (let i = 0; i < channels.length; i++) channels[i].reset();
    this.length.reset();
  }

  watch(): void {
    this.score = this.clock.rows < 0 ? 0 : this.largest / this.threshold;
    this.intensity = this.score;
  }

  /**
   * The channels that are further outside than in nine of ten learned cycles. Of the first the envelope and the value;
   * nothing where it is the cycle's length that is wrong.
   */
  explain(finding: Finding, row: ModelRow): void {
    const { channels, length, ranking } = this;
    for (let j = 0; j < channels.length; j++) ranking.telling[j] = channels[j].excess * channels[j].share;
    const first = ranking.name(finding, channels.length, 0);
    if (ranking.telling[first] <= 1) finding.channels = 0;
    if (finding.channels === 0) return;
    const worst = channels[first];
    if (length.excess * length.share > worst.excess * worst.share) return;
    if (worst.low > -Infinity) {
      finding.expectedLow = worst.low;
      finding.expectedHigh = worst.high;
      finding.observed = row.inputs[first].value;
    }
  }

  archive(unit: number, archive: Archive): void {
    const { channels, length, clock } = this;
    if (unit < channels.length) {
      channels[unit].archive(archive);
      return;
    }
    clock.archive(archive);
    length.share = archive.number(length.share);
    this.threshold = archive.number(this.threshold);
    if (archive.isLoading) this.holdBelowThreshold();
  }
}
