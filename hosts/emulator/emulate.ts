/**
 * `npm run emulate -- FILE.uf2`: a product image on an emulated RP2040, the simulated tank on its pins, its RS-485 line on
 * a pseudo-terminal or at a collector in the same process.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { EmulatorError } from '../../simulator/rp2040/emulator-error.js';
import { Rp2040 } from '../../simulator/rp2040/rp2040.js';
import { Rs485Line } from '../../simulator/rp2040/rs485-line.js';
import { SCENARIOS } from '../../simulator/scenarios/index.js';
import { Simulation } from '../../simulator/simulation.js';
import type { Collector } from '../collector/collector.js';
import { KeyError } from '../collector/keys.js';
import { Printer } from '../collector/printer.js';
import { SourceError, systemReason } from '../collector/source.js';
import { createLineCollector } from './line-collector.js';
import { LineStream } from './line-stream.js';
import { openPty } from './pty.js';
import { TankWires } from './tank-wires.js';

interface Options {
  readonly scenario: string;
  readonly seed: number;
  readonly at?: number;
  readonly seconds?: number;
  readonly link: 'pty' | 'none';
  readonly frames?: string;
  readonly keys?: string;
  readonly flash?: string;
  readonly eraseMs: number;
  readonly uniqueId?: Uint8Array;
  readonly json?: true;
}

const EXIT_USAGE = 2;
const UART = 1;
const DRIVER_ENABLE_PIN = 10;
/** Emulated between two looks at the outside world. */
const SLICE_US = 2000;

/** Input that cannot be used; the message is one line. */
class InputError extends Error {}

function numberFrom(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !(value >= min && value <= max))
      throw new InvalidArgumentError(`a number from ${min} to ${max} is wanted.`);
    return value;
  };
}

function eightBytes(text: string): Uint8Array {
  if (!/^[0-9a-fA-F]{16}$/.test(text)) throw new InvalidArgumentError('16 hexadecimal digits are wanted.');
  return Buffer.from(text, 'hex');
}

const program = new Command('emulate')
  .description('Runs a Pico image on an emulated RP2040 with the simulated tank on its pins.')
  .argument('<FILE.uf2>', 'the image')
  .addOption(
    new Option('--scenario <NAME>', 'what happens in the plant')
      .choices(SCENARIOS.map(({ name }) => name))
      .default('normal'),
  )
  .option('--seed <N>', 'of the plant and of the chip', numberFrom(0, 0xffffffff), 1)
  .option('--at <S>', 'second at which the scenario begins', numberFrom(0, 1e8))
  .option('--seconds <S>', 'of emulated time (default: until interrupted)', numberFrom(0.001, 1e8))
  .addOption(new Option('--link <LINK>', 'where the RS-485 line goes').choices(['pty', 'none']).default('pty'))
  .option('--frames <FILE>', 'a collector on the line in this process: the frames as received, a CBOR sequence')
  .option('--keys <DIR>', 'the same: writes device.cose_key, the key that the board states in its first boot frame')
  .option('--flash <FILE>', 'contents of the flash chip, kept from run to run')
  .option('--erase-ms <N>', 'of a flash sector; 45 typical, 400 at most', numberFrom(0.001, 10_000), 45)
  .option('--unique-id <HEX>', 'of the flash chip, 16 digits', eightBytes)
  .option('--json', 'one JSON object per frame, and one at the end')
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'emulate: ')) });

function readInput(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new InputError(`${path}: ${systemReason(error)}`);
  }
}

function createChip(file: string, options: Options): Rp2040 {
  const { seed, eraseMs, uniqueId, flash } = options;
  const chip = new Rp2040({ seed, eraseMs, uniqueId });
  if (flash !== undefined && existsSync(flash)) {
    const contents = readInput(flash);
    if (contents.length !== chip.flash.length) throw new InputError(`${flash}: not ${chip.flash.length} bytes long`);
    chip.flash.set(contents);
  }
  try {
    chip.loadUf2(readInput(file));
  } catch (error) {
    throw error instanceof InputError ? error : new InputError(`${file}: ${(error as Error).message}`);
  }
  return chip;
}

/** What is connected to the line; `close` ends it. */
interface Link {
  readonly collector?: Collector;
  close(): Promise<void>;
}

async function connect(line: Rs485Line, options: Options, nowMs: () => number, simulation: Simulation): Promise<Link> {
  const { frames, keys, json, link } = options;
  if (frames !== undefined || keys !== undefined) {
    const printer = new Printer(json === true, simulation.configuration);
    const stream = new LineStream(line);
    const { address } = simulation.configuration;
    const collector = createLineCollector({ stream, address, framesFile: frames, keysFolder: keys, printer, nowMs });
    await collector.start();
    return { collector, close: () => collector.close() };
  }
  if (link === 'none') return { close: async () => {} };
  const pty = await openPty((bytes) => line.send(bytes));
  line.onByte = (byte) => pty.write(Uint8Array.of(byte));
  if (json) console.log(JSON.stringify({ serial: pty.path }));
  else console.log(`RS-485 line: ${pty.path}`);
  return { close: async () => pty.close() };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function run(file: string, options: Options): Promise<number> {
  const chip = createChip(file, options);
  const simulation = new Simulation(options.scenario, options.seed, options.at);
  const wires = new TankWires(chip, simulation);
  const line = new Rs485Line(chip, UART, DRIVER_ENABLE_PIN);
  let isInterrupted = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => (isInterrupted = true));
  const link = await connect(line, options, () => chip.nowUs / 1000, simulation);
  const startedMs = performance.now();
  const endUs = (options.seconds ?? Number.POSITIVE_INFINITY) * 1e6;
  try {
    while (!isInterrupted && chip.nowUs < endUs) {
      chip.runUntilUs(Math.min(chip.nowUs + SLICE_US, endUs));
      await nextTurn();
    }
  } finally {
    await link.close();
    if (options.flash !== undefined) writeFileSync(options.flash, chip.flash);
  }
  report(chip, wires, line, link, (performance.now() - startedMs) / 1000, options);
  return link.collector !== undefined && link.collector.errorCount > 0 ? 1 : 0;
}

function report(chip: Rp2040, wires: TankWires, line: Rs485Line, link: Link, wallS: number, options: Options): void {
  const seconds = chip.nowUs / 1e6;
  const summary = {
    emulatedSeconds: Number(seconds.toFixed(6)),
    megahertz: Number((chip.cycles / wallS / 1e6).toFixed(1)),
    cpuShare: Number((chip.busyCycles / chip.cycles).toFixed(4)),
    resets: chip.resets,
    conversions: wires.converter.conversions,
    sectorsErased: chip.flashChip.erasedSectors,
    pagesProgrammed: chip.flashChip.programmedPages,
    transmissions: line.transmissions,
    spoiledBytes: line.spoiled,
    driverReleaseUsMax: line.transmissions === 0 ? null : line.releaseNsMax / 1000,
    framesVerified: link.collector?.framesReceived ?? null,
    errors: link.collector?.errorCount ?? null,
  };
  if (options.json) console.log(JSON.stringify(summary));
  else for (const [name, value] of Object.entries(summary)) if (value !== null) console.error(`${name}: ${value}`);
}

async function main(): Promise<void> {
  const command = program.parse();
  // whoever reads us may stop reading (`| head`): that is no failure of ours
  process.stdout.on('error', () => process.exit(0));
  process.exit(await run(command.args[0], command.opts<Options>()));
}

main().catch((error) => {
  if (error.code === 'commander.helpDisplayed') process.exit(0);
  if (error.code?.startsWith?.('commander.')) process.exit(EXIT_USAGE);
  console.error(`emulate: ${error.message}`);
  if (!(error instanceof InputError || error instanceof SourceError || error instanceof KeyError)) {
    if (!(error instanceof EmulatorError)) console.error(error.stack);
    process.exit(1);
  }
  process.exit(EXIT_USAGE);
});
