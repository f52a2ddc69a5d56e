/**
 * One scenario under the witness, in virtual time. Learning is shared: the firmware learns from normal operation once for
 * a plant and a seed, in this process, and its model is kept in flash; the simulation goes on from there in as many ways
 * as there are scenarios, and a witness starts in each with the stored model, in this process or on XS.
 */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Port } from '../../modules/board.js';
import { Block } from '../../modules/capture/block.js';
import type { Configuration } from '../../modules/config/configuration.js';
import { PHASE_WATCHING } from '../../modules/frame/heartbeat-body.js';
import { KIND_INCIDENT } from '../../modules/frame/kinds.js';
import { Sensor } from '../../modules/sensor.js';
import { encodeBlock, encodeHeader, recordLength } from '../../simulator/block-stream.js';
import { PolledLine } from '../../simulator/bus/polled-line.js';
import { SimulatedFlash } from '../../simulator/flash.js';
import { scenarioNamed } from '../../simulator/scenarios/index.js';
import type { Scenario } from '../../simulator/scenarios/scenario.js';
import { Simulation } from '../../simulator/simulation.js';
import { keyOf, keySet } from '../collector/keys.js';
import { type Frame, isRefusal, verifyFrame } from '../collector/verify.js';
import { benchOutput, spawnBench, temporaryFolder } from './bench-process.js';
import { framesIn, framesInFile, MEASURE_FLASH } from './flash-frames.js';
import { flashParts } from './flash-parts.js';
import { MARK_WATCH } from './marks.js';
import { NodeBoard, publicKeyOf } from './node-board.js';
import { type ToldIncident, toldIncidents } from './scenario-result.js';

/** A simulation is no evidence: the same frames should come out every time. */
const SECRET = new Uint8Array(32).fill(0x57);
const HOUR_US = 3600e6;
/** Frames nobody reads: as few as may be. */
const FRAME_PERIOD_MS = 3_600_000;
/** Normal operation between the witness's start and the event. */
export const QUIET_S = 600;
/** A learning of normal operation ends, or something is wrong. */
const LEARNING_FACTOR_MAX = 3;
const XS_ARENA_BYTES = 2 << 20;
const XS_BATCH_BLOCKS = 256;
const LINE_SEED = 1;
const TAPE_HEAD_BYTES = 12;

export type Engine = 'node' | 'xs';

/** The end of learning: the plant as it stands, and what the witness has in its flash. */
export interface Learned {
  readonly plant: string;
  readonly seed: number;
  readonly configuration: Configuration;
  readonly simulation: Simulation;
  readonly flash: Uint8Array;
  /** Incidents while learning: nothing was wrong. */
  readonly incidents: readonly ToldIncident[];
  /** Plant time over time taken. */
  readonly speed: number;
}

/** What came of one scenario. */
export interface Played {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly plant: string;
  readonly onsetUs: number | null;
  readonly incidents: readonly ToldIncident[];
  readonly speed: number;
}

/** Sees each block of a scenario, after the witness; for pictures. */
export type Look = (simulation: Simulation, block: Block) => void;

/** A sensor that can be told of maintenance. */
interface Maintained {
  beginMaintenance?(durationUs: number): void;
}

/** The firmware on a board in this process, over a flash that may hold a model. */
class NodeWitness {
  readonly sensor: Sensor;
  private readonly board: NodeBoard;

  constructor(configuration: Configuration, flash: SimulatedFlash, ports: readonly Port[] = []) {
    const { log, models } = flashParts(flash);
    this.board = new NodeBoard(configuration, log, SECRET, models);
    this.board.ports.push(...ports);
    this.sensor = new Sensor(this.board);
  }

  take(block: Block): void {
    this.board.nowUs = block.timeUs;
    this.sensor.step(block);
    while (this.sensor.idle());
  }
}

function configurationFor(simulation: Simulation, learnHours: number): Configuration {
  const { configuration } = simulation;
  const rows = Math.round((learnHours * HOUR_US) / (configuration.blockUs * configuration.modelBlocks));
  return {
    ...configuration,
    learnBlocks: rows * configuration.modelBlocks,
    heartbeatMs: FRAME_PERIOD_MS,
    readingsMs: FRAME_PERIOD_MS,
  };
}

function newFlash(cells?: Uint8Array): SimulatedFlash {
  const flash = new SimulatedFlash(MEASURE_FLASH, 1);
  if (cells !== undefined) flash.cells.set(cells);
  return flash;
}

/** Lets the firmware learn from `scenario` ('normal' but for those that begin in learning) until it watches. */
export function learn(plant: string, seed: number, learnHours: number, scenario = 'normal'): Learned {
  const simulation = new Simulation(scenario, seed, scenario === 'normal' ? undefined : 0, plant);
  const configuration = configurationFor(simulation, learnHours);
  const flash = newFlash();
  const witness = new NodeWitness(configuration, flash);
  const block = new Block(configuration.analog.length, configuration.digital.length);
  const startMs = performance.now();
  while (witness.sensor.condition.phase !== PHASE_WATCHING) {
    simulation.nextBlock(block);
    witness.take(block);
    if (block.timeUs > LEARNING_FACTOR_MAX * learnHours * HOUR_US) throw new Error(`${plant}: learning does not end`);
  }
  const speed = block.timeUs / 1000 / (performance.now() - startMs);
  const incidents = toldIncidents(verified(framesIn(witness.sensor.reporter.log)), configuration);
  return { plant, seed, configuration, simulation, flash: flash.cells, incidents, speed };
}

/** Plays `name` from the end of learning on. */
export async function play(learned: Learned, name: string, engine: Engine, look: Look = () => {}): Promise<Played> {
  const scenario = scenarioNamed(name);
  const { configuration, seed, plant } = learned;
  const simulation = scenario.isInLearning ? learned.simulation : learned.simulation.fork(name, QUIET_S);
  const seconds = scenario.isInLearning ? scenario.watchS : QUIET_S + scenario.watchS;
  const blocks = Math.round((seconds * 1e6) / configuration.blockUs);
  const startMs = performance.now();
  const run = { simulation, configuration, flash: learned.flash, blocks, look };
  const isTaped = engine === 'xs' && scenario.isOnBus === true;
  const tape = isTaped ? tapeOf({ ...run, simulation: learned.simulation.fork(name, QUIET_S), look: () => {} }) : null;
  const frames = engine === 'node' ? playOnNode(run) : await playOnXs(run, tape);
  const speed = (seconds * 1000) / (performance.now() - startMs);
  const incidents = toldIncidents(verified(frames), configuration);
  return { scenario, seed, plant, onsetUs: simulation.truth.onsetUs, incidents, speed };
}

interface Run {
  readonly simulation: Simulation;
  readonly configuration: Configuration;
  readonly flash: Uint8Array;
  readonly blocks: number;
  readonly look: Look;
}

/** What a witness hears on the bus, for the bench's --tape. */
function tapeOf(run: Run): Uint8Array {
  const records: Uint8Array[] = [];
  const line = new PolledLine(run.configuration.address, LINE_SEED);
  const receive = line.receive.bind(line);
  line.receive = (into) => {
    const length = receive(into);
    if (length > 0) {
      const head = Buffer.alloc(TAPE_HEAD_BYTES);
      head.writeDoubleLE(line.nowUs, 0);
      head.writeUInt32LE(length, 8);
      records.push(head, into.slice(0, length));
    }
    return length;
  };
  playOnNode(run, line);
  return Buffer.concat(records);
}

function playOnNode(run: Run, line = lineOf(run)): Uint8Array[] {
  const { simulation, configuration, flash: cells, blocks, look } = run;
  const witness = new NodeWitness(configuration, newFlash(cells), line === undefined ? [] : [line]);
  const maintained = witness.sensor as Maintained;
  simulation.world.operator.onMaintenance = (durationS) => maintained.beginMaintenance?.(durationS * 1e6);
  const block = new Block(configuration.analog.length, configuration.digital.length);
  for (let i = 0; i < blocks; i++) {
    simulation.nextBlock(block);
    if (i === 0) block.isFresh = 1;
    line?.step(block.timeUs, simulation.world.bus.isJabbered);
    witness.take(block);
    look(simulation, block);
  }
  return framesIn(witness.sensor.reporter.log);
}

function lineOf({ simulation, configuration }: Run): PolledLine | undefined {
  return simulation.scenario.isOnBus ? new PolledLine(configuration.address, LINE_SEED) : undefined;
}

/** The engine is told nothing of maintenance, which takes a command. */
async function playOnXs(run: Run, heard: Uint8Array | null): Promise<Uint8Array[]> {
  const { simulation, configuration, flash: cells, blocks, look } = run;
  const folder = temporaryFolder();
  const [record, key, flash, tape] = ['record', 'key', 'flash', 'tape'].map((name) => join(folder, name));
  if (heard !== null) writeFileSync(tape, heard);
  writeFileSync(key, SECRET, { mode: 0o600 });
  writeFileSync(flash, cells);
  const bench = spawnBench(folder, {
    main: 'hosts/bench/replay-main.js',
    configuration,
    options: [
      ...['--virtual', '--arena', `${XS_ARENA_BYTES}`, '--record', record, '--key', key],
      ...['--flash', flash, '--flash-bytes', `${MEASURE_FLASH.size}`],
      ...(heard === null ? [] : ['--tape', tape]),
    ],
  });
  const output = benchOutput(bench);
  const input = bench.stdin as NonNullable<typeof bench.stdin>;
  input.on('error', () => {});
  const { analog, digital, blockUs } = configuration;
  const write = async () => {
    input.write(encodeHeader(analog.length, digital.length, blockUs));
    const block = new Block(analog.length, digital.length);
    const fields = recordLength(analog.length, digital.length);
    for (let written = 0; written < blocks; ) {
      const count = Math.min(XS_BATCH_BLOCKS, blocks - written);
      const batch = new Float64Array(count * fields);
      for (let i = 0, at = 0; i < count; i++) {
        simulation.nextBlock(block);
        if (written + i === 0) block.isFresh = 1;
        look(simulation, block);
        at = encodeBlock(block, MARK_WATCH, batch, at);
      }
      if (!input.write(new Uint8Array(batch.buffer))) await once(input, 'drain');
      written += count;
    }
    input.end();
  };
  await Promise.race([write(), output]);
  await output;
  return framesInFile(flash, MEASURE_FLASH);
}

/** The incident frames of the newest boot, verified as a collector would. */
function verified(frames: readonly Uint8Array[]): Frame[] {
  const { x, y } = publicKeyOf(SECRET);
  const keys = keySet(keyOf(x, y));
  const good: Frame[] = [];
  for (const bytes of frames) {
    const frame = verifyFrame(bytes, keys);
    if (isRefusal(frame)) throw new Error(`a frame of the witness was refused: ${frame.reason}`);
    good.push(frame);
  }
  const boot = good.at(-1)?.boot;
  return good.filter((frame) => frame.boot === boot && frame.kind === KIND_INCIDENT);
}
