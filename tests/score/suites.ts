/** What each suite measures of a detector: the firmware and every trivial one go through the same. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { pool, type Stretch, stretchOf } from './budget.js';
import { type Detect, type Harness, ROOT, type Run, type Wiring } from './harness.js';
import { GRACE_ROWS, KINDS, piecesCsv, planManipulations, SEED, tally, WINDOW_ROWS } from './manipulations.js';
import { episodes, formatPredictions, type Predictions } from './predictions.js';
import { PROTOCOLS } from './protocols.js';

/** By metric; one level deeper where a scorer answers per file or there are kinds. */
export type Figures = { [metric: string]: number | string | null | Figures };

/** Where things are. */
export interface Places {
  readonly data: string;
  readonly scorer: string;
  /** For files of this run. */
  readonly folder: string;
}

export type Suite = (detect: Detect, harness: Harness, places: Places) => Promise<Figures>;

/** What an installer states of each suite. */
export const WIRINGS: Readonly<Record<string, Wiring>> = JSON.parse(
  readFileSync(join(ROOT, 'tests', 'score', 'suites.json'), 'utf8'),
);

/** Every suite by name, in the order in which they are printed. */
export const SUITES: Readonly<Record<string, Suite>> = {
  skab: scored('skab'),
  batadal_train2: scored('batadal_train2'),
  tep: scored('tep'),
  hrss: scored('hrss'),
  nab: pointwise('nab'),
  nab_15_percent: pointwise('nab_15_percent'),
  wdt: manipulated,
  learning,
  budget,
};

function folderOf(name: string, { data }: Places): string {
  const folder = join(data, PROTOCOLS[name].folder);
  if (!existsSync(folder)) throw new Error(`${folder}: no such folder (--data names the folder of the suites)`);
  return folder;
}

function runsOf(name: string, places: Places): Run[] {
  const folder = folderOf(name, places);
  const runs = PROTOCOLS[name].runs(folder);
  if (runs.length === 0) throw new Error(`${folder}: no recordings in it`);
  return runs;
}

function cleanRunsOf(name: string, places: Places): Run[] {
  return PROTOCOLS[name].cleanRuns?.(folderOf(name, places)) ?? [];
}

/** A suite that the scorer knows. */
function scored(name: string): Suite {
  return async (detect, _, places) => {
    const runs = runsOf(name, places);
    needScorer(places);
    return scoreOf(name, await Promise.all(runs.map((run) => detect(run, WIRINGS[name]))), places);
  };
}

/**
 * NAB's detections are points: a detector says once that something is wrong. Scored row by row, as every other suite is,
 * and again with nothing but the first row of each episode.
 */
function pointwise(name: string): Suite {
  return async (detect, _, places) => {
    const runs = runsOf(name, places);
    needScorer(places);
    const predictions = await Promise.all(runs.map((run) => detect(run, WIRINGS[name])));
    const onsets = predictions.map((each) => ({ ...each, alarm: onsetsOf(each.alarm) }));
    return { ...scoreOf(name, predictions, places), onsets: scoreOf(name, onsets, places) };
  };
}

function onsetsOf(alarm: readonly number[]): number[] {
  const onsets = new Array<number>(alarm.length).fill(0);
  for (const [first] of episodes(alarm)) onsets[first] = 1;
  return onsets;
}

/** Told before any replay rather than after all of them. */
function needScorer({ scorer }: Places): void {
  if (!existsSync(scorer)) throw new Error(`${scorer}: no such file (--scorer names the scorer)`);
}

function scoreOf(name: string, predictions: readonly Predictions[], places: Places): Figures {
  const file = join(places.folder, `${name}.csv`);
  writeFileSync(file, formatPredictions(predictions));
  const { scoredAs = name, scorer = [] } = PROTOCOLS[name];
  const arguments_ = [places.scorer, scoredAs, '--data', folderOf(name, places), '--pred', file, '--json'];
  arguments_.push(...scorer);
  return JSON.parse(execFileSync(process.execPath, arguments_, { encoding: 'utf8' }));
}

/** False episodes of the clean stretch, and how many manipulations of single sensors in copies of it are found. */
async function manipulated(detect: Detect, harness: Harness, places: Places): Promise<Figures> {
  const [run] = runsOf('wdt', places);
  const clean = await detect(run, WIRINGS.wdt);
  const file = run.watch[0].replace(/:\d+-$/, '');
  const split = clean.row[0];
  const plan = planManipulations(harness.recording(file), split, SEED);
  const pieces = join(places.folder, 'pieces.csv');
  if (!existsSync(pieces)) writeFileSync(pieces, piecesCsv(harness.recording(file), split, plan));
  const tallies = tally(await detect({ learn: run.learn, watch: [pieces] }, WIRINGS.wdt), plan);
  const found = KINDS.reduce((sum, kind) => sum + tallies[kind].found, 0);
  const manipulations = plan.manipulations.length;
  return {
    falseEpisodes: episodes(clean.alarm).length,
    manipulations,
    found,
    foundPercent: rounded((100 * found) / manipulations, 1),
    seed: SEED,
    windowRows: WINDOW_ROWS,
    graceRows: GRACE_ROWS,
    ...Object.fromEntries(KINDS.map((kind) => [kind, { ...tallies[kind] }])),
  };
}

/** What learning says of itself on stretches that are known to be enough, or not to be. */
async function learning(_: Detect, harness: Harness, places: Places): Promise<Figures> {
  const [short, long] = cleanRunsOf('skab', places);
  const stretches: [string, string, Run][] = [
    ['skab.anomaly_free.400', 'skab', short],
    ['skab.anomaly_free.4000', 'skab', long],
    ...['batadal_train2', 'tep', 'wdt'].map((name): [string, string, Run] => [name, name, runsOf(name, places)[0]]),
  ];
  const said = await Promise.all(stretches.map(([, suite, run]) => harness.learning(run, WIRINGS[suite])));
  return {
    ...Object.fromEntries(stretches.map(([name], i) => [name, said[i].level])),
    convergence: Object.fromEntries(stretches.map(([name], i) => [name, said[i].convergence])),
  };
}

/** False episodes over the clean stretches of all suites. */
async function budget(detect: Detect, harness: Harness, places: Places): Promise<Figures> {
  const stretches: Stretch[] = [];
  for (const name of Object.keys(PROTOCOLS)) {
    const runs = [...runsOf(name, places), ...cleanRunsOf(name, places)];
    const all = await Promise.all(runs.map((run) => detect(run, WIRINGS[name])));
    for (let i = 0; i < runs.length; i++) stretches.push(await stretch(name, runs[i], firstSeries(all[i]), harness));
  }
  const figures: Figures = {};
  for (const [level, { stretches: count, rows, observed, announced, ratio, probability }] of pool(stretches))
    figures[level] = {
      stretches: count,
      rows,
      observed,
      announced: rounded(announced, 1),
      ratio: ratio === null ? null : rounded(ratio, 2),
      probability: probability === null ? null : rounded(probability, 4),
    };
  return figures;
}

/** Rows of the file watched first: what follows it (the anomalous twin of a normal file) adds no clean rows. */
function firstSeries(predictions: Predictions): Predictions {
  const { series, row, alarm, score } = predictions;
  const end = series.lastIndexOf(series[0]) + 1;
  return {
    series: series.slice(0, end),
    row: row.slice(0, end),
    alarm: alarm.slice(0, end),
    score: score.slice(0, end),
  };
}

async function stretch(name: string, run: Run, predictions: Predictions, harness: Harness): Promise<Stretch> {
  const { isFaultLasting = false } = PROTOCOLS[name];
  return stretchOf(predictions, labelsOfRun(run), isFaultLasting, {
    learning: await harness.learning(run, WIRINGS[name]),
    learnedRows: run.learn.reduce((sum, source) => sum + harness.recording(source).time.length, 0),
    rowsPerAlarm: harness.rowsPerAlarm(run, WIRINGS[name]),
  });
}

/** By row of the file watched first: 1 where it is labelled; all 0 where the file has no labels. */
export function labelsOfRun({ watch }: Run): number[] {
  const file = watch[0].replace(/:\d*-\d*$/, '');
  const rows: Record<string, string>[] = parse(readFileSync(file, 'utf8'), { columns: true, skip_empty_lines: true });
  return rows.map(({ label, anomaly }) => (Number(label ?? anomaly ?? 0) === 1 ? 1 : 0));
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
