/** The commands of `npm start` over other scenarios, links and in real time. */
import test, { type ExecutionContext } from 'ava';
import { run } from './command.js';
import { type FrameLine, ofKind, readPrinted, sequencesFrom, sequencesOf } from './frame-lines.js';

const HEARTBEAT_S = 10;

/** The frames of a run that ends well and loses nothing. */
async function play(t: ExecutionContext, ...args: string[]): Promise<readonly FrameLine[]> {
  const { code, out, err } = await run('start', '--seed', '1', '--json', ...args);
  t.is(code, 0, err.join('\n'));
  const { frames, errors } = readPrinted(out);
  t.deepEqual(errors, []);
  t.deepEqual(sequencesOf(frames), sequencesFrom(1, frames.length));
  t.is(frames[0].kind, 'boot');
  t.deepEqual(ofKind(frames, 'loss'), []);
  for (const { payload } of ofKind(frames, 'heartbeat')) t.like(payload.body, { blocksLost: 0, framesLost: 0 });
  return frames;
}

function kindsOf(frames: readonly FrameLine[]): string[] {
  return frames.map(({ kind }) => kind);
}

test.serial('one hour of normal work: no incident, and memory stays flat', async (t) => {
  t.timeout(250_000);
  const frames = await play(t, '--scenario', 'normal', '--seconds', '3600', '--fast');
  t.deepEqual(ofKind(frames, 'incident'), []);
  const free = ofKind(frames, 'heartbeat').map(({ payload }) => payload.body.freeBytes as number);
  t.true(free.length >= 3600 / HEARTBEAT_S - 1, `${free.length} heartbeats`);
  const [first, second] = [free.slice(0, free.length / 2), free.slice(free.length / 2)].map((half) =>
    Math.min(...half),
  );
  t.true(second >= first - 1024, `least free: ${first} bytes in the first half hour, ${second} in the second`);
  t.log(`least free: ${first} bytes in the first half hour, ${second} in the second`);
});

test.serial('a broken wire opens a fault incident after it breaks, and no attack', async (t) => {
  const frames = await play(t, '--scenario', 'wire-break', '--seconds', '500', '--fast');
  const incidents = ofKind(frames, 'incident');
  t.true(incidents.length > 0);
  for (const { payload } of incidents) t.not(payload.body.class, 'attack-consistent');
  const { uptimeUs, body } = incidents[0].payload;
  t.like(body, { state: 'open', class: 'fault' });
  t.true(uptimeUs > 400e6 && uptimeUs < 405e6, `opened at ${uptimeUs} us, the wire broke at 400 s`);
  t.log(`break to incident: ${(uptimeUs - 400e6) / 1000} ms`);
});

test.serial('over RS-485 on a pty the same frames arrive as over UDP', async (t) => {
  const plan = ['--scenario', 'order-not-executed', '--seconds', '120', '--fast'];
  const overUdp = await play(t, ...plan, '--link', 'udp');
  const overRs485 = await play(t, ...plan, '--link', 'rs485');
  t.deepEqual(kindsOf(overRs485), kindsOf(overUdp));
  t.true(ofKind(overRs485, 'heartbeat').length >= 120 / HEARTBEAT_S - 1);
});

test.serial('12 s in real time over UDP and RS-485: no loss, a heartbeat after 10 s', async (t) => {
  const startedMs = performance.now();
  const runs = ['udp', 'rs485'].map((link) => play(t, '--scenario', 'normal', '--seconds', '12', '--link', link));
  for (const frames of await Promise.all(runs)) {
    const [heartbeat] = ofKind(frames, 'heartbeat');
    t.truthy(heartbeat);
    t.true(Math.abs(heartbeat.payload.uptimeUs - HEARTBEAT_S * 1e6) < 1e6, `${heartbeat.payload.uptimeUs} us`);
  }
  t.true(performance.now() - startedMs > 11_500, 'time passes as it does');
});
