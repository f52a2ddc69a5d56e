/** Starts build/xs/bench, the firmware on the real XS engine, as a child process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Configuration } from '../../modules/config/configuration.js';

/** The build folder, where tsc put the modules. */
const BUILD = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const BENCH = join(BUILD, 'xs', 'bench');

export interface BenchOptions {
  /** Module below the build folder. */
  readonly main: string;
  readonly configuration: Configuration;
  /** Further options of build/xs/bench; see its --help. */
  readonly options: readonly string[];
}

/** A folder for the files of one run; removed when the process ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirewitness-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Spawns the bench with its block stream on stdin; stdout and stderr are pipes. */
export function spawnBench(folder: string, { main, configuration, options }: BenchOptions): ChildProcess {
  if (!existsSync(BENCH)) throw new Error('build/xs/bench is missing: run npm run build');
  const file = join(folder, 'configuration.json');
  const text = JSON.stringify(configuration);
  writeFileSync(file, text);
  return spawn(
    BENCH,
    [
      ...['--root', BUILD, '--main', main, '--configuration', file, '--blocks', '-'],
      ...['--argument', `configuration-digest=${digest(text)}`, '--argument', `firmware-digest=${firmwareDigest()}`],
      ...options,
    ],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
}

/** First 16 bytes of SHA-256 as hex. */
function digest(content: string): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 32);
}

/** Over every module of the firmware, in order of path: what the image of a board is made of. */
function firmwareDigest(): string {
  const folder = join(BUILD, 'modules');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.js'));
  return digest(
    files
      .sort()
      .map((file) => `${file}\n${readFileSync(join(folder, file), 'utf8')}`)
      .join('\n'),
  );
}

/** Resolves with what the process wrote to stdout; rejects with its line on stderr when it failed. */
export function benchOutput(bench: ChildProcess): Promise<string> {
  let output = '';
  let errors = '';
  bench.stdout?.on('data', (data) => {
    output += data;
  });
  bench.stderr?.on('data', (data) => {
    errors += data;
  });
  return new Promise((resolve, reject) => {
    bench.on('error', reject);
    bench.on('close', (code, signal) => {
      if (code === 0) resolve(output);
      else reject(new Error(errors.trim().split('\n').pop() || `bench ended with ${code ?? signal}`));
    });
  });
}
