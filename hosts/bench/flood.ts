/** `npm run flood`: what an attack on a link costs the firmware on XS, against a tenth of a block. */
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { encodeHeader } from '../../simulator/block-stream.js';
import { Simulation } from '../../simulator/simulation.js';
import { benchOutput, spawnBench, temporaryFolder } from './bench-process.js';
import { cyclesPerComputron } from './detectors.js';

/** A block of 10 ms of an RP2040 at 125 MHz. */
const BLOCK_CYCLES = 1_250_000;
const SHARE_MAX = 0.1;

/** What one attack costs in a block. */
export interface FloodCost {
  readonly name: string;
  readonly mean: number;
  readonly largest: number;
  readonly slots: number;
  readonly chunkBytes: number;
  readonly noise: number;
}

export interface Flood {
  /** Computrons of a tenth of a block. */
  readonly most: number;
  readonly costs: readonly FloodCost[];
}

export async function measureFlood(): Promise<Flood> {
  const { configuration } = new Simulation('normal', 1);
  const bench = spawnBench(temporaryFolder(), {
    main: 'hosts/bench/flood-main.js',
    configuration,
    options: ['--virtual', '--arena', `${2 << 20}`],
  });
  bench.stdin?.on('error', () => {});
  const { analog, digital, blockUs } = configuration;
  bench.stdin?.end(encodeHeader(analog.length, digital.length, blockUs));
  const lines = (await benchOutput(bench)).trim().split('\n');
  const most = Math.floor((SHARE_MAX * BLOCK_CYCLES) / cyclesPerComputron().watching);
  return { most, costs: lines.map((line) => JSON.parse(line) as FloodCost) };
}

function isMain(): boolean {
  return process.argv[1] === fileURLToPath(import.meta.url);
}

if (isMain()) {
  const command = new Command('flood')
    .description(
      'What a block of attack on a link costs the firmware on XS, in computrons, against a tenth of a block.',
    )
    .option('--json', 'one JSON object')
    .parse();
  const { most, costs } = await measureFlood();
  if (command.opts().json) console.log(JSON.stringify({ most, costs }));
  else {
    console.log(`A tenth of a block: ${most} computrons`);
    for (const { name, mean, largest } of costs) console.log(`${name.padEnd(28)} mean ${mean}, largest ${largest}`);
  }
}
