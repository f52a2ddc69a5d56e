/** `npm run emulate` from outside, with small hand-made images. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import test from 'ava';
import { temporaryFolder } from '../../hosts/bench/bench-process.js';
import { openSerial } from '../../hosts/collector/serial.js';
import { run } from '../end-to-end/command.js';
import { image, pokes, RELEASE_ALL } from '../simulator/rp2040/small-image.js';
import { toUf2 } from '../simulator/rp2040/uf2.js';

const UART1 = 0x40038000;
const IO_BANK0 = 0x40014000;
const SIO = 0xd0000000;

const folder = temporaryFolder();

function uf2(name: string, code: readonly number[]): string {
  const file = join(folder, name);
  writeFileSync(file, toUf2(image(code)));
  return file;
}

/** Sends "hi" with the driver on, and leaves it on. */
const sendHi = pokes([
  RELEASE_ALL,
  [IO_BANK0 + 8 * 8 + 4, 2],
  [IO_BANK0 + 8 * 10 + 4, 5],
  [SIO + 0x24, 1 << 10],
  [SIO + 0x14, 1 << 10],
  [UART1 + 0x24, 67],
  [UART1 + 0x28, 52],
  [UART1 + 0x2c, 0x70],
  [UART1 + 0x30, 0x301],
  [UART1, 0x68],
  [UART1, 0x69],
]);
const greeting = uf2('greeting.uf2', sendHi);
/** The same again every 20 ms: movs r2, #200; lsls r2, #12; subs r2, #1; bne to the subs; b to the start. */
const again = sendHi.slice(0, -2);
const chatter = uf2('chatter.uf2', [...again, 0x22c8, 0x0312, 0x3a01, 0xd1fd, 0xe000 | (-(again.length + 6) & 0x7ff)]);

test.before(() => {
  const { status } = spawnSync('make', ['-C', 'hosts/emulator'], { stdio: 'inherit' });
  if (status !== 0) throw new Error('make -C hosts/emulator failed');
});

test('an image runs for the time asked and the end is one JSON object', async (t) => {
  const { code, out, err } = await run('emulate', greeting, '--seconds', '0.5', '--link', 'none', '--json');
  t.deepEqual(err, []);
  t.is(code, 0);
  t.is(out.length, 1);
  const summary = JSON.parse(out[0]);
  t.is(summary.emulatedSeconds, 0.5);
  t.is(summary.resets, 0);
  t.is(summary.transmissions, 1);
  t.true(summary.cpuShare < 0.001, 'it sleeps');
});

test('its RS-485 line is a terminal that a collector can open', async (t) => {
  const child = spawn(process.execPath, [resolve('build/hosts/emulator/emulate.js'), chatter]);
  const path = await new Promise<string>((found) => {
    child.stdout.once('data', (text) => found(String(text).trim().replace('RS-485 line: ', '')));
  });
  t.regex(path, /^\/dev\//);
  const line = await openSerial(path, 115200);
  let heard = '';
  await new Promise<void>((done) => {
    line.on('data', (piece) => {
      heard += piece;
      if (heard.length >= 2) done();
    });
  });
  line.destroy();
  child.kill('SIGTERM');
  const code = await new Promise((done) => child.once('exit', done));
  t.regex(heard, /^(hi|ih)/);
  t.is(code, 0);
});

test('--flash keeps the chip from run to run', async (t) => {
  const flash = join(folder, 'flash.bin');
  t.is((await run('emulate', greeting, '--seconds', '0.01', '--link', 'none', '--flash', flash)).code, 0);
  t.is(statSync(flash).size, 2 << 20);
  const contents = readFileSync(flash);
  contents[0x180000] = 0x42;
  writeFileSync(flash, contents);
  t.is((await run('emulate', greeting, '--seconds', '0.01', '--link', 'none', '--flash', flash)).code, 0);
  t.is(readFileSync(flash)[0x180000], 0x42);
});

test('what a chip would not survive ends the run in one line', async (t) => {
  const store = uf2('store.uf2', pokes([[0x10000200, 1]]));
  const { code, out, err } = await run('emulate', store, '--seconds', '1', '--link', 'none');
  t.is(code, 1);
  t.deepEqual(out, []);
  t.deepEqual(err, ['emulate: store to flash 0x10000200 (PC 0x100000c4)']);
});

test('bad input is one line and exit 2', async (t) => {
  const text = join(folder, 'text.uf2');
  writeFileSync(text, 'no image');
  const short = join(folder, 'short.bin');
  writeFileSync(short, 'short');
  const missing = join(folder, 'missing.uf2');
  const cases: [string[], RegExp][] = [
    [[], /missing required argument 'FILE.uf2'/],
    [[missing], /missing.uf2: no such file/],
    [[text], /text.uf2: not a UF2 file/],
    [[folder], /it is a directory/],
    [[greeting, '--scenario', 'none'], /--scenario/],
    [[greeting, '--seconds', 'x'], /--seconds/],
    [[greeting, '--unique-id', '12'], /16 hexadecimal digits/],
    [[greeting, '--flash', short], /short.bin: not 2097152 bytes long/],
  ];
  for (const [args, expected] of cases) {
    const { code, out, err } = await run('emulate', ...args);
    t.is(code, 2, args.join(' '));
    t.deepEqual(out, []);
    t.is(err.length, 1, err.join('\n'));
    t.regex(err[0], /^emulate: /);
    t.regex(err[0], expected);
  }
  t.false(existsSync(missing));
});

test('--help says what it does', async (t) => {
  const { code, out } = await run('emulate', '--help');
  t.is(code, 0);
  t.regex(out.join('\n'), /emulated RP2040/);
});
