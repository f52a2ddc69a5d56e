/** Bad input: one clear line that names the file or the option, exit 2, nothing on stdout, nothing lost. */
import { createSocket, type Socket } from 'node:dgram';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { temporaryFolder } from '../../hosts/bench/bench-process.js';
import { writeKey } from '../../hosts/collector/keys.js';
import { SampleBoard } from '../collector/sample-frames.js';
import { COMMANDS, type CommandName, run } from './command.js';

const ROWS = 60;
const BEFORE = 'what was there before\n';

const folder = temporaryFolder();
const out = join(folder, 'predictions.csv');
const keys = join(folder, 'keys');
const frames = join(folder, 'frames.cbor');
const noFolder = join(folder, 'none');

/** A recording of two signals; `change` may spoil its lines. */
function recording(name: string, change: (lines: string[]) => string[] = (lines) => lines): string {
  const lines = Array.from({ length: ROWS }, (_, i) => `${i},${10 + 0.5 * (i % 7)},${3 + 0.25 * (i % 5)}`);
  const file = join(folder, name);
  writeFileSync(file, change(['t_s,level,flow', ...lines]).join('\n'));
  return file;
}

/** A recording in which row 50 is `text`. */
function spoiled(name: string, text: string): string {
  return recording(name, (lines) => lines.map((line, i) => (i === 51 ? text : line)));
}

function textFile(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

const good = recording('good.csv');
const learn = ['--learn', `${good}:0-40`];
let taken: Socket;
let port = 0;

test.before(async () => {
  const board = new SampleBoard();
  writeKey(keys, board.x, board.y);
  writeFileSync(frames, Buffer.concat(board.frames(3)));
  taken = createSocket('udp4');
  await new Promise<void>((resolve) => taken.bind(0, '127.0.0.1', resolve));
  port = taken.address().port;
});

test.after.always(() => taken.close());

async function refuses(t: ExecutionContext, expected: RegExp, command: CommandName, ...args: string[]): Promise<void> {
  const { code, out: printed, err } = await run(command, ...args);
  const hint = `${command} ${args.join(' ')}\n${err.join('\n')}`;
  t.is(code, 2, hint);
  t.deepEqual(printed, [], hint);
  t.is(err.length, 1, hint);
  t.regex(err[0] ?? '', expected);
}

/** `names`: what the line must name. */
function replayRefuses(title: string, names: RegExp, args: () => string[]): void {
  test.serial(`replay refuses ${title}, and leaves the file of an earlier run as it was`, async (t) => {
    writeFileSync(out, BEFORE);
    await refuses(t, names, 'replay', ...args());
    t.is(readFileSync(out, 'utf8'), BEFORE);
  });
}

const watching = (file: string) => [...learn, '--watch', file, '--out', out];

replayRefuses('a column missing in the rows to watch', /column-missing\.csv: no column flow/, () =>
  watching(recording('column-missing.csv', (lines) => lines.map((line) => line.replace(/,[^,]*$/, '')))),
);
replayRefuses('text in a number', /text\.csv: row 50, column level: 'abc' is not a number/, () =>
  watching(spoiled('text.csv', '50,abc,3')),
);
replayRefuses('NaN', /nan\.csv: row 50, column flow: 'NaN' is not a number/, () =>
  watching(spoiled('nan.csv', '50,10,NaN')),
);
replayRefuses('infinity', /infinity\.csv: row 50, column flow: 'Infinity' is not a number/, () =>
  watching(spoiled('infinity.csv', '50,10,Infinity')),
);
replayRefuses('text in the time', /time\.csv: row 50, column t_s: 'noon' is not a number/, () =>
  watching(spoiled('time.csv', 'noon,10,3')),
);
replayRefuses('a row with too few cells', /ragged\.csv: /, () => watching(spoiled('ragged.csv', '50,10')));
replayRefuses('an empty file', /empty\.csv: the file has no rows/, () => watching(textFile('empty.csv', '')));
replayRefuses('a file with nothing but a header', /header\.csv: the file has no rows/, () =>
  watching(textFile('header.csv', 't_s,level,flow\n')),
);
replayRefuses('a missing file', /missing\.csv: no such file/, () => watching(join(folder, 'missing.csv')));
replayRefuses('a missing file to learn from', /missing\.csv: no such file/, () => [
  ...['--learn', join(folder, 'missing.csv'), '--watch', good],
  ...['--out', out],
]);
replayRefuses('rows outside of the file', /good\.csv:40-61: the file has only 60 rows/, () =>
  watching(`${good}:40-61`),
);
replayRefuses('no row to watch', /good\.csv:40-40: /, () => watching(`${good}:40-40`));
replayRefuses('an unknown engine', /--engine.*'v8'/, () => [...watching(good), '--engine', 'v8']);
replayRefuses('an alarm budget of none', /--false-alarms-per-day.*'0'/, () => [
  ...watching(good),
  '--false-alarms-per-day',
  '0',
]);
replayRefuses('an unknown option', /--no-such/, () => [...watching(good), '--no-such']);
replayRefuses('to run without --watch', /--watch/, () => [...learn, '--out', out]);

const WIRINGS: Readonly<Record<string, string>> = {
  'is not JSON': 'signals: level',
  'names a signal that is not there': '{ "signals": ["pressure"] }',
  'has an unknown key': '{ "colour": "red" }',
  'has a number for a list': '{ "signals": 5 }',
  'has text for a number': '{ "falseAlarmsPerDay": "many" }',
  'has an alarm budget below 0': '{ "falseAlarmsPerDay": -1 }',
  'has text for a resolution': '{ "resolution": { "level": "fine" } }',
};

for (const [what, text] of Object.entries(WIRINGS))
  replayRefuses(`a wiring that ${what}`, /wiring\.json|pressure/, () => [
    ...watching(good),
    '--wiring',
    textFile('wiring.json', text),
  ]);

test.serial('replay refuses --out in a folder that does not exist', async (t) => {
  const file = join(noFolder, 'predictions.csv');
  await refuses(t, /none.predictions\.csv: /, 'replay', ...learn, '--watch', `${good}:40-`, '--out', file);
  t.false(existsSync(noFolder));
});

const START: readonly [string, RegExp, () => string[]][] = [
  ['an unknown scenario', /--scenario.*'no-such'/, () => ['--scenario', 'no-such']],
  ['0 seconds', /--seconds.*'0'/, () => ['--seconds', '0']],
  ['seconds that are no number', /--seconds.*'long'/, () => ['--seconds', 'long']],
  ['a negative seed', /--seed.*'-1'/, () => ['--seed', '-1']],
  ['a seed that is not whole', /--seed.*'1\.5'/, () => ['--seed', '1.5']],
  ['an unknown link', /--link.*'can'/, () => ['--link', 'can']],
  ['an unknown option', /--no-such/, () => ['--no-such']],
  ['a UDP port in use', /the port is in use/, () => ['--port', `${port}`, '--seconds', '1', '--fast']],
  [
    '--frames in a folder that does not exist',
    /none.frames\.cbor: /,
    () => ['--frames', join(noFolder, 'frames.cbor'), '--seconds', '1', '--fast'],
  ],
  ['--keys where a file is', /good\.csv/, () => ['--keys', good, '--seconds', '1', '--fast']],
];

for (const [what, names, args] of START)
  test.serial(`start refuses ${what}`, async (t) => {
    await refuses(t, names, 'start', ...args());
    await refuses(t, names, 'start', ...args(), '--json');
  });

const COLLECT: readonly [string, RegExp, () => string[]][] = [
  ['a UDP port in use', /the port is in use/, () => ['--udp', `127.0.0.1:${port}`, '--keys', keys]],
  ['a missing file', /missing\.cbor: no such file/, () => ['--file', join(folder, 'missing.cbor'), '--keys', keys]],
  ['a missing folder of keys', /none: cannot read/, () => ['--file', frames, '--keys', noFolder]],
  ['to run without keys', /--keys/, () => ['--file', frames]],
  ['to run without a source', /--udp, --tcp, --serial, --file/, () => ['--keys', keys]],
  [
    '--frames in a folder that does not exist',
    /none.frames\.cbor: /,
    () => ['--file', frames, '--keys', keys, '--frames', join(noFolder, 'frames.cbor')],
  ],
  ['an unknown option', /--no-such/, () => ['--file', frames, '--keys', keys, '--no-such']],
];

for (const [what, names, args] of COLLECT)
  test.serial(`collect refuses ${what}`, (t) => refuses(t, names, 'collect', ...args()));

test.serial('score refuses an unknown suite', (t) => refuses(t, /'no-such'/, 'score', 'no-such'));

test.serial('score refuses a data folder without the suite, and a suite without its files', async (t) => {
  await refuses(t, /none/, 'score', 'batadal_train2', '--data', noFolder);
  const data = join(folder, 'data');
  mkdirSync(join(data, 'batadal'), { recursive: true });
  await refuses(t, /train1_clean\.csv: no such file/, 'score', 'batadal_train2', '--data', data);
});

test.serial('bench refuses an unknown option', (t) => refuses(t, /--no-such/, 'bench', '--no-such'));

for (const command of COMMANDS)
  test.serial(`${command} --help says how it is used and exits 0`, async (t) => {
    const { code, out: printed, err } = await run(command, '--help');
    t.is(code, 0);
    t.regex(printed[0], /^Usage: /);
    t.deepEqual(err, []);
  });
