/**
 * Runs every test with ava and ends with the line `N passed, N failed` (and `, N skipped` where there are).
 * A crash, an uncaught exception, a timeout and a run without tests count as failures.
 */
import { spawn } from 'node:child_process';
import { join, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs, stripVTControlCharacters } from 'node:util';
import { processTree } from './process-tree.js';

/** This file runs from build/tests/. */
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * What ava started is ended after this long without a line. ava's own timeout comes first as a rule, but it does not come
 * again once it fell into the longer time that a test had asked for (t.timeout); this one is longer than any test asks for.
 */
const STALL_MS = 12 * 60_000;

const HELP = `Usage: node build/tests/run.js [options] [pattern ...]

Runs the tests in build/tests/ with ava; the last line is 'N passed, N failed'.
Exits 0 when all passed, 1 when anything failed or no test ran, 2 on bad arguments.

  pattern                a test file, a folder or a glob; tests/sign/cose.test.ts stands for its build;
                         a suffix :12 or :10-20 selects the tests on these lines
  -m, --match TITLE      only tests with this title; * matches anything; may be repeated
  -c, --concurrency N    test files at the same time
  -T, --timeout TIME     the run fails when no test completes for this long (10s, 2m)
  -s, --serial           one test at a time
      --fail-fast        stop after the first failure
  -u, --update-snapshots
      --json             one JSON object on stdout, the rest on stderr
  -h, --help
`;

interface Arguments {
  readonly ava: readonly string[];
  readonly isJson: boolean;
}

/** Counts of a run. */
interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

function parseArguments(args: string[]): Arguments {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      match: { type: 'string', short: 'm', multiple: true },
      concurrency: { type: 'string', short: 'c' },
      timeout: { type: 'string', short: 'T' },
      serial: { type: 'boolean', short: 's' },
      'fail-fast': { type: 'boolean' },
      'update-snapshots': { type: 'boolean', short: 'u' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    process.exit(0);
  }
  if (values.concurrency !== undefined && !/^[1-9]\d*$/.test(values.concurrency)) {
    throw new Error(`--concurrency takes a number from 1, not '${values.concurrency}'`);
  }
  if (values.timeout !== undefined && !/^[1-9]\d*(ms|s|m)?$/.test(values.timeout)) {
    throw new Error(`--timeout takes a time such as 10s or 2m, not '${values.timeout}'`);
  }
  const ava: string[] = [];
  for (const title of values.match ?? []) ava.push(`--match=${title}`);
  for (const name of ['concurrency', 'timeout'] as const) {
    if (values[name] !== undefined) ava.push(`--${name}=${values[name]}`);
  }
  for (const name of ['serial', 'fail-fast', 'update-snapshots'] as const) {
    if (values[name]) ava.push(`--${name}`);
  }
  return { ava: [...ava, ...positionals.map(builtPattern)], isJson: values.json === true };
}

/** ava sees build/ only: a pattern under tests/ stands for what is built from it. */
function builtPattern(pattern: string): string {
  const path = relative(ROOT, resolve(pattern)).replaceAll('\\', '/');
  return path === 'tests' || path.startsWith('tests/') ? `build/${path.replace(/\.ts(?=$|:)/, '.js')}` : path;
}

/** One line of ava's report that says that a whole file failed, whatever its tests did; the file is named in it. */
const FILE_FAILURES = [
  /(?:Uncaught exception|Unhandled rejection) in (.+)$/,
  /[✘×] (?:No tests found in|Internal error when running|Line numbers for) ([^ ,]+)/,
  /[✘×] (.+?) exited (?:due to|with a non-zero exit code)/,
  /Exiting due to process\.exit\(\) when running (.+)$/,
  /^ {2}Failed to exit when running (.+)$/,
];

/**
 * Counts from the report that ava writes for people. Its other report, TAP, counts better but does not say where an
 * assertion failed. Only the part up to the first rule (a line with one dash) is counted: failures are explained below it.
 */
class ReportReader {
  readonly tally: Tally = { passed: 0, failed: 0, skipped: 0 };
  readonly #failedFiles = new Set<string>();
  #isAtEnd = false;

  read(styledLine: string): void {
    const line = stripVTControlCharacters(styledLine);
    this.#isAtEnd ||= /^ {2}[─-]$/.test(line);
    if (this.#isAtEnd) return;
    if (/^ {2}[✔√] /.test(line)) this.tally.passed++;
    else if (/^ {2}[✘×] \[(fail|unexpected pass)\]: /.test(line)) this.tally.failed++;
    else if (/^ {2}- \[\w+\] /.test(line)) this.tally.skipped++;
    else this.#readTrouble(line);
  }

  #readTrouble(line: string): void {
    // Tests that were declared and have no result: a timeout, or a process that ended too early.
    const unfinished = /^ {2}(?:[✘×] )?(\d+) tests? (?:were pending|remaining) in /.exec(line);
    if (unfinished !== null) this.tally.failed += Number(unfinished[1]);
    for (const pattern of FILE_FAILURES) {
      const file = pattern.exec(line)?.[1];
      if (file === undefined || this.#failedFiles.has(file)) continue;
      this.#failedFiles.add(file);
      this.tally.failed++;
    }
  }
}

/** The last word on a run: ava's exit code counts even where its report names no failure. */
function conclude(tally: Tally, code: number | null, signal: NodeJS.Signals | null): string {
  if (tally.failed > 0) return '';
  if (code !== 0) {
    tally.failed++;
    return signal === null ? `  ✘ ava exited with code ${code}\n\n` : `  ✘ ava was ended by ${signal}\n\n`;
  }
  if (tally.passed > 0) return '';
  tally.failed++;
  return '  ✘ No test ran\n\n';
}

/** Says what the run waits for and ends it: what `ava` started, and ava itself where that is nothing. */
function endStalled(ava: number, say: (line: string) => void): void {
  const tree = processTree(ava);
  say(`  ✘ no line for ${STALL_MS / 60_000} min; what was running is ended:\n`);
  for (const { id, state, waitsIn, command } of tree) say(`    ${id} ${state} ${waitsIn || '-'} ${command}\n`);
  const [, ...started] = tree.map(({ id }) => id);
  for (const id of started.length > 0 ? started : [ava]) {
    try {
      process.kill(id, 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  }
}

function run({ ava, isJson }: Arguments): void {
  const out = isJson ? process.stderr : process.stdout;
  const reader = new ReportReader();
  const child = spawn(process.execPath, [join(ROOT, 'node_modules/ava/entrypoints/cli.mjs'), ...ava], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const stall = setInterval(() => endStalled(child.pid as number, (line) => out.write(line)), STALL_MS);
  createInterface({ input: child.stdout }).on('line', (line) => {
    stall.refresh();
    out.write(`${line}\n`);
    reader.read(line);
  });
  // ava hears the terminal's SIGINT too, and ends; then the tally is printed.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill());
  child.on('close', (code, signal) => {
    clearInterval(stall);
    const { tally } = reader;
    out.write(conclude(tally, code, signal));
    const skipped = tally.skipped > 0 ? `, ${tally.skipped} skipped` : '';
    out.write(`${tally.passed} passed, ${tally.failed} failed${skipped}\n`);
    if (isJson) process.stdout.write(`${JSON.stringify(tally)}\n`);
    process.exitCode = tally.failed > 0 ? 1 : 0;
  });
}

try {
  run(parseArguments(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`${(error as Error).message.split('\n')[0]}\n`);
  process.exitCode = 2;
}
