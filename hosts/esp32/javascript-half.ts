/**
 * The JavaScript half of an ESP32 build, where ESP-IDF is not installed: mcconfig writes the makefile, and of it only the
 * target of tsc, xsc and xsl is made. The makefile wants to know ESP-IDF's folder and version before it does anything, and
 * would let idf.py write sdkconfig.h first: it is told the one and that the other is old.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';

/** The version that the SDK asks for (EXPECTED_ESP_IDF in its makefile). */
export const IDF_VERSION = 'v6.0';

/**
 * `manifest`: hosts/esp32/manifest.json or its sibling; all that is made goes below `output`; `environment` has the SDK.
 * Null, or what went wrong.
 */
export function buildJavaScriptHalf(manifest: string, output: string, environment: NodeJS.ProcessEnv): string | null {
  mkdirSync(output, { recursive: true });
  const run = (program: string, words: readonly string[]) => runProgram(program, words, environment);
  const configured = run('mcconfig', ['-p', 'esp32', '-o', resolve(output), resolve(manifest)]);
  if (configured.isFailed) return `mcconfig: ${configured.text}`;
  const folder = `${resolve(output)}/tmp/esp32/release/${basename(dirname(resolve(manifest)))}`;
  const made = run('make', [
    '-f',
    `${folder}/makefile`,
    'IDF_PATH=none',
    `IDF_VERSION=${IDF_VERSION}`,
    '-o',
    `${folder}/xsProj-esp32/build/config/sdkconfig.h`,
    `${folder}/mc.xs.c`,
  ]);
  if (made.isFailed) return made.text;
  const warnings = made.text.split('\n').filter((line) => line.startsWith('### warning'));
  return warnings.length === 0 ? null : warnings.join('\n');
}

function runProgram(
  program: string,
  words: readonly string[],
  env: NodeJS.ProcessEnv,
): { isFailed: boolean; text: string } {
  const { status, stdout, stderr, error } = spawnSync(program, words, { encoding: 'utf8', env });
  return { isFailed: status !== 0, text: error === undefined ? `${stdout}${stderr}`.trim() : error.message };
}
