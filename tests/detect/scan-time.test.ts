import test from 'ava';
import { ContactSignal } from '../../modules/condition/contact-signal.js';
import { DETECTOR_SCAN_TIME } from '../../modules/detect/finding.js';
import { LINE_CONTACT, LINE_ORDER } from '../../modules/detect/line-kind.js';
import { Ranking } from '../../modules/detect/ranking.js';
import { ScanTimeDetector } from '../../modules/detect/scan-time.js';
import { TANK_LOOPS, VALVE_ORDER } from '../../simulator/plants/tank-lines.js';
import { Random } from '../../simulator/random.js';
import { contact } from '../sensor/sample-configuration.js';
import { FedRows } from './fed-rows.js';
import { TankRun } from './tank-run.js';

const LEARN_ROWS = 6000;
const ROW_US = 100_000;
const SAMPLE_US = 1000;
const FIRST_CONTACT = 3;

/** Two orders of a PLC whose scans take `scanUs` of our clock, a sensor's contact, and an output that toggles. */
class Grid {
  readonly detector: ScanTimeDetector;
  readonly signals = [0, 1, 2, 3].map(() => new ContactSignal(contact('c')));
  readonly rows: FedRows;
  scanUs: number;
  isForeign = false;
  phaseUs = 0;
  hasGrid = true;
  private row = 0;
  private readonly random: Random;

  constructor(seed: number, scanUs: number) {
    this.random = new Random(seed, 'grid');
    this.scanUs = scanUs;
    const kinds = [LINE_ORDER, LINE_ORDER, LINE_CONTACT, LINE_CONTACT];
    this.detector = new ScanTimeDetector(this.signals, kinds, FIRST_CONTACT, 10, SAMPLE_US, new Ranking(4));
    this.rows = new FedRows(this.detector, FIRST_CONTACT + 4, LEARN_ROWS, 1e4);
  }

  /** The largest score over `rows` rows. */
  run(rows: number): number {
    const { random, signals } = this;
    let largest = 0;
    for (let i = 0; i < rows; i++) {
      const atUs = this.row++ * ROW_US;
      if (random.uniform() < 0.02) this.move(0, atUs, this.isForeign);
      if (random.uniform() < 0.01) this.move(1, atUs, false);
      if (random.uniform() < 0.01) signals[2].changedAtUs = this.sampled(atUs + random.between(0, ROW_US));
      if (this.row % 10 === 0) this.move(3, atUs, false);
      const score = this.rows.feed([0, 0, 0, 0, 0, 0, 0]);
      if (score > largest) largest = score;
    }
    return largest;
  }

  private move(line: number, fromUs: number, isForeign: boolean): void {
    const { random, scanUs } = this;
    const scan = Math.ceil(fromUs / scanUs) + random.below(5);
    const jitterUs = 150 * random.gaussian();
    this.signals[line].changedAtUs = this.sampled(
      isForeign || !this.hasGrid ? fromUs + random.between(0, ROW_US) : scan * scanUs + this.phaseUs + jitterUs,
    );
  }

  private sampled(atUs: number): number {
    return Math.ceil(atUs / SAMPLE_US) * SAMPLE_US;
  }
}

for (const [seed, ppm] of [
  [1, 0],
  [2, 60],
  [3, -60],
])
  test(`a grid is found through jitter and a drift of ${ppm} ppm, and kept for two hours (seed ${seed})`, (t) => {
    const grid = new Grid(seed, 10_000 * (1 + ppm * 1e-6));
    grid.run(LEARN_ROWS);
    t.is(grid.detector.periodUs, 10_000);
    t.log(`limit ${grid.detector.limitUs} us`);
    t.true(grid.run(72_000) <= 1);
  });

for (const seed of [1, 2, 3]) {
  test(`an order that another controller drives alarms within its next 10 moves and is named (seed ${seed})`, (t) => {
    const grid = new Grid(seed, 10_000);
    grid.run(LEARN_ROWS + 1000);
    grid.isForeign = true;
    t.true(grid.run(500) > 1);
    const { channel, observed, expectedHigh } = grid.rows.explain();
    t.true(channel[0] === FIRST_CONTACT || Math.abs(observed) <= expectedHigh);
  });

  test(`a PLC whose scan takes 12 ms instead of 10 alarms (seed ${seed})`, (t) => {
    const grid = new Grid(seed, 10_000);
    grid.run(LEARN_ROWS + 1000);
    grid.scanUs = 12_000;
    t.true(grid.run(100) > 1);
  });
}

test('orders that keep to no grid are not watched (seeds 1 to 10)', (t) => {
  for (let seed = 1; seed <= 10; seed++) {
    const grid = new Grid(seed, 10_000);
    grid.hasGrid = false;
    grid.run(LEARN_ROWS);
    t.is(grid.detector.periodUs, 0, `seed ${seed}`);
    t.is(grid.run(2000), 0);
  }
});

/** Runs on, and moves the first order off the grid once: its next move is on it again. */
function moveOnceOffGrid(grid: Grid): number {
  const { signals } = grid;
  const before = signals[0].changedAtUs;
  grid.isForeign = true;
  let largest = 0;
  while (signals[0].changedAtUs === before) largest = Math.max(largest, grid.run(1));
  grid.isForeign = false;
  return Math.max(largest, grid.run(2000));
}

test('a single edge off the grid is chance (seeds 1 to 3)', (t) => {
  for (let seed = 1; seed <= 3; seed++) {
    const grid = new Grid(seed, 10_000);
    grid.run(LEARN_ROWS + 1000);
    t.is(grid.detector.offMin, 2);
    for (let i = 0; i < 5; i++) t.true(moveOnceOffGrid(grid) <= 1, `seed ${seed}`);
  }
});

test('orders of timers that let one in many out move on the grid of the scan (seeds 1 to 10)', (t) => {
  for (let seed = 1; seed <= 10; seed++) {
    const random = new Random(seed, 'timers');
    const signals = [new ContactSignal(contact('c'))];
    const detector = new ScanTimeDetector(signals, [LINE_ORDER], 1, 10, SAMPLE_US, new Ranking(1));
    const rows = new FedRows(detector, 2, LEARN_ROWS, 1e5);
    let largest = 0;
    for (let row = 0; row < 5 * LEARN_ROWS; row++) {
      if (row % 40 === 0) signals[0].changedAtUs = row * ROW_US + (random.uniform() < 0.05 ? 23_000 : 13_000);
      largest = Math.max(largest, rows.feed([0, 0]));
    }
    t.is(detector.periodUs, 10_000, `seed ${seed}`);
    t.true(largest <= 1, `seed ${seed}: ${largest}`);
  }
});

test('a contact beside the grid moves nobody (seeds 1 to 3)', (t) => {
  for (let seed = 1; seed <= 3; seed++) {
    const random = new Random(seed, 'beside');
    const signals = [new ContactSignal(contact('c')), new ContactSignal(contact('c'))];
    const detector = new ScanTimeDetector(signals, [LINE_ORDER, LINE_CONTACT], 1, 10, SAMPLE_US, new Ranking(2));
    const rows = new FedRows(detector, 3, LEARN_ROWS, 1e5);
    let largest = 0;
    for (let row = 0; row < 10 * LEARN_ROWS; row++) {
      if (random.uniform() < 0.02) signals[0].changedAtUs = row * ROW_US + 10_000 * random.below(10);
      if (random.uniform() < 0.02) signals[1].changedAtUs = row * ROW_US + 10_000 * random.below(10) + 1000;
      largest = Math.max(largest, rows.feed([0, 0, 0]));
    }
    t.is(Math.round(detector.limitUs), 2250);
    t.is(largest, 0, `seed ${seed}`);
  }
});

test('a PLC that was restarted alarms, and is followed again', (t) => {
  const grid = new Grid(1, 10_000);
  grid.run(LEARN_ROWS + 1000);
  grid.phaseUs = 5000;
  t.true(grid.run(100) > 1);
  grid.run(1000);
  t.true(grid.run(2000) <= 1);
});

test('an order of the tank that is driven off the grid of its PLC alarms within a minute (seeds 1, 2)', (t) => {
  for (const seed of [1, 2]) {
    const run = new TankRun(seed);
    const { plc } = run.simulation.world;
    const random = new Random(seed, 'foreign');
    let level = 0;
    let untilMs = 0;
    run.forge((ms) => {
      if (ms >= untilMs) {
        level = 1 - level;
        untilMs = ms + 4000 + random.below(4000);
      }
      plc.outputs[VALVE_ORDER] = level;
    });
    const at = run.secondsUntilAlarm(DETECTOR_SCAN_TIME, 60);
    t.true(at > 0, `seed ${seed}: ${at} s`);
    run.witness.play(run.simulation, 0.1);
    const channels = run.witness.sensor.table.incidents.map((incident) => incident.channel[0]);
    t.true(channels.includes(TANK_LOOPS.length + VALVE_ORDER));
  }
});
