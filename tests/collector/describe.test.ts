import test from 'ava';
import { describeError, describeFrame } from '../../hosts/collector/describe.js';
import { bodyJson, errorJson, frameJson } from '../../hosts/collector/frame-json.js';
import { Names } from '../../hosts/collector/names.js';
import { type Frame, isRefusal, verifyFrame } from '../../hosts/collector/verify.js';
import { decimal, SampleBoard } from './sample-frames.js';

function frameOf(board: SampleBoard, kind: number, changes: [number, unknown][] = []): Frame {
  const frame = verifyFrame(board.frame(kind, changes), board.keys);
  if (isRefusal(frame)) throw new Error(frame.reason);
  return frame;
}

const CONTACTS = {
  analog: [],
  digital: ['level switch', 'pump order', 'pump running'].map(
    (name) => ({ name, kind: 'contact', debounceMs: 5 }) as const,
  ),
  pairs: [{ name: 'pump', order: 1, execution: 2, isInverted: false }],
};

test('an incident is one line that says what happened, by name', (t) => {
  const board = new SampleBoard();
  const names = new Names(board.key.keyId);
  names.useConfiguration(CONTACTS);
  names.learn(frameOf(board, 0));
  t.is(
    describeFrame(frameOf(board, 2), names),
    'boot 1 +0:00:02.000  0102030405060708  #2  INCIDENT 3 open attack-consistent (order not executed): order not executed, pump order -> pump running, observed -0.25, expected 1.5.., score 2.3 x threshold, severity high, consistent with T1691.001 T0831 (ATT&CK for ICS 19)',
  );
});

test('without names there are numbers, without a boot frame the key identifier', (t) => {
  const board = new SampleBoard();
  const line = describeFrame(frameOf(board, 2), new Names(board.key.keyId));
  t.true(line.includes(`  ${board.key.keyId}  #1  `));
  t.true(line.includes('order not executed, pair 0'));
});

test('names and units of channels are learned from readings', (t) => {
  const board = new SampleBoard();
  const names = new Names(board.key.keyId);
  const readings = frameOf(board, 4);
  names.learn(readings);
  t.true(describeFrame(readings, names).endsWith('readings level 1.234 [1..1.5] m'));
  t.is(names.channel(0), 'level');
  t.is(names.unit(0), 'm');
});

test('boot, heartbeat, loss and kinds not yet known are one line each', (t) => {
  const board = new SampleBoard();
  const names = new Names(board.key.keyId);
  const lines = [0, 1, 8, 77].map((kind) => describeFrame(frameOf(board, kind), names));
  t.regex(lines[0], /boot firmware 1\.0\.0, reset: power-on, key in software$/);
  t.regex(lines[1], /heartbeat learning 50\.0 %, channel 2 uncertain$/);
  t.regex(lines[2], /LOSS 12 blocks, from \+0:00:01\.000 to \+0:00:01\.120$/);
  t.regex(lines[3], /kind 77 \{/);
});

test('a model is one line: what became of it, how far it was learned, what it promises, whom it does not watch', (t) => {
  const board = new SampleBoard();
  const names = new Names(board.key.keyId);
  names.useConfiguration(CONTACTS);
  const line = (changes: [number, unknown][] = []) =>
    describeFrame(frameOf(board, 5, changes), names).replace(/^.* {2}MODEL /, '');
  t.is(
    line(),
    'loaded, digest abababab, 3000 rows, provisional, false alarms a day: 0.5 asked, 1 promised, NOT WATCHED: pump order',
  );
  t.is(line([[8, new Map([[1, 2]])]]), 'refused: of another configuration');
  t.is(
    line([
      [
        8,
        new Map<number, unknown>([
          [1, 6],
          [8, []],
        ]),
      ],
    ]),
    'not stored: the flash did not keep it',
  );
});

test('what pairs learned is one line, by name; its JSON says low and high, levels, and what has no bound', (t) => {
  const board = new SampleBoard();
  const names = new Names(board.key.keyId);
  names.useConfiguration(CONTACTS);
  const way = [20, 30, 125, 178];
  const pairs = [
    [0, [null, way, way], [0, way, [2, 40, 60, null]], [1, [0, null, null, null], way]],
    [1, [null, [9, 800, 900, 1000, 200, 230, 300], way, decimal(25, -2), decimal(125, -1)]],
    [2, [null, way, way, [decimal(8, -1), decimal(-5, -1), decimal(125, -3)]]],
  ];
  const frame = frameOf(board, 5, [
    [
      8,
      new Map<number, unknown>([
        [1, 0],
        [9, pairs],
      ]),
    ],
  ]);
  const text = '20 in 30..125 ms (bound 178)';
  t.is(
    describeFrame(frame, names).replace(/^.* {2}MODEL /, ''),
    `learned, pairs: pump order -> pump running: low ${text} high ${text}, mode 0 low ${text} high 2 in 40..60 ms (no bound), mode 1 low never high ${text}; pair 1: low 9 in 800..900 ms (bound 1000) high ${text} levels 0.25 and 12.5; pair 2: low ${text} high ${text} gain 0.8 offset -0.5 within 0.125`,
  );
  const [, valve, drive] = bodyJson(5, frame.body).pairs as { modes: Record<string, unknown>[] }[];
  t.deepEqual(valve.modes[0].levels, { off: 0.25, on: 12.5 });
  t.deepEqual((valve.modes[0].low as Record<string, unknown>).left, { leastMs: 200, longestMs: 230, boundMs: 300 });
  t.deepEqual(drive.modes[0].line, { gain: 0.8, offset: -0.5, tolerance: 0.125 });
});

test('the JSON of a model has words for numbers, and numbers for thousandths', (t) => {
  const body = (kind: number) => {
    const { payload } = JSON.parse(JSON.stringify(frameJson(frameOf(new SampleBoard(), kind), 'x')));
    return payload.body;
  };
  t.deepEqual(body(5), {
    why: 'loaded',
    digest: 'ab'.repeat(16),
    rows: 3000,
    level: 'provisional',
    convergence: [1.5, null],
    falseAlarmsPerDay: { asked: 0.5, promised: 1 },
    thresholds: [{ detector: 'residual', thresholds: [2.5, null] }],
    unwatched: [1],
  });
  t.deepEqual(body(0).detectors, ['limits', 'flat', 'residual', 'order', 99]);
});

test('a body of any shape is described without a throw, in one line', (t) => {
  const board = new SampleBoard();
  const bodies = [
    new Map<unknown, unknown>(),
    new Map<unknown, unknown>(Array.from({ length: 14 }, (_, i) => [i, null])),
    new Map<unknown, unknown>(Array.from({ length: 14 }, (_, i) => [i, []])),
    new Map<unknown, unknown>(Array.from({ length: 14 }, (_, i) => [i, new Map([['a\u001b[2J\n', 1]])])),
    new Map<unknown, unknown>(Array.from({ length: 14 }, (_, i) => [i, 'a\u001b[2J\n\u202e'])),
    new Map<unknown, unknown>(Array.from({ length: 14 }, (_, i) => [i, [new Map(), null, 'x', 1e15]])),
    new Map<unknown, unknown>([
      ['__proto__', 1],
      ['constructor', [1]],
      [2, new Map([['toString', 1]])],
      [4, new Map([['toString', 1]])],
    ]),
  ];
  for (const body of bodies) {
    for (let kind = 0; kind < 11; kind++) {
      const frame = frameOf(board, kind, [[8, body]]);
      const names = new Names(board.key.keyId);
      names.learn(frame);
      const line = describeFrame(frame, names);
      t.notRegex(line, /[\p{Cc}\p{Cf}]/u);
      t.notThrows(() => JSON.stringify(frameJson(frame, names.device)));
    }
  }
});

test('a wall clock is shown as a date', (t) => {
  const board = new SampleBoard();
  const frame = frameOf(board, 1, [[6, [Date.UTC(2026, 3, 1), 20]]]);
  t.true(describeFrame(frame, new Names('00')).startsWith('2026-04-01T00:00:00.000Z boot 1 +0:00:01.000'));
  t.notThrows(() => describeFrame(frameOf(board, 1, [[6, [2 ** 53 - 1, 0]]]), new Names('00')));
});

test('the JSON of an incident has words for numbers', (t) => {
  const board = new SampleBoard();
  const frame = frameOf(board, 2);
  t.deepEqual(JSON.parse(JSON.stringify(frameJson(frame, '0102030405060708'))), {
    device: '0102030405060708',
    sequence: 1,
    kind: 'incident',
    verified: true,
    keyId: board.key.keyId,
    payload: {
      version: 1,
      boot: 1,
      uptimeUs: 1000000,
      body: {
        id: 3,
        state: 'open',
        channels: [1, 2],
        detector: 'order',
        scorePerMille: 2300,
        onsetUs: 4000000,
        severity: 'high',
        class: 'attack-consistent',
        reason: 'order not executed',
        techniques: { catalogue: 'ATT&CK for ICS', version: 19, ids: ['T1691.001', 'T0831'] },
        expected: { low: 1.5, high: null },
        observed: -0.25,
        verdict: { pair: 0, verdict: 'missing' },
      },
    },
  });
});

test('the verdicts on orders are one line, by name, and objects in JSON', (t) => {
  const counts = [
    [0, 12, 1, 0, 0, 0],
    [1, 3, 0, 2, 0, 1],
  ];
  const body = new Map<number, unknown>([
    [3, counts],
    [4, [[1, 2]]],
  ]);
  t.deepEqual(bodyJson(4, body), {
    verdicts: [
      { pair: 0, done: 12, late: 1, missing: 0, contradicted: 0, unordered: 0 },
      { pair: 1, done: 3, late: 0, missing: 2, contradicted: 0, unordered: 1 },
    ],
    pooled: [{ pair: 1, orders: 2 }],
  });
  const names = new Names('00');
  const frame = { kind: 4, body, payload: new Map(), boot: 1, uptimeUs: 0, sequence: 9 };
  const line = describeFrame(frame as unknown as Parameters<typeof describeFrame>[0], names);
  t.true(
    line.endsWith(
      'orders pair 0 12 done 1 late, pair 1 3 done 2 missing 1 unordered, pair 1 2 in a mode hardly learned',
    ),
    line,
  );
});

test('the JSON of readings is SenML, bytes are hexadecimal', (t) => {
  const board = new SampleBoard();
  const boot = frameJson(frameOf(board, 0), 'x').payload as { body: Record<string, unknown> };
  t.is(boot.body.deviceId, '0102030405060708');
  t.is(boot.body.resetReason, 'power-on');
  const readings = frameJson(frameOf(board, 4), 'x').payload as { body: Record<string, unknown>; previous: string };
  t.deepEqual(readings.body, {
    firstChannel: 0,
    senml: [
      { n: 'level', u: 'm', v: 1.234 },
      { n: 'level/min', v: 1 },
      { n: 'level/max', v: 1.5 },
    ],
  });
  t.is(readings.previous.length, 32);
});

test('errors name one frame per JSON object, and a run in one line', (t) => {
  const run = { reason: 'missing', first: 5, last: 7, keyId: undefined };
  t.deepEqual(
    errorJson(run).map(({ sequence }) => sequence),
    [5, 6, 7],
  );
  t.is(describeError(run), 'ERROR frames 5 to 7: missing');
  t.deepEqual(errorJson({ ...run, last: 2 ** 50 }), [{ error: 'missing', sequence: 5, last: 2 ** 50 }]);
  t.deepEqual(errorJson({ ...run, first: undefined, last: undefined }), [{ error: 'missing', sequence: null }]);
});
