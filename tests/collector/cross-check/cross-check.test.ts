import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { CrossCheck } from '../../../hosts/collector/cross-check/cross-check.js';
import { engineeringValue, ModbusReader } from '../../../hosts/collector/cross-check/modbus-reader.js';
import { loadPlan, type Plan, type Reported } from '../../../hosts/collector/cross-check/plan.js';
import { ReportedLog } from '../../../hosts/collector/cross-check/reported-log.js';
import type { Difference } from '../../../hosts/collector/listener.js';
import { NameBook } from '../../../hosts/collector/name-book.js';
import { SourceError } from '../../../hosts/collector/source.js';
import { type Frame, verifyFrame } from '../../../hosts/collector/verify.js';
import { decimal, SampleBoard } from '../sample-frames.js';
import { until } from '../until.js';
import { openPlc } from './sample-plc.js';

const LEVEL: Reported = {
  table: 'holding',
  register: 0,
  type: 'int16',
  words: 'big',
  scale: 0.001,
  offset: 0,
  tolerance: 0.05,
};

function planOf(changes: Partial<Plan> = {}): Plan {
  return { device: undefined, unit: 1, everyMs: 50, holdMs: 20_000, channels: new Map([['level', LEVEL]]), ...changes };
}

function readings(board: SampleBoard, level: number, uptimeMs: number): Frame {
  const record = (name: string, value: number) =>
    new Map<number, unknown>([
      [0, name],
      [1, 'm'],
      [2, decimal(Math.round(value * 1000), -3)],
    ]);
  const pack = [record('level', level), record('level/min', level - 0.01), record('level/max', level + 0.01)];
  const body = new Map<number, unknown>([
    [1, pack],
    [2, 0],
  ]);
  return verifyFrame(
    board.frame(4, [
      [5, uptimeMs * 1000],
      [8, body],
    ]),
    board.keys,
  ) as Frame;
}

/** Plays windows of 10 s; each a wire value and the value reported meanwhile. */
function play(
  windows: readonly (readonly [wire: number, reported: number | undefined])[],
  plan = planOf(),
  lateMs = 0,
) {
  const board = new SampleBoard();
  const directory = mkdtempSync(join(tmpdir(), 'cross-'));
  const differences: Difference[] = [];
  const log = new ReportedLog(directory);
  let nowMs = 1e12;
  const check = new CrossCheck({
    plan,
    book: new NameBook(),
    log,
    nowMs: () => nowMs,
    onDifference: (d) => differences.push(d),
  });
  check.onFrame(readings(board, windows[0][0], 0));
  windows.forEach(([wire, reported], i) => {
    for (let n = 0; n < 20; n++) {
      nowMs += 500 + lateMs / 20;
      if (reported !== undefined) check.take('level', reported);
    }
    check.onFrame(readings(board, wire, (i + 1) * 10_000));
  });
  return { differences, lines: log.linesOf(board.key.keyId), startMs: 1e12 };
}

test('a report that differs from the wire is said once the hold time has passed, and taken back when they agree', (t) => {
  const { differences, lines, startMs } = play([
    ...Array(3).fill([2, 2.01]),
    ...Array(5).fill([2.5, 2]),
    ...Array(4).fill([2, 2]),
  ]);
  t.deepEqual(
    differences.map(({ state }) => state),
    ['open', 'closed'],
  );
  const [open, closed] = differences;
  t.like(open, { channel: 'level', unit: 'm', tolerance: 0.05, sinceMs: startMs + 30_000, atMs: startMs + 50_000 });
  t.true(Math.abs(open.wire.mean - 2.5) < 1e-9 && open.reported.mean === 2);
  t.is(closed.sinceMs, open.sinceMs);
  t.is(lines.length, 12);
  t.deepEqual(
    lines.map(({ isOpen }) => isOpen),
    [...Array(4).fill(false), ...Array(5).fill(true), ...Array(3).fill(false)],
  );
});

test('a difference shorter than the hold time, or within the tolerance, is none', (t) => {
  t.deepEqual(
    play([
      [2, 2],
      [2.5, 2],
      [2, 2],
      [2.5, 2],
      [2, 2],
    ]).differences,
    [],
  );
  t.deepEqual(play(Array(8).fill([2, 2.049])).differences, []);
  t.is(play(Array(8).fill([2, 2.051])).differences.length, 1);
});

test('windows in which nothing was reported, or whose frame waited somewhere, are not judged', (t) => {
  t.deepEqual(play(Array(6).fill([2, undefined])).lines, []);
  t.deepEqual(play(Array(6).fill([2, 3]), planOf(), 60_000).lines, []);
});

test('a device that the file does not name is not compared', (t) => {
  t.deepEqual(play(Array(6).fill([2, 3]), planOf({ device: '00'.repeat(8) })).lines, []);
});

test('registers become engineering values in every type and word order', (t) => {
  const value = (changes: Partial<Reported>, ...data: number[]) =>
    engineeringValue({ ...LEVEL, scale: 1, ...changes }, data);
  t.is(value({ type: 'int16' }, 0xfffe), -2);
  t.is(value({ type: 'uint16', scale: 0.5, offset: 1 }, 10), 6);
  t.is(value({ type: 'int32' }, 0xffff, 0xffff), -1);
  t.is(value({ type: 'uint32', words: 'little' }, 1, 2), 0x20001);
  t.is(value({ type: 'float32' }, 0x4049, 0x0fdb), Math.fround(Math.PI));
  t.is(value({ type: 'float32', words: 'little' }, 0x0fdb, 0x4049), Math.fround(Math.PI));
});

test('values are read from a real Modbus TCP server, which may go away and come back', async (t) => {
  t.timeout(60_000);
  const plc = await openPlc();
  t.teardown(() => plc.close());
  plc.holding.set(0, 1500);
  plc.input.set(7, 0x4020).set(8, 0);
  const flow: Reported = { ...LEVEL, table: 'input', register: 7, type: 'float32', scale: 1 };
  const [values, troubles]: [Map<string, number>, string[]] = [new Map(), []];
  const plan = planOf({
    channels: new Map([
      ['level', LEVEL],
      ['flow', flow],
    ]),
  });
  const reader = new ModbusReader('127.0.0.1', plc.port, plan, {
    onValue: (channel, value) => values.set(channel, value),
    onTrouble: (line) => troubles.push(line),
  });
  reader.start();
  await until(() => values.size === 2);
  t.deepEqual(
    [...values],
    [
      ['level', 1.5],
      ['flow', 2.5],
    ],
  );
  await plc.stop();
  await until(() => troubles.length === 1);
  plc.holding.set(0, 1600);
  await plc.start();
  await until(() => values.get('level') === 1.6);
  t.is(troubles.length, 1);
  await reader.close();
});

test('a file that is wrong is one line that names the place', (t) => {
  const path = join(mkdtempSync(join(tmpdir(), 'plan-')), 'plan.yaml');
  const load = (text: string) => {
    writeFileSync(path, text);
    return loadPlan(path);
  };
  const plan = load('holdMs: 5000\nchannels:\n  level: {register: 3, type: int16, scale: 0.001, tolerance: 0.1}\n');
  t.is(plan.holdMs, 5000);
  t.deepEqual(plan.channels.get('level'), { ...LEVEL, register: 3, tolerance: 0.1 });
  const bad: [string, RegExp][] = [
    ['channels: {}', /channels must NOT have fewer/],
    ['channels: {level: {register: 3, type: int8, tolerance: 1}}', /channels\/level\/type .*int16/],
    ['channels: {level: {register: 3, type: int16, tolerance: 0}}', /tolerance must be > 0/],
    ['channels: {level: {register: 3, type: int16}}', /must have required property 'tolerance'/],
    ['channels: {level: {register: 3, type: int16, tolerance: 1, sacle: 2}}', /sacle/],
    ['channels: [', /not YAML/],
    ['', /the file must be object/],
  ];
  for (const [text, says] of bad) {
    const error = t.throws(() => load(text), { instanceOf: SourceError, message: says }, text);
    t.false(error?.message.includes('\n'));
  }
  t.throws(() => loadPlan('/none.yaml'), { message: /no such file/ });
});
