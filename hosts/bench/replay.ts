/** `npm run replay`: recorded signals through the firmware as if they came from the wires. */
import { writeFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { publicKeyOf } from './node-board.js';
import { writePublicKey } from './public-key.js';
import { InputError, type Recording, readRecording } from './recording.js';
import { rowsOf } from './replay-blocks.js';
import { REPLAY_SECRET, type ReplayResult, replayOnNode, replayOnXs } from './replay-engines.js';
import { readWiring, replayConfiguration } from './replay-wiring.js';

interface Options {
  learn: string[];
  watch: string[];
  out: string;
  wiring?: string;
  falseAlarmsPerDay?: number;
  engine: 'xs' | 'node';
  flash?: string;
  frames?: string;
  keys?: string;
  json?: boolean;
}

const EXIT_USAGE = 2;
/** By NOT_LEARNED, PROVISIONAL, SUFFICIENT. */
const LEVELS = ['not learned', 'provisional', 'sufficient'];

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('a number above 0 is needed.');
  return value;
}

const program = new Command('replay')
  .description('Feeds recorded signals (CSV: header, first column time) through the firmware: learn, then watch.')
  .requiredOption('--learn <files...>', 'FILE[:A-B] to learn from, rows A inclusive, B exclusive, counted from 0')
  .requiredOption('--watch <files...>', 'FILE[:A-B] to watch')
  .requiredOption('--out <FILE>', 'series,i,alarm,score per watched row')
  .option('--wiring <FILE>', 'kinds, units, resolutions, pairs, cycle start and alarm budget; inferred without it')
  .option('--false-alarms-per-day <X>', 'the alarm budget', positive)
  .addOption(new Option('--engine <ENGINE>', 'where the firmware runs').choices(['xs', 'node']).default('xs'))
  .option('--flash <FILE>', 'the flash, kept from run to run: a model in it is watched with, rows to learn from too')
  .option('--frames <FILE>', 'the signed frames, a CBOR sequence')
  .option('--keys <DIR>', 'writes device.cose_key, the public key that verifies the frames')
  .option('--json', 'the last line as JSON')
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'replay: ')) });

async function main(): Promise<void> {
  const options = program.parse().opts<Options>();
  const learn = options.learn.map(readRecording);
  const watch = options.watch.map(readRecording);
  const wiring = options.wiring ? readWiring(options.wiring) : {};
  const configuration = replayConfiguration(learn, watch, wiring, options.falseAlarmsPerDay);
  const plan = { configuration, learn, watch };
  for (const file of [options.out, options.frames]) if (file !== undefined) write(file, '');
  if (options.keys) writePublicKey(options.keys, publicKeyOf(REPLAY_SECRET));
  const started = performance.now();
  const result = options.engine === 'node' ? replayOnNode(plan, options.flash) : await replayOnXs(plan, options.flash);
  const microseconds = (performance.now() - started) * 1000;
  write(options.out, predictions(watch, result));
  if (options.frames) write(options.frames, Buffer.concat(result.frames));
  const channels = configuration.analog.length + configuration.digital.length;
  const rows = rowsOf(learn) + rowsOf(watch);
  const summary = {
    rows,
    channels,
    alarmRows: result.rows.filter((value, i) => i % 2 === 0 && value === 1).length,
    incidents: result.incidents,
    learning: LEVELS[result.level],
    convergence: Math.round(result.varianceRatio * 1000) / 1000,
    microsecondsPerRow: Math.round((microseconds / rows) * 10) / 10,
    stateBytesPerChannel: result.stateBytes === null ? null : Math.round(result.stateBytes / channels),
    engine: options.engine,
  };
  console.log(
    options.json
      ? JSON.stringify(summary)
      : `${rows} rows of ${channels} channels on ${options.engine}: ${summary.alarmRows} alarm rows, ` +
          `${summary.incidents} incidents, learning ${summary.learning} (v ${summary.convergence}), ` +
          `${summary.microsecondsPerRow} us a row`,
  );
}

/** series,i,alarm,score: i counts rows of the file. */
function predictions(watch: readonly Recording[], { rows }: ReplayResult): string {
  const lines = ['series,i,alarm,score'];
  let at = 0;
  for (const { series, from, end } of watch)
    for (let i = from; i < end; i++, at += 2) lines.push(`${series},${i},${rows[at]},${rows[at + 1]}`);
  return `${lines.join('\n')}\n`;
}

function write(file: string, content: string | Uint8Array): void {
  try {
    writeFileSync(file, content);
  } catch (error) {
    throw new InputError(`${file}: cannot be written (${(error as NodeJS.ErrnoException).code})`);
  }
}

main().catch((error) => {
  if (error.code === 'commander.helpDisplayed') process.exit(0);
  if (error.code?.startsWith?.('commander.')) process.exit(EXIT_USAGE);
  console.error(`replay: ${error.message}`);
  process.exit(error instanceof InputError ? EXIT_USAGE : 1);
});
