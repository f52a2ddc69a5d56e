/** `npm run score`: replays the suites of recorded signals and prints each figure beside published best, must and aim. */
import { join } from 'node:path';
import { Argument, Command, Option } from 'commander';
import { temporaryFolder } from '../../hosts/bench/bench-process.js';
import { Harness, ROOT } from './harness.js';
import { report } from './report.js';
import { type Figures, type Places, SUITES } from './suites.js';
import { TRIVIAL } from './trivial.js';

interface Options {
  data: string;
  scorer: string;
  engine: string;
  trivial: boolean;
  json?: boolean;
}

/** Suites that ask what the firmware says of itself: nothing to compare. */
const WITHOUT_TRIVIAL = new Set(['learning']);

const program = new Command('score')
  .description('Replays the suites of recorded signals and scores them.')
  .addArgument(new Argument('[suites...]', 'all when none is named').choices(Object.keys(SUITES)))
  .option('--data <DIR>', 'folder of the suites', join(ROOT, '..', 'shared', 'data'))
  .option('--scorer <FILE>', 'the scorer', join(ROOT, '..', 'shared', 'score', 'ics_score.mjs'))
  .addOption(
    new Option('--engine <ENGINE>', 'where the firmware runs; the figures are the same, xs takes ten times as long')
      .choices(['xs', 'node'])
      .default('node'),
  )
  .option('--no-trivial', 'leaves the trivial detectors out')
  .option('--json', 'the figures as JSON')
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'score: ')) });

async function main(): Promise<void> {
  program.parse();
  const options = program.opts<Options>();
  const wanted = program.args.length > 0 ? program.args : Object.keys(SUITES);
  const folder = temporaryFolder();
  const harness = new Harness(folder, options.engine);
  const places: Places = { data: options.data, scorer: options.scorer, folder };
  const all: Figures = {};
  // all replays begin at once, two at a time; a failure is told when it is its suite's turn
  const measured = new Map(wanted.map((name) => [name, SUITES[name](harness.firmware, harness, places)]));
  for (const figures of measured.values()) figures.catch(() => {});
  for (const name of wanted) {
    const figures = (await measured.get(name)) as Figures;
    const trivial: Record<string, Figures> = {};
    if (options.trivial && !WITHOUT_TRIVIAL.has(name))
      for (const each of Object.keys(TRIVIAL))
        trivial[each] = await SUITES[name](harness.trivial(each), harness, places);
    all[name] = { ...figures, ...(Object.keys(trivial).length > 0 ? { trivial } : {}) };
    if (!options.json) console.log(`\n${report(name, figures, trivial)}`);
  }
  if (options.json) console.log(JSON.stringify(all));
}

main().catch((error: { code?: string; message: string }) => {
  if (error.code === 'commander.helpDisplayed') process.exit(0);
  if (!error.code?.startsWith?.('commander.')) console.error(`score: ${error.message.split('\n')[0]}`);
  process.exit(2);
});
