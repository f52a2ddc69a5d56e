import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { Store } from '../../../hosts/collector/store/store.js';
import { type Frame, verifyFrame } from '../../../hosts/collector/verify.js';
import { decimal, SampleBoard } from '../sample-frames.js';

const REPORT = fileURLToPath(new URL('../../../hosts/collector/report/report.js', import.meta.url));
const ATTACK_START_MS = Date.UTC(2026, 2, 1, 12);

function report(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [REPORT, ...args], { encoding: 'utf8' });
  return { code: status, out: stdout, err: stderr };
}

/** A store with one board: boot, readings, an incident opened and closed. */
function site(skip?: number) {
  const board = new SampleBoard();
  const directory = mkdtempSync(join(tmpdir(), 'report-'));
  const [keys, path] = [join(directory, 'keys'), join(directory, 'store')];
  let nowMs = ATTACK_START_MS;
  const store = new Store(path, { keys: board.keys, nowMs: () => nowMs });
  const add = (kind: number, changes: [number, unknown][] = []) => {
    const frame = verifyFrame(board.frame(kind, changes), board.keys) as Frame;
    nowMs = ATTACK_START_MS + frame.uptimeUs / 1000 + 40;
    if (frame.sequence !== skip) store.append(frame);
  };
  add(0);
  for (let i = 0; i < 10; i++) {
    const record = (name: string, value: number) =>
      new Map<number, unknown>([
        [0, name],
        [1, '<m>'],
        [2, decimal(value, -1)],
      ]);
    const pack = [
      record('a&b', 10),
      record('a&b/min', 9),
      record('a&b/max', 11),
      record('level', i),
      record('level/min', i - 1),
      record('level/max', i + 1),
    ];
    add(4, [
      [
        8,
        new Map<number, unknown>([
          [1, pack],
          [2, 0],
        ]),
      ],
    ]);
  }
  add(2);
  add(2, [
    [
      8,
      new Map<number, unknown>([
        [1, 3],
        [2, 2],
        [3, [1]],
        [4, 4],
        [5, 4100],
        [6, 4000000],
        [7, 3],
        [8, 0],
        [13, 8000],
      ]),
    ],
  ]);
  add(8);
  store.close();
  const key = join(keys, 'device.cose_key');
  spawnSync('mkdir', ['-p', keys]);
  writeFileSync(key, board.coseKey);
  return { board, directory, args: ['--store', path, '--keys', keys] };
}

test('each stage says what article 23 asks for at that stage, and leaves open what frames cannot say', (t) => {
  const { args, directory, board } = site();
  const pages = ['24h', '72h', 'month'].map((stage) => {
    const out = join(directory, `${stage}.html`);
    const { code, err } = report(...args, '--incident', '3', '--stage', stage, '--out', out);
    t.is(code, 0, err);
    return readFileSync(out, 'utf8');
  });
  const [warning, notification, final] = pages;
  t.regex(warning, /Early warning \(NIS2 article 23\(4\)\(a\)\)/);
  t.regex(warning, /consistent with an unlawful or malicious act/);
  t.regex(warning, /\[whether it could have a cross-border impact\]/);
  t.false(warning.includes('Severity and impact'));
  t.regex(warning, /due by 2026-03-02T12:00:12.040Z/);
  t.regex(notification, /largest score 4.1 times the alarm threshold/);
  t.regex(notification, /T1691.001, T0831 of ATT&amp;CK for ICS, catalogue version 19/);
  t.regex(notification, /due by 2026-03-04T12:00:12.040Z/);
  t.regex(final, /Course and likely root cause/);
  t.regex(final, /\[mitigation measures applied and under way\]/);
  for (const page of pages) {
    t.regex(page, /Onset: 2026-03-01T12:00:04.040Z \(clock of the collector/);
    t.true(page.includes(`key ${board.key.keyId}`));
    t.regex(page, /14 verified, 0 refused, none missing in between, hash chain unbroken/);
    t.regex(page, /<svg [^>]*>[\s\S]*level in &lt;m&gt;[\s\S]*<polyline class="wire" points="[\d., -]+"\/>/);
    t.false(page.includes('<m>'));
  }
});

test('what is missing in the store is said in the proof', (t) => {
  const { args } = site(6);
  const { out, code } = report(...args, '--incident', '3', '--json');
  t.is(code, 0);
  const proof = JSON.parse(out).sections.find(({ heading }: { heading: string }) => heading === 'Proof');
  t.regex(proof.lines.join('\n'), /13 verified, 0 refused, missing or out of place: 6: missing/);
});

test('bad usage is one clear line and exit 2', (t) => {
  const { args } = site();
  const bad: [string[], RegExp][] = [
    [[...args, '--incident', '9'], /there is no incident 9/],
    [[...args, '--incident', 'x'], /DEVICE\/BOOT\/ID is wanted/],
    [[...args, '--incident', '3', '--stage', 'year'], /24h, 72h, month/],
    [['--store', '/none', '--keys', args[3], '--incident', '3'], /no such directory/],
    [['--store', args[1], '--keys', '/none', '--incident', '3'], /cannot read the directory of keys/],
    [[...args], /--incident/],
  ];
  for (const [line, says] of bad) {
    const { code, out, err } = report(...line);
    t.is(code, 2, err);
    t.is(out, '');
    t.regex(err, says);
    t.is(err.trim().split('\n').length, 1, err);
  }
});

test('an incident id that two devices have is asked for by its full name', (t) => {
  const { args, board } = site();
  const other = new SampleBoard();
  writeFileSync(join(args[3], 'other.cose_key'), other.coseKey);
  const store = new Store(args[1], { keys: new Map([...board.keys, ...other.keys]) });
  for (const kind of [0, 2]) store.append(verifyFrame(other.frame(kind), other.keys) as Frame);
  store.close();
  t.regex(report(...args, '--incident', '3').err, /incident 3 is not one: .*\/1\/3, .*\/1\/3/);
  t.is(report(...args, '--incident', `${other.key.keyId}/1/3`, '--json').code, 0);
});
