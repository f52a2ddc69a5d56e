/**
 * `npm run bench:m0`: what the firmware costs on a Cortex-M0+, in cycles. XS 13.3 of the bench compiled for the chip, our
 * modules as byte code in its flash, on the emulated RP2040. It measures; it is not the product image.
 *
 * The chip has no room for XS's parser, and emulating 300 s of learning takes half an hour: the bench boots the firmware
 * and lets it learn, on the same XS with the same slots, and the chip goes on from its memory at four moments.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { p256 } from '@noble/curves/nist.js';
import { Command } from 'commander';
import { CborReader } from '../../modules/cbor/reader.js';
import { KIND_INCIDENT } from '../../modules/frame/kinds.js';
import { MESSAGE_DATA } from '../../modules/link/message.js';
import { writeBlocks } from '../../simulator/block-stream.js';
import { Simulation } from '../../simulator/simulation.js';
import { grown, printFigures, readFigures, type Spread, saveFigures, spread } from '../bench/baseline.js';
import { benchOutput, spawnBench, temporaryFolder } from '../bench/bench-process.js';
import { publicKeyOf } from '../bench/node-board.js';
import { Assembler } from '../collector/assemble.js';
import { keyOf, keySet } from '../collector/keys.js';
import { readMessage } from '../collector/link-message.js';
import { isRefusal, verifyFrame } from '../collector/verify.js';
import { CLOCK_HZ, Emulation, type EmulationResult } from './emulation.js';
import { writeImage } from './image.js';
import { ImageFile } from './image-file.js';
import { RawBlocks } from './raw-blocks.js';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const FOLDER = join(ROOT, 'build', 'm0');
const BENCH = join(ROOT, 'build', 'xs', 'bench');
const BASELINE = join(ROOT, 'hosts', 'm0', 'baseline.json');
const SCENARIO = 'order-not-executed';
const SEED = 1;
const SECRET = new Uint8Array(32).fill(0x42);
export const ARENA_BYTES = 117248;
const FLASH = 0x10000000;
const STATES = 0x10280000;
const SRAM = 0x20000000;
const BLOCK_US = 10_000;
const BLOCK_CYCLES = CLOCK_HZ / 100;
const EXIT_USAGE = 2;

/**
 * Where the chip goes on, and for how many blocks. `npm run bench` counts computrons of every block: the dearest ones of
 * learning's last minute, of watching and of the incident lie in these windows, and so does the end of learning.
 */
const WINDOWS = {
  learning: { fromMs: 284_500, blocks: 450 },
  endOfLearning: { fromMs: 299_900, blocks: 40 },
  watching: { fromMs: 349_000, blocks: 1000 },
  incident: { fromMs: 411_500, blocks: 250 },
} as const;
type Window = keyof typeof WINDOWS;
const NAMES = Object.keys(WINDOWS) as Window[];

/** The keys of `--json`. */
export interface Figures {
  /** Of a step while watching without an incident: the timer's call, captureRead and Sensor.step. */
  readonly cyclesPerBlock: Spread;
  readonly learningCyclesPerBlock: Spread;
  readonly incidentCyclesPerBlock: Spread;
  /** Of the one block with which learning ends. */
  readonly endOfLearningCycles: number;
  /** Of Sensor.idle after a block, watching and during an incident: frames, the log, the link; no signature, no hash. */
  readonly idleCyclesPerBlock: Spread;
  /** Of the worst step while watching. */
  readonly cpuShareAt125MHz: number;
  readonly learningCpuShareAt125MHz: number;
  readonly ramBytes: number;
  readonly ramParts: Readonly<Record<'arena' | 'static' | 'heap' | 'stack', number>>;
  readonly flashBytes: number;
  readonly flashParts: Readonly<Record<'code' | 'root', number>>;
  /** Null: this image has no signer of the product's; see `unmeasured`. */
  readonly signMs: null;
  readonly incidentToFrameMs: null;
  /** From the block that opens the incident to its frame on the link, by a signer that takes no time. */
  readonly incidentToUnsignedFrameMs: number;
  readonly lostBlocks: number;
  readonly framesVerified: number;
  readonly compiler: string;
  readonly unmeasured: string;
}

const UNMEASURED =
  'signing (the SDK signs, and is not in this image), SHA-256, XIP cache misses, the analog converter and DMA; ' +
  'doubles are computed by libgcc, not by the boot ROM as in the product';

export class MissingTool extends Error {}

/** The compiler's version; throws MissingTool with one line. */
export function compilerVersion(): string {
  const { status, stdout } = spawnSync('arm-none-eabi-gcc', ['-dumpfullversion'], { encoding: 'utf8' });
  if (status !== 0)
    throw new MissingTool(
      'arm-none-eabi-gcc is missing: install gcc-arm-none-eabi and libnewlib-arm-none-eabi (Debian)',
    );
  return stdout.trim();
}

/** Its slots must be the chip's. */
export function checkBench(): void {
  const head = Buffer.alloc(5);
  const file = openSync(BENCH, 'r');
  readSync(file, head);
  closeSync(file);
  if (head[4] !== 1)
    throw new MissingTool("build/xs/bench is 64-bit, its slots are not the chip's: install gcc-multilib (Debian)");
}

/** The bench boots the firmware, learns and watches, and writes its memory at each window's start. */
async function exportStates(): Promise<void> {
  const simulation = new Simulation(SCENARIO, SEED);
  const folder = temporaryFolder();
  const key = join(folder, 'key');
  writeFileSync(key, SECRET, { mode: 0o600 });
  mkdirSync(FOLDER, { recursive: true });
  const bench = spawnBench(folder, {
    main: 'main.js',
    configuration: simulation.configuration,
    options: [
      // whatever is sent before the chip takes over goes nowhere: port 9 discards
      ...['--virtual', '--arena', `${ARENA_BYTES}`, '--key', key, '--udp', '0:127.0.0.1:9', '--export', `${FOLDER}/`],
      ...NAMES.flatMap((name) => ['--export-at', `${WINDOWS[name].fromMs}`]),
    ],
  });
  const output = benchOutput(bench);
  const stdin = bench.stdin as NonNullable<typeof bench.stdin>;
  stdin.on('error', () => {});
  // it ends by itself with the last state, the stream then has no reader
  const stream = writeBlocks(simulation, stdin, { seconds: 1000, isRealTime: false }).catch(() => {});
  await Promise.race([stream, output]);
  await output;
}

/** Builds `folder`/image.elf of what `writeImage` put there. */
export function linkImage(folder: string): void {
  const options = ['--no-print-directory', '-C', join(ROOT, 'hosts', 'm0'), `M0=${folder}`];
  const objects = `OBJECTS=${join(FOLDER, 'objects')}`;
  const { status, stderr } = spawnSync('make', [...options, objects], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`make: ${stderr.trim().split('\n').slice(-3).join('; ')}`);
}

/** Exports, links, emulates; progress on stderr where asked for. */
export async function measure(report: (line: string) => void): Promise<{ figures: Figures; profile: string[] }> {
  const compiler = compilerVersion();
  checkBench();
  report('the bench boots the firmware and lets it learn');
  await exportStates();
  const { states, modules } = writeImage(FOLDER, BENCH, NAMES.length);
  report('XS is compiled for the Cortex-M0+ (about a minute the first time)');
  linkImage(FOLDER);
  const image = new ImageFile(join(FOLDER, 'image.elf'));
  const results = NAMES.map((name, state) => {
    const { nowUs, flash } = states[state];
    const blocks = new RawBlocks(SCENARIO, SEED, Math.round(nowUs / BLOCK_US));
    const sign = (bytes: Uint8Array) => p256.sign(bytes, SECRET);
    const count = WINDOWS[name].blocks;
    const result = new Emulation({ image, modules, state, nowUs, flash, blocks, count, signMs: 0, sign }).run();
    report(`${name}: ${count} blocks emulated in ${Math.round(result.wallMs / 100) / 10} s`);
    return result;
  });
  return { figures: figuresOf(image, compiler, results), profile: profileOf(results[NAMES.indexOf('watching')]) };
}

function figuresOf(image: ImageFile, compiler: string, results: readonly EmulationResult[]): Figures {
  const [learning, endOfLearning, watching, incident] = results;
  const blocksOf = ({ ticks }: EmulationResult) => ticks.flatMap(({ blocks }) => blocks);
  const share = (cycles: number) => Math.round((cycles / BLOCK_CYCLES) * 1000) / 1000;
  const cyclesPerBlock = spread(blocksOf(watching));
  const learningCyclesPerBlock = spread(blocksOf(learning));
  const frames = frameFigures(results);
  const memory = memoryFigures(image, results);
  return {
    cyclesPerBlock,
    learningCyclesPerBlock,
    incidentCyclesPerBlock: spread(blocksOf(incident)),
    endOfLearningCycles: Math.max(...blocksOf(endOfLearning)),
    idleCyclesPerBlock: spread([watching, incident].flatMap(({ ticks }) => ticks.map(({ idle }) => idle))),
    cpuShareAt125MHz: share(cyclesPerBlock.max),
    learningCpuShareAt125MHz: share(learningCyclesPerBlock.max),
    ...memory,
    signMs: null,
    incidentToFrameMs: null,
    incidentToUnsignedFrameMs: frames.incidentMs,
    lostBlocks: results.reduce((sum, { lostBlocks }) => sum + lostBlocks, 0),
    framesVerified: frames.verified,
    compiler: `arm-none-eabi-gcc ${compiler}`,
    unmeasured: UNMEASURED,
  };
}

/** Every frame that left the chip must verify; how long the first incident's took. */
function frameFigures(results: readonly EmulationResult[]): { verified: number; incidentMs: number } {
  const { x, y } = publicKeyOf(SECRET);
  const keys = keySet(keyOf(x, y));
  let verified = 0;
  let incidentMs = Number.NaN;
  for (const { frames: datagrams } of results)
    for (const { atUs, bytes } of framesOf(datagrams)) {
      const verdict = verifyFrame(bytes, keys);
      if (isRefusal(verdict)) throw new Error(`a frame of the chip does not verify: ${verdict.reason}`);
      verified++;
      if (verdict.kind === KIND_INCIDENT && Number.isNaN(incidentMs)) {
        // composed in the tick of the block that opened it, so that block ended at the last whole 10 ms
        const openedUs = Math.floor(verdict.uptimeUs / BLOCK_US) * BLOCK_US;
        incidentMs = Math.round((atUs - openedUs) / 100) / 10;
      }
    }
  return { verified, incidentMs };
}

/** Frames out of datagrams, each with the time at which its last part left. */
function framesOf(datagrams: EmulationResult['frames']) {
  const assembler = new Assembler();
  return datagrams.flatMap(({ atUs, bytes: datagram }) => {
    const reader = new CborReader(datagram);
    reader.reset(0, datagram.length);
    const message = readMessage(reader);
    const bytes = message?.type === MESSAGE_DATA ? assembler.take(message) : undefined;
    return bytes === undefined ? [] : [{ atUs, bytes }];
  });
}

function memoryFigures(image: ImageFile, results: readonly EmulationResult[]) {
  const bytesIn = (from: number, to: number, isWanted: (name: string) => boolean) =>
    image.sections.reduce(
      (sum, { name, address, bytes }) => (address >= from && address < to && isWanted(name) ? sum + bytes : sum),
      0,
    );
  const root = bytesIn(FLASH, STATES, (name) => name.startsWith('.root') || name === '.tables');
  const inRam = bytesIn(SRAM, SRAM + (1 << 20), () => true);
  const data = bytesIn(SRAM, SRAM + (1 << 20), (name) => name === '.data');
  const flashParts = { code: bytesIn(FLASH, STATES, () => true) - root + data, root };
  const ramParts = {
    arena: ARENA_BYTES,
    static: inRam,
    heap: Math.max(...results.map(({ heapEnd }) => heapEnd)) - image.addressOf('bssEnd'),
    stack: Math.max(...results.map(({ stackBytes }) => stackBytes)),
  };
  return {
    ramBytes: ramParts.arena + ramParts.static + ramParts.heap + ramParts.stack,
    ramParts,
    flashBytes: flashParts.code + flashParts.root,
    flashParts,
  };
}

/** Where the cycles of watching go, by module and by function, those above a half percent. */
function profileOf({ functions, modules }: EmulationResult): string[] {
  const table = (title: string, profile: ReadonlyMap<string, number>) => {
    const total = [...profile.values()].reduce((sum, cycles) => sum + cycles, 0);
    const lines = [...profile]
      .sort((a, b) => b[1] - a[1])
      .filter(([, cycles]) => cycles > total / 200)
      .map(([name, cycles]) => `  ${name.padEnd(44)}${((100 * cycles) / total).toFixed(1).padStart(5)} %`);
    return [title, ...lines];
  };
  return [
    ...table('while watching, cycles by module of JavaScript (with the C it calls):', modules),
    ...table('by function of C:', functions),
  ];
}

/** Counts that may not grow, by name. */
export function regressions(figures: Figures, baseline: Figures): string[] {
  return grown([
    ['cyclesPerBlock.mean', figures.cyclesPerBlock.mean, baseline.cyclesPerBlock.mean],
    ['cyclesPerBlock.max', figures.cyclesPerBlock.max, baseline.cyclesPerBlock.max],
    ['learningCyclesPerBlock.mean', figures.learningCyclesPerBlock.mean, baseline.learningCyclesPerBlock.mean],
    ['learningCyclesPerBlock.max', figures.learningCyclesPerBlock.max, baseline.learningCyclesPerBlock.max],
    ['endOfLearningCycles', figures.endOfLearningCycles, baseline.endOfLearningCycles],
    ['idleCyclesPerBlock.max', figures.idleCyclesPerBlock.max, baseline.idleCyclesPerBlock.max],
    ['ramBytes', figures.ramBytes, baseline.ramBytes],
    ['flashBytes', figures.flashBytes, baseline.flashBytes],
    ['lostBlocks', figures.lostBlocks, baseline.lostBlocks],
  ]);
}

/** The saved baseline. */
export function readBaseline(): Figures {
  return readFigures(BASELINE);
}

async function main(): Promise<void> {
  const program = new Command('bench:m0')
    .description(
      'Measures the firmware on an emulated RP2040: cycles per block, RAM, flash. XS 13.3 compiled for the\n' +
        'Cortex-M0+ with our modules as byte code. It measures; it is not the product image (npm run build:pico).\n' +
        `Not measured: ${UNMEASURED}.`,
    )
    .option('--json', 'the figures as JSON')
    .option('--save', 'make these figures the baseline')
    .option('--profile', 'where the cycles go')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'bench:m0: ')) });
  const options = program.parse().opts<{ json?: boolean; save?: boolean; profile?: boolean }>();
  const { figures, profile } = await measure(options.json ? () => {} : (line) => console.error(`bench:m0: ${line}`));
  if (options.save) saveFigures(BASELINE, figures);
  if (options.json) console.log(JSON.stringify(figures));
  else {
    const { unmeasured, ...counts } = figures;
    printFigures(counts, readBaseline());
    console.log(`It measures; it is not the product image. Not measured: ${unmeasured}.`);
  }
  if (options.profile) console.log(profile.join('\n'));
  const worse = regressions(figures, readBaseline());
  for (const line of worse) console.error(`bench:m0: ${line}`);
  process.exitCode = worse.length > 0 ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  main().catch((error) => {
    if (error.code === 'commander.helpDisplayed') process.exit(0);
    if (error.code?.startsWith?.('commander.')) process.exit(EXIT_USAGE);
    console.error(`bench:m0: ${error.message}`);
    process.exit(error instanceof MissingTool ? EXIT_USAGE : 1);
  });
