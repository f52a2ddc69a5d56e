import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { writeKey } from '../../hosts/collector/keys.js';
import { HEARTBEAT, SampleBoard } from './sample-frames.js';
import { dataMessages } from './sample-log.js';

const COLLECT = fileURLToPath(new URL('../../hosts/collector/collect.js', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly out: string[];
  readonly err: string[];
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

function begin(args: readonly string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [COLLECT, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  child.stdout.on('data', (text) => {
    out += text;
  });
  child.stderr.on('data', (text) => {
    err += text;
  });
  const ended = new Promise<Ended>((resolve) =>
    child.on('close', (code) => resolve({ code, out: lines(out), err: lines(err) })),
  );
  return { child, ended };
}

function run(...args: string[]): Promise<Ended> {
  return begin(args).ended;
}

interface Site {
  readonly directory: string;
  readonly keys: string;
  readonly file: string;
}

function site(board: SampleBoard, frames: readonly Uint8Array[] = []): Site {
  const directory = mkdtempSync(join(tmpdir(), 'collect-'));
  const [keys, file] = [join(directory, 'keys'), join(directory, 'frames.cbor')];
  writeKey(keys, board.x, board.y);
  writeFileSync(file, Buffer.concat(frames));
  return { directory, keys, file };
}

test('a good file: one JSON line per frame, exit 0', async (t) => {
  const board = new SampleBoard();
  const { file, keys } = site(board, board.frames(5));
  const { code, out } = await run('--file', file, '--keys', keys, '--json');
  t.is(code, 0);
  const frames = out.map((line) => JSON.parse(line));
  t.deepEqual(
    frames.map(({ device, sequence, verified }) => [device, sequence, verified]),
    [1, 2, 3, 4, 5].map((sequence) => ['0102030405060708', sequence, true]),
  );
});

test('a file with a frame missing: said in JSON and for people, exit 1', async (t) => {
  const board = new SampleBoard();
  const frames = board.frames(5);
  const { file, keys } = site(board, [...frames.slice(0, 2), ...frames.slice(3)]);
  const json = await run('--file', file, '--keys', keys, '--json');
  t.is(json.code, 1);
  t.deepEqual(JSON.parse(json.out[4]), { error: 'missing', sequence: 3, keyId: board.key.keyId });
  const text = await run('--file', file, '--keys', keys);
  t.is(text.code, 1);
  t.is(text.out[4], 'ERROR frame 3: missing');
  t.is(text.err[0], '4 frames verified, 1 errors, 0 duplicates');
});

test('a file goes into a store once, and a frame of which the store has another is said', async (t) => {
  const board = new SampleBoard();
  const frames = board.frames(4);
  const payload = board.payload(HEARTBEAT);
  const { directory, file, keys } = site(board, [...frames, board.seal(payload)]);
  const store = join(directory, 'store');
  for (let i = 0; i < 2; i++) {
    const kept = await run('--file', file, '--keys', keys, '--store', store, '--quiet');
    t.deepEqual([kept.code, kept.err], [0, ['5 frames verified, 0 errors, 0 duplicates']]);
    const judged = await run('--read', store, '--keys', keys, '--quiet');
    t.deepEqual([judged.code, judged.err], [0, ['5 frames verified, 0 errors, 0 duplicates']]);
  }
  writeFileSync(file, Buffer.concat([...frames, board.seal(payload)]));
  const other = await run('--file', file, '--keys', keys, '--store', store, '--quiet');
  t.is(other.code, 1);
  t.deepEqual(other.out, ['ERROR frame 5: the store has another frame with this sequence number']);
});

async function usage(t: ExecutionContext, expected: RegExp, ...args: string[]): Promise<void> {
  const { code, out, err } = await run(...args);
  t.is(code, 2, args.join(' '));
  t.deepEqual(out, []);
  t.is(err.length, 1, err.join('\n'));
  t.regex(err[0], expected);
}

test('bad usage is one clear line and exit 2', async (t) => {
  const board = new SampleBoard();
  const { directory, keys, file } = site(board, board.frames(1));
  const bad = join(directory, 'bad');
  writeKey(bad, board.x, board.y);
  writeFileSync(join(bad, 'other.cose_key'), 'not a key');
  await Promise.all([
    usage(t, /exactly one of/, '--keys', keys),
    usage(t, /exactly one of/, '--keys', keys, '--file', file, '--udp', '127.0.0.1:0'),
    usage(t, /--keys/, '--file', file),
    usage(t, /HOST:PORT/, '--keys', keys, '--udp', '5000'),
    usage(t, /HOST:PORT/, '--keys', keys, '--tcp', 'localhost:99999'),
    usage(t, /1 to 247/, '--keys', keys, '--serial', '/dev/none', '--address', '248'),
    usage(t, /1 to 247/, '--keys', keys, '--serial', '/dev/none@1-300'),
    usage(t, /HOST\[:PORT\]\/FILTER/, '--keys', keys, '--mqtt', 'http://127.0.0.1/a'),
    usage(t, /connection refused/, '--keys', keys, '--mqtt', 'mqtt://127.0.0.1:1/a/+/+/frame'),
    usage(t, /syslog:\/\/HOST/, '--keys', keys, '--udp', '127.0.0.1:0', '--forward', 'ftp://127.0.0.1'),
    usage(t, /go together/, '--keys', keys, '--udp', '127.0.0.1:0', '--modbus', '127.0.0.1:502'),
    usage(t, /for live sources/, '--keys', keys, '--file', file, '--metrics', '127.0.0.1:0'),
    usage(t, /for live sources and --file/, '--keys', keys, '--read', directory, '--store', join(directory, 'store')),
    usage(t, /no such directory/, '--keys', keys, '--read', join(directory, 'none')),
    usage(t, /not a directory|file already exists/, '--keys', keys, '--udp', '127.0.0.1:0', '--store', file),
    usage(
      t,
      /no such file/,
      ...['--keys', keys, '--udp', '127.0.0.1:0', '--modbus', '127.0.0.1:502'],
      ...['--cross-check', join(directory, 'none.yaml')],
    ),
    usage(t, /unknown option/, '--keys', keys, '--fil', file),
    usage(t, /no such file/, '--keys', keys, '--file', join(directory, 'none')),
    usage(t, /directory/, '--keys', keys, '--file', directory),
    usage(t, /cannot read the directory of keys/, '--keys', join(directory, 'none'), '--file', file),
    usage(t, /other\.cose_key: not a public P-256 COSE_Key/, '--keys', bad, '--file', file),
    usage(t, /serial \/dev\/none: /, '--keys', keys, '--serial', '/dev/none'),
    usage(t, /no such host|connection refused/, '--keys', keys, '--tcp', '127.0.0.1:1'),
    usage(t, /does not have that address/, '--keys', keys, '--udp', '192.0.2.1:0'),
  ]);
});

test('a UDP port in use is one clear line and exit 2', async (t) => {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  t.teardown(() => socket.close());
  const { keys } = site(new SampleBoard());
  await usage(t, /the port is in use/, '--keys', keys, '--udp', `127.0.0.1:${socket.address().port}`);
});

test('--help says how it is used and exits 0', async (t) => {
  const { code, out } = await run('--help');
  t.is(code, 0);
  t.true(out.join('\n').includes('--udp <HOST:PORT>'));
});

test('a live run over UDP stores the frames, ends on SIGTERM and its file is judged good', async (t) => {
  const board = new SampleBoard();
  const { directory, keys } = site(board);
  const probe = createSocket('udp4');
  await new Promise<void>((resolve) => probe.bind(0, '127.0.0.1', resolve));
  const { port } = probe.address();
  await new Promise<void>((resolve) => probe.close(resolve));
  const stored = join(directory, 'stored.cbor');
  const { child, ended } = begin(['--udp', `127.0.0.1:${port}`, '--keys', keys, '--json', '--frames', stored]);
  const frames = board.frames(6);
  const socket = createSocket('udp4');
  t.teardown(() => socket.close());
  const pushing = setInterval(() => {
    for (const [i, frame] of frames.entries()) socket.send(dataMessages(i + 1, frame)[0], port, '127.0.0.1');
  }, 50);
  await new Promise<void>((resolve) => child.stdout?.once('data', () => setTimeout(resolve, 200)));
  clearInterval(pushing);
  child.kill('SIGTERM');
  const { code, out } = await ended;
  t.is(code, 0);
  t.deepEqual(
    out.map((line) => JSON.parse(line).sequence),
    [1, 2, 3, 4, 5, 6],
  );
  t.deepEqual(readFileSync(stored), Buffer.concat(frames));
});

test('--seconds ends a run in which nobody spoke', async (t) => {
  const { keys } = site(new SampleBoard());
  const { code, out } = await run('--udp', '127.0.0.1:0', '--keys', keys, '--seconds', '0.2');
  t.is(code, 0);
  t.deepEqual(out, []);
});
