import { createServer } from 'node:http';
import test from 'ava';
import { Metrics } from '../../hosts/collector/metrics.js';
import { SourceError } from '../../hosts/collector/source.js';
import { type Frame, verifyFrame } from '../../hosts/collector/verify.js';
import { SampleBoard } from './sample-frames.js';

const SOURCES = { store: undefined, refused: () => 3, forwardWaiting: () => 2, forwardDropped: () => 1 };

test('frames, errors and what boards say of themselves are served for Prometheus', async (t) => {
  const board = new SampleBoard();
  const { keyId } = board.key;
  const metrics = new Metrics(board.keys, SOURCES);
  for (const bytes of board.frames(9)) metrics.onFrame(verifyFrame(bytes, board.keys) as Frame);
  metrics.onError({ reason: 'missing: asked for in vain', first: 4, last: 6, keyId });
  metrics.onError({ reason: 'no key 00ff', first: 1, last: 1, keyId: '00ff' });
  const port = await metrics.start('127.0.0.1', 0);
  t.teardown(() => metrics.close());
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const value = (name: string) =>
    text
      .split('\n')
      .find((line) => line.startsWith(`wirewitness_${name} `))
      ?.split(' ')
      .at(-1);
  t.is(value(`frames_total{device="${keyId}",kind="incident"}`), '2');
  t.is(value(`incidents_total{device="${keyId}",class="attack-consistent"}`), '2');
  t.is(value(`errors_total{device="${keyId}",what="missing"}`), '3');
  t.is(value('errors_total{device="unknown",what="forged"}'), '1');
  t.is(value(`last_sequence{device="${keyId}"}`), '9');
  t.is(value(`board_free_bytes{device="${keyId}"}`), '40000');
  t.is(value('messages_refused'), '3');
  t.is(value('forward_dropped'), '1');
  t.is((await fetch(`http://127.0.0.1:${port}/`)).status, 404);
});

test('a port in use is one line', async (t) => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as { port: number };
  await t.throwsAsync(new Metrics(new Map(), SOURCES).start('127.0.0.1', port), {
    instanceOf: SourceError,
    message: /the port is in use/,
  });
});
