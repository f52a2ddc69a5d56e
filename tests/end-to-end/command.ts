/** Runs the commands that users run, as they are built, and gives what they said. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** This file runs from build/tests/end-to-end/. */
const BUILD = new URL('../../', import.meta.url);

const SCRIPTS = {
  start: 'hosts/bench/start.js',
  scenarios: 'hosts/bench/scenarios.js',
  replay: 'hosts/bench/replay.js',
  bench: 'hosts/bench/measure.js',
  score: 'tests/score/score.js',
  collect: 'hosts/collector/collect.js',
  emulate: 'hosts/emulator/emulate.js',
  config: 'hosts/config/config.js',
};

export type CommandName = keyof typeof SCRIPTS;

export const COMMANDS = Object.keys(SCRIPTS) as CommandName[];

/** A command that has not ended by then is ended, in order if it can, and its test fails on the exit code. */
const RUN_MS_MAX = 240_000;
const END_MS_MAX = 5_000;

export interface Ended {
  /** Exit code; null when it had to be killed. */
  readonly code: number | null;
  /** Lines of stdout and stderr, empty ones included. */
  readonly out: readonly string[];
  readonly err: readonly string[];
}

function linesOf(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

export function run(command: CommandName, ...args: string[]): Promise<Ended> {
  const script = fileURLToPath(new URL(SCRIPTS[command], BUILD));
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (data) => out.push(data));
  child.stderr.on('data', (data) => err.push(data));
  const timers = [
    setTimeout(() => child.kill('SIGTERM'), RUN_MS_MAX),
    setTimeout(() => child.kill('SIGKILL'), RUN_MS_MAX + END_MS_MAX),
  ];
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      const isLate = timers.map((timer) => clearTimeout(timer)) && child.killed;
      resolve({
        code: isLate ? null : code,
        out: linesOf(Buffer.concat(out).toString()),
        err: linesOf(Buffer.concat(err).toString()),
      });
    });
  });
}
