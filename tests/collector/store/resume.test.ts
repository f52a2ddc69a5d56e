import { createSocket } from 'node:dgram';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Collector } from '../../../hosts/collector/collector.js';
import { framesText } from '../../../hosts/collector/frame-error.js';
import { Links } from '../../../hosts/collector/links.js';
import { Store } from '../../../hosts/collector/store/store.js';
import { UdpSource } from '../../../hosts/collector/udp.js';
import { SampleBoard } from '../sample-frames.js';
import { dataMessages, SampleLog } from '../sample-log.js';
import { until } from '../until.js';

async function run(directory: string, boards: readonly SampleBoard[]) {
  const keys = new Map(boards.flatMap((board) => [...board.keys]));
  const store = new Store(directory, { keys });
  const udp = [new UdpSource('127.0.0.1', 0), new UdpSource('127.0.0.1', 0)];
  const [sequences, lines, infos]: [number[], string[], string[]] = [[], [], []];
  const collector = new Collector({
    ...{ keys, source: new Links(udp), store, pollMs: 20, retryMs: 20 },
    onFrame: ({ sequence }) => sequences.push(sequence),
    onError: ({ first, last, reason }) => lines.push(`${framesText(first, last)}: ${reason}`),
    onInfo: (line) => infos.push(line),
  });
  await collector.start();
  const end = async () => {
    await collector.close();
    store.close();
  };
  return { collector, store, sequences, lines, infos, end, ports: udp.map(({ port }) => port) };
}

async function speak(t: ExecutionContext, log: SampleLog, port: number) {
  const socket = createSocket('udp4');
  socket.on('message', (request) => {
    for (const answer of log.answer(request)) socket.send(answer, port, '127.0.0.1');
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  t.teardown(() => socket.close());
  return (sequence: number) => {
    for (const message of dataMessages(sequence, log.frames.get(sequence)!)) socket.send(message, port, '127.0.0.1');
  };
}

function filled(board: SampleBoard, count: number): SampleLog {
  const log = new SampleLog();
  for (const frame of board.frames(count)) log.append(frame);
  return log;
}

const folder = () => mkdtempSync(join(tmpdir(), 'resume-'));

test('the next run goes on where the last one ended, over whichever link', async (t) => {
  const [directory, board] = [folder(), new SampleBoard()];
  const log = filled(board, 30);
  const first = await run(directory, [board]);
  const push = await speak(t, log, first.ports[0]);
  push(10);
  await first.collector.catchUp(11);
  await until(() => first.sequences.length >= 10);
  await first.end();
  const second = await run(directory, [board]);
  const pushAgain = await speak(t, log, second.ports[1]);
  pushAgain(1);
  await second.collector.catchUp(31);
  t.deepEqual([...first.sequences, ...second.sequences], [...log.frames.keys()]);
  t.deepEqual([first.lines, second.lines], [[], []]);
  await second.end();
});

test('a gap at the end of a run is said, and filled and told in order by the next run', async (t) => {
  const [directory, board] = [folder(), new SampleBoard()];
  const log = filled(board, 8);
  const mute = new SampleLog();
  const first = await run(directory, [board]);
  for (const [sequence, frame] of log.frames) mute.frames.set(sequence, frame);
  const push = await speak(t, mute, first.ports[0]);
  mute.answer = () => [];
  for (const sequence of [1, 2, 5, 6]) push(sequence);
  await until(() => first.store.held(board.key.keyId).size === 4);
  await first.end();
  t.deepEqual(first.sequences, [1, 2]);
  t.deepEqual(first.lines, ['frames 3 to 4: missing so far: the next run asks for it']);
  const second = await run(directory, [board]);
  const pushAgain = await speak(t, log, second.ports[0]);
  pushAgain(8);
  await second.collector.catchUp(9);
  t.deepEqual(second.sequences, [3, 4, 5, 6, 7, 8]);
  t.deepEqual(second.lines, []);
  await second.end();
});

test('what a board has overwritten is lost for ever: said once, and not asked for by the next run', async (t) => {
  const [directory, board] = [folder(), new SampleBoard()];
  const log = filled(board, 12);
  const first = await run(directory, [board]);
  const push = await speak(t, log, first.ports[0]);
  push(1);
  await until(() => first.sequences.length === 12);
  await first.end();
  for (const frame of board.frames(12)) log.append(frame);
  log.tail = 20;
  const second = await run(directory, [board]);
  const pushSecond = await speak(t, log, second.ports[0]);
  pushSecond(24);
  await second.collector.catchUp(25);
  t.deepEqual(second.lines, ['frames 13 to 19: overwritten on the board']);
  await second.end();
  const third = await run(directory, [board]);
  const pushThird = await speak(t, log, third.ports[0]);
  log.append(board.frames(1)[0]);
  pushThird(25);
  await third.collector.catchUp(26);
  t.deepEqual([third.sequences, third.lines], [[25], []]);
  await third.end();
});

test('a frame that was given up and comes after all is stored and told', async (t) => {
  const [directory, board] = [folder(), new SampleBoard()];
  const log = filled(board, 6);
  const kept = log.frames.get(3) as Uint8Array;
  log.frames.delete(3);
  const first = await run(directory, [board]);
  const push = await speak(t, log, first.ports[0]);
  push(1);
  await first.collector.catchUp(7, 30_000);
  t.deepEqual(first.lines, ['frame 3: missing: asked for in vain']);
  log.frames.set(3, kept);
  push(3);
  await until(() => first.sequences.includes(3));
  t.is(first.store.held(board.key.keyId).size, 6);
  t.true(first.infos.some((line) => line.endsWith('came after all')));
  await first.end();
});

test('after a restart another frame in the place of a stored one is still noticed', async (t) => {
  const [directory, board] = [folder(), new SampleBoard()];
  const boot = board.frame(0);
  const forged = board.seal(board.payload(8));
  const log = new SampleLog();
  for (const frame of [boot, board.frame(1), board.frame(1)]) log.append(frame);
  const first = await run(directory, [board]);
  (await speak(t, log, first.ports[0]))(1);
  await until(() => first.sequences.length === 3);
  await first.end();
  const second = await run(directory, [board]);
  log.frames.set(2, forged);
  (await speak(t, log, second.ports[0]))(2);
  await until(() => second.lines.length > 0);
  t.is(second.lines[0], 'frame 2: a second, different frame has this sequence number');
  await second.end();
});
