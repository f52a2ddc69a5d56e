/**
 * Normal operation of one plant under the witness, in virtual time: how many incidents each alarm budget gives, by
 * detector and class. Every budget has a firmware of its own; all of them see the same blocks.
 */
import { NodeBoard } from '../../hosts/bench/node-board.js';
import type { Board, Signer } from '../../modules/board.js';
import { Block } from '../../modules/capture/block.js';
import type { Configuration } from '../../modules/config/configuration.js';
import type { RowDetector } from '../../modules/detect/row-detector.js';
import { PHASE_WATCHING } from '../../modules/frame/heartbeat-body.js';
import { INCIDENT_FREE, INCIDENT_PENDING } from '../../modules/incident/incident.js';
import { Sensor } from '../../modules/sensor.js';
import { SIGNER_DONE } from '../../modules/sign/signer-state.js';
import { SimulatedFlash } from '../../simulator/flash.js';
import { Simulation } from '../../simulator/simulation.js';

const SECRET = new Uint8Array(32).fill(0x21);
const FLASH = { size: 1 << 20, eraseBytes: 4096, pageBytes: 256 };
const HOUR_US = 3600e6;
const US_PER_DAY = 86_400e6;
/** The firmware announces one alarm in 3 n rows at best after n rows of learning. */
const PROVEN_LEARNINGS = 3;
/** As the fusion has it: alarms this close are one event. */
const SAME_EVENT_ROWS = 30;
/** Frames nobody reads: as few as may be. */
const FRAME_PERIOD_MS = 3_600_000;

/** An incident that opened although nothing was wrong. */
export interface FalseIncident {
  /** Since the start, in hours of plant time. */
  readonly atHours: number;
  /** DETECTOR_*, CLASS_*, VERDICT_*. */
  readonly detector: number;
  readonly incidentClass: number;
  readonly verdict: number;
  /** Names of the channels, most telling first. */
  readonly channels: readonly string[];
  readonly score: number;
  readonly expectedLow: number;
  readonly expectedHigh: number;
  readonly observed: number;
}

/** What one firmware made of the run. */
export interface Watched {
  readonly plant: string;
  readonly seed: number;
  readonly budgetPerDay: number;
  readonly learnedHours: number;
  readonly watchedHours: number;
  /** Incidents that the announced rate allows for in the watched time. */
  readonly expected: number;
  readonly incidents: readonly FalseIncident[];
  /**
   * How often each detector was above its threshold while watching, by its number: what it would have opened on its own,
   * without the others and without the servo that raises the level after incidents.
   */
  readonly raised: Readonly<Record<number, number>>;
  /** Geometric mean of the ratio of this budget's thresholds to those of the run's first budget. */
  readonly thresholds: number;
}

export interface WatchOptions {
  readonly plant: string;
  readonly seed: number;
  readonly learnHours: number;
  readonly watchHours: number;
  readonly budgetsPerDay: readonly number[];
}

/** A key that signs at once: what the frames say is not looked at. */
function quickSigner(signer: Signer): Signer {
  return { ...signer, start: () => true, poll: () => SIGNER_DONE };
}

/** One firmware on its board, and the incidents that it has opened while watching. */
class Watcher {
  readonly sensor: Sensor;
  readonly incidents: FalseIncident[] = [];
  /** Sum of the logarithms of the ratios to the first budget's score, and their number. */
  ratioLn = 0;
  ratios = 0;
  readonly raised: Record<number, number> = {};
  /** The sensor keeps them to itself; nothing else tells which of them would have spoken. */
  private readonly detectors: readonly RowDetector[];
  private readonly raisedAtRow: number[] = [];
  private readonly nodeBoard: NodeBoard;
  private readonly names: readonly string[];
  private opened = 0;

  constructor(configuration: Configuration) {
    this.nodeBoard = new NodeBoard(configuration, new SimulatedFlash(FLASH, 1), SECRET);
    const board: Board = { ...this.nodeBoard, signer: quickSigner(this.nodeBoard.signer) };
    this.sensor = new Sensor(board);
    this.detectors = Reflect.get(this.sensor, 'detectors');
    for (const _ of this.detectors) this.raisedAtRow.push(Number.NEGATIVE_INFINITY);
    this.names = [...configuration.analog, ...configuration.digital].map(({ name }) => name);
  }

  get isWatching(): boolean {
    return this.sensor.condition.phase === PHASE_WATCHING;
  }

  take(block: Block): void {
    const { sensor } = this;
    this.nodeBoard.nowUs = block.timeUs;
    sensor.step(block);
    if (sensor.table.opened !== this.opened) this.note(block.timeUs);
    while (sensor.idle());
  }

  /** Looks at the scores of a watched row. */
  look(row: number): void {
    const { detectors, raisedAtRow, raised } = this;
    for (let i = 0; i < detectors.length; i++) {
      const { id, score } = detectors[i];
      if (!(score > 1)) continue;
      if (row - raisedAtRow[i] > SAME_EVENT_ROWS) raised[id] = (raised[id] ?? 0) + 1;
      raisedAtRow[i] = row;
    }
  }

  private note(nowUs: number): void {
    const { incidents } = this.sensor.table;
    for (const incident of incidents) {
      if (incident.state === INCIDENT_FREE || incident.state === INCIDENT_PENDING || incident.id <= this.opened)
        continue;
      if (!this.isWatching) continue;
      const { detector, incidentClass, verdict, score, expectedLow, expectedHigh, observed } = incident;
      const channels = incident.channel.slice(0, incident.channels).map((channel) => this.names[channel]);
      const atHours = nowUs / HOUR_US;
      this.incidents.push({
        ...{ atHours, detector, incidentClass, verdict, channels, score, expectedLow, expectedHigh, observed },
      });
    }
    this.opened = this.sensor.table.opened;
  }
}

/** Plays the run; one answer per budget, in their order. */
export function watchPlant({ plant, seed, learnHours, watchHours, budgetsPerDay }: WatchOptions): Watched[] {
  const simulation = new Simulation('normal', seed, undefined, plant);
  const usual = simulation.configuration;
  const learnRows = Math.round((learnHours * HOUR_US) / (usual.blockUs * usual.modelBlocks));
  const watchers = budgetsPerDay.map(
    (falseAlarmsPerDay) =>
      new Watcher({
        ...usual,
        learnBlocks: learnRows * usual.modelBlocks,
        falseAlarmsPerDay,
        heartbeatMs: FRAME_PERIOD_MS,
        readingsMs: FRAME_PERIOD_MS,
      }),
  );
  const block = new Block(usual.analog.length, usual.digital.length);
  const step = () => {
    simulation.nextBlock(block);
    for (const watcher of watchers) watcher.take(block);
  };
  while (!watchers.every(({ isWatching }) => isWatching)) step();
  const learnedHours = block.timeUs / HOUR_US;
  const watchBlocks = Math.round((watchHours * HOUR_US) / usual.blockUs);
  for (let i = 0; i < watchBlocks; i++) {
    step();
    if (i % usual.modelBlocks !== 0) continue;
    compareThresholds(watchers);
    for (const watcher of watchers) watcher.look(i / usual.modelBlocks);
  }
  const rowUs = usual.blockUs * usual.modelBlocks;
  return watchers.map(({ incidents, raised, ratioLn, ratios }, i) => {
    const budgetRows = US_PER_DAY / (rowUs * budgetsPerDay[i]);
    const announcedRows = Math.min(budgetRows, PROVEN_LEARNINGS * learnRows);
    return {
      ...{ plant, seed, budgetPerDay: budgetsPerDay[i], learnedHours, watchedHours: watchHours },
      expected: watchBlocks / usual.modelBlocks / announcedRows,
      incidents,
      raised,
      thresholds: ratios > 0 ? Math.exp(ratioLn / ratios) : 1,
    };
  });
}

/** The same row has the same figures under every budget: the scores' ratio is that of the thresholds. */
function compareThresholds(watchers: readonly Watcher[]): void {
  const first = watchers[0].sensor.score;
  for (const watcher of watchers) {
    const { score } = watcher.sensor;
    if (!(first > 0) || !(score > 0)) continue;
    watcher.ratioLn += Math.log(first / score);
    watcher.ratios++;
  }
}
