/**
 * `npm run bench -- --detectors`: what each detector costs on XS (detectors-main.ts measures), and how all of them
 * together grow with the channels.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Configuration } from '../../modules/config/configuration.js';
import { DETECTOR_FLAT, DETECTOR_ORDER } from '../../modules/detect/finding.js';
import { STAGE_WATCHING } from '../../modules/model/residual-model.js';
import { type BlockSource, writeBlocks } from '../../simulator/block-stream.js';
import { Simulation } from '../../simulator/simulation.js';
import { DETECTORS } from '../collector/vocabulary.js';
import { readFigures, type Spread, spread } from './baseline.js';
import { benchOutput, spawnBench, temporaryFolder } from './bench-process.js';
import { SyntheticLines } from './synthetic-lines.js';

/** More than a board has: what is measured here need not fit one. */
const ARENA_BYTES = 16 << 20;
const FIELDS = 5;
const SEED = 1;
const WATCHED_ROWS = 1000;
const GROWTH_LEARN_ROWS = 600;
const GROWTH_WATCHED_ROWS = 400;
const GROWTH_CHANNELS = [4, 8, 16, 32, 64];
const GROWTH_NEIGHBOURS = 4;
/** Behind the detectors of the set, as detectors-main.ts has them. */
const PARTS = ['limits, with conditioning', DETECTORS[DETECTOR_FLAT], DETECTORS[DETECTOR_ORDER], 'fusion'];
const BASELINES = fileURLToPath(new URL('../../../hosts', import.meta.url));

/** What one part costs; computrons of a row are those of its ten blocks. */
export interface PartCost {
  readonly name: string;
  readonly learning: Spread;
  readonly watching: Spread;
  /** Of one unit of work, and of the row's end (`learn` or `watch`), while watching and learning. */
  readonly largestUnit: number;
  readonly largestEnd: number;
  /** Just before the neighbours are chosen (a quarter of learning), at the end of learning, and watching. */
  readonly bytes: readonly [gathering: number, fitting: number, watching: number];
}

/** Of all parts together. */
export interface SetCost {
  readonly analog: number;
  readonly contacts: number;
  readonly parts: readonly PartCost[];
  readonly learning: Spread;
  readonly watching: Spread;
  /** As in PartCost, without conditioning, flat and pairs. */
  readonly bytes: readonly [gathering: number, fitting: number, watching: number];
  /** Once: the choice of neighbours, in idle time, with its largest piece; and the end of learning, in one block. */
  readonly search: { readonly computrons: number; readonly largest: number };
  readonly endComputrons: number;
}

/** What one run on XS tells. */
interface Run {
  readonly ids: readonly number[];
  readonly gathering: number;
  readonly fitting: number;
  readonly inUse: number;
  readonly bytes: readonly number[];
  readonly search: { readonly computrons: number; readonly largest: number };
  readonly endComputrons: number;
  readonly rows: Float64Array;
}

/** Feeds `rows` rows of the source to all detectors of its configuration. */
async function run(source: BlockSource, rows: number): Promise<Run> {
  const folder = temporaryFolder();
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
  await Promise.race([writeBlocks(source, stdin, { seconds, isRealTime: false }), output]);
  stdin.end();
  const told = JSON.parse(await output);
  const bytes = readFileSync(record);
  return { ...told, rows: new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)) };
}

/** Costs of all detectors: one run to the end of watching, and two that end where memory is to be weighed. */
async function measureSet(sourceOf: () => BlockSource, watchedRows: number): Promise<SetCost> {
  const { analog, digital, learnBlocks, modelBlocks } = sourceOf().configuration;
  const learnRows = Math.floor(learnBlocks / modelBlocks);
  const gathering = await run(sourceOf(), (learnRows >> 2) - 1);
  const fitting = await run(sourceOf(), learnRows - 1);
  const watching = await run(sourceOf(), learnRows + watchedRows);
  const parts = partsOf(watching).map(([name, i]) => ({
    name,
    ...costsOf(watching, i),
    bytes: [gathering.bytes[i], fitting.bytes[i], watching.bytes[i]] as const,
  }));
  return { analog: analog.length, contacts: digital.length, parts, ...totals(watching) };
}

/** Names and numbers of the parts, those first that are not in the set. */
function partsOf({ ids }: Run): (readonly [name: string, part: number])[] {
  const others = PARTS.map((name, i) => [name, ids.length + i] as const);
  return [...others.slice(0, -1), ...ids.map((id, i) => [DETECTORS[id], i] as const), ...others.slice(-1)];
}

function costsOf({ rows, ids }: Run, part: number) {
  const parts = ids.length + PARTS.length;
  const learning: number[] = [];
  const watching: number[] = [];
  let largestUnit = 0;
  let largestEnd = 0;
  for (let at = part * FIELDS; at < rows.length; at += parts * FIELDS) {
    (rows[at] === STAGE_WATCHING ? watching : learning).push(rows[at + 2]);
    largestUnit = Math.max(largestUnit, rows[at + 3]);
    largestEnd = Math.max(largestEnd, rows[at + 4]);
  }
  return { learning: spread(learning), watching: spread(watching), largestUnit, largestEnd };
}

function totals({ rows, ids, gathering, fitting, inUse, search, endComputrons }: Run) {
  const parts = ids.length + PARTS.length;
  const learning: number[] = [];
  const watching: number[] = [];
  for (let at = 0; at < rows.length; at += parts * FIELDS) {
    let sum = 0;
    for (let i = 0; i < parts; i++) sum += rows[at + i * FIELDS + 2];
    (rows[at] === STAGE_WATCHING ? watching : learning).push(sum);
  }
  const bytes = [gathering, fitting, inUse] as const;
  return { learning: spread(learning), watching: spread(watching), bytes, search, endComputrons };
}

/** The table of detectors: of the tank plant, and the phase envelope of the press, whose machine has cycles. */
export interface DetectorCosts {
  readonly tank: SetCost;
  readonly press: SetCost;
}

/** Measures both plants in normal operation, seed 1; `learnBlocks` instead of the plant's own. */
export async function measureDetectors(learnBlocks?: number): Promise<DetectorCosts> {
  const plant = (name: string, hasOccupancy: boolean) => () => {
    const simulation = new Simulation('normal', SEED, undefined, name);
    const { configuration: own } = simulation;
    const configuration: Configuration = { ...own, hasOccupancy, learnBlocks: learnBlocks ?? own.learnBlocks };
    return { configuration, nextBlock: simulation.nextBlock.bind(simulation) };
  };
  return {
    tank: await measureSet(plant('tank', true), WATCHED_ROWS),
    press: await measureSet(plant('press', false), WATCHED_ROWS),
  };
}

/** Costs of all detectors but occupancy, of the same made-up lines in growing numbers. */
export async function measureGrowth(counts: readonly number[] = GROWTH_CHANNELS): Promise<SetCost[]> {
  const costs: SetCost[] = [];
  for (const channels of counts) {
    const lines = new SyntheticLines(channels, SEED, GROWTH_LEARN_ROWS, GROWTH_NEIGHBOURS);
    const result = await run(lines, GROWTH_LEARN_ROWS + GROWTH_WATCHED_ROWS);
    const parts = partsOf(result).map(([name, i]) => {
      const bytes = [NaN, NaN, result.bytes[i]] as const;
      return { name, ...costsOf(result, i), bytes };
    });
    costs.push({ analog: channels >> 1, contacts: channels - (channels >> 1), parts, ...totals(result) });
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

/** Tables in Markdown. */
export function detectorTable({ analog, contacts, parts, learning, watching, search, endComputrons }: SetCost): string {
  const ratio = cyclesPerComputron();
  const total = {
    name: 'all',
    learning,
    watching,
    largestUnit: Math.max(...parts.map((part) => part.largestUnit)),
    largestEnd: Math.max(...parts.map((part) => part.largestEnd)),
    bytes: [0, 1, 2].map((stage) => parts.reduce((sum, part) => sum + part.bytes[stage], 0)),
  };
  const rows = [...parts, total].map((part) => [
    part.name,
    `${part.learning.mean} / ${part.learning.max}`,
    `${part.watching.mean} / ${part.watching.max}`,
    `${thousands(part.learning.mean * ratio.learning)}`,
    `${thousands(part.watching.mean * ratio.watching)}`,
    `${part.largestUnit}`,
    `${part.largestEnd}`,
    ...part.bytes.map(String),
  ]);
  const heads = ['learning, mean / max', 'watching, mean / max', 'k cycles learning', 'k cycles watching'];
  return [
    `${analog} analog, ${contacts} contacts; computrons a row`,
    '',
    table(
      ['detector', ...heads, 'largest unit', "row's end", 'bytes gathering', 'bytes fitting', 'bytes watching'],
      rows,
    ),
    '',
    `once: neighbours ${search.computrons} computrons in idle time, at most ${search.largest} at a time;`,
    `the end of learning ${endComputrons} computrons in one block`,
  ].join('\n');
}

const thousands = (cycles: number) => (cycles / 1000).toFixed(cycles < 10_000 ? 1 : 0);

export function growthTable(costs: readonly SetCost[]): string {
  const rows = costs.map(({ analog, contacts, learning, watching, bytes, search, endComputrons }) => {
    const channels = analog + contacts;
    return [
      `${channels}`,
      `${learning.mean} / ${learning.max}`,
      `${Math.round(learning.mean / channels)}`,
      `${watching.mean} / ${watching.max}`,
      `${Math.round(watching.mean / channels)}`,
      ...bytes.map((inStage) => `${inStage} (${Math.round(inStage / channels)})`),
      `${search.computrons}`,
      `${endComputrons}`,
    ];
  });
  const heads = [
    'learning, mean / max',
    'a channel',
    'watching, mean / max',
    'a channel',
    'bytes gathering (a channel)',
  ];
  return table(['channels', ...heads, 'fitting', 'watching', 'neighbours, once', 'end of learning'], rows);
}

/** Of each part what a row costs while watching, and how many times its cost with the fewest channels. */
export function growthOfParts(costs: readonly SetCost[]): string {
  const heads = costs.map(({ analog, contacts }) => `${analog + contacts}`);
  const rows = costs[0].parts.map(({ name }, i) => [
    name,
    ...costs.map(({ parts }) => `${parts[i].learning.mean} / ${parts[i].watching.mean}`),
    ...costs.map(({ parts }) => `${parts[i].bytes[2]}`),
  ]);
  return table(['learning / watching, mean', ...heads, ...heads.map((head) => `bytes ${head}`)], rows);
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heads.map((head, i) => Math.max(head.length, ...rows.map((row) => row[i].length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join(' | ')} |`;
  const rule = `| ${widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(heads), rule, ...rows.map(line)].join('\n');
}

/** Prints what was asked for. */
export async function printDetectors(isJson: boolean): Promise<void> {
  const costs = await measureDetectors();
  const growth = await measureGrowth();
  const ratio = cyclesPerComputron();
  if (isJson) {
    console.log(JSON.stringify({ ...costs, growth, cyclesPerComputron: ratio }));
    return;
  }
  console.log(`the tank plant: ${detectorTable(costs.tank)}\n`);
  console.log(`the press, a machine with cycles: ${detectorTable(costs.press)}\n`);
  console.log(`cycles are computrons times ${ratio.learning.toFixed(0)} (learning) and ${ratio.watching.toFixed(0)}`);
  console.log(
    '(watching), what the saved baselines of npm run bench:m0 and npm run bench have of the whole firmware\n',
  );
  console.log(`growth, half analog and half contacts, ${GROWTH_NEIGHBOURS} neighbours:\n\n${growthTable(growth)}\n`);
  console.log(growthOfParts(growth));
}
