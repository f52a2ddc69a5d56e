/** `npm run collect`: the collector alone. Exit 0: all verified; 1: something is missing or forged; 2: cannot be run so. */
import { existsSync, realpathSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommanderError } from 'commander';
import { Collector } from './collector.js';
import { CommandSender } from './command-sender.js';
import { judgeFile } from './file.js';
import { FrameStore } from './frame-store.js';
import { keepSuccession, loadKeyRing } from './key-succession.js';
import { KeyError, type KeySet } from './keys.js';
import { Links } from './links.js';
import { type Listener, tellAll } from './listener.js';
import { clientIdFor } from './mqtt-address.js';
import { MqttSource } from './mqtt-source.js';
import { NameBook } from './name-book.js';
import { collectCommand, type Options } from './options.js';
import { Outlets } from './outlets.js';
import { Printer } from './printer.js';
import { judgeStores } from './read-stores.js';
import { openSerial, SerialSource } from './serial.js';
import { type Source, SourceError } from './source.js';
import { Store } from './store/store.js';
import { TcpSource } from './tcp.js';
import { UdpSource } from './udp.js';
import type { Frame } from './verify.js';

const EXIT_BAD = 1;
const EXIT_USAGE = 2;

/** Bad usage; the message is one line. */
class UsageError extends Error {}

function checkUsage(options: Options): void {
  const links = options.udp.length + options.tcp.length + options.serial.length + options.mqtt.length;
  const { file, read, store, frames, count } = options;
  if ([links > 0, file !== undefined, read.length > 0].filter((isGiven) => isGiven).length !== 1)
    throw new UsageError('exactly one of --udp, --tcp, --serial, --file, --mqtt, --read is wanted (links: any number)');
  if (options.command !== undefined && (links === 0 || !options.poll || options.oneWay !== undefined))
    throw new UsageError('--command wants a link that it can send on');
  if (links === 0 && options.oneWay !== undefined) throw new UsageError('--one-way is for live sources');
  if (links === 0 && count !== undefined) throw new UsageError('--count is for live sources');
  const isLiveOnly = store !== undefined || options.forward.length > 0 || options.metrics !== undefined;
  if (links === 0 && isLiveOnly) throw new UsageError('--store, --forward and --metrics are for live sources');
  if ((options.modbus === undefined) !== (options.crossCheck === undefined))
    throw new UsageError('--modbus and --cross-check go together');
  if (file !== undefined && frames !== undefined && isSameFile(file, frames))
    throw new UsageError(`--frames ${frames}: the file that is judged cannot be written`);
}

function isSameFile(a: string, b: string): boolean {
  return existsSync(a) && existsSync(b) && realpathSync(a) === realpathSync(b);
}

function summary(printer: Printer, frames: number, errors: number, rest: string): number {
  printer.info(`${frames} frames verified, ${errors} errors, ${rest}`);
  return errors > 0 ? EXIT_BAD : 0;
}

/** What is heard of frames: everything, or with --quiet only what is wrong. */
function heard(printer: Printer, options: Options) {
  const handlers = printer.handlers();
  return options.quiet === true ? { ...handlers, onFrame: () => {} } : handlers;
}

function collectStored(keys: KeySet, options: Options): number {
  const printer = new Printer(options.json === true);
  const file = options.frames === undefined ? undefined : new FrameStore(options.frames, true);
  const handlers = heard(printer, options);
  try {
    const onFrame = (frame: Frame) => {
      file?.append(frame.bytes);
      handlers.onFrame(frame);
    };
    const listener = { ...handlers, onFrame };
    const { frames, errors, duplicates } =
      options.file !== undefined
        ? judgeFile(options.file, keys, listener, options.from)
        : judgeStores(options.read, keys, listener, options.from);
    return summary(printer, frames, errors, `${duplicates} duplicates`);
  } finally {
    file?.close();
  }
}

async function openLinks(options: Options): Promise<Links> {
  const links: Source[] = [];
  const isAlone = options.udp.length + options.tcp.length + options.serial.length + options.mqtt.length === 1;
  for (const { host, port } of options.udp) links.push(new UdpSource(host, port));
  for (const { host, port } of options.tcp) links.push(new TcpSource(host, port, !isAlone));
  for (const address of options.mqtt) links.push(new MqttSource(address, sessionOf(options)));
  for (const { device, addresses } of options.serial)
    links.push(new SerialSource(await openSerial(device, options.baud), addresses ?? options.address, options));
  return new Links(links);
}

function linksText({ udp, tcp, mqtt, serial }: Options): string {
  const counts = { udp, tcp, mqtt, serial };
  return Object.entries(counts)
    .filter(([, links]) => links.length > 0)
    .map(([name, links]) => `${links.length} ${name}`)
    .join(', ');
}

/** Who stores what comes is known to the broker by name, so that nothing is lost while it is away. */
function sessionOf({ clientId, store }: Options): string | undefined {
  if (clientId !== undefined) return clientId;
  return store === undefined ? undefined : clientIdFor(basename(store));
}

async function collectLive(keys: KeySet, options: Options): Promise<number> {
  const book = new NameBook();
  const printer = new Printer(options.json === true, book);
  const listeners: Listener[] = [{ onFrame: (frame) => book.learn(frame) }, heard(printer, options)];
  const all = tellAll(listeners);
  let stop: () => void = () => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  const store = openStore(keys, options, all);
  if (store !== undefined) book.learnFrom(store, keys);
  const outlets = new Outlets(options, { keys, book, store, all, refused: () => collector?.refused ?? 0 });
  let collector: Collector | undefined;
  const sender = new CommandSender((message) => collector?.send(message), printer.answer);
  try {
    for (const file of options.command ?? []) sender.addFile(file);
    listeners.push(...(await outlets.open()));
    const running: Collector = new Collector({
      keys,
      source: await openLinks(options),
      from: options.from,
      framesFile: options.frames,
      isAppending: true,
      isPolling: options.poll,
      ...(options.oneWay === undefined ? {} : { oneWayTimes: options.oneWay }),
      ...(store === undefined ? {} : { store }),
      ...all,
      onSuccessor: (frame) => {
        const trouble = keepSuccession(options.keys, frame);
        if (trouble !== undefined) printer.info(`the new key is not kept beside the old one: ${trouble}`);
      },
      onFrame: (frame) => {
        all.onFrame(frame);
        sender.take(frame);
        if (options.count !== undefined && running.framesReceived >= options.count) stop();
      },
    });
    collector = running;
    await running.start();
    printer.info(`collecting from ${linksText(options)}`);
    const timer = options.seconds === undefined ? undefined : setTimeout(stop, options.seconds * 1000);
    await stopped;
    clearTimeout(timer);
    await running.close();
    return summary(printer, running.framesReceived, running.errorCount, `${running.refused} messages refused`);
  } finally {
    sender.close();
    await outlets.close();
    store?.close();
  }
}

function openStore(keys: KeySet, options: Options, all: Required<Listener>): Store | undefined {
  if (options.store === undefined) return undefined;
  return new Store(options.store, {
    keys,
    syncMs: options.sync,
    segmentBytesMax: options.segmentBytes,
    onInfo: all.onInfo,
    onState: all.onStoreState,
  });
}

/** Runs the command; the exit code. `arguments_`: without node and the script. */
export async function collect(arguments_: readonly string[]): Promise<number> {
  try {
    const options = collectCommand().parse(arguments_, { from: 'user' }).opts<Options>();
    checkUsage(options);
    const keys = loadKeyRing(options.keys);
    const isStored = options.file !== undefined || options.read.length > 0;
    return isStored ? collectStored(keys, options) : await collectLive(keys, options);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
    if (!(error instanceof UsageError || error instanceof KeyError || error instanceof SourceError)) throw error;
    process.stderr.write(`error: ${error.message}\n`);
    return EXIT_USAGE;
  }
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
