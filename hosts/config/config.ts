/** `npm run config`: keys, what boards are provisioned with, wiring files, and signed commands. */
import { existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { DEVICE_ID_BYTES } from '../../modules/command/command.js';
import { loadKeyRing } from '../collector/key-succession.js';
import { KeyError } from '../collector/keys.js';
import { bootsInFile } from './boot-challenge.js';
import { COMMAND_CODES, type CommandName, encodeCommand, signCommand, type Validity } from './command-file.js';
import { configurationDigestOf, configurationParts, encodeConfiguration } from './encode-configuration.js';
import { generateKeyFiles, loadPrivateKey, PRIVATE_ENDING, type PrivateKey, writePrivate } from './key-files.js';
import {
  keySectors,
  operatorsSector,
  picoKeyAddress,
  picoSectorAddress,
  provisionFile,
  publicKeysOf,
} from './provision.js';
import { compileFile, WiringError } from './wiring-file.js';
import { WIRING_SCHEMA } from './wiring-schema.js';

const EXIT_USAGE = 2;
const FLASH_BYTES_DEFAULT = 1 << 20;
const VALID_SECONDS_DEFAULT = 600;
const VALID_SECONDS_MAX = 604_800;
/** A wall clock set some time ago may be off by seconds. */
const EARLY_MS = 60_000;
const FEEDBACK_WORDS = ['attack', 'fault', 'process', 'false-alarm'];
/** Of a clock kept by NTP. */
const UNCERTAINTY_MS_DEFAULT = 100;

/** Bad usage; the message is one line. */
class UsageError extends Error {}

interface TargetOptions {
  readonly key: string;
  readonly device?: Uint8Array;
  readonly group?: number;
  readonly frames?: string;
  readonly keys?: string;
  readonly valid: number;
  readonly out: string;
  readonly json?: true;
}

interface CommandOptions extends TargetOptions {
  readonly minutes?: number;
  readonly boot?: number;
  readonly incident?: number;
  readonly word?: string;
  readonly uncertaintyMs: number;
}

function whole(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max)
      throw new InvalidArgumentError(`A whole number from ${min} to ${max} is wanted.`);
    return value;
  };
}

/** Hexadecimal, or 8 characters as they are. */
function deviceId(text: string): Uint8Array {
  if (/^[0-9a-fA-F]{16}$/.test(text)) return Buffer.from(text, 'hex');
  const bytes = Buffer.from(text, 'latin1');
  if (bytes.length !== DEVICE_ID_BYTES) throw new InvalidArgumentError('16 hexadecimal digits are wanted.');
  return bytes;
}

function list(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

function targeted(command: Command): Command {
  return command
    .requiredOption('--key <FILE>', `the operator's private key, NAME${PRIVATE_ENDING}`)
    .option('--device <ID>', 'the board: its device id, 16 hexadecimal digits', deviceId)
    .option('--group <N>', 'a group of boards', whole(1, 0xffffffff))
    .option('--frames <FILE>', "the board's frames: binds the command to its running boot, for a clock that is not set")
    .option('--keys <DIR>', 'public keys that the frames verify with')
    .option('--valid <S>', 'seconds that it is valid for', whole(1, VALID_SECONDS_MAX), VALID_SECONDS_DEFAULT)
    .requiredOption('--out <FILE>', 'where the signed command goes')
    .option('--json', 'tell as JSON');
}

/** Sequence numbers: milliseconds of Unix time, and in any case above the last one, which is kept beside the key. */
function nextSequences(keyPath: string, count: number): number {
  const path = `${keyPath}.sequence`;
  const last = existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0;
  if (!Number.isSafeInteger(last)) throw new UsageError(`${path}: not a sequence number`);
  const first = Math.max(last + 1, Date.now());
  writeFileSync(path, `${first + count - 1}\n`);
  return first;
}

function targetOf({ device, group }: TargetOptions): Uint8Array | number {
  if ((device === undefined) === (group === undefined)) throw new UsageError('either --device or --group is wanted');
  return device ?? (group as number);
}

function validityOf({ device, frames, keys, valid }: TargetOptions): Validity {
  if (frames === undefined) return { fromMs: Date.now() - EARLY_MS, toMs: Date.now() + valid * 1000 };
  if (device === undefined || keys === undefined) throw new UsageError('--frames wants --device and --keys');
  if (!existsSync(frames)) throw new UsageError(`${frames}: no such file`);
  const boot = bootsInFile(frames, loadKeyRing(keys)).running.get(Buffer.from(device).toString('hex'));
  if (boot === undefined) throw new UsageError(`${frames}: no verified boot frame of that device`);
  return { challenge: boot.challenge, fromMs: boot.uptimeMs, toMs: boot.uptimeMs + valid * 1000 };
}

function argumentsOf(name: CommandName, options: CommandOptions): number[] {
  const wanted = (value: number | undefined, option: string) => {
    if (value === undefined) throw new UsageError(`${name} wants ${option}`);
    return value;
  };
  if (name === 'maintenance') return [wanted(options.minutes, '--minutes') * 60_000];
  if (name === 'feedback') {
    const word = options.word === undefined ? undefined : FEEDBACK_WORDS.indexOf(options.word);
    return [wanted(options.boot, '--boot'), wanted(options.incident, '--incident'), wanted(word, '--word')];
  }
  if (name !== 'set-time') return [];
  if (options.frames === undefined) throw new UsageError('set-time wants --frames: it is bound to the running boot');
  return [Date.now(), options.uncertaintyMs];
}

function tell(options: { readonly json?: true }, facts: Readonly<Record<string, unknown>>): void {
  const text = Object.entries(facts).map(([name, value]) => `${name} ${value}`);
  process.stdout.write(`${options.json ? JSON.stringify(facts) : text.join(', ')}\n`);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function command(name: CommandName, options: CommandOptions): void {
  const key = loadPrivateKey(options.key);
  const target = targetOf(options);
  const numbers = argumentsOf(name, options);
  const validity = validityOf(options);
  const sequence = nextSequences(options.key, 1);
  const text = { target, sequence, validity, code: COMMAND_CODES[name], arguments: numbers };
  const bytes = signCommand(encodeCommand(text), key);
  writeFileSync(options.out, bytes);
  tell(options, { command: name, sequence, operator: hex(key.keyId), bytes: bytes.length, file: options.out });
}

function compile(file: string, options: Partial<TargetOptions> & { readonly json?: true }): void {
  const configuration = compileFile(file);
  const encoded = encodeConfiguration(configuration);
  const facts = { configuration: file, bytes: encoded.length, digest: hex(configurationDigestOf(encoded)) };
  if (options.key === undefined) {
    if (options.out !== undefined) writeFileSync(options.out, `${JSON.stringify(configuration, null, 2)}\n`);
    tell(options, { ...facts, ...(options.out === undefined ? {} : { file: options.out }) });
    return;
  }
  if (options.out === undefined || options.device === undefined) throw new UsageError('--key wants --device and --out');
  const commands = signParts(encoded, loadPrivateKey(options.key), options as TargetOptions);
  writeFileSync(options.out, Buffer.concat(commands));
  tell(options, { ...facts, commands: commands.length, file: options.out });
}

function signParts(encoded: Uint8Array, key: PrivateKey, options: TargetOptions): Uint8Array[] {
  const parts = configurationParts(encoded, Date.now());
  const validity = validityOf(options);
  const first = nextSequences(options.key, parts.length);
  return parts.map((part, i) => {
    const code = COMMAND_CODES['set-configuration'];
    return signCommand(
      encodeCommand({ target: targetOf(options), sequence: first + i, validity, code, arguments: part }),
      key,
    );
  });
}

interface ProvisionOptions {
  readonly operator: readonly string[];
  readonly group: number;
  readonly configuration?: string;
  readonly flash?: string;
  readonly flashBytes: number;
  readonly sector?: string;
  readonly json?: true;
}

function provision(options: ProvisionOptions): void {
  const { operator, group, flash, flashBytes, sector } = options;
  if ((flash === undefined) === (sector === undefined)) throw new UsageError('either --flash or --sector is wanted');
  if (sector !== undefined && options.configuration !== undefined)
    throw new UsageError('--sector holds operators only; send the configuration as a command');
  const keys = publicKeysOf(operator);
  if (sector !== undefined) writeFileSync(sector, operatorsSector(group, keys));
  if (flash !== undefined) {
    const encoded =
      options.configuration === undefined ? undefined : encodeConfiguration(compileFile(options.configuration));
    provisionFile(flash, flashBytes, group, keys, encoded && { encoded, sequence: Date.now() });
  }
  const pico = sector === undefined ? {} : { pico: picotool(sector, picoSectorAddress()) };
  tell(options, { operators: keys.length, group, file: flash ?? sector, ...pico });
}

function picotool(file: string, address: number): string {
  return `picotool load -t bin ${file} -o 0x${address.toString(16)}`;
}

function deviceKey(options: { readonly key: string; readonly out: string; readonly json?: true }): void {
  const { key: path, out } = options;
  const key = loadPrivateKey(path);
  const sectors = keySectors(key);
  writePrivate(out, sectors);
  sectors.fill(0);
  tell(options, { key: hex(key.keyId), file: out, pico: picotool(out, picoKeyAddress()) });
}

function program(): Command {
  const top = new Command('config')
    .description("Operators' keys, provisioning, wiring files and signed commands.")
    .exitOverride()
    .showSuggestionAfterError(false);
  top
    .command('keygen')
    .description("Makes an operator's key pair, or a board's.")
    .requiredOption('--out <DIR>', 'where the two files go')
    .option('--name <NAME>', 'of the files', 'operator')
    .option('--json', 'tell as JSON')
    .action((options) => tell(options, { operator: generateKeyFiles(options.out, options.name), folder: options.out }));
  top
    .command('provision')
    .description('Puts operators and a configuration into the flash of a board.')
    .requiredOption('--operator <FILE>', 'public key of an operator, NAME.cose_key; up to four times', list)
    .option('--group <N>', 'group of the board', whole(0, 0xffffffff), 0)
    .option('--configuration <FILE>', 'a wiring file')
    .option('--flash <FILE>', 'flash of the bench or the simulator')
    .option('--flash-bytes <N>', 'its size', whole(1 << 16, 1 << 28), FLASH_BYTES_DEFAULT)
    .option('--sector <FILE>', 'the sector of the operators alone, for picotool or esptool')
    .option('--json', 'tell as JSON')
    .action(provision);
  top
    .command('device-key')
    .description('Gives a board its private key: writes the sectors of its flash that hold it.')
    .requiredOption('--key <FILE>', `the private key that the board is to have, NAME${PRIVATE_ENDING}`)
    .requiredOption('--out <FILE>', 'the sectors, for picotool or esptool')
    .option('--json', 'tell as JSON')
    .action(deviceKey);
  targeted(top.command('command').argument('<NAME>', Object.keys(COMMAND_CODES).join(', ')))
    .description('Signs a command.')
    .option('--minutes <N>', 'of maintenance', whole(1, 10_080))
    .option('--boot <N>', 'of the incident', whole(0, 0xffffffff))
    .option('--incident <N>', 'its id', whole(0, 0xffffffff))
    .addOption(new Option('--word <WORD>', 'on the incident').choices(FEEDBACK_WORDS))
    .option('--uncertainty-ms <N>', "of this machine's clock", whole(0, 3_600_000), UNCERTAINTY_MS_DEFAULT)
    .action((name: string, options: CommandOptions) => {
      if (!Object.keys(COMMAND_CODES).includes(name)) throw new UsageError(`${name}: no such command`);
      if (name === 'set-configuration') throw new UsageError('set-configuration: use compile');
      command(name as CommandName, options);
    });
  const compiling = targeted(top.command('compile').argument('<FILE>', 'YAML or JSON'));
  for (const option of compiling.options) option.mandatory = false;
  compiling
    .description('Checks a wiring file; with --key also signs the commands that bring it to a board.')
    .action(compile);
  top
    .command('schema')
    .description('Prints the JSON Schema of wiring files.')
    .action(() => {
      process.stdout.write(`${JSON.stringify(WIRING_SCHEMA, null, 2)}\n`);
    });
  for (const part of top.commands) part.exitOverride().showSuggestionAfterError(false);
  return top;
}

/** Runs the command; the exit code. `arguments_`: without node and the script. */
export function config(arguments_: readonly string[]): number {
  try {
    program().parse(arguments_, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
    const isKnown = error instanceof UsageError || error instanceof KeyError || error instanceof WiringError;
    const system = (error as NodeJS.ErrnoException).code;
    if (!isKnown && system === undefined) throw error;
    process.stderr.write(`error: ${(error as Error).message}\n`);
    return EXIT_USAGE;
  }
}

function isMain(): boolean {
  const script = process.argv[1];
  return script !== undefined && realpathSync(script) === realpathSync(fileURLToPath(import.meta.url));
}

if (isMain()) process.exitCode = config(process.argv.slice(2));
