/**
 * The firmware on XS with a simulated tank on its wires and a flash and a key that outlive it, for tests of commands: its
 * virtual time goes on as long as the test lets it, and `collect` and `config` are run as users run them.
 */
import type { ChildProcess } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { benchOutput, spawnBench, temporaryFolder } from '../../hosts/bench/bench-process.js';
import { writePublicKey } from '../../hosts/bench/public-key.js';
import { splitCommands } from '../../hosts/config/command-file.js';
import { Block } from '../../modules/capture/block.js';
import { encodeBlock, encodeHeader, recordLength } from '../../simulator/block-stream.js';
import { Simulation } from '../../simulator/simulation.js';
import { type CollectProcess, startCollect } from '../collector/collect-process.js';
import { freeUdpPort } from '../collector/udp-fleet.js';
import { type Ended, run } from './command.js';

export const DEVICE = 'bench001';
/** Blocks written at a time while a test waits: a second of the board's time every few milliseconds. */
const BATCH_BLOCKS = 50;
const PAUSE_MS = 8;
/** A condition that has not come by then does not come, in milliseconds of this machine's time. */
const WAIT_MS_MAX = 100_000;
const LEARN_BLOCKS = 3000;

export type Carrier = 'udp' | 'rs485';

// biome-ignore lint/suspicious/noExplicitAny: a line of `collect --json`; every test says what it reads
export type Line = Readonly<Record<string, any>>;

export class CommandedBench {
  readonly folder = temporaryFolder();
  readonly keys = join(this.folder, 'keys');
  readonly store = join(this.folder, 'store');
  readonly frames = join(this.folder, 'frames.cbor');
  readonly operator = join(this.folder, 'operator');
  readonly flash = join(this.folder, 'flash');
  readonly simulation = new Simulation('normal', 1);
  readonly configuration = { ...this.simulation.configuration, learnBlocks: LEARN_BLOCKS };
  /** Everything that the commands of this run have printed. */
  readonly printed: string[] = [];
  /** Every line of every `collect` so far. */
  readonly lines: Line[] = [];
  private readonly carrier: Carrier;
  private readonly elementKey = join(this.folder, 'element.key');
  private readonly block: Block;
  private bench: ChildProcess | undefined;
  private collect: CollectProcess | undefined;
  private taken = 0;
  private port = 0;
  private tty = '';
  private commands = 0;
  /** Why the firmware ended by itself. */
  private died: string | undefined;
  /** Number of the block that this boot began with. */
  private first: number | undefined;

  constructor(carrier: Carrier) {
    this.carrier = carrier;
    this.block = new Block(this.configuration.analog.length, this.configuration.digital.length);
    const { d, x, y } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
    const bytes = (text: string | undefined) => Buffer.from(text ?? '', 'base64url');
    writeFileSync(this.elementKey, bytes(d), { mode: 0o600 });
    mkdirSync(this.keys);
    writePublicKey(this.keys, { x: bytes(x), y: bytes(y) });
  }

  get privateKey(): string {
    return join(this.operator, 'operator.private_key');
  }

  /** Switches the board on: the first time, or after `powerOff`. */
  async powerOn(): Promise<void> {
    if (this.port === 0) this.port = await freeUdpPort();
    const link = this.carrier === 'udp' ? ['--udp', `0:127.0.0.1:${this.port}`] : ['--tty', 'new'];
    const bench = spawnBench(this.folder, {
      main: 'main.js',
      configuration: this.configuration,
      options: [
        '--key',
        this.elementKey,
        '--argument',
        `device=${DEVICE}`,
        '--flash',
        this.flash,
        '--virtual',
        ...link,
      ],
    });
    this.bench = bench;
    let out = '';
    bench.stdout?.on('data', (text) => {
      out += text;
    });
    benchOutput(bench).catch((error: Error) => {
      if (this.bench === bench) this.died = error.message;
    });
    this.first = undefined;
    bench.stdin?.on('error', () => {});
    const { analog, digital, blockUs } = this.configuration;
    bench.stdin?.write(encodeHeader(analog.length, digital.length, blockUs));
    if (this.carrier === 'udp') return;
    while (!out.includes('\n')) await sleep(10);
    this.tty = out.slice(0, out.indexOf('\n'));
  }

  powerOff(): Promise<void> {
    const { bench } = this;
    this.bench = undefined;
    if (bench === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      bench.once('close', () => resolve());
      bench.kill('SIGKILL');
    });
  }

  /** Starts `collect` with a store, and the commands in `files` to be sent. */
  startCollect(...files: string[]): void {
    const link =
      this.carrier === 'udp'
        ? ['--udp', `127.0.0.1:${this.port}`]
        : ['--serial', this.tty, '--address', `${this.configuration.address}`];
    const command = files.length === 0 ? [] : ['--command', ...files];
    const where = ['--keys', this.keys, '--store', this.store, '--frames', this.frames];
    this.collect = startCollect(...link, ...where, '--json', ...command);
    this.taken = 0;
  }

  /** Ends `collect`; its exit code. */
  async endCollect(): Promise<number | null> {
    const { collect } = this;
    if (collect === undefined) return null;
    collect.child.kill('SIGTERM');
    const code = await collect.ended;
    this.takeLines();
    this.printed.push(...collect.err);
    this.collect = undefined;
    return code;
  }

  /** The board's time goes on until a line of `collect` answers; that line. */
  async until(what: string, isIt: (line: Line) => boolean, from = this.lines.length): Promise<Line> {
    const endMs = Date.now() + WAIT_MS_MAX;
    for (;;) {
      this.takeLines();
      const found = this.lines.slice(from).find(isIt);
      if (found !== undefined) return found;
      if (Date.now() > endMs) throw new Error(`${what} did not come: ${this.text()}`);
      await this.pass(BATCH_BLOCKS);
      await sleep(PAUSE_MS);
    }
  }

  /** Until `collect` has said what became of so many commands. */
  private async untilAnswered(count: number): Promise<void> {
    const endMs = Date.now() + WAIT_MS_MAX;
    const answers = () => this.collect?.err.filter((line) => line.startsWith('command ')).length ?? 0;
    while (answers() < count) {
      if (Date.now() > endMs) throw new Error(`${answers()} of ${count} commands were answered: ${this.text()}`);
      await this.pass(BATCH_BLOCKS);
      await sleep(PAUSE_MS);
    }
  }

  /** Signs a command with `config`, bound to the running boot unless `isByClock`; the file. */
  async sign(name: string, ...words: string[]): Promise<string> {
    return this.signed(['command', name], words, true);
  }

  signByClock(name: string, ...words: string[]): Promise<string> {
    return this.signed(['command', name], words, false);
  }

  compile(wiring: string): Promise<string> {
    return this.signed(['compile', wiring], [], true);
  }

  private async signed(what: string[], words: string[], isOfBoot: boolean): Promise<string> {
    const out = join(this.folder, `${this.commands++}.command`);
    const boot = isOfBoot ? ['--frames', this.frames, '--keys', this.keys] : [];
    const target = ['--key', this.privateKey, '--device', DEVICE, '--valid', '100000', '--out', out];
    await this.config(...what, ...words, ...target, ...boot);
    return out;
  }

  /** `config`, which must succeed. */
  async config(...words: string[]): Promise<Ended> {
    const ended = await run('config', ...words);
    this.printed.push(...ended.out, ...ended.err);
    if (ended.code !== 0) throw new Error(`config ${words.join(' ')}: ${ended.err.join('\n')}`);
    return ended;
  }

  /** Sends the commands of a file, waits until each is answered, and gives the results; `collect` runs on. */
  async send(file: string): Promise<string[]> {
    await this.endCollect();
    const from = this.lines.length;
    this.startCollect(file);
    const count = splitCommands(readFileSync(file))?.length ?? 0;
    await this.untilAnswered(count);
    this.takeLines();
    const results = this.lines.slice(from).filter(({ kind }) => kind === 'command result');
    return results.slice(-count).map(({ payload }) => payload.body.result);
  }

  text(): string {
    const rest = this.collect === undefined ? [] : [...this.collect.out.slice(-5), ...this.collect.err.slice(-5)];
    return [...this.printed.slice(-5), ...rest].join('\n');
  }

  private takeLines(): void {
    const { collect } = this;
    if (collect === undefined) return;
    for (; this.taken < collect.out.length; this.taken++) {
      this.lines.push(JSON.parse(collect.out[this.taken]));
      this.printed.push(collect.out[this.taken]);
    }
  }

  private pass(blocks: number): Promise<void> {
    const { bench, block } = this;
    if (this.died !== undefined) throw new Error(`the firmware ended: ${this.died}`);
    const { analog, digital } = this.configuration;
    const batch = new Float64Array(blocks * recordLength(analog.length, digital.length));
    for (let i = 0, at = 0; i < blocks; i++) {
      this.simulation.nextBlock(block);
      this.first ??= block.sequence;
      block.sequence -= this.first;
      block.timeUs -= this.first * this.configuration.blockUs;
      at = encodeBlock(block, 0, batch, at);
    }
    return new Promise((resolve) => {
      if (bench?.stdin?.destroyed !== false) resolve();
      else bench.stdin.write(new Uint8Array(batch.buffer), () => resolve());
    });
  }
}
