/**
 * The detectors of contacts over two tanks in series. A pump fills the upper one between 20 and 80, a valve lets the
 * lower one fill between 30 and 70; consumers draw from both. A lamp is lit while the valve is open; a spare never moves.
 * Inputs of a row: upper, lower, pump, valve, lamp, spare.
 */
import { QUALITY_BAD, QUALITY_GOOD } from '../../modules/condition/quality.js';
import { DwellDetector } from '../../modules/detect/dwell.js';
import { Finding } from '../../modules/detect/finding.js';
import { GuardDetector } from '../../modules/detect/guard.js';
import { OccupancyDetector } from '../../modules/detect/occupancy.js';
import type { RowDetector } from '../../modules/detect/row-detector.js';
import { SequenceDetector } from '../../modules/detect/sequence.js';
import { ContactHistory } from '../../modules/model/contact-history.js';
import { ModelRow } from '../../modules/model/model-row.js';
import { Random } from '../../simulator/random.js';

export const UPPER = 0;
export const LOWER = 1;
export const PUMP = 2;
export const VALVE = 3;
export const LAMP = 4;
export const SPARE = 5;

/** Changes what the sensors say of the plant before the detectors see it; NaN: nothing. */
export type Lie = (values: number[]) => void;

/** The plant. */
export class TwoTanks {
  readonly values = [50, 50, 0, 0, 0, 0];
  /** Levels at which the pump opens and the valve closes. */
  pumpOpensAt = 80;
  /** True: the pump does what it likes. */
  isPumpStuck = false;
  leak = 0;
  private demand = 0.6;
  private readonly random: Random;

  constructor(seed: number) {
    this.random = new Random(seed, 'two tanks');
  }

  step(): void {
    const { values, random } = this;
    this.demand += 0.02 * (0.6 - this.demand) + 0.01 * random.gaussian();
    if (!this.isPumpStuck) {
      if (values[UPPER] < 20) values[PUMP] = 1;
      if (values[UPPER] > this.pumpOpensAt) values[PUMP] = 0;
    }
    if (values[LOWER] < 30) values[VALVE] = 1;
    if (values[LOWER] > 70) values[VALVE] = 0;
    values[LAMP] = values[VALVE];
    values[UPPER] += 2.5 * values[PUMP] - 1.5 * values[VALVE] - 0.3 - this.leak + 0.05 * random.gaussian();
    values[LOWER] += 1.5 * values[VALVE] - this.demand + 0.05 * random.gaussian();
  }
}

/** The detectors, fed row by row. */
export class ContactBench {
  readonly row: ModelRow;
  readonly dwell: DwellDetector;
  readonly guard: GuardDetector;
  readonly sequence: SequenceDetector;
  readonly occupancy: OccupancyDetector;
  readonly detectors: readonly RowDetector[];

  constructor(analogs = 2, contacts = 4) {
    this.row = new ModelRow(analogs + contacts, 1, 1);
    const history = new ContactHistory(analogs, contacts);
    this.dwell = new DwellDetector(history, 1, []);
    this.guard = new GuardDetector(history, this.row);
    this.sequence = new SequenceDetector(history);
    this.occupancy = new OccupancyDetector(history, this.row, new Array(analogs).fill(0.001));
    this.detectors = [this.dwell, this.guard, this.sequence, this.occupancy];
  }

  /** One row; `progress` while learning, -1 while watching. */
  take(values: readonly number[], progress: number): void {
    const { row, detectors } = this;
    values.forEach((value, i) => {
      row.inputs[i].value = Number.isNaN(value) ? 0 : value;
      row.inputs[i].quality = Number.isNaN(value) ? QUALITY_BAD : QUALITY_GOOD;
    });
    for (const detector of detectors) detector.begin(row, progress >= 0);
    for (const detector of detectors) for (let unit = 0; unit < detector.units; unit++) detector.work(unit);
    for (const detector of detectors)
      if (progress >= 0) detector.learn(row, progress);
      else detector.watch(row);
    row.isFresh = false;
  }

  learn(plant: TwoTanks, rows: number, rowsPerAlarm: number): void {
    for (let i = 1; i <= rows; i++) {
      plant.step();
      this.take(plant.values, i / rows);
    }
    const members = this.detectors.reduce((sum, { members }) => sum + members, 0);
    for (const detector of this.detectors) detector.calibrate(rowsPerAlarm * members);
  }

  /** `rows` rows on; `look` after each. */
  watch(plant: TwoTanks, rows: number, lie: Lie = () => {}, look: (row: number) => void = () => {}): void {
    for (let i = 0; i < rows; i++) {
      plant.step();
      const values = [...plant.values];
      lie(values);
      this.take(values, -1);
      look(i);
    }
  }

  /** Largest score of each detector over `rows` rows. */
  most(plant: TwoTanks, rows: number, lie?: Lie): Record<'dwell' | 'guard' | 'sequence' | 'occupancy', number> {
    const most = { dwell: 0, guard: 0, sequence: 0, occupancy: 0 };
    this.watch(plant, rows, lie, () => {
      for (const name of ['dwell', 'guard', 'sequence', 'occupancy'] as const)
        most[name] = Math.max(most[name], this[name].score);
    });
    return most;
  }

  explain(detector: RowDetector): Finding {
    const finding = new Finding();
    finding.begin(detector.id, 0, 0);
    detector.explain(finding, this.row);
    return finding;
  }
}

export const LEARN_ROWS = 4000;
/** One alarm in as many rows. */
export const ROWS_PER_ALARM = 8000;

/** A bench that has learned, and its plant, at rest with pump and valve open and the lower tank half full. */
export function learned(seed: number): { bench: ContactBench; plant: TwoTanks } {
  const plant = new TwoTanks(seed);
  const bench = new ContactBench();
  bench.learn(plant, LEARN_ROWS, ROWS_PER_ALARM);
  return { bench, plant };
}

/** Runs on until `isSo`. */
export function runUntil(bench: ContactBench, plant: TwoTanks, isSo: () => boolean): void {
  for (let i = 0; i < 1000 && !isSo(); i++) bench.watch(plant, 1);
}
