/** The C of the ESP32 host and of hosts/native, where ESP-IDF is not installed: it compiles against stub headers. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import test from 'ava';

const XS = 'build/xs/package/moddable/xs';
const HOST = readdirSync('hosts/esp32').filter((name) => name.endsWith('.c'));
const NATIVE = readdirSync('hosts/native').filter((name) => name.endsWith('.c'));
const STRICT = ['-fsyntax-only', '-std=gnu17', '-Wall', '-Wextra', '-Werror'];
const HOST_FLAGS = ['-Ihosts/native', '-Ihosts/esp32', '-Itests/esp32/stub-headers'];
/** natives.c looks into the engine. */
const ENGINE_FLAGS = [
  '-DINCLUDE_XSPLATFORM',
  '-DXSPLATFORM="xs-platform.h"',
  '-Itests/esp32/stub-headers',
  '-Ihosts/bench',
  ...['sources', 'includes', 'platforms'].flatMap((folder) => ['-isystem', `${XS}/${folder}`]),
];

/** A board is a 32-bit machine; without gcc-multilib the check is the host's own width. */
function width(): string[] {
  return spawnSync('gcc', ['-m32', '-E', '-x', 'c', '-', '-include', 'stdint.h'], { input: '' }).status === 0
    ? ['-m32']
    : [];
}

function compile(file: string, flags: readonly string[]): string {
  const { status, stderr } = spawnSync('gcc', [...width(), ...STRICT, ...flags, file], { encoding: 'utf8' });
  return status === 0 ? '' : `${file}: ${stderr}`;
}

test('the C of the ESP32 compiles against declarations of ESP-IDF', (t) => {
  t.true(HOST.includes('capture.c'));
  for (const name of HOST) t.is(compile(`hosts/esp32/${name}`, HOST_FLAGS), '');
});

test('the C that every board shares compiles for a board', (t) => {
  t.true(NATIVE.includes('natives.c'));
  t.true(existsSync(XS), 'npm run build unpacks XS');
  for (const name of NATIVE) t.is(compile(`hosts/native/${name}`, ['-Ihosts/native', ...ENGINE_FLAGS]), '');
});

test('what the check calls wrong is wrong: an argument too many, a field that is not there', (t) => {
  const check = (program: string) =>
    spawnSync('gcc', [...width(), ...STRICT, ...HOST_FLAGS, '-x', 'c', '-'], { input: program }).status;
  const include = '#include "driver/gptimer.h"\n';
  t.is(check(`${include}void f(void) { gptimer_start(NULL); }\n`.replace('NULL', '0')), 0);
  t.not(check(`${include}void f(void) { gptimer_start(0, 1); }\n`), 0);
  t.not(check(`${include}void f(void) { gptimer_config_t c = { .hz = 1 }; (void)c; }\n`), 0);
});

test('every function that the capture interrupt runs lies in internal RAM', (t) => {
  const source = readFileSync('hosts/esp32/capture.c', 'utf8');
  const [start, end] = ['/* --- interrupt:', '/* --- start --- */'].map((mark) => source.indexOf(mark));
  t.true(start > 0 && end > start);
  const functions = source.slice(start, end).match(/^static .*\{$/gm) ?? [];
  t.true(functions.length >= 6);
  for (const line of functions) t.true(line.includes(' IRAM_ATTR '), line);
});
