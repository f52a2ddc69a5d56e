import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { InputError, readRecording, rowSeconds, signalOf } from '../../hosts/bench/recording.js';

const FOLDER = mkdtempSync(join(tmpdir(), 'wirewitness-recording-'));
process.on('exit', () => rmSync(FOLDER, { recursive: true, force: true }));

let files = 0;

function file(text: string, name = `r${files++}.csv`): string {
  const path = join(FOLDER, name);
  writeFileSync(path, text);
  return path;
}

const SMALL = 't_s,a,b\n0,1,2\n1,1.5,-2e3\n2,,7\n';

test('a recording has the columns after the first as signals, and time in seconds', (t) => {
  const recording = readRecording(file(SMALL, 'small.csv'));
  t.is(recording.series, 'small');
  t.deepEqual([recording.from, recording.end], [0, 3]);
  t.deepEqual(recording.names, ['a', 'b']);
  t.deepEqual([...recording.time], [0, 1, 2]);
  t.deepEqual([...signalOf(recording, 'b')], [2, -2000, 7]);
});

test('an empty cell is a value of bad quality', (t) => {
  t.deepEqual([...signalOf(readRecording(file(SMALL)), 'a')], [1, 1.5, Number.NaN]);
});

test('columns that carry labels are no signals', (t) => {
  const recording = readRecording(file('t_s,label,a,anomaly,changepoint,datetime\n0,x,1,,0,2020-01-01\n'));
  t.deepEqual(recording.names, ['a']);
});

test('the name of the first column gives the unit of time; any other counts rows', (t) => {
  for (const [name, seconds] of [
    ['t_s', 2],
    ['t_min', 120],
    ['t_h', 7200],
  ] as const)
    t.deepEqual([...readRecording(file(`${name},a\n0,1\n2,1\n`)).time], [0, seconds]);
  t.deepEqual([...readRecording(file('date,a\n2020-01-01,1\n2020-01-02,1\n')).time], [0, 1]);
});

test('a range takes rows from A to before B, either of which may be left out', (t) => {
  const path = file('t_s,a\n0,10\n1,11\n2,12\n3,13\n');
  for (const [range, from, values] of [
    ['1-3', 1, [11, 12]],
    ['-2', 0, [10, 11]],
    ['3-', 3, [13]],
    ['0-4', 0, [10, 11, 12, 13]],
  ] as const) {
    const recording = readRecording(`${path}:${range}`);
    t.is(recording.from, from);
    t.deepEqual([...signalOf(recording, 'a')], [...values]);
    t.is(recording.time.length, values.length);
  }
});

test('what is wrong is told in one line that names the place', (t) => {
  const wrong: [string, RegExp][] = [
    [join(FOLDER, 'no-such.csv'), /no-such\.csv: no such file/],
    [FOLDER, /cannot be read/],
    [file(''), /no rows/],
    [file('\n\n'), /no rows/],
    [file('t_s,a\n'), /no rows/],
    [file('t_s\n1\n'), /no signal/],
    [file('t_s,label\n1,0\n'), /no signal/],
    [file('t_s,a,a\n1,2,3\n'), /same name/],
    [file('t_s,a\n0,1\n1,abc\n'), /row 1, column a: 'abc' is not a number/],
    [file('t_s,a\n0,NaN\n'), /row 0, column a: 'NaN' is not a number/],
    [file('t_s,a\n0,Infinity\n'), /row 0, column a/],
    [file('t_s,a\nx,1\n'), /row 0, column t_s: 'x' is not a number/],
    [file('t_s,a\n,1\n'), /row 0, column t_s/],
    [file('t_s,a,b\n0,1,2\n1,1\n'), /.+/],
    [file('t_s,a\n0,1,2\n'), /.+/],
    [`${file('t_s,a\n0,1\n')}:0-2`, /:0-2: the file has only 1 rows/],
    [`${file('t_s,a\n0,1\n')}:1-1`, /rows 1-1/],
    [`${file('t_s,a\n0,1\n')}:1-0`, /rows 1-0/],
  ];
  for (const [source, message] of wrong) {
    const error = t.throws(() => readRecording(source), { instanceOf: InputError }, source);
    t.regex(error!.message, message);
    t.false(error!.message.includes('\n'), error!.message);
  }
});

test('a signal that the recording does not have is an error that names both', (t) => {
  const recording = readRecording(file(SMALL, 'other.csv'));
  t.throws(() => signalOf(recording, 'c'), { instanceOf: InputError, message: /other\.csv: no column c$/ });
});

test('the step of time is its median, whatever gaps and returns there are', (t) => {
  t.is(rowSeconds(readRecording(file('t_s,a\n0,1\n2,1\n4,1\n100,1\n0,1\n2,1\n'))), 2);
  t.is(rowSeconds(readRecording(file('t_s,a\n5,1\n'))), 1);
});
