/** `npm run score`: replays the suites of recorded signals and prints each figure beside published best, must and aim. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Argument, Command, Option } from 'commander';
import { temporaryFolder } from '../../hosts/bench/bench-process.js';
import { PROTOCOLS, type Run } from './protocols.js';
import { TARGETS } from './targets.js';

/** What an installer states of a suite. */
interface Suite {
  readonly falseAlarmsPerDay: number;
  readonly wiring?: string;
}

interface Options {
  data: string;
  scorer: string;
  engine: string;
  json?: boolean;
}

type Figures = Record<string, unknown>;

/** This file runs from build/tests/score. */
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const REPLAY = join(ROOT, 'build', 'hosts', 'bench', 'replay.js');
const HEADER = 'series,i,alarm,score\n';

const program = new Command('score')
  .description('Replays the suites of recorded signals and scores them.')
  .addArgument(new Argument('[suites...]', 'all when none is named').choices(Object.keys(PROTOCOLS)))
  .option('--data <DIR>', 'folder of the suites', join(ROOT, '..', 'shared', 'data'))
  .option('--scorer <FILE>', 'the scorer', join(ROOT, '..', 'shared', 'score', 'ics_score.mjs'))
  .addOption(new Option('--engine <ENGINE>', 'where the firmware runs').choices(['xs', 'node']).default('xs'))
  .option('--json', 'the scorer’s figures as JSON')
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'score: ')) });

function main(): void {
  program.parse();
  const options = program.opts<Options>();
  const suites: Record<string, Suite> = JSON.parse(readFileSync(join(ROOT, 'tests', 'score', 'suites.json'), 'utf8'));
  const wanted = program.args.length > 0 ? program.args : Object.keys(PROTOCOLS);
  const folder = temporaryFolder();
  const all: Record<string, Figures> = {};
  for (const name of wanted) {
    const data = join(options.data, PROTOCOLS[name].folder);
    if (!existsSync(data)) throw new Error(`${data}: no such folder (--data names the folder of the suites)`);
    const predictions = join(folder, `${name}.csv`);
    const runs = PROTOCOLS[name].runs(data);
    if (runs.length === 0) throw new Error(`${data}: no recordings in it`);
    const rows = runs.map((run) => replay(run, suites[name], options.engine, predictions));
    writeFileSync(predictions, HEADER + rows.join(''));
    all[name] = figures(name, data, predictions, options);
    if (!options.json) print(name, all[name]);
  }
  if (options.json) console.log(JSON.stringify(all));
}

/** The rows of one replay, without the header. */
function replay(run: Run, suite: Suite, engine: string, out: string): string {
  const options = ['--false-alarms-per-day', `${suite.falseAlarmsPerDay}`, '--engine', engine, '--out', out];
  if (suite.wiring) options.push('--wiring', join(ROOT, suite.wiring));
  const { status, stderr } = spawnSync(
    process.execPath,
    [REPLAY, '--learn', ...run.learn, '--watch', ...run.watch, ...options],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(stderr.trim().split('\n').pop() ?? 'replay failed');
  return readFileSync(out, 'utf8').slice(HEADER.length);
}

function figures(name: string, data: string, predictions: string, { scorer }: Options): Figures {
  const options = PROTOCOLS[name].scorer;
  if (options === undefined) return { falseEpisodes: episodes(predictions) };
  if (!existsSync(scorer)) throw new Error(`${scorer}: no such file (--scorer names the scorer)`);
  const arguments_ = [scorer, name, '--data', data, '--pred', predictions, '--json', ...options];
  return JSON.parse(execFileSync(process.execPath, arguments_, { encoding: 'utf8' }));
}

/** Runs of alarm rows, merged over gaps below 20 rows. */
function episodes(predictions: string): number {
  const lines = readFileSync(predictions, 'utf8').trim().split('\n').slice(1);
  let count = 0;
  let last = Number.NEGATIVE_INFINITY;
  for (const line of lines) {
    const [, row, alarm] = line.split(',').map(Number);
    if (alarm !== 1) continue;
    if (row - last > 20) count++;
    last = row;
  }
  return count;
}

function print(name: string, figures: Figures): void {
  const flat = new Map<string, unknown>();
  for (const [key, value] of Object.entries(figures))
    if (typeof value !== 'object' || value === null) flat.set(key, value);
    else for (const [inner, figure] of Object.entries(value)) flat.set(`${key}.${inner}`, figure);
  console.log(`\n${name}`);
  const line = (cells: readonly unknown[]) =>
    console.log(`  ${cells.map((cell, i) => String(cell).padEnd([52, 12, 28, 10, 10][i])).join('')}`.trimEnd());
  line(['figure', 'here', 'published', 'must', 'aim']);
  for (const { metric, published, must, aim } of TARGETS[name])
    line([metric, flat.get(metric) ?? '-', published, must, aim]);
}

try {
  main();
} catch (error) {
  const { code, message } = error as { code?: string; message: string };
  if (code === 'commander.helpDisplayed') process.exit(0);
  if (!code?.startsWith?.('commander.')) console.error(`score: ${message.split('\n')[0]}`);
  process.exit(2);
}
