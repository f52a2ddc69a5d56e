import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { mkdtempSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket as TcpSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Collector, type CollectorOptions } from '../../hosts/collector/collector.js';
import { framesText } from '../../hosts/collector/frame-error.js';
import { SerialSource } from '../../hosts/collector/serial.js';
import { type OnMessage, type Source, SourceError } from '../../hosts/collector/source.js';
import { TcpSource } from '../../hosts/collector/tcp.js';
import { UdpSource } from '../../hosts/collector/udp.js';
import { MESSAGE_IDLE } from '../../modules/link/message.js';
import { cbor, SampleBoard } from './sample-frames.js';
import { dataMessages, idleMessage, SampleLog } from './sample-log.js';
import { boardsOnWire, packet } from './sample-wire.js';

interface Running {
  readonly collector: Collector;
  readonly sequences: number[];
  readonly lines: string[];
  readonly infos: string[];
}

async function start(t: ExecutionContext, source: Source, board: SampleBoard, options?: Partial<CollectorOptions>) {
  const running: Running = {
    sequences: [],
    lines: [],
    infos: [],
    collector: new Collector({
      keys: board.keys,
      source,
      pollMs: 30,
      retryMs: 30,
      onFrame: ({ sequence }) => running.sequences.push(sequence),
      onError: ({ first, last, reason }) => running.lines.push(`${framesText(first, last)}: ${reason}`),
      onInfo: (line) => running.infos.push(line),
      ...options,
    }),
  };
  await running.collector.start();
  t.teardown(() => running.collector.close());
  return running;
}

/** A board that speaks UDP from a port of its own. `isLost` decides which of its datagrams never arrive. */
async function udpBoard(t: ExecutionContext, collectorPort: number, log: SampleLog, isLost = (_: number) => false) {
  const socket = createSocket('udp4');
  let sent = 0;
  const send = (message: Uint8Array) => {
    if (!isLost(sent++)) socket.send(message, collectorPort, '127.0.0.1');
  };
  socket.on('message', (request) => log.answer(request).forEach(send));
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  t.teardown(() => socket.close());
  return {
    send,
    push: (sequence: number) => dataMessages(sequence, log.frames.get(sequence)!, log.fragmentBytes).forEach(send),
  };
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

function filledLog(board: SampleBoard, count: number): SampleLog {
  const log = new SampleLog();
  for (const frame of board.frames(count)) log.append(frame);
  return log;
}

async function udp(t: ExecutionContext, options?: Partial<CollectorOptions>) {
  const board = new SampleBoard();
  const source = new UdpSource('127.0.0.1', 0);
  const running = await start(t, source, board, options);
  return { board, source, ...running };
}

test('frames pushed over UDP are delivered in order and stored as received', async (t) => {
  const framesFile = join(mkdtempSync(join(tmpdir(), 'frames-')), 'frames.cbor');
  const { board, source, collector, sequences, lines } = await udp(t, { framesFile });
  const log = filledLog(board, 40);
  const { push } = await udpBoard(t, source.port, log);
  const order = range(1, 40);
  for (let i = 0; i + 3 < 40; i += 4) order.splice(i, 4, ...order.slice(i, i + 4).reverse());
  order.forEach(push);
  await collector.catchUp(41);
  t.deepEqual(sequences, range(1, 40));
  t.deepEqual(lines, []);
  t.is(collector.framesReceived, 40);
  await collector.close();
  t.deepEqual(readFileSync(framesFile), Buffer.concat([...log.frames.values()]));
});

test('frames lost on the way over UDP are asked for again until they come', async (t) => {
  const { board, source, collector, sequences, lines } = await udp(t);
  const log = filledLog(board, 60);
  const { push } = await udpBoard(t, source.port, log, (n) => n % 3 === 1 || (n > 20 && n < 40));
  range(1, 60).forEach(push);
  await collector.catchUp(61);
  t.deepEqual(sequences, range(1, 60));
  t.deepEqual(lines, []);
});

test('fragments lost over UDP are repaired', async (t) => {
  const { board, source, collector, sequences, lines } = await udp(t);
  const log = filledLog(board, 12);
  log.fragmentBytes = 90;
  const { push } = await udpBoard(t, source.port, log, (n) => n % 7 === 2 && n < 60);
  range(1, 12).forEach(push);
  await collector.catchUp(13);
  t.deepEqual(sequences, range(1, 12));
  t.deepEqual(lines, []);
});

test('the last frame lost is found by catchUp', async (t) => {
  const { board, source, collector, sequences } = await udp(t);
  const { push } = await udpBoard(t, source.port, filledLog(board, 5));
  range(1, 4).forEach(push);
  await collector.catchUp(6);
  t.deepEqual(sequences, range(1, 5));
});

test('a frame that the board does not have any more is declared lost, and the rest delivered', async (t) => {
  const { board, source, collector, sequences, lines } = await udp(t, { retriesMax: 3 });
  const log = filledLog(board, 6);
  log.frames.delete(3);
  const { push } = await udpBoard(t, source.port, log);
  [1, 2, 4, 5, 6].forEach(push);
  await collector.catchUp(7);
  t.deepEqual(sequences, [1, 2, 4, 5, 6]);
  t.deepEqual(lines, ['frame 3: missing: asked for in vain']);
});

test('frames overwritten on the board are declared lost by name', async (t) => {
  const { board, source, collector, sequences, lines } = await udp(t);
  const log = filledLog(board, 30);
  const { push } = await udpBoard(t, source.port, log);
  range(1, 3).forEach(push);
  await collector.catchUp(4);
  log.tail = 20;
  push(25);
  await collector.catchUp(31);
  t.true(sequences.includes(20) && !sequences.includes(19));
  const declared = lines.filter((line) => line.includes('overwritten on the board'));
  t.is(declared.length, 1);
  t.regex(declared[0], /^frames \d+ to 19: /);
});

test('a collector that comes late takes what the log still has, and says what it missed', async (t) => {
  const { board, source, collector, sequences, lines, infos } = await udp(t);
  const log = filledLog(board, 30);
  log.tail = 11;
  const { push } = await udpBoard(t, source.port, log);
  push(30);
  await collector.catchUp(31);
  t.deepEqual(sequences, range(11, 30));
  t.deepEqual(lines, []);
  t.deepEqual(infos, ['begins with frame 11: frames 1 to 10 overwritten on the board']);
});

test('a start stated and not met is an error', async (t) => {
  const { board, source, collector, lines } = await udp(t, { from: 1 });
  const log = filledLog(board, 8);
  log.tail = 5;
  const { push } = await udpBoard(t, source.port, log);
  push(8);
  await collector.catchUp(9);
  t.deepEqual(lines, ['frames 1 to 4: overwritten on the board']);
});

test('a claim about the log that no signature vouches for moves nothing', async (t) => {
  const { board, source, collector, sequences, lines } = await udp(t);
  const log = filledLog(board, 4);
  const { push, send } = await udpBoard(t, source.port, log);
  push(1);
  send(idleMessage(1000000, 2000000));
  await collector.catchUp(5);
  t.deepEqual(sequences, range(1, 4));
  t.deepEqual(lines, []);
});

test('a claim about the log never gives up a frame that has come', async (t) => {
  const { board, source, collector, sequences, lines } = await udp(t);
  const log = filledLog(board, 4);
  log.frames.delete(2);
  const { push, send } = await udpBoard(t, source.port, log);
  push(1);
  push(3);
  send(idleMessage(1000000, 2000000));
  await until(() => lines.length > 0);
  push(4);
  await collector.catchUp(5);
  t.deepEqual(sequences, [1, 3, 4]);
  t.deepEqual(lines, ['frame 2: overwritten on the board']);
});

test('a forged frame is an error by name, and the true one is still taken', async (t) => {
  const { board, source, collector, sequences, lines } = await udp(t);
  const log = filledLog(board, 4);
  const { push, send } = await udpBoard(t, source.port, log);
  const forged = Uint8Array.from(log.frames.get(2)!);
  forged[forged.length - 1] ^= 1;
  push(1);
  for (const message of dataMessages(2, forged)) send(message);
  range(2, 4).forEach(push);
  await collector.catchUp(5);
  t.deepEqual(sequences, range(1, 4));
  t.deepEqual(lines, ['frame 2: the signature does not verify']);
  t.is(collector.errorCount, 1);
});

test('frames of a wrong device are errors and do not disturb the right one', async (t) => {
  const { board, source, collector, sequences, lines } = await udp(t);
  const stranger = new SampleBoard();
  const log = filledLog(board, 3);
  const { push, send } = await udpBoard(t, source.port, log);
  for (const message of dataMessages(1, stranger.frame(0))) send(message);
  range(1, 3).forEach(push);
  await collector.catchUp(4);
  t.deepEqual(sequences, range(1, 3));
  t.deepEqual(lines, [`frame 1: no key ${stranger.key.keyId}`]);
});

test('a second, different frame with a sequence number already delivered is an error', async (t) => {
  const { board, source, collector, lines } = await udp(t);
  const log = filledLog(board, 2);
  board.sequence = 2;
  const twin = board.seal(board.payload(8));
  const { push, send } = await udpBoard(t, source.port, log);
  range(1, 2).forEach(push);
  await collector.catchUp(3);
  for (const message of dataMessages(2, twin)) send(message);
  await until(() => lines.length > 0);
  t.deepEqual(lines, ['frame 2: a second, different frame has this sequence number']);
});

test('datagrams of noise, the largest included, are counted and do no harm', async (t) => {
  const { board, source, collector, sequences, lines } = await udp(t);
  const log = filledLog(board, 3);
  const { push, send } = await udpBoard(t, source.port, log);
  const noise = [
    Buffer.alloc(0),
    randomBytes(65000),
    Buffer.alloc(65000, 0x9b),
    cbor([2, 1]),
    cbor([9]),
    cbor(new Map()),
  ];
  noise.forEach(send);
  range(1, 3).forEach(push);
  await collector.catchUp(4);
  t.deepEqual(sequences, range(1, 3));
  t.deepEqual(lines, []);
  t.is(collector.refused, noise.length);
});

test('a one-way link: the collector sends nothing and says what is missing', async (t) => {
  const { board, source, collector, sequences, lines } = await udp(t, { isPolling: false, retriesMax: 2 });
  const log = filledLog(board, 5);
  const { push } = await udpBoard(t, source.port, log);
  [1, 2, 4, 5].forEach(push);
  await collector.catchUp(6);
  t.deepEqual(sequences, [1, 2, 4, 5]);
  t.deepEqual(lines, ['frame 3: missing: asked for in vain']);
  t.is(log.polls, 0);
});

test('catchUp ends in time when nobody is there, and says so', async (t) => {
  const { collector, lines } = await udp(t);
  await collector.catchUp(4, 100);
  t.deepEqual(lines, ['frames 1 to 3: missing: no board was heard']);
});

test('a port in use is one clear line', async (t) => {
  const { source, board } = await udp(t);
  const second = new Collector({ keys: board.keys, source: new UdpSource('127.0.0.1', source.port) });
  const error = await t.throwsAsync(second.start(), { instanceOf: SourceError });
  t.is(error?.message, `udp 127.0.0.1:${source.port}: the port is in use`);
});

async function tcpBoard(t: ExecutionContext, onConnection: (socket: TcpSocket) => void, port = 0): Promise<Server> {
  const sockets: TcpSocket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return server;
}

test('frames over TCP come as a CBOR sequence in any pieces, with noise between', async (t) => {
  const board = new SampleBoard();
  const log = filledLog(board, 30);
  let answers = 0;
  const server = await tcpBoard(t, (socket) => {
    socket.on('data', (request) => {
      const noise = answers++ < 3 ? [Buffer.alloc(65536, 0xff)] : [];
      const bytes = Buffer.concat([...noise, ...log.answer(request)]);
      for (let at = 0; at < bytes.length; at += 333) socket.write(bytes.subarray(at, at + 333));
    });
  });
  const source = new TcpSource('127.0.0.1', (server.address() as AddressInfo).port);
  const { collector, sequences, lines } = await start(t, source, board);
  await collector.catchUp(31);
  t.deepEqual(sequences, range(1, 30));
  t.deepEqual(lines, []);
  t.true(collector.refused >= 1);
});

test('a TCP connection lost is made again, and the frames go on', async (t) => {
  const board = new SampleBoard();
  const log = filledLog(board, 20);
  let connections = 0;
  const server = await tcpBoard(t, (socket) => {
    const isFirst = connections++ === 0;
    socket.on('data', (request) => {
      const bytes = Buffer.concat(log.answer(request));
      if (isFirst) socket.end(bytes.subarray(0, 1000));
      else socket.write(bytes);
    });
  });
  const source = new TcpSource('127.0.0.1', (server.address() as AddressInfo).port);
  const { collector, sequences, lines, infos } = await start(t, source, board);
  await collector.catchUp(21);
  t.deepEqual(sequences, range(1, 20));
  t.deepEqual(lines, []);
  t.regex(infos[0], /connection lost/);
  t.is(connections, 2);
});

test('a board that cannot be reached over TCP is one clear line', async (t) => {
  const server = await tcpBoard(t, () => {});
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const collector = new Collector({ keys: new SampleBoard().keys, source: new TcpSource('127.0.0.1', port) });
  const error = await t.throwsAsync(collector.start(), { instanceOf: SourceError });
  t.is(error?.message, `tcp 127.0.0.1:${port}: connection refused`);
});

test('a board on RS-485 is polled; its packets and our echo share the wires', async (t) => {
  const board = new SampleBoard();
  const log = filledLog(board, 50);
  const source = new SerialSource(boardsOnWire(new Map([[17, log]])), [17]);
  const { collector, sequences, lines } = await start(t, source, board);
  await collector.catchUp(51);
  t.deepEqual(sequences, range(1, 50));
  t.deepEqual(lines, []);
  t.is(collector.refused, 0);
});

test('after a poll the line is left to the board: our echo does not end the silence', async (t) => {
  const source = new SerialSource(boardsOnWire(new Map()), [1]);
  await source.start(
    () => t.fail('the echo is no message'),
    () => {},
  );
  t.teardown(() => source.close());
  const startMs = performance.now();
  t.true(source.poll('1', 1));
  await new Promise((resolve) => setTimeout(resolve, 35));
  const isFree = source.poll('1', 1);
  if (performance.now() - startMs < 55) t.false(isFree);
  // a machine so busy that the second poll went out begins the silence anew
  await new Promise((resolve) => setTimeout(resolve, 120));
  t.true(source.poll('1', 1));
});

test('noise, broken packets and neighbours on RS-485 are refused, and every frame still comes', async (t) => {
  const [board, neighbour] = [new SampleBoard(), new SampleBoard()];
  const log = filledLog(board, 20);
  let sent = 0;
  const disturb = (bytes: Uint8Array): Uint8Array => {
    sent++;
    if (sent === 2) return Buffer.alloc(65536, 0x55);
    if (sent === 5) return bytes.subarray(0, bytes.length - 9);
    if (sent === 8) return Buffer.concat([packet(99, dataMessages(1, neighbour.frame(0))[0]), bytes]);
    if (sent % 4 === 3 && sent < 30) {
      const flipped = Uint8Array.from(bytes);
      flipped[sent] ^= 4;
      return flipped;
    }
    return bytes;
  };
  const source = new SerialSource(boardsOnWire(new Map([[1, log]]), disturb), [1]);
  const { collector, sequences, lines } = await start(t, source, board);
  await collector.catchUp(21);
  t.deepEqual(sequences, range(1, 20));
  t.deepEqual(lines, []);
  t.true(collector.refused > 0);
});

test('several boards on one pair of wires are polled in turn, each with its chain', async (t) => {
  const [a, b] = [new SampleBoard(), new SampleBoard()];
  const logs = new Map([
    [1, filledLog(a, 12)],
    [2, filledLog(b, 7)],
  ]);
  const source = new SerialSource(boardsOnWire(logs), [1, 2, 3]);
  const keys = new Map([...a.keys, ...b.keys]);
  const { collector, lines } = await start(t, source, a, { keys });
  await Promise.all([collector.catchUp(13, 5000, a.key.keyId), collector.catchUp(8, 5000, b.key.keyId)]);
  t.is(collector.framesReceived, 19);
  t.deepEqual(lines, []);
});

test('closing delivers what waits and names what is missing', async (t) => {
  const { board, source, collector, sequences, lines } = await udp(t);
  const log = filledLog(board, 5);
  log.frames.delete(3);
  const { push } = await udpBoard(t, source.port, log);
  [1, 2, 4, 5].forEach(push);
  await until(() => sequences.length === 2 && log.polls > 1);
  await collector.close();
  t.deepEqual(sequences, [1, 2, 4, 5]);
  t.deepEqual(lines, ['frame 3: missing']);
});

test('strangers without end do not drive out a board that is to be polled and was not heard yet', async (t) => {
  const board = new SampleBoard();
  const polled: string[] = [];
  let receive: OnMessage = () => true;
  const source: Source = {
    peers: ['late'],
    answerBytesMax: 1000,
    refused: 0,
    start: async (onMessage) => {
      receive = onMessage;
    },
    poll: (peer) => polled.push(peer) > 0,
    close: async () => {},
  };
  const { collector } = await start(t, source, board, { nowMs: () => 0 });
  for (let i = 0; i < 5000; i++) receive(`stranger ${i}`, { type: MESSAGE_IDLE, tail: 1, head: 1 });
  collector.tick();
  t.deepEqual(polled, ['late']);
});
