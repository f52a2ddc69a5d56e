/**
 * `npm run budget`: does the promised alarm budget hold? Simulated plants in normal operation, the firmware in the loop,
 * and every incident is a false one. Exits with 1 where there are more than twice the announced.
 */
import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Command, InvalidArgumentError } from 'commander';
import * as findings from '../../modules/detect/finding.js';
import { PLANTS, plantNamed } from '../../simulator/plants/index.js';
import { probabilityOfAtLeast } from './poisson.js';
import { type Watched, watchPlant } from './watch-plant.js';

interface Options {
  days: number;
  seeds: number;
  from: number;
  plants: string[];
  budget: number[];
  learn?: number;
  jobs: number;
  list?: boolean;
  json?: boolean;
}

const BUDGET_FACTOR = 2;
const OUTPUT_BYTES_MAX = 64 << 20;
const CLASSES: readonly string[] = ['attack', 'fault', 'process'];

function above(minimum: number, isWhole: boolean): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !(value > minimum) || (isWhole && !Number.isInteger(value)))
      throw new InvalidArgumentError(`a ${isWhole ? 'whole ' : ''}number above ${minimum} is wanted.`);
    return value;
  };
}

function plantNames(text: string): string[] {
  const names = text.split(',');
  try {
    for (const name of names) plantNamed(name);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
  return names;
}

const program = new Command('budget')
  .description('Counts the false incidents of simulated plants in normal operation against the alarm budget.')
  .option('--days <N>', 'watched in total, over all plants and seeds', above(0, false), 30)
  .option('--seeds <N>', 'runs of each plant', above(0, true), 3)
  .option('--from <SEED>', 'first seed', above(-1, true), 1)
  .option(
    '--plants <NAMES>',
    'separated by commas',
    plantNames,
    PLANTS.map(({ name }) => name),
  )
  .option(
    '--budget <PER-DAY>',
    'false alarms a day; several: 1,24',
    (text) => text.split(',').map(above(0, false)),
    [1, 24],
  )
  .option('--learn <HOURS>', 'instead of what each plant asks for', above(0, false))
  .option('--jobs <N>', 'runs at a time', above(0, true), availableParallelism())
  .option('--list', 'every false incident')
  .option('--json', 'the runs as one JSON array')
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'budget: ')) });

/** All runs, several at a time, each in a process of its own. */
async function runAll(options: Options): Promise<Watched[]> {
  const runs = options.plants.flatMap((plant) =>
    Array.from({ length: options.seeds }, (_, i) => ({ plant, seed: options.from + i })),
  );
  const days = options.days / runs.length;
  if (runs.length === 1) return [runHere(runs[0].plant, runs[0].seed, days, options)].flat();
  const results: Watched[][] = [];
  let next = 0;
  const work = async () => {
    while (next < runs.length) {
      const at = next++;
      results[at] = await runElsewhere(runs[at].plant, runs[at].seed, days, options);
      const figures = results[at].map(({ incidents, expected }) => `${incidents.length} of ${expected.toFixed(2)}`);
      console.error(`${runs[at].plant}, seed ${runs[at].seed}: ${figures.join(', ')}`);
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, work));
  return results.flat();
}

function runHere(plant: string, seed: number, days: number, { budget, learn }: Options): Watched[] {
  const learnHours = learn ?? plantNamed(plant).learnHours;
  return watchPlant({ plant, seed, learnHours, watchHours: 24 * days, budgetsPerDay: budget });
}

async function runElsewhere(plant: string, seed: number, days: number, options: Options): Promise<Watched[]> {
  const learn = options.learn === undefined ? [] : ['--learn', `${options.learn}`];
  const budget = options.budget.join(',');
  const arguments_ = ['--plants', plant, '--seeds', '1', '--from', `${seed}`, '--days', `${days}`, '--budget', budget];
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [fileURLToPath(import.meta.url), ...arguments_, ...learn, '--json'],
    { maxBuffer: OUTPUT_BYTES_MAX },
  ).catch((error) => {
    // too many false incidents is an answer
    if (error.code === 1 && error.stdout !== '') return error as { stdout: string };
    throw error;
  });
  return JSON.parse(stdout);
}

/** How often each kind of incident came, the most frequent first. */
function kinds({ incidents }: Pick<Watched, 'incidents'>): string {
  const counts = new Map<string, number>();
  for (const { detector, incidentClass, channels } of incidents) {
    const kind = `${detectorName(detector)} (${CLASSES[incidentClass]}) ${channels[0] ?? ''}`.trim();
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ');
}

/** As its constant names it. */
function detectorName(detector: number): string {
  const constant = Object.entries(findings).find(([name, value]) => name.startsWith('DETECTOR_') && value === detector);
  return constant === undefined ? `detector ${detector}` : constant[0].slice('DETECTOR_'.length).toLowerCase();
}

function line(cells: readonly (string | number)[]): void {
  console.log(
    cells
      .map((cell, i) =>
        i === 0 || i === 8 ? String(cell).padEnd(10) : String(cell).padStart([0, 5, 9, 9, 10, 9, 9, 9][i]),
      )
      .join('  ')
      .trimEnd(),
  );
}

function print(results: readonly Watched[], { budget, list }: Options): void {
  line(['plant', 'seed', 'learned h', 'watched h', 'announced', 'observed', 'ratio', 'threshold', 'by detector']);
  for (const [i, perDay] of budget.entries()) {
    const runs = results.filter(({ budgetPerDay }) => budgetPerDay === perDay);
    console.log(`budget ${perDay} a day`);
    for (const run of runs) {
      printRun(run);
      const raised = Object.entries(run.raised).map(([detector, times]) => `${detectorName(+detector)} ${times}`);
      if (raised.length > 0) console.log(`            above their thresholds: ${raised.join(', ')}`);
      if (list) for (const incident of run.incidents) console.log(`    ${JSON.stringify(incident)}`);
    }
    printTotal(runs, i === 0);
  }
}

function printRun(run: Watched): void {
  const { plant, seed, learnedHours, watchedHours, expected, incidents, thresholds } = run;
  line([
    ...[plant, seed, learnedHours.toFixed(1), watchedHours.toFixed(1), expected.toFixed(2), incidents.length],
    ...[(incidents.length / expected).toFixed(2), thresholds.toFixed(3), kinds(run)],
  ]);
}

function printTotal(runs: readonly Watched[], isFirst: boolean): void {
  const { expected, observed } = totals(runs);
  const byClass = CLASSES.map((name, i) => {
    const count = runs.reduce((sum, run) => sum + run.incidents.filter((of) => of.incidentClass === i).length, 0);
    return `${count} ${name}`;
  });
  const hours = runs.reduce((sum, { watchedHours }) => sum + watchedHours, 0);
  const move = runs.reduce((sum, { thresholds }) => sum + Math.log(thresholds), 0) / runs.length;
  const chance = [expected, BUDGET_FACTOR * expected].map((rate) =>
    probabilityOfAtLeast(observed, rate).toPrecision(2),
  );
  console.log(
    `all: ${observed} false incidents (${byClass.join(', ')}) in ${(hours / 24).toFixed(2)} days, ` +
      `${expected.toFixed(2)} announced, ratio ${(observed / expected).toFixed(2)}; ` +
      `as many or more by chance: ${chance[0]} at the announced rate, ${chance[1]} at twice`,
  );
  if (!isFirst) console.log(`thresholds are ${Math.exp(move).toFixed(3)} of those of the first budget`);
}

function totals(runs: readonly Watched[]): { expected: number; observed: number } {
  return {
    expected: runs.reduce((sum, run) => sum + run.expected, 0),
    observed: runs.reduce((sum, run) => sum + run.incidents.length, 0),
  };
}

async function main(): Promise<void> {
  const options = program.parse().opts<Options>();
  const results = await runAll(options);
  if (options.json) console.log(JSON.stringify(results));
  else print(results, options);
  const isHeld = options.budget.every((perDay) => {
    const { expected, observed } = totals(results.filter(({ budgetPerDay }) => budgetPerDay === perDay));
    return observed <= BUDGET_FACTOR * expected;
  });
  process.exitCode = isHeld ? 0 : 1;
}

main().catch((error) => {
  if (error.code === 'commander.helpDisplayed') process.exit(0);
  if (!error.code?.startsWith?.('commander.')) console.error(`budget: ${error.message.split('\n')[0]}`);
  process.exit(2);
});
