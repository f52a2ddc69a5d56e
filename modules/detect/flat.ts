/**
 * Flat line of one analog channel: rows without a move of half its resolution, against the longest such stretch seen
 * while learning. Score = rows flat / (3 longest + 60). A channel that was flat for a tenth of learning or never moved
 * is not watched. A fault: a stuck transmitter and a frozen value look alike on one wire. Six slots per channel.
 */
import type { Archive, Archived } from '../model/archive.js';

const MARGIN = 3;
const ROWS_MIN = 60;

/** Flat line of one channel. */
export class FlatDetector implements Archived {
  /** True while the incident table knows an incident of this channel. */
  hasIncident = false;
  readonly archiveUnits = 1;
  private anchor = NaN;
  private rows = 0;
  private longest = 0;
  private learned = 0;
  private limit = Infinity;
  private readonly step: number;

  /** `resolution`: smallest step of the channel in engineering units; 0 compares for equality. */
  constructor(resolution: number) {
    this.step = 0.5 * resolution;
  }

  /** Takes a row's value; the score. */
  add(value: number): number {
    const moved = value - this.anchor;
    if (moved <= this.step && moved >= -this.step) this.rows++;
    else {
      this.anchor = value;
      this.rows = 0;
    }
    return this.rows < this.limit ? 0 : this.rows / this.limit;
  }

  /** The value could not be used: a stretch does not go on across it. */
  restart(): void {
    this.anchor = NaN;
    this.rows = 0;
  }

  /** Takes a row's value while learning. */
  learn(value: number): void {
    this.add(value);
    this.learned++;
    if (this.rows > this.longest) this.longest = this.rows;
  }

  /** Ends learning. */
  calibrate(): void {
    if (this.longest * 10 < this.learned) this.limit = MARGIN * this.longest + ROWS_MIN;
  }

  archive(_unit: number, archive: Archive): void {
    this.limit = archive.number(this.limit);
  }
}
