/**
 * `npm run scenarios`: plays the incident catalogue over N seeds, the firmware in the loop: per scenario detected, class,
 * verdict, delay and false incidents. Exits with 0 whatever comes out: the figures are the answer.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Command, InvalidArgumentError, Option } from 'commander';
import { plantNamed } from '../../simulator/plants/index.js';
import { SCENARIOS, scenarioNamed } from '../../simulator/scenarios/index.js';
import type { Scenario } from '../../simulator/scenarios/scenario.js';
import { pictureOf, Recorder } from './scenario-picture.js';
import { type Engine, type Learned, learn, type Played, play, QUIET_S } from './scenario-play.js';
import { type Result, resultOf } from './scenario-result.js';
import { printTable } from './scenario-table.js';

interface Options {
  seeds: number;
  from: number;
  scenario: string[];
  engine: Engine;
  learn?: number;
  jobs: number;
  json?: boolean;
  list?: boolean;
  pictures?: string;
}

/** Scenarios of one plant and seed: they share a learning. */
interface Job {
  readonly plant: string;
  readonly seed: number;
  readonly names: readonly string[];
}

const EXIT_USAGE = 2;
const PLANT_DEFAULT = 'tank';
const OUTPUT_BYTES_MAX = 64 << 20;

function above(minimum: number, isWhole: boolean): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !(value > minimum) || (isWhole && !Number.isInteger(value)))
      throw new InvalidArgumentError(`a ${isWhole ? 'whole ' : ''}number above ${minimum} is wanted.`);
    return value;
  };
}

function known(names: readonly string[]): string[] {
  try {
    for (const name of names) scenarioNamed(name);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
  return [...names];
}

const program = new Command('scenarios')
  .description('Plays the incident catalogue: what the witness detects, as what, and how fast.')
  .option('--seeds <N>', 'runs of each scenario', above(0, true), 3)
  .option('--from <SEED>', 'first seed', above(-1, true), 1)
  .option('--scenario <NAME...>', 'only these', (name: string, before: string[] | undefined) => [
    ...(before ?? []),
    ...known(name.split(',')),
  ])
  .addOption(
    new Option('--engine <ENGINE>', 'that watches; learning is on node').choices(['node', 'xs']).default('node'),
  )
  .option('--learn <HOURS>', 'instead of what each plant asks for', above(0, false))
  .option('--jobs <N>', 'runs at a time', above(0, true), availableParallelism())
  .option('--list', 'every run below the table')
  .option('--pictures <DIR>', 'an SVG of each scenario, first seed: reported against measured')
  .option('--json', 'the runs as one JSON array')
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'scenarios: ')) });

/** Longest jobs first would be best; by plant and seed is good enough. */
function jobsOf({ scenario: names, seeds, from }: Options): Job[] {
  const byPlant = new Map<string, string[]>();
  for (const name of names) {
    const plant = scenarioNamed(name).plant ?? PLANT_DEFAULT;
    byPlant.set(plant, [...(byPlant.get(plant) ?? []), name]);
  }
  const jobs: Job[] = [];
  for (let i = 0; i < seeds; i++)
    for (const [plant, ofPlant] of byPlant) jobs.push({ plant, seed: from + i, names: ofPlant });
  return jobs;
}

async function runHere({ plant, seed, names }: Job, options: Options): Promise<Result[]> {
  const { learn: hours } = options;
  const learnHours = hours ?? plantNamed(plant).learnHours;
  let shared: Learned | undefined;
  const results: Result[] = [];
  for (const name of names) {
    const { isInLearning }: Scenario = scenarioNamed(name);
    if (!isInLearning) shared ??= learn(plant, seed, learnHours);
    const learned = isInLearning ? learn(plant, seed, learnHours, name) : (shared as Learned);
    const played = await playDrawn(learned, name, options);
    const result = resultOf(played);
    results.push(result);
    console.error(
      `${name}, seed ${seed}: ${result.class ?? 'nothing'}, ${result.delayMs ?? '-'} ms, ${result.speed} x`,
    );
  }
  return results;
}

/** Plays, and draws where pictures are wanted of this seed. */
async function playDrawn(learned: Learned, name: string, { engine, pictures, from }: Options): Promise<Played> {
  if (pictures === undefined || learned.seed !== from) return play(learned, name, engine);
  const { shows, watchS, isInLearning } = scenarioNamed(name);
  const recorder = new Recorder(learned.configuration, shows, isInLearning ? 0 : QUIET_S, watchS);
  const played = await play(learned, name, engine, (simulation, block) => recorder.look(simulation, block));
  mkdirSync(pictures, { recursive: true });
  writeFileSync(join(pictures, `${name}.svg`), pictureOf(played, recorder));
  return played;
}

/** The same in a process of its own. */
async function runElsewhere({ seed, names }: Job, options: Options): Promise<Result[]> {
  const { engine, learn: hours, from, pictures } = options;
  const running = promisify(execFile)(
    process.execPath,
    [
      ...[fileURLToPath(import.meta.url), '--seeds', '1', '--from', `${seed}`, '--scenario', names.join(',')],
      ...['--engine', engine, '--jobs', '1', '--json'],
      ...(hours === undefined ? [] : ['--learn', `${hours}`]),
      ...(pictures === undefined || seed !== from ? [] : ['--pictures', pictures]),
    ],
    { maxBuffer: OUTPUT_BYTES_MAX },
  );
  running.child.stderr?.pipe(process.stderr);
  return JSON.parse((await running).stdout);
}

async function runAll(options: Options): Promise<Result[]> {
  const jobs = jobsOf(options);
  const results: Result[][] = [];
  let next = 0;
  const work = async () => {
    while (next < jobs.length) {
      const at = next++;
      results[at] = await (jobs.length === 1 ? runHere(jobs[at], options) : runElsewhere(jobs[at], options));
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, work));
  const order = new Map(options.scenario.map((name, i) => [name, i]));
  return results.flat().sort((a, b) => (order.get(a.name) ?? 0) - (order.get(b.name) ?? 0) || a.seed - b.seed);
}

async function main(): Promise<void> {
  const options = program.parse().opts<Options>();
  options.scenario ??= SCENARIOS.filter(({ isLong }) => !isLong).map(({ name }) => name);
  const results = await runAll(options);
  if (options.json) console.log(JSON.stringify(results));
  else printTable(results, options.list === true);
}

main().catch((error) => {
  if (error.code === 'commander.helpDisplayed') process.exit(0);
  if (error.code?.startsWith?.('commander.')) process.exit(EXIT_USAGE);
  console.error(`scenarios: ${(error.stderr?.trim().split('\n').pop() || error.message).replace(/^scenarios: /, '')}`);
  process.exit(1);
});
