/** What the build commands say where something is missing: one line that names it, exit 2. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { temporaryFolder } from '../../hosts/bench/bench-process.js';

const BUILD = fileURLToPath(new URL('../../hosts/moddable/build.js', import.meta.url));

/** A folder that looks like an SDK with its tools built. */
function createSdk(): string {
  const sdk = temporaryFolder();
  const tools = join(sdk, 'build', 'bin', process.platform === 'darwin' ? 'mac' : 'lin', 'release');
  mkdirSync(tools, { recursive: true });
  writeFileSync(join(tools, 'mcconfig'), '#!/bin/sh\nexit 1\n');
  chmodSync(join(tools, 'mcconfig'), 0o755);
  return sdk;
}

function build(board: string, environment: NodeJS.ProcessEnv): { code: number | null; lines: string[] } {
  const { MODDABLE: _, PICO_SDK_DIR: __, ...rest } = process.env;
  const { status, stderr, stdout } = spawnSync(process.execPath, [BUILD, board], {
    env: { ...rest, ...environment },
    encoding: 'utf8',
  });
  return { code: status, lines: `${stdout}${stderr}`.trim().split('\n') };
}

test('without the Moddable SDK every build says so in one line and ends with 2', (t) => {
  for (const board of ['pico', 'esp32', 'lin'])
    for (const MODDABLE of [undefined, temporaryFolder()]) {
      const { code, lines } = build(board, MODDABLE === undefined ? {} : { MODDABLE });
      t.is(code, 2);
      t.is(lines.length, 1, lines.join('\n'));
      t.regex(lines[0], /^build: .*(MODDABLE is not set|mcconfig is missing)/);
    }
});

test('without the Pico SDK, or its USB library, the pico build says so', (t) => {
  const MODDABLE = createSdk();
  const sdk = temporaryFolder();
  t.like(build('pico', { MODDABLE, PICO_SDK_DIR: sdk }), { code: 2 });
  mkdirSync(join(sdk, 'src', 'rp2040'), { recursive: true });
  const { code, lines } = build('pico', { MODDABLE, PICO_SDK_DIR: sdk });
  t.is(code, 2);
  t.is(lines.length, 1);
  t.regex(lines[0], /lib\/tinyusb is empty/);
});

test('a board that is not one of ours is refused', (t) => {
  const { code, lines } = build('arduino', {});
  t.is(code, 2);
  t.is(lines.length, 1);
});
