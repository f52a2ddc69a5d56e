/** `npm run bench`: what the firmware costs on XS, beside the saved baseline. Counts, not times: they repeat. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { Block } from '../../modules/capture/block.js';
import type { Configuration } from '../../modules/config/configuration.js';
import { PHASE_WATCHING } from '../../modules/frame/heartbeat-body.js';
import { KIND_EVIDENCE, KIND_INCIDENT } from '../../modules/frame/kinds.js';
import { writeBlocks } from '../../simulator/block-stream.js';
import { Simulation } from '../../simulator/simulation.js';
import { keyOf, keySet } from '../collector/keys.js';
import { isRefusal, verifyFrame } from '../collector/verify.js';
import { grown, printFigures, readFigures, type Spread, saveFigures, spread } from './baseline.js';
import { benchOutput, spawnBench, temporaryFolder } from './bench-process.js';
import { printDetectors } from './detectors.js';
import { framesInFile, MEASURE_FLASH } from './flash-frames.js';
import { publicKeyOf } from './node-board.js';

/** Learning takes 300 s; the order that is not executed comes after 400 s. */
const SECONDS = 450;
const STEADY_FROM_S = 310;
const STEADY_TO_S = 400;
const BLOCKS_PER_SECOND = 100;
const SPEED_SECONDS = 600;
const FIELDS = 8;
/** Of an evidence body: its raw samples. */
const LABEL_SAMPLES = 9;
const SECRET = new Uint8Array(32).fill(0x42);
const BASELINE = fileURLToPath(new URL('../../../hosts/bench/baseline.json', import.meta.url));

/** What the bench tells; the keys of `--json`. */
export interface Figures {
  readonly engine: string;
  readonly slotBytes: number;
  readonly channels: number;
  readonly computronsPerBlock: Spread;
  readonly learningComputronsPerBlock: Spread;
  /** Most that one block of the steady state allocated, step and idle together. */
  readonly slotsPerBlock: number;
  readonly chunkBytesPerBlock: number;
  /** Most slots or chunk bytes that the step of one block allocated while watching, incident and evidence included. */
  readonly stepSlotsPerBlock: number;
  readonly arenaBytes: number;
  /** In use at the end, after a collection; and the most in use at the end of any block. */
  readonly arenaInUseBytes: number;
  readonly arenaPeakBytes: number;
  readonly incidentFrameBytes: number;
  /** Of the incident's frames of raw samples together, where they are kept. */
  readonly rawFrameBytes?: number;
  readonly framesVerifiedPerSecond: number;
  /** Simulated seconds of plant, PLC and wires in one second of one core, without the firmware. */
  readonly simulatedPerSecond: number;
}

/** What `--samples` keeps of each channel of an incident. */
export type RawWindowMs = Required<Pick<Configuration, 'rawBeforeMs' | 'rawAfterMs'>>;
export const SAMPLES_MS: RawWindowMs = { rawBeforeMs: 200, rawAfterMs: 400 };

/** Runs the firmware on XS over 450 s of the simulated tank plant, seed 1; with raw samples kept where a window is given. */
export async function measure(raw?: RawWindowMs): Promise<Figures> {
  const simulation = new Simulation('order-not-executed', 1);
  const configuration = { ...simulation.configuration, ...raw };
  const folder = temporaryFolder();
  const [record, flash, key] = ['record', 'flash', 'key'].map((name) => join(folder, name));
  writeFileSync(key, SECRET, { mode: 0o600 });
  const bench = spawnBench(folder, {
    main: 'hosts/bench/measure-main.js',
    configuration,
    options: [
      ...['--virtual', '--record', record, '--key', key],
      ...['--flash', flash, '--flash-bytes', `${MEASURE_FLASH.size}`],
    ],
  });
  const output = benchOutput(bench);
  const stdin = bench.stdin as NonNullable<typeof bench.stdin>;
  stdin.on('error', () => {});
  const written = writeBlocks({ configuration, nextBlock: (block) => simulation.nextBlock(block) }, stdin, {
    seconds: SECONDS,
    isRealTime: false,
  });
  // a bench that failed tells why; a stream that it no longer reads does not
  await Promise.race([written.catch(() => output), output]);
  stdin.end();
  const memory = JSON.parse(await output);
  const bytes = readFileSync(record);
  const blocks = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const { analog, digital } = simulation.configuration;
  const frames = framesInFile(flash, MEASURE_FLASH);
  return {
    engine: 'xs',
    slotBytes: memory.slotBytes,
    channels: analog.length + digital.length,
    computronsPerBlock: spread(column(blocks, 1, isSteady)),
    learningComputronsPerBlock: spread(column(blocks, 1, (phase) => phase !== PHASE_WATCHING)),
    slotsPerBlock: Math.max(...column(blocks, 2, isSteady), ...column(blocks, 5, isSteady)),
    chunkBytesPerBlock: Math.max(...column(blocks, 3, isSteady), ...column(blocks, 6, isSteady)),
    arenaBytes: memory.arenaBytes,
    arenaInUseBytes: memory.inUseBytes,
    arenaPeakBytes: column(blocks, 7, () => true).reduce((a, b) => Math.max(a, b), 0),
    stepSlotsPerBlock: Math.max(...column(blocks, 2, isWatching), ...column(blocks, 3, isWatching)),
    ...frameFigures(frames),
    simulatedPerSecond: simulatedPerSecond(),
  };
}

/** Watching, no incident. */
function isSteady(phase: number, block: number): boolean {
  const second = block / BLOCKS_PER_SECOND;
  return phase === PHASE_WATCHING && second >= STEADY_FROM_S && second < STEADY_TO_S;
}

function isWatching(phase: number): boolean {
  return phase === PHASE_WATCHING;
}

function column(blocks: Float64Array, field: number, isWanted: (phase: number, block: number) => boolean): number[] {
  const values: number[] = [];
  for (let i = 0; i * FIELDS < blocks.length; i++)
    if (isWanted(blocks[i * FIELDS], i)) values.push(blocks[i * FIELDS + field]);
  return values;
}

/** Largest incident frame, and how many frames one core verifies in a second. */
function frameFigures(frames: readonly Uint8Array[]) {
  const { x, y } = publicKeyOf(SECRET);
  const keys = keySet(keyOf(x, y));
  let incidentFrameBytes = 0;
  let rawFrameBytes = 0;
  for (const frame of frames) {
    const verdict = verifyFrame(frame, keys);
    if (isRefusal(verdict)) throw new Error(`a frame in flash does not verify: ${verdict.reason}`);
    if (verdict.kind === KIND_EVIDENCE && verdict.body.has(LABEL_SAMPLES)) rawFrameBytes += frame.length;
    if (verdict.kind === KIND_INCIDENT) incidentFrameBytes = Math.max(incidentFrameBytes, frame.length);
  }
  const started = performance.now();
  let verified = 0;
  for (; performance.now() - started < 1000; verified++) verifyFrame(frames[verified % frames.length], keys);
  const sampled = rawFrameBytes > 0 ? { rawFrameBytes } : {};
  return { incidentFrameBytes, framesVerifiedPerSecond: verified, ...sampled };
}

function simulatedPerSecond(): number {
  const simulation = new Simulation('normal', 1);
  const { analog, digital } = simulation.configuration;
  const block = new Block(analog.length, digital.length);
  const started = performance.now();
  for (let i = 0; i < SPEED_SECONDS * BLOCKS_PER_SECOND; i++) simulation.nextBlock(block);
  return Math.round((SPEED_SECONDS * 1000) / (performance.now() - started));
}

/** Counts that may not grow, by name. */
export function regressions(figures: Figures, baseline: Figures): string[] {
  return grown([
    ['computronsPerBlock.mean', figures.computronsPerBlock.mean, baseline.computronsPerBlock.mean],
    ['computronsPerBlock.max', figures.computronsPerBlock.max, baseline.computronsPerBlock.max],
    [
      'learningComputronsPerBlock.mean',
      figures.learningComputronsPerBlock.mean,
      baseline.learningComputronsPerBlock.mean,
    ],
    ['slotsPerBlock', figures.slotsPerBlock, baseline.slotsPerBlock],
    ['chunkBytesPerBlock', figures.chunkBytesPerBlock, baseline.chunkBytesPerBlock],
    ['incidentFrameBytes', figures.incidentFrameBytes, baseline.incidentFrameBytes],
  ]);
}

/** The saved baseline. */
export function readBaseline(): Figures {
  return readFigures(BASELINE);
}

async function main(): Promise<void> {
  const program = new Command('bench')
    .description('Measures the firmware on XS: computrons, slots and chunk bytes per block, memory, frame sizes.')
    .option('--json', 'the figures as JSON')
    .option('--save', 'make these figures the baseline')
    .option(
      '--samples',
      `with raw samples kept: ${SAMPLES_MS.rawBeforeMs} ms before onset, ${SAMPLES_MS.rawAfterMs} ms after`,
    )
    .option('--detectors', 'instead: what each detector costs a row, in bytes too, and growth from 4 to 64 channels')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'bench: ')) });
  const options = program.parse().opts<{ json?: boolean; save?: boolean; samples?: boolean; detectors?: boolean }>();
  if (options.detectors) {
    await printDetectors(options.json === true);
    return;
  }
  const figures = await measure(options.samples ? SAMPLES_MS : undefined);
  if (options.save && !options.samples) saveFigures(BASELINE, figures);
  if (options.json) console.log(JSON.stringify(figures));
  else printFigures(figures, readBaseline());
  const worse = regressions(figures, readBaseline());
  for (const line of worse) console.error(`bench: ${line}`);
  process.exitCode = worse.length > 0 ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  main().catch((error) => {
    if (error.code === 'commander.helpDisplayed') process.exit(0);
    if (error.code?.startsWith?.('commander.')) process.exit(2);
    console.error(`bench: ${error.message}`);
    process.exit(1);
  });
