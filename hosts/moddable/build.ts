/**
 * `npm run build:pico`, `build:esp32`, `build:lin`: mcconfig with the Moddable SDK at `$MODDABLE`. What is made lies in
 * build/BOARD/ afterwards.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Argument, Command } from 'commander';
import { buildJavaScriptHalf, IDF_VERSION } from '../esp32/javascript-half.js';
import { encodeUf2, FAMILY_RP2040, pagesOfElf } from './uf2.js';

const EXIT_USAGE = 2;
/** This file runs from build/hosts/moddable/. */
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const OUTPUT = join(ROOT, 'build', 'moddable');
const GETTING_STARTED = 'github.com/Moddable-OpenSource/moddable, documentation/Moddable SDK - Getting Started.md';
const PICO_STARTED = 'github.com/Moddable-OpenSource/moddable, documentation/devices/pico.md';
const PICO_SDK = [2, 2, 0] as const;

/** Something is not on this machine: what, and where to get it. */
class Missing extends Error {}

/** Where a program is, looked up as a shell does; undefined where it is not. */
function programPath(name: string, path: string): string | undefined {
  for (const folder of path.split(delimiter)) {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return join(folder, name);
    } catch {}
  }
  return undefined;
}

/** The SDK's tools and this project's tsc on the path. */
function moddableEnvironment(): NodeJS.ProcessEnv {
  const { MODDABLE } = process.env;
  if (!MODDABLE) throw new Missing(`MODDABLE is not set: it names the Moddable SDK (${GETTING_STARTED})`);
  const tools = join(MODDABLE, 'build', 'bin', process.platform === 'darwin' ? 'mac' : 'lin', 'release');
  if (!existsSync(join(tools, 'mcconfig')))
    throw new Missing(`${join(tools, 'mcconfig')} is missing: build the SDK's tools (${GETTING_STARTED})`);
  return {
    ...process.env,
    PATH: [tools, join(ROOT, 'node_modules', '.bin'), process.env.PATH ?? ''].join(delimiter),
    MAKEFLAGS: 'SHELL=/bin/bash', // the SDK's recipes need it
    MAKEFLAGS_JOBS: `--jobs ${availableParallelism()}`,
  };
}

/**
 * Adds what make.pico.mk wants of the Pico SDK. Of the examples and of pioasm it only wants that they are there, and of
 * picotool what ours does after the build; the two headers are what the Pico SDK's own build generates.
 */
function picoEnvironment(base: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const sdk = base.PICO_SDK_DIR ?? join(base.PICO_ROOT ?? join(homedir(), 'pico'), 'pico-sdk');
  const gcc = programPath('arm-none-eabi-gcc', base.PATH as string);
  if (!existsSync(join(sdk, 'src', 'rp2040')))
    throw new Missing(`PICO_SDK_DIR: no Pico SDK at ${sdk} (${PICO_STARTED})`);
  if (!existsSync(join(sdk, 'lib', 'tinyusb', 'src', 'tusb.h')))
    throw new Missing(`${sdk}/lib/tinyusb is empty: git submodule update --init lib/tinyusb, in ${sdk}`);
  if (gcc === undefined)
    throw new Missing(
      'arm-none-eabi-gcc is missing: Debian packages gcc-arm-none-eabi, libnewlib-arm-none-eabi, libstdc++-arm-none-eabi-newlib',
    );
  const root = join(OUTPUT, 'pico-root');
  const headers = join(root, 'pico-examples', 'build', 'generated', 'pico_base', 'pico');
  mkdirSync(headers, { recursive: true });
  const [major, minor, revision] = PICO_SDK;
  writeFileSync(join(headers, 'config_autogen.h'), '#include "boards/pico.h"\n');
  writeFileSync(
    join(headers, 'version.h'),
    `#define PICO_SDK_VERSION_MAJOR ${major}\n#define PICO_SDK_VERSION_MINOR ${minor}\n` +
      `#define PICO_SDK_VERSION_REVISION ${revision}\n#define PICO_SDK_VERSION_STRING "${PICO_SDK.join('.')}"\n`,
  );
  return {
    ...base,
    PICO_SDK_DIR: sdk,
    PICO_ROOT: root,
    PICO_EXAMPLES_DIR: join(root, 'pico-examples'),
    PICO_GCC_ROOT: dirname(dirname(gcc)),
    PIOASM: join(headers, 'version.h'),
    UF2CONV: 'true',
    // Without these the SDK's arithmetic turns NaN into infinity (pico_double, pico_float): neither JavaScript's nor C's.
    ASMFLAGS: '-DPICO_DOUBLE_PROPAGATE_NANS=1 -DPICO_FLOAT_PROPAGATE_NANS=1',
  };
}

function runMcconfig(board: string, options: readonly string[], environment: NodeJS.ProcessEnv): void {
  mkdirSync(OUTPUT, { recursive: true });
  const manifest = join(ROOT, 'hosts', board, 'manifest.json');
  const args = ['-m', '-o', OUTPUT, '-t', 'build', ...options, manifest];
  const { status, error } = spawnSync('mcconfig', args, { env: environment, stdio: ['ignore', 2, 2] });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`mcconfig failed (exit ${status}), see above`);
}

/** Bytes of the image in flash, and of RAM that is taken before the machine's own block. */
function sizesOf(elf: string, environment: NodeJS.ProcessEnv): { flashBytes: number; ramBytes: number } {
  const { stdout } = spawnSync('arm-none-eabi-size', [elf], { env: environment, encoding: 'utf8' });
  const [text, data, bss] = (stdout.split('\n')[1] ?? '').trim().split(/\s+/).map(Number);
  return { flashBytes: text + data, ramBytes: data + bss };
}

function buildPico(): object {
  const environment = picoEnvironment(moddableEnvironment());
  runMcconfig('pico', ['-p', 'pico'], environment);
  const elf = join(OUTPUT, 'bin', 'pico', 'release', 'pico', 'xs_pico.elf');
  const folder = join(ROOT, 'build', 'pico');
  const uf2 = join(folder, 'wirewitness.uf2');
  mkdirSync(folder, { recursive: true });
  writeFileSync(uf2, encodeUf2(pagesOfElf(readFileSync(elf)), FAMILY_RP2040));
  return { image: uf2, ...sizesOf(elf, environment) };
}

/** Without ESP-IDF only what the SDK itself makes can be made: the modules' byte code, linked. */
function buildEsp32(): object {
  const environment = moddableEnvironment();
  if (environment.IDF_PATH && existsSync(environment.IDF_PATH)) {
    runMcconfig('esp32', ['-p', 'esp32'], environment);
    return { image: join(OUTPUT, 'bin', 'esp32', 'release', 'esp32') };
  }
  const reason = buildJavaScriptHalf(join(ROOT, 'hosts', 'esp32', 'manifest.json'), OUTPUT, environment);
  if (reason !== null) throw new Error(reason);
  console.error(
    `build: only the JavaScript half of the ESP32 build was made: IDF_PATH names no ESP-IDF ${IDF_VERSION} ` +
      '(docs.espressif.com, ESP-IDF Programming Guide, Get Started)',
  );
  return { image: null, javaScript: join(OUTPUT, 'tmp', 'esp32', 'release', 'esp32', 'mc.xs.c') };
}

/** mc.so, which the SDK's own simulator loads, and beside it a program that runs it without a window. */
function buildLin(): object {
  const environment = moddableEnvironment();
  const path = environment.PATH as string;
  if (programPath('pkg-config', path) === undefined)
    throw new Missing('pkg-config is missing: Debian package pkg-config');
  const glib = flagsOf('glib-2.0', '--cflags', environment);
  if (glib === undefined) throw new Missing('glib is missing: Debian package libglib2.0-dev');
  runMcconfig('lin', ['-p', 'lin'], environment);
  const folder = join(ROOT, 'build', 'lin');
  const program = join(folder, 'wirewitness');
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(OUTPUT, 'bin', 'lin', 'mc', 'release', 'lin', 'mc.so'), join(folder, 'mc.so'));
  const include = `-I${join(environment.MODDABLE as string, 'build', 'simulators', 'modules')}`;
  const libraries = flagsOf('glib-2.0', '--libs', environment) ?? [];
  const source = join(ROOT, 'hosts', 'lin', 'headless.c');
  const args = ['-O2', '-Wall', '-Wextra', include, ...glib, source, '-o', program, ...libraries, '-ldl'];
  const { status } = spawnSync('gcc', args, { env: environment, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`gcc failed on ${source}`);
  return { program };
}

/** What pkg-config says of a library; undefined where it is not installed. */
function flagsOf(library: string, kind: string, env: NodeJS.ProcessEnv): string[] | undefined {
  const { status, stdout } = spawnSync('pkg-config', [kind, library], { env, encoding: 'utf8' });
  return status === 0 ? stdout.trim().split(/\s+/) : undefined;
}

const BUILDERS: Readonly<Record<string, () => object>> = { pico: buildPico, esp32: buildEsp32, lin: buildLin };

function main(): void {
  const program = new Command('build')
    .description('Builds the firmware with the Moddable SDK.')
    .addArgument(new Argument('<board>', 'what for').choices(Object.keys(BUILDERS)))
    .option('--json', 'one JSON object on stdout')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'build: ')) })
    .parse();
  const made = BUILDERS[program.args[0]]();
  if (program.opts().json) console.log(JSON.stringify(made));
  else for (const [name, value] of Object.entries(made)) console.log(`${name}: ${value}`);
}

try {
  main();
} catch (error) {
  const { code, message } = error as { code?: string; message: string };
  if (code === 'commander.helpDisplayed') process.exit(0);
  if (code?.startsWith('commander.')) process.exit(EXIT_USAGE);
  console.error(`build: ${message}`);
  process.exit(error instanceof Missing ? EXIT_USAGE : 1);
}
