/**
 * `npm start`: the firmware on the real XS engine, the simulated plant on its wires, and the collector that receives,
 * verifies and shows its frames.
 */
import type { ChildProcess } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { Block } from '../../modules/capture/block.js';
import { writeBlocks } from '../../simulator/block-stream.js';
import { SCENARIOS } from '../../simulator/scenarios/index.js';
import { Simulation } from '../../simulator/simulation.js';
import { Collector } from '../collector/collector.js';
import { CommandSender } from '../collector/command-sender.js';
import { keepSuccession } from '../collector/key-succession.js';
import { KeyError, keyOf, keySet } from '../collector/keys.js';
import { Printer } from '../collector/printer.js';
import { BAUD_DEFAULT, openSerial, SerialSource } from '../collector/serial.js';
import { SourceError } from '../collector/source.js';
import { UdpSource } from '../collector/udp.js';
import type { Frame } from '../collector/verify.js';
import { provisionFile, publicKeysOf } from '../config/provision.js';
import { benchOutput, spawnBench, temporaryFolder } from './bench-process.js';
import { writePublicKey } from './public-key.js';
import { InputError } from './recording.js';

interface Options {
  scenario: string;
  seed: number;
  seconds: number;
  fast?: boolean;
  link: 'udp' | 'rs485';
  frames?: string;
  keys?: string;
  operator?: string[];
  commands?: string;
  json?: boolean;
  port: number;
}

const EXIT_USAGE = 2;
const DEVICE = 'bench001';
const FLASH_BYTES = 1 << 20;
/** Samples in the evidence: of each channel of an incident, before its onset and after. */
const RAW_BEFORE_MS = 200;
const RAW_AFTER_MS = 400;
/** How often the folder of commands is looked at. */
const COMMANDS_MS = 200;
/** After the last block: time for the last signature, then the board's log must stand still for this long. */
const SETTLE_MS = 500;
const CATCH_UP_MS = 60_000;

function numberFrom(min: number, max: number, isWhole: boolean): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !(value >= min && value <= max) || (isWhole && !Number.isInteger(value)))
      throw new InvalidArgumentError(`a ${isWhole ? 'whole ' : ''}number from ${min} to ${max} is wanted.`);
    return value;
  };
}

const program = new Command('start')
  .description('Runs the firmware on XS, a simulated plant on its wires, and the collector.')
  .addOption(
    new Option('--scenario <NAME>', 'what happens in the plant')
      .choices(SCENARIOS.map(({ name }) => name))
      .default('order-not-executed'),
  )
  .option('--seed <N>', 'of the simulation', numberFrom(0, 0xffffffff, true), 1)
  .option('--seconds <S>', 'of plant time; learning takes 300, events begin at 400', numberFrom(0.01, 1e8, false), 600)
  .option('--fast', 'in virtual time, as fast as the machine allows')
  .addOption(new Option('--link <LINK>', 'to the collector').choices(['udp', 'rs485']).default('udp'))
  .option('--port <N>', 'UDP port of the collector; 0: any', numberFrom(0, 65535, true), 0)
  .option('--frames <FILE>', 'the frames as received, a CBOR sequence')
  .option('--keys <DIR>', 'writes device.cose_key, the public key')
  .option('--operator <FILE...>', 'public keys of operators whose commands the board takes')
  .option('--commands <DIR>', 'sends every *.command file that appears in this folder to the board')
  .option('--json', 'one JSON object per frame')
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'start: ')) });

/** A key pair for the simulated secure element; the public key goes to --keys, the secret only to the element's file. */
function provision(keyFile: string, keysFolder: string | undefined) {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { d, x, y } = privateKey.export({ format: 'jwk' });
  const bytes = (text: string | undefined) => Buffer.from(text ?? '', 'base64url');
  writeFileSync(keyFile, bytes(d), { mode: 0o600 });
  if (keysFolder !== undefined) writePublicKey(keysFolder, { x: bytes(x), y: bytes(y) });
  return keySet(keyOf(bytes(x), bytes(y)));
}

/** The first line that the bench prints: where its RS-485 line can be reached. */
function firstLine(bench: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    bench.stdout?.on('data', function take(data) {
      text += data;
      if (!text.includes('\n')) return;
      bench.stdout?.off('data', take);
      resolve(text.slice(0, text.indexOf('\n')));
    });
  });
}

async function run(options: Options): Promise<number> {
  if (options.commands !== undefined && !existsSync(options.commands))
    throw new InputError(`--commands ${options.commands}: no such folder`);
  const simulation = new Simulation(options.scenario, options.seed);
  const configuration = { ...simulation.configuration, rawBeforeMs: RAW_BEFORE_MS, rawAfterMs: RAW_AFTER_MS };
  const played = { configuration, nextBlock: (block: Block) => simulation.nextBlock(block) };
  const folder = temporaryFolder();
  const keyFile = join(folder, 'element.key');
  const keys = provision(keyFile, options.keys);
  const printer = new Printer(options.json === true, configuration);
  const udp = new UdpSource('127.0.0.1', options.port);
  let head = 0;
  let headSinceMs = 0;
  const collectorOptions = {
    keys,
    from: 1,
    framesFile: options.frames,
    ...printer.handlers(),
    onFrame: (frame: Frame) => {
      printer.frame(frame);
      sender.take(frame);
    },
    onSuccessor: (frame: Frame) => {
      const trouble = options.keys === undefined ? undefined : keepSuccession(options.keys, frame);
      if (trouble !== undefined) printer.info(trouble);
    },
    onIdle: (_tail: number, newHead: number) => {
      if (newHead !== head) headSinceMs = performance.now();
      head = newHead;
    },
  };
  let collector: Collector | undefined;
  const sender = new CommandSender((message) => collector?.send(message), printer.answer);
  const commands = watchCommands(options.commands, sender, printer);
  if (options.link === 'udp') {
    collector = new Collector({ ...collectorOptions, source: udp });
    await collector.start();
    announce(options);
  }
  const bench = spawnBench(folder, {
    main: 'main.js',
    configuration,
    options: [
      ...['--key', keyFile, '--argument', `device=${DEVICE}`],
      ...operatorsFlash(folder, options.operator),
      ...(options.fast ? ['--virtual'] : []),
      ...(options.link === 'udp' ? ['--udp', `0:127.0.0.1:${udp.port}`] : ['--tty', 'new']),
    ],
  });
  const ended = benchOutput(bench);
  const failed = ended.then(() => {
    throw new Error('the firmware ended by itself');
  });
  failed.catch(() => {});
  try {
    const play = async () => {
      const stdin = bench.stdin as NonNullable<typeof bench.stdin>;
      stdin.on('error', () => {});
      const stream = writeBlocks(played, stdin, { seconds: options.seconds, isRealTime: !options.fast });
      if (collector === undefined) {
        const device = await firstLine(bench);
        const source = new SerialSource(await openSerial(device, BAUD_DEFAULT), [configuration.address]);
        collector = new Collector({ ...collectorOptions, source });
        await collector.start();
        announce(options);
      }
      await stream;
      stdin.end();
      // the board has read all once it tells time as it passes: its log then grows no more than heartbeats make it
      await sleep(SETTLE_MS);
      while (performance.now() - headSinceMs < SETTLE_MS || head === 0) await sleep(50);
      await collector.catchUp(head, CATCH_UP_MS);
    };
    await Promise.race([play(), failed, interrupted()]);
  } finally {
    clearInterval(commands);
    sender.close();
    await collector?.close();
    bench.kill();
  }
  if (collector === undefined) return 0;
  printer.info(`${collector.framesReceived} frames verified, ${collector.errorCount} errors`);
  return collector.errorCount > 0 ? 1 : 0;
}

/** A flash that knows the operators, for the bench. */
function operatorsFlash(folder: string, operators: readonly string[] | undefined): string[] {
  if (operators === undefined) return [];
  const flash = join(folder, 'flash');
  provisionFile(flash, FLASH_BYTES, 0, publicKeysOf(operators));
  return ['--flash', flash];
}

/** Hands every new file of commands to the sender. */
function watchCommands(
  folder: string | undefined,
  sender: CommandSender,
  printer: Printer,
): NodeJS.Timeout | undefined {
  if (folder === undefined) return undefined;
  const seen = new Set<string>();
  return setInterval(() => {
    for (const name of readdirSync(folder).filter((file) => file.endsWith('.command') && !seen.has(file))) {
      seen.add(name);
      try {
        sender.addFile(join(folder, name));
      } catch (error) {
        if (!(error instanceof SourceError)) throw error;
        printer.info(error.message);
      }
    }
  }, COMMANDS_MS);
}

function announce({ scenario, seed, seconds, link, fast, json, frames, keys }: Options): void {
  if (frames && !keys) console.error('the key of these frames is kept nowhere: --keys DIR keeps it');
  if (json) return;
  const pace = fast ? ', in virtual time' : ' (--fast plays it in seconds)';
  console.error(`scenario ${scenario}, seed ${seed}, ${seconds} s of plant time, link ${link}${pace}`);
}

/** Ctrl-C ends a run in order. */
function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}

async function main(): Promise<void> {
  const options = program.parse().opts<Options>();
  // whoever reads us may stop reading (`| head`): that is no failure of ours
  process.stdout.on('error', () => process.exit(0));
  process.exit(await run(options));
}

main().catch((error) => {
  if (error.code === 'commander.helpDisplayed') process.exit(0);
  if (error.code?.startsWith?.('commander.')) process.exit(EXIT_USAGE);
  console.error(`start: ${error.message}`);
  process.exit(
    error instanceof SourceError || error instanceof InputError || error instanceof KeyError ? EXIT_USAGE : 1,
  );
});
