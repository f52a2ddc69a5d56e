/**
 * `npm run bench -- --detectors`: what each detector costs on XS (detectors-main.ts measures), and how all of them
 * together grow with the channels.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Configuration } from '../../modules/config/configuration.js';
import { DETECTOR_FLAT, DETECTOR_OCCUPANCY, DETECTOR_ORDER, DETECTOR_PHASE } from '../../modules/detect/finding.js';
import { STAGE_FITTING, STAGE_MOMENTS, STAGE_WATCHING } from '../../modules/model/residual-model.js';
import { type BlockSource, writeBlocks } from '../../simulator/block-stream.js';
import { Simulation } from '../../simulator/simulation.js';
import { DETECTORS } from '../collector/vocabulary.js';
import { readFigures, type Spread, spread } from './baseline.js';
import { benchOutput, spawnBench, temporaryFolder } from './bench-process.js';
import { SyntheticLines } from './synthetic-lines.js';

/** More than a board has: what is measured here need not fit one. */
const ARENA_BYTES = 16 << 20;
/** Of a record: stage, part, and what the row cost. */
const FIELDS = 6;
const COMPUTRONS = 2;
const BEGIN = 3;
const UNIT = 4;
const END = 5;
const SEED = 1;
const WATCHED_ROWS = 1000;
const GROWTH_LEARN_ROWS = 600;
const GROWTH_WATCHED_ROWS = 400;
const GROWTH_CHANNELS = [4, 8, 16, 32, 64];
const GROWTH_NEIGHBOURS = 4;
/** Behind the detectors of the set, as detectors-main.ts has them. */
const PARTS = ['limits, with conditioning', DETECTORS[DETECTOR_FLAT], DETECTORS[DETECTOR_ORDER], 'fusion'];
const BASELINES = fileURLToPath(new URL('../../../hosts', import.meta.url));

/** Computrons of rows, those of their ten blocks included. */
export interface RowCosts {
  /** The first quarter of learning, in which moments are gathered; the rest of it, in which weights are fitted. */
  readonly gathering: Spread;
  readonly fitting: Spread;
  readonly watching: Spread;
}

/** Bytes in the same three stages, at the end of each. */
export type StageBytes = Readonly<Record<keyof RowCosts, number>>;

/** What one part costs. */
export interface PartCost extends RowCosts {
  readonly name: string;
  /** Most computrons of a row's beginning, of one unit of work, and of the row's end (`learn` or `watch`). */
  readonly largestBegin: number;
  readonly largestUnit: number;
  readonly largestEnd: number;
}

/** Of all parts together. */
export interface SetCost extends RowCosts {
  readonly analog: number;
  readonly contacts: number;
  readonly parts: readonly PartCost[];
  /** Of the parts, by name, those of the stage in which the run ended; what detectors share is the first one's. */
  readonly partBytes: Readonly<Record<string, number>>;
  /** Of the set of detectors: without conditioning, flat and pairs. */
  readonly bytes: StageBytes;
  /** Once: the choice of neighbours, in idle time, with its largest piece; and the end of learning, in one block. */
  readonly search: { readonly computrons: number; readonly largest: number };
  readonly endComputrons: number;
}

/** What one run on XS tells. */
interface Run {
  readonly ids: readonly number[];
  readonly gathering: number;
  readonly fitting: number;
  readonly watching: number;
  readonly bytes: readonly number[];
  readonly search: { readonly computrons: number; readonly largest: number };
  readonly endComputrons: number;
  readonly records: Float64Array;
}

/** Feeds `rows` rows of the source to all detectors of its configuration. */
async function run(folder: string, source: BlockSource, rows: number): Promise<SetCost> {
  const record = join(folder, 'record');
  const { configuration } = source;
  const bench = spawnBench(folder, {
    main: 'hosts/bench/detectors-main.js',
    configuration,
    options: ['--virtual', '--record', record, '--arena', `${ARENA_BYTES}`],
  });
  const output = benchOutput(bench);
  const stdin = bench.stdin as NonNullable<typeof bench.stdin>;
  stdin.on('error', () => {});
  const seconds = (rows * configuration.modelBlocks * configuration.blockUs) / 1e6;
  const written = writeBlocks(source, stdin, { seconds, isRealTime: false });
  // a bench that failed tells why; a stream that it no longer reads does not
  await Promise.race([written.catch(() => output), output]);
  stdin.end();
  const told = JSON.parse(await output);
  const bytes = readFileSync(record);
  const records = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  return costOf({ ...told, records }, configuration);
}

function costOf(told: Run, { analog, digital }: Configuration): SetCost {
  const { ids, records, gathering, fitting, watching, search, endComputrons } = told;
  const width = (ids.length + PARTS.length) * FIELDS;
  const rowOf = (at: number) => records.subarray(at, at + width);
  const rows = Array.from({ length: records.length / width }, (_, i) => rowOf(i * width));
  const named = namedParts(ids);
  const parts = named.map(([name, i]) => {
    const most = (field: number) => rows.reduce((max, row) => Math.max(max, row[i * FIELDS + field]), 0);
    const costs = byStage(rows, (row) => row[i * FIELDS + COMPUTRONS]);
    return { name, ...costs, largestBegin: most(BEGIN), largestUnit: most(UNIT), largestEnd: most(END) };
  });
  return {
    analog: analog.length,
    contacts: digital.length,
    parts,
    partBytes: Object.fromEntries(named.map(([name, i]) => [name, told.bytes[i]])),
    ...byStage(rows, (row) => named.reduce((sum, [, i]) => sum + row[i * FIELDS + COMPUTRONS], 0)),
    bytes: { gathering, fitting, watching },
    search,
    endComputrons,
  };
}

/** Names and numbers of the parts, those first that are not in the set. */
function namedParts(ids: readonly number[]): (readonly [name: string, part: number])[] {
  const others = PARTS.map((name, i) => [name, ids.length + i] as const);
  return [...others.slice(0, -1), ...ids.map((id, i) => [DETECTORS[id], i] as const), ...others.slice(-1)];
}

function byStage(rows: readonly Float64Array[], costOfRow: (row: Float64Array) => number): RowCosts {
  const ofStage = (stage: number) => spread(rows.filter((row) => row[0] === stage).map(costOfRow));
  return { gathering: ofStage(STAGE_MOMENTS), fitting: ofStage(STAGE_FITTING), watching: ofStage(STAGE_WATCHING) };
}

/** A set of detectors with the bytes of its parts in every stage. */
export interface WeighedSet extends SetCost {
  readonly partBytesByStage: Readonly<Record<string, StageBytes>>;
}

/** One run to the end of watching, and two that end where memory is to be weighed. */
async function measureSet(folder: string, sourceOf: () => BlockSource, watchedRows: number): Promise<WeighedSet> {
  const { learnBlocks, modelBlocks } = sourceOf().configuration;
  const learnRows = Math.floor(learnBlocks / modelBlocks);
  const gathering = (await run(folder, sourceOf(), (learnRows >> 2) - 1)).partBytes;
  const fitting = (await run(folder, sourceOf(), learnRows - 1)).partBytes;
  const cost = await run(folder, sourceOf(), learnRows + watchedRows);
  const ofPart = (name: string) => ({
    gathering: gathering[name],
    fitting: fitting[name],
    watching: cost.partBytes[name],
  });
  return { ...cost, partBytesByStage: Object.fromEntries(cost.parts.map(({ name }) => [name, ofPart(name)])) };
}

/** The detectors of the three wirings that together have all of them. */
export interface DetectorCosts {
  /** The tank plant, as on a board. */
  readonly tank: WeighedSet;
  /** The press, a machine with cycles: the phase envelope in place of residuals and rates. */
  readonly press: WeighedSet;
  /** The tank plant with occupancy, which boards do not run. */
  readonly host: WeighedSet;
}

/** Measures the plants in normal operation, seed 1; `learnBlocks` instead of the plant's own. */
export async function measureDetectors(learnBlocks?: number, watchedRows = WATCHED_ROWS): Promise<DetectorCosts> {
  const folder = temporaryFolder();
  const measurePlant = (name: string, hasOccupancy: boolean) => {
    const sourceOf = () => {
      const simulation = new Simulation('normal', SEED, undefined, name);
      const { configuration: own } = simulation;
      const configuration = { ...own, hasOccupancy, learnBlocks: learnBlocks ?? own.learnBlocks };
      return { configuration, nextBlock: simulation.nextBlock.bind(simulation) };
    };
    return measureSet(folder, sourceOf, watchedRows);
  };
  return {
    tank: await measurePlant('tank', false),
    press: await measurePlant('press', false),
    host: await measurePlant('tank', true),
  };
}

/** Costs of all detectors of a board, of the same made-up lines in growing numbers. */
export async function measureGrowth(counts: readonly number[] = GROWTH_CHANNELS): Promise<SetCost[]> {
  const folder = temporaryFolder();
  const costs: SetCost[] = [];
  for (const channels of counts) {
    const lines = new SyntheticLines(channels, SEED, GROWTH_LEARN_ROWS, GROWTH_NEIGHBOURS);
    costs.push(await run(folder, lines, GROWTH_LEARN_ROWS + GROWTH_WATCHED_ROWS));
  }
  return costs;
}

/** Cycles of the emulated Cortex-M0+ for one computron, from the saved baselines of the same firmware on both. */
export function cyclesPerComputron(): { learning: number; watching: number } {
  const ofChip = readFigures<Record<string, Spread>>(join(BASELINES, 'm0', 'baseline.json'));
  const ofBench = readFigures<Record<string, Spread>>(join(BASELINES, 'bench', 'baseline.json'));
  return {
    learning: ofChip.learningCyclesPerBlock.mean / ofBench.learningComputronsPerBlock.mean,
    watching: ofChip.cyclesPerBlock.mean / ofBench.computronsPerBlock.mean,
  };
}

/** Every detector in one table, in Markdown. */
export function detectorTable({ tank, press, host }: DetectorCosts): string {
  const rows = tank.parts.map((part) => partCells(part.name, part, tank.partBytesByStage[part.name]));
  const rowFrom = (set: WeighedSet, id: number, where: string) => {
    const part = set.parts.find(({ name }) => name === DETECTORS[id]) as PartCost;
    return partCells(`${part.name} (${where})`, part, set.partBytesByStage[part.name]);
  };
  rows.push(partCells('all of the tank', { ...tank, ...most(tank.parts) }, allBytes(tank)));
  rows.push(rowFrom(press, DETECTOR_PHASE, 'press'));
  rows.push(partCells('all of the press', { ...press, ...most(press.parts) }, allBytes(press)));
  rows.push(rowFrom(host, DETECTOR_OCCUPANCY, 'hosts'));
  const costs = ['gathering', 'fitting', 'watching', 'begin', 'unit', 'end', 'k cycles fitting', 'k cycles watching'];
  return table(['detector', ...costs, 'bytes gathering', 'fitting', 'watching'], rows);
}

type Largest = Pick<PartCost, 'largestBegin' | 'largestUnit' | 'largestEnd'>;

function most(parts: readonly PartCost[]): Largest {
  const largest = (field: keyof Largest) => Math.max(...parts.map((part) => part[field]));
  return {
    largestBegin: largest('largestBegin'),
    largestUnit: largest('largestUnit'),
    largestEnd: largest('largestEnd'),
  };
}

function allBytes({ partBytesByStage }: WeighedSet): StageBytes {
  const parts = Object.values(partBytesByStage);
  const sum = (stage: keyof StageBytes) => parts.reduce((bytes, part) => bytes + part[stage], 0);
  return { gathering: sum('gathering'), fitting: sum('fitting'), watching: sum('watching') };
}

function partCells(name: string, cost: RowCosts & Largest, bytes: StageBytes): string[] {
  const ratio = cyclesPerComputron();
  return [
    name,
    meanAndMax(cost.gathering),
    meanAndMax(cost.fitting),
    meanAndMax(cost.watching),
    `${cost.largestBegin}`,
    `${cost.largestUnit}`,
    `${cost.largestEnd}`,
    thousands(cost.fitting.mean * ratio.learning),
    thousands(cost.watching.mean * ratio.watching),
    ...[bytes.gathering, bytes.fitting, bytes.watching].map(String),
  ];
}

const meanAndMax = ({ mean, max }: Spread) => `${mean} / ${max}`;
const thousands = (cycles: number) => (cycles / 1000).toFixed(cycles < 10_000 ? 1 : 0);

/** All detectors together, for each number of channels; in brackets the share of a channel. */
export function growthTable(costs: readonly SetCost[]): string {
  const rows = costs.map(({ analog, contacts, gathering, fitting, watching, bytes, search, endComputrons }) => {
    const channels = analog + contacts;
    const each = (value: number) => `${value} (${Math.round(value / channels)})`;
    return [
      `${channels}`,
      ...[gathering.mean, fitting.mean, watching.mean, watching.max].map(each),
      ...[bytes.gathering, bytes.fitting, bytes.watching].map(each),
      ...[search.computrons, search.largest, endComputrons].map(String),
    ];
  });
  const perRow = ['gathering', 'fitting', 'watching', 'watching, max'];
  const once = ['neighbours, once', 'largest piece', 'end of learning'];
  return table(['channels', ...perRow, 'bytes gathering', 'fitting', 'watching', ...once], rows);
}

/** Of each part what `costOfPart` says, and how many times as much the most channels cost as a quarter of them. */
export function growthOfParts(costs: readonly SetCost[], costOfPart: (set: SetCost, part: PartCost) => number): string {
  const counts = costs.map(({ analog, contacts }) => analog + contacts);
  const most = counts[counts.length - 1];
  const quarter = counts.indexOf(most / 4);
  const rows = costs[0].parts.map(({ name }, i) => {
    const values = costs.map((set) => costOfPart(set, set.parts[i]));
    const grown = values[quarter] > 0 ? (values[values.length - 1] / values[quarter]).toFixed(1) : '';
    return [name, ...values.map(String), grown];
  });
  return table(['channels', ...counts.map(String), `${most} / ${most / 4}`], rows);
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heads.map((head, i) => Math.max(head.length, ...rows.map((row) => row[i].length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join(' | ')} |`;
  const rule = `| ${widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(heads), rule, ...rows.map(line)].join('\n');
}

/** Measures and prints all of it. */
export async function printDetectors(isJson: boolean): Promise<void> {
  const costs = await measureDetectors();
  const growth = await measureGrowth();
  const ratio = cyclesPerComputron();
  if (isJson) {
    console.log(JSON.stringify({ ...costs, growth, cyclesPerComputron: ratio }));
    return;
  }
  const { search, endComputrons } = costs.tank;
  const print = (title: string, text: string) => console.log(`${title}\n\n${text}\n`);
  print(
    'Computrons of a row (ten blocks), mean / max; the most of one begin, unit and end; bytes.',
    detectorTable(costs),
  );
  console.log(
    `Once, tank: choice of neighbours ${search.computrons} computrons in idle time, at most ${search.largest}`,
  );
  console.log(`at a time; the end of learning ${endComputrons} computrons in one block.`);
  console.log(`Cycles are not measured here: computrons times ${ratio.learning.toFixed(0)} (learning) and`);
  console.log(
    `${ratio.watching.toFixed(0)} (watching), as the baselines of bench:m0 and bench have it of the firmware.\n`,
  );
  const lines = `half loops, half contacts, ${GROWTH_NEIGHBOURS} neighbours`;
  print(`Growth of all together (${lines}; in brackets: a channel)`, growthTable(growth));
  print(
    'Of each, gathering (mean)',
    growthOfParts(growth, (_, part) => part.gathering.mean),
  );
  print(
    'Of each, fitting (mean)',
    growthOfParts(growth, (_, part) => part.fitting.mean),
  );
  print(
    'Of each, watching (mean)',
    growthOfParts(growth, (_, part) => part.watching.mean),
  );
  print(
    'Of each, bytes while watching',
    growthOfParts(growth, ({ partBytes }, { name }) => partBytes[name]),
  );
}
