/**
 * `npm run flood:m0`: what an attack on a link costs the emulated Cortex-M0+ in a block, in cycles. The attacks are those
 * of `npm run flood`; here the turn of the link is counted from the timer's callback on, the port's call included.
 */
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { encodeHeader } from '../../simulator/block-stream.js';
import { Simulation } from '../../simulator/simulation.js';
import { grown, readFigures, saveFigures } from '../bench/baseline.js';
import { benchOutput, spawnBench, temporaryFolder } from '../bench/bench-process.js';
import { ATTACKS, type Attack, floodPiece } from '../bench/flood-attacks.js';
import { CLOCK_HZ, Emulation } from './emulation.js';
import { type State, writeImage } from './image.js';
import { ImageFile } from './image-file.js';
import { ARENA_BYTES, checkBench, compilerVersion, linkImage, MissingTool } from './measure.js';
import { RawBlocks } from './raw-blocks.js';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const FOLDER = join(ROOT, 'build', 'm0-flood');
const BENCH = join(ROOT, 'build', 'xs', 'bench');
const BASELINE = join(ROOT, 'hosts', 'm0', 'flood-baseline.json');
const EXIT_USAGE = 2;
const WARM_UP = 20;
/** More than a slice in which one forged command is looked at. */
const BLOCKS = 400;
/** Before and after flood-main.ts turns from datagrams to the line. */
const EXPORTS_MS = [50, 12_000];
const CARRIERS = ['datagram', 'serial'];

/** A tenth of a block of 10 ms. */
export const FLOOD_CYCLES_MAX = CLOCK_HZ / 100 / 10;

/** Cycles of a block under one attack. */
export interface FloodCycles {
  readonly name: string;
  readonly mean: number;
  readonly largest: number;
}

async function exportStates(): Promise<void> {
  const { configuration } = new Simulation('normal', 1);
  mkdirSync(FOLDER, { recursive: true });
  const bench = spawnBench(temporaryFolder(), {
    main: 'hosts/m0/flood-main.js',
    configuration,
    options: [
      // nothing comes before the chip goes on from there
      ...['--virtual', '--arena', `${ARENA_BYTES}`, '--udp', '0:127.0.0.1:9', '--tty', 'new'],
      ...['--export', `${FOLDER}/`],
      ...EXPORTS_MS.flatMap((ms) => ['--export-at', `${ms}`]),
    ],
  });
  bench.stdin?.on('error', () => {});
  const { analog, digital, blockUs } = configuration;
  bench.stdin?.end(encodeHeader(analog.length, digital.length, blockUs));
  await benchOutput(bench);
}

/** Throws MissingTool where the cross compiler is not there. */
export async function measureFloodCycles(): Promise<FloodCycles[]> {
  compilerVersion();
  checkBench();
  await exportStates();
  const { states, modules } = writeImage(FOLDER, BENCH, EXPORTS_MS.length);
  linkImage(FOLDER);
  const image = new ImageFile(join(FOLDER, 'image.elf'));
  return ATTACKS.map((attack) => {
    const state = CARRIERS.indexOf(attack.carrier);
    const cycles = cyclesUnder(attack, (receive) => {
      const { nowUs, flash } = states[state] as State;
      const blocks = new RawBlocks('normal', 1, 0);
      const sign = () => new Uint8Array(64);
      const count = WARM_UP + BLOCKS;
      return new Emulation({ image, modules, state, nowUs, flash, blocks, count, signMs: 0, sign, receive });
    });
    const sum = cycles.reduce((total, value) => total + value, 0);
    return { name: attack.name, mean: Math.round(sum / cycles.length), largest: Math.max(...cycles) };
  });
}

type Receive = (port: number, tick: number) => Uint8Array;

/** What waited in a block and was not taken is gone, as where the port's buffer is full. */
function cyclesUnder(attack: Attack, emulationWith: (receive: Receive) => Emulation): number[] {
  let last = -1;
  let left = 0;
  let piece = new Uint8Array(0);
  const receive = (_port: number, tick: number) => {
    if (tick !== last) {
      last = tick;
      left = attack.perBlock;
      piece = Uint8Array.from(floodPiece(attack, tick));
    }
    return left-- > 0 ? piece : new Uint8Array(0);
  };
  const { ticks } = emulationWith(receive).run();
  return ticks.slice(WARM_UP).map(({ idle }) => idle);
}

/** The saved baseline. */
export function readFloodBaseline(): FloodCycles[] {
  return readFigures(BASELINE);
}

/** Attacks that cost more than the baseline has. */
export function floodRegressions(costs: readonly FloodCycles[], baseline: readonly FloodCycles[]): string[] {
  return grown(
    costs.flatMap(({ name, mean, largest }) => {
      const then = baseline.find((cost) => cost.name === name);
      return [
        [`${name}, mean`, mean, then?.mean ?? 0],
        [`${name}, largest`, largest, then?.largest ?? 0],
      ] as const;
    }),
  );
}

async function main(): Promise<void> {
  const command = new Command('flood:m0')
    .description(
      'What a block of attack on a link costs an emulated Cortex-M0+, in cycles, against a tenth of a block.',
    )
    .option('--json', 'one JSON object')
    .option('--save', 'make these figures the baseline')
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : EXIT_USAGE))
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'flood:m0: ')) })
    .parse();
  const costs = await measureFloodCycles();
  if (command.opts().save) saveFigures(BASELINE, costs);
  if (command.opts().json) console.log(JSON.stringify({ most: FLOOD_CYCLES_MAX, costs }));
  else {
    console.log(`A tenth of a block: ${FLOOD_CYCLES_MAX} cycles`);
    for (const { name, mean, largest } of costs) console.log(`${name.padEnd(28)} mean ${mean}, largest ${largest}`);
  }
  const worse = floodRegressions(costs, readFloodBaseline());
  for (const line of worse) console.error(`flood:m0: ${line}`);
  process.exitCode = worse.length > 0 ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  main().catch((error) => {
    console.error(`flood:m0: ${error.message}`);
    process.exit(error instanceof MissingTool ? EXIT_USAGE : 1);
  });
