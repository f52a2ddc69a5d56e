/** `npm run collect`: the collector alone. Exit 0: all verified; 1: something is missing or forged; 2: cannot be run so. */
import { existsSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { Collector } from './collector.js';
import { CommandSender } from './command-sender.js';
import { judgeFile } from './file.js';
import { FrameStore } from './frame-store.js';
import { KeyError, type KeySet, loadKeys } from './keys.js';
import { Printer } from './printer.js';
import { ADDRESS_MAX, ADDRESS_MIN, BAUD_DEFAULT, openSerial, SerialSource } from './serial.js';
import { type Source, SourceError } from './source.js';
import { TcpSource } from './tcp.js';
import { UdpSource } from './udp.js';
import type { Frame } from './verify.js';

const EXIT_BAD = 1;
const EXIT_USAGE = 2;

interface Endpoint {
  readonly host: string;
  readonly port: number;
}

interface Options {
  readonly udp?: Endpoint;
  readonly tcp?: Endpoint;
  readonly serial?: string;
  readonly file?: string;
  readonly keys: string;
  readonly json?: true;
  readonly address: readonly number[];
  readonly baud: number;
  readonly frames?: string;
  readonly from?: number;
  readonly count?: number;
  readonly seconds?: number;
  readonly poll: boolean;
  readonly command?: readonly string[];
}

/** Bad usage; the message is one line. */
class UsageError extends Error {}

function endpoint(text: string): Endpoint {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65535) throw new InvalidArgumentError('HOST:PORT is wanted.');
  return { host: match[1] ?? match[2], port };
}

function whole(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max)
      throw new InvalidArgumentError(`A whole number from ${min} to ${max} is wanted.`);
    return value;
  };
}

function addresses(text: string): number[] {
  return text.split(',').map(whole(ADDRESS_MIN, ADDRESS_MAX));
}

function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0 && value <= 2_000_000))
    throw new InvalidArgumentError('A number of seconds is wanted.');
  return value;
}

function command(): Command {
  return new Command('collect')
    .description('Receives frames, verifies signature, sequence and hash chain, and says what is missing or forged.')
    .option('--udp <HOST:PORT>', 'receive on this address and port; boards push', endpoint)
    .option('--tcp <HOST:PORT>', 'connect to a board', endpoint)
    .option('--serial <DEVICE>', 'poll boards on a serial line or RS-485')
    .option('--file <FILE>', 'judge stored frames: a CBOR sequence')
    .requiredOption('--keys <DIR>', 'directory of public keys: *.cose_key')
    .option('--json', 'one JSON object per line')
    .option('--address <N>', 'RS-485 addresses to poll, separated by commas', addresses, [1])
    .option('--baud <N>', 'speed of the serial line', whole(50, 4_000_000), BAUD_DEFAULT)
    .option('--frames <FILE>', 'append the verified frames to FILE as received')
    .option(
      '--from <N>',
      'first frame wanted; frames missing from there on are an error (a file: 1)',
      whole(0, Number.MAX_SAFE_INTEGER),
    )
    .option('--count <N>', 'stop after N verified frames', whole(1, Number.MAX_SAFE_INTEGER))
    .option('--seconds <S>', 'stop after S seconds', seconds)
    .option('--command <FILE...>', 'send these files of signed commands (npm run config), then go on')
    .option('--no-poll', 'one-way link: never send anything')
    .addHelpText('after', '\nExit code: 0 all verified, 1 something is missing or forged, 2 bad usage.')
    .showSuggestionAfterError(false)
    .exitOverride();
}

function summary(printer: Printer, frames: number, errors: number, rest: string): number {
  printer.info(`${frames} frames verified, ${errors} errors, ${rest}`);
  return errors > 0 ? EXIT_BAD : 0;
}

function collectFile(path: string, keys: KeySet, options: Options): number {
  const printer = new Printer(options.json === true);
  const store = options.frames === undefined ? undefined : new FrameStore(options.frames, true);
  const handlers = printer.handlers();
  try {
    const onFrame = (frame: Frame) => {
      store?.append(frame.bytes);
      handlers.onFrame(frame);
    };
    const { frames, errors, duplicates } = judgeFile(path, keys, { ...handlers, onFrame }, options.from);
    return summary(printer, frames, errors, `${duplicates} duplicates`);
  } finally {
    store?.close();
  }
}

async function openSource(options: Options): Promise<Source> {
  if (options.udp !== undefined) return new UdpSource(options.udp.host, options.udp.port);
  if (options.tcp !== undefined) return new TcpSource(options.tcp.host, options.tcp.port);
  return new SerialSource(await openSerial(options.serial as string, options.baud), options.address);
}

async function collectLive(keys: KeySet, options: Options): Promise<number> {
  const printer = new Printer(options.json === true);
  let stop: () => void = () => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  const source = await openSource(options);
  const handlers = printer.handlers();
  const collector: Collector = new Collector({
    keys,
    source,
    from: options.from,
    framesFile: options.frames,
    isAppending: true,
    isPolling: options.poll,
    ...handlers,
    onFrame: (frame) => {
      handlers.onFrame(frame);
      sender.take(frame);
      if (options.count !== undefined && collector.framesReceived >= options.count) stop();
    },
  });
  const sender = new CommandSender((message) => collector.send(message), printer.answer);
  try {
    for (const file of options.command ?? []) sender.addFile(file);
    await collector.start();
  } catch (error) {
    sender.close();
    await source.close();
    throw error;
  }
  const timer = options.seconds === undefined ? undefined : setTimeout(stop, options.seconds * 1000);
  await stopped;
  clearTimeout(timer);
  sender.close();
  await collector.close();
  return summary(printer, collector.framesReceived, collector.errorCount, `${collector.refused} messages refused`);
}

/** Runs the command; the exit code. `arguments_`: without node and the script. */
export async function collect(arguments_: readonly string[]): Promise<number> {
  try {
    const options = command().parse(arguments_, { from: 'user' }).opts<Options>();
    const sources = [options.udp, options.tcp, options.serial, options.file].filter((source) => source !== undefined);
    if (sources.length !== 1) throw new UsageError('exactly one of --udp, --tcp, --serial, --file is wanted');
    if (options.file !== undefined && options.count !== undefined) throw new UsageError('--count is for live sources');
    if (options.command !== undefined && (options.file !== undefined || !options.poll))
      throw new UsageError('--command wants a link that it can send on');
    if (options.file !== undefined && options.frames !== undefined && isSameFile(options.file, options.frames))
      throw new UsageError(`--frames ${options.frames}: the file that is judged cannot be written`);
    const keys = loadKeys(options.keys);
    return options.file === undefined ? await collectLive(keys, options) : collectFile(options.file, keys, options);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
    if (!(error instanceof UsageError || error instanceof KeyError || error instanceof SourceError)) throw error;
    process.stderr.write(`error: ${error.message}\n`);
    return EXIT_USAGE;
  }
}

function isSameFile(a: string, b: string): boolean {
  return existsSync(a) && existsSync(b) && realpathSync(a) === realpathSync(b);
}

function isMain(): boolean {
  const script = process.argv[1];
  return script !== undefined && realpathSync(script) === realpathSync(fileURLToPath(import.meta.url));
}

if (isMain()) {
  // Whoever reads us may stop reading (`| head`): that is no failure of ours.
  process.stdout.on('error', () => process.exit(0));
  process.exitCode = await collect(process.argv.slice(2));
}
