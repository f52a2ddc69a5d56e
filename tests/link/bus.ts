/**
 * `npm run bus`: boards and the collector on a simulated RS-485 bus. By default a table of what each baud rate carries; with
 * --pty the real collector, in a process of its own on a pseudo-terminal, in real time.
 */
import { Command, InvalidArgumentError, Option } from 'commander';
import { JABBER_KINDS, type JabberKind } from '../../simulator/bus/trouble.js';
import { type BusPlan, QUIET_PLAN } from './bus-plan.js';
import { runBusOverPty } from './bus-pty.js';
import { type BusResult, runBus } from './bus-run.js';

const BAUDS = [9600, 19200, 38400, 57600, 115200, 230400, 460800, 1_000_000];
/** Under load: how long, and bytes of a frame and what goes with it, about. The first part fills the boards' turns. */
const LOAD_S = 20;
const LOAD_SLOW_S = 80;
const SLOW_BAUD = 50_000;
const FRAME_BYTES = 290;
const LOAD_MARGIN = 1.2;
const NOT_MEASURED = 0.3;
/** In normal operation: mean seconds between two frames of a board, and how long. */
const NORMAL_EVERY_S = 30;
const NORMAL_S = 120;
const FOR_EVER_S = 1e9;

interface Options {
  readonly boards: number;
  readonly baud: readonly number[];
  readonly ber: number;
  readonly babble: number;
  readonly stall: number;
  readonly jabber: number;
  readonly jabberKind: JabberKind;
  readonly echo?: true;
  readonly seed: number;
  readonly seconds: number;
  readonly pty?: true;
  readonly json?: true;
}

function number(low: number, high: number, isWhole = false): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !(value >= low && value <= high) || (isWhole && !Number.isInteger(value)))
      throw new InvalidArgumentError(`A ${isWhole ? 'whole ' : ''}number from ${low} to ${high} is wanted.`);
    return value;
  };
}

function bauds(text: string): number[] {
  return text.split(',').map(number(300, 4_000_000, true));
}

function command(): Command {
  return new Command('bus')
    .description('Boards and the collector on a simulated RS-485 bus: what each baud rate carries, and how late.')
    .option('--boards <N>', 'boards on the bus', number(1, 247, true), 32)
    .option('--baud <N,...>', 'baud rates', bauds, BAUDS)
    .option('--ber <P>', 'share of bits that fall over', number(0, 0.01), 0)
    .option('--babble <S>', 'a node throws in up to 24 characters every S seconds in the mean', number(0, 1e6), 0)
    .option('--stall <S>', 'every board is busy for up to 0.6 s every S seconds in the mean', number(0, 1e6), 0)
    .option('--jabber <S>', 'a node holds the bus for S seconds (--pty)', number(0, 1e6), 0)
    .addOption(new Option('--jabber-kind <KIND>', 'what it sends').choices(JABBER_KINDS).default('random'))
    .option('--echo', 'whoever talks hears itself')
    .option('--seed <N>', 'seed of all chance but the keys', number(0, 2 ** 31, true), 1)
    .option('--seconds <S>', 'with --pty: how long the bus is disturbed and frames come', number(1, 3600), 10)
    .option('--pty', 'the real collector on a pseudo-terminal, in real time; the first of the baud rates')
    .option('--json', 'one JSON object per line')
    .addHelpText('after', '\nExit code: 0 every frame came whole and in order, 1 not, 2 bad usage.')
    .showSuggestionAfterError(false)
    .exitOverride();
}

function planOf(options: Options, baud: number): BusPlan {
  const { boards, seed, ber, babble, stall, echo, jabberKind } = options;
  return {
    ...QUIET_PLAN,
    ...{ boards, baud, seed, jabberKind, hasEcho: echo === true },
    ...{ bitErrorRate: ber, babbleEveryS: babble, stallEveryS: stall, quietAtS: FOR_EVER_S },
  };
}

function isGood(result: BusResult): boolean {
  const { frames, delivered, outOfOrder, changed, errors } = result;
  return delivered === frames && outOfOrder === 0 && changed === 0 && errors.length === 0;
}

async function printTable(options: Options): Promise<boolean> {
  const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
  if (!options.json) {
    console.log(
      '| baud | frames/s | bytes/s of frames | bus in use | bytes of frames | latency median | 95 % | longest |',
    );
    console.log(
      '| ---- | -------- | ----------------- | ---------- | --------------- | -------------- | ---- | ------- |',
    );
  }
  let areGood = true;
  for (const baud of options.baud) {
    const plan = planOf(options, baud);
    const loadS = baud < SLOW_BAUD ? LOAD_SLOW_S : LOAD_S;
    const backlog = Math.ceil((baud * loadS * LOAD_MARGIN) / 10 / plan.boards / FRAME_BYTES);
    const load = await runBus({ ...plan, backlog }, { fromS: Math.round(loadS * NOT_MEASURED), toS: loadS });
    const normal = await runBus({ ...plan, frameEveryS: NORMAL_EVERY_S, growsUntilS: NORMAL_S });
    areGood &&= isGood(load) && isGood(normal);
    if (options.json) console.log(JSON.stringify({ baud, seed: options.seed, load, normal }));
    else {
      const { median, p95, max } = normal.latencyMs;
      const cells = [
        ...[baud, load.framesPerS.toFixed(1), Math.round((load.useful * baud) / 10), percent(load.utilisation)],
        ...[percent(load.useful), `${median} ms`, `${p95} ms`, `${max} ms`],
      ];
      console.log(`| ${cells.join(' | ')} |`);
    }
  }
  return areGood;
}

async function runPty(options: Options): Promise<boolean> {
  const { seconds, jabber } = options;
  const plan = { ...planOf(options, options.baud[0]), quietAtS: seconds, growsUntilS: seconds };
  const disturbed = { jabberAtS: seconds / 4, jabberS: jabber, backlog: 6, frameEveryS: 3 };
  const result = await runBusOverPty({ ...plan, ...disturbed });
  const { frames, kept, strangeBytes, outOfOrder, exitCode } = result;
  if (options.json) console.log(JSON.stringify({ seed: options.seed, ...result }));
  else {
    console.log(`seed ${options.seed}: ${kept} of ${frames} frames kept as signed, ${outOfOrder} out of order,`);
    console.log(
      `${strangeBytes} bytes beside them, ${result.seconds.toFixed(1)} s, collector's exit code ${exitCode};`,
    );
    console.log(`characters: ${result.spoilt} damaged, ${result.collided} collided, ${result.jabbered} jabbered`);
    for (const line of result.lines) console.log(line);
  }
  return kept === frames && strangeBytes === 0 && outOfOrder === 0 && exitCode === 0;
}

try {
  const options = command().parse().opts<Options>();
  process.exitCode = (await (options.pty ? runPty(options) : printTable(options))) ? 0 : 1;
} catch (error) {
  if (!(error instanceof Error && 'code' in error && String(error.code).startsWith('commander.'))) throw error;
  process.exitCode = (error as unknown as { exitCode: number }).exitCode === 0 ? 0 : 2;
}
