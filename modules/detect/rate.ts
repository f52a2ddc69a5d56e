/**
 * Rate of change: how far an analog channel moves from one row to the next, against how far it moved while learning.
 *
 *   r_j = |x_j(t) - x_j(t-1)| / max(its root mean square while learning, resolution, 5 % of the channel's spread)
 *   score = max over channels of r_j / threshold
 *
 * The threshold is that of the learned tail of the maximum (`model/tail.ts`).
 * 4 slots of 16 bytes and 24 bytes per channel; one tail for all.
 */
import { QUALITY_GOOD } from '../condition/quality.js';
import type { Archive } from '../model/archive.js';
import type { ModelRow } from '../model/model-row.js';
import { Tail } from '../model/tail.js';
import { DETECTOR_RATE, type Finding } from './finding.js';
import type { RowDetector } from './row-detector.js';

const SPREAD_FLOOR = 0.05;
/** Part of learning after which the tail is collected: by then the scales have settled. */
const SETTLED = 0.3;
/** Part of the alarm budget that it takes, in shares of a member. */
const BUDGET_PART = 0.1;
const CHANNELS_PER_UNIT = 8;

/** One analog channel. */
class RateChannel {
  /** Value of the last row; NaN when there is none to go by. */
  before = NaN;
  /** 1 / the size of a usual move; 0 for a channel that did not move. */
  share = 0;
}

/** Fields of one channel while learning: sum of squares of its moves, mean and sum of squares of its values. */
const FIELDS = 3;
const MEAN = 1;
const SQUARES = 2;

/** Watches how fast analog channels move. */
export class RateDetector implements RowDetector {
  readonly id = DETECTOR_RATE;
  score = 0;
  /** A jump tells how an event begins, not how intense it stays. */
  readonly intensity = 0;
  readonly units: number;
  readonly leadingUnits = 0;
  readonly archiveUnits: number;
  private readonly channels: RateChannel[] = [];
  private readonly learned: Float64Array;
  private readonly resolutions: readonly number[];
  private readonly tail = new Tail();
  private threshold = Infinity;
  /** Largest move of the row under way in parts of a usual one, its channel, and the move itself. */
  private largest = 0;
  private worst = 0;
  private move = 0;
  private rows = 0;
  private row: ModelRow | null = null;
  private isLearning = true;

  /** `resolutions[i]`: smallest step of analog channel i, in engineering units. */
  constructor(resolutions: readonly number[]) {
    for (let i = 0; i < resolutions.length; i++) this.channels.push(new RateChannel());
    this.resolutions = resolutions;
    this.learned = new Float64Array(resolutions.length * FIELDS);
    this.units = Math.ceil(resolutions.length / CHANNELS_PER_UNIT);
    this.archiveUnits = resolutions.length + 1;
  }

  /** A small part of a share, as soon as a channel has moved: its tail is thin, that of the residual is not. */
  get members(): number {
    const { channels } = this;
    for (let i = 0; i < channels.length; i++) if (channels[i].share > 0) return BUDGET_PART;
    return 0;
  }

  begin(row: ModelRow, isLearning: boolean): void {
    this.row = row;
    this.isLearning = isLearning;
    this.largest = 0;
    if (isLearning) this.rows++;
    if (row.isFresh) this.restart();
  }

  work(unit: number): void {
    const { channels, row, isLearning } = this;
    if (row === null) return;
    const { inputs } = row;
    const from = unit * CHANNELS_PER_UNIT;
    const end = from + CHANNELS_PER_UNIT < channels.length ? from + CHANNELS_PER_UNIT : channels.length;
    for (let i = from; i < end; i++) {
      const channel = channels[i];
      const input = inputs[i];
      const value = input.quality === QUALITY_GOOD ? input.value : NaN;
      const move = value - channel.before;
      channel.before = value;
      const told = move < 0 ? -move * channel.share : move * channel.share;
      // a move from or to no value is NaN, and larger than nothing
      if (told > this.largest) {
        this.largest = told;
        this.worst = i;
        this.move = move;
      }
      if (isLearning && (move <= 0 || move > 0)) this.learnMove(i, value, move);
    }
  }

  private learnMove(i: number, value: number, move: number): void {
    const { learned, rows } = this;
    const at = i * FIELDS;
    learned[at] += move * move;
    const beyond = value - learned[at + MEAN];
    learned[at + MEAN] += beyond / rows;
    learned[at + SQUARES] += beyond * (value - learned[at + MEAN]);
    const spread = SPREAD_FLOOR * Math.sqrt(learned[at + SQUARES] / rows);
    const resolution = this.resolutions[i];
    let usual = Math.sqrt(learned[at] / rows);
    if (spread > usual) usual = spread;
    if (resolution > usual) usual = resolution;
    this.channels[i].share = 1 / usual;
  }

  learn(_row: ModelRow, progress: number): void {
    if (progress >= SETTLED) this.tail.add(this.largest);
  }

  watch(): void {
    this.score = this.largest / this.threshold;
  }

  restart(): void {
    const { channels } = this;
    this.score = 0;
    for (let i = 0; i < channels.length; i++) channels[i].before = NaN;
  }

  calibrate(rowsPerAlarm: number): void {
    this.threshold = this.tail.threshold(rowsPerAlarm);
  }

  explain(finding: Finding): void {
    const { worst, move } = this;
    const { before, share } = this.channels[worst];
    const reach = this.threshold / share;
    finding.channel[0] = worst;
    finding.expectedLow = before - move - reach;
    finding.expectedHigh = before - move + reach;
    finding.observed = before;
  }

  archive(unit: number, archive: Archive): void {
    const { channels } = this;
    if (unit < channels.length) channels[unit].share = archive.number(channels[unit].share);
    else this.threshold = archive.number(this.threshold);
  }
}
