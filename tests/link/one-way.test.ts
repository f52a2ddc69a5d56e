/** One-way links: the board hears nothing and sends each frame several times, the collector never speaks. */
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { NodeBoard } from '../../hosts/bench/node-board.js';
import { writeKey } from '../../hosts/collector/keys.js';
import { openPty } from '../../hosts/emulator/pty.js';
import type { Port } from '../../modules/board.js';
import { Block } from '../../modules/capture/block.js';
import { BoardLink } from '../../modules/link/board-link.js';
import { Sensor } from '../../modules/sensor.js';
import { SimulatedFlash, SMALL_FLASH } from '../../simulator/flash.js';
import { type CollectProcess, startCollect } from '../collector/collect-process.js';
import { SampleBoard } from '../collector/sample-frames.js';
import { until } from '../collector/until.js';
import { sampleConfiguration } from '../sensor/sample-configuration.js';
import { MemorySource } from './memory-port.js';

const TIMES = 3;
const FRAMES = 12;

/** A transmitter without a receiver. `send`: false where there is no room. */
class DiodePort implements Port {
  readonly carrier: Port['carrier'];
  private readonly send: (bytes: Uint8Array) => boolean;

  constructor(carrier: Port['carrier'], send: (bytes: Uint8Array) => boolean) {
    this.carrier = carrier;
    this.send = send;
  }

  trySend(bytes: Uint8Array, length: number): boolean {
    return this.send(Uint8Array.from(bytes.subarray(0, length)));
  }

  receive(): number {
    throw new Error('the receiver is off');
  }
}

/** The numbers of data messages, in the order in which they were sent. */
function sentNumbers(link: (port: Port) => BoardLink, log: MemorySource, frames: number, room = () => true): number[] {
  const sent: number[] = [];
  const port = new DiodePort('datagram', (bytes) => {
    if (!room()) return false;
    sent.push(bytes[2]);
    return true;
  });
  const board = link(port);
  for (let i = 0; i < frames; i++) {
    log.append(new Uint8Array(100).fill(log.head));
    for (let j = 0; j < 40; j++) board.step();
  }
  return sent;
}

test('each frame is sent when it is new and with each of the frames after it, and nothing is heard', (t) => {
  const log = new MemorySource();
  const numbers = sentNumbers((port) => new BoardLink(port, log, 1, null, TIMES), log, 5);
  t.deepEqual(numbers, [1, 2, 1, 3, 2, 1, 4, 3, 2, 5, 4, 3]);
});

test('a port without room loses no copy', (t) => {
  const log = new MemorySource();
  let calls = 0;
  const room = () => ++calls % 3 === 0;
  const numbers = sentNumbers((port) => new BoardLink(port, log, 1, null, TIMES), log, 5, room);
  t.deepEqual(numbers, [1, 2, 1, 3, 2, 1, 4, 3, 2, 5, 4, 3]);
});

test('after a reset the newest frames of the boot before are sent once more', (t) => {
  const log = new MemorySource();
  for (let i = 0; i < 9; i++) log.append(new Uint8Array(100).fill(log.head));
  const numbers = sentNumbers((port) => new BoardLink(port, log, 1, null, TIMES), log, 1);
  t.deepEqual(numbers, [9, 8, 7, 10, 9, 8]);
});

test('a ring that overtakes the link leaves out what is gone', (t) => {
  const log = new MemorySource();
  const sent: number[] = [];
  const port = new DiodePort('stream', (bytes) => sent.push(bytes[2]) > 0);
  const link = new BoardLink(port, log, 1, null, TIMES);
  for (let i = 0; i < 20; i++) log.append(new Uint8Array(100).fill(log.head));
  log.tail = 18;
  for (let i = 0; i < 40; i++) link.step();
  t.deepEqual(sent, [18, 19, 18, 20, 19, 18]);
});

test('a board whose configuration says so runs one-way', (t) => {
  const configuration = sampleConfiguration({ oneWayTimes: 2, heartbeatMs: 100 });
  const board = new NodeBoard(configuration, new SimulatedFlash(SMALL_FLASH, 1), new Uint8Array(32).fill(7));
  let sent = 0;
  board.ports.push(new DiodePort('datagram', () => ++sent > 0));
  const sensor = new Sensor(board);
  const block = new Block(configuration.analog.length, configuration.digital.length);
  for (let i = 0; i < 200; i++) {
    block.sequence = i;
    block.timeUs = (i + 1) * 10_000;
    board.nowUs = block.timeUs;
    sensor.step(block);
    while (sensor.idle());
  }
  const frames = sensor.reporter.log.head - 1;
  t.true(frames > 5);
  t.is(sent, 2 * frames - 1, 'all twice but for the newest');
  t.throws(
    () => new Sensor(new NodeBoard({ ...configuration, oneWayTimes: 17 }, board.flash, new Uint8Array(32).fill(7))),
    {
      message: 'configuration: oneWayTimes is 0 to 16',
    },
  );
});

interface Bench {
  readonly keys: string;
  readonly framesFile: string;
  readonly sample: SampleBoard;
  readonly log: MemorySource;
}

function bench(): Bench {
  const folder = mkdtempSync(join(tmpdir(), 'one-way-'));
  const sample = new SampleBoard();
  writeKey(folder, sample.x, sample.y);
  return { keys: folder, framesFile: join(folder, 'frames.cbor'), sample, log: new MemorySource() };
}

/** Lets the board make its frames and send them, until the collector has `expected` of them; how the collector ended. */
async function transmit(link: BoardLink, { sample, log }: Bench, collect: CollectProcess, expected: number) {
  await until(() => collect.err.length > 0);
  for (const frame of sample.frames(FRAMES)) {
    log.append(frame);
    while (link.step());
  }
  await until(() => collect.out.length >= expected);
  collect.child.kill('SIGTERM');
  return collect.ended;
}

test('over a pty to the real collector: copies make good what was damaged on the way', async (t) => {
  const { status } = spawnSync('make', ['-s', '-C', 'hosts/emulator'], { stdio: 'inherit' });
  t.is(status, 0);
  const all = bench();
  let heard = 0;
  const pty = await openPty((bytes) => {
    heard += bytes.length;
  });
  t.teardown(() => pty.close());
  let [newest, copy] = [0, 0];
  const port = new DiodePort('serial', (bytes) => {
    copy = newest === all.log.head ? copy + 1 : 0;
    newest = all.log.head;
    // of each frame only the third copy is good, but of the last two, which have none
    if (copy < TIMES - 1 && newest < FRAMES) bytes[20] ^= 0x10;
    pty.write(bytes);
    return true;
  });
  const collect = startCollect(
    ...['--serial', `${pty.path}@7`, '--keys', all.keys, '--frames', all.framesFile, '--one-way', '3', '--json'],
  );
  const code = await transmit(new BoardLink(port, all.log, 7, null, TIMES), all, collect, FRAMES);
  t.is(code, 0, [...collect.out, ...collect.err].join('\n'));
  t.deepEqual(readFileSync(all.framesFile), Buffer.concat([...all.log.frames.values()]));
  t.is(heard, 0, 'the collector says nothing');
});

async function overUdp(t: ExecutionContext, lost: (sequence: number, copy: number) => boolean, expected: number) {
  const all = bench();
  const socket = createSocket('udp4');
  let heard = 0;
  socket.on('message', () => heard++);
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  t.teardown(() => socket.close());
  const collector = createSocket('udp4');
  await new Promise<void>((resolve) => collector.bind(0, '127.0.0.1', resolve));
  const { port: free } = collector.address();
  await new Promise<void>((resolve) => collector.close(resolve));
  const copies = new Map<number, number>();
  const port = new DiodePort('datagram', (bytes) => {
    const [sequence] = bytes.subarray(2);
    const copy = copies.get(sequence) ?? 0;
    copies.set(sequence, copy + 1);
    if (!lost(sequence, copy)) socket.send(bytes, free, '127.0.0.1');
    return true;
  });
  const collect = startCollect(
    ...['--udp', `127.0.0.1:${free}`, '--keys', all.keys, '--frames', all.framesFile, '--one-way', '--json'],
  );
  const code = await transmit(new BoardLink(port, all.log, 7, null, TIMES), all, collect, expected);
  t.is(heard, 0, 'the collector says nothing');
  return { code, collect, all };
}

test('over UDP: two of three copies may be lost', async (t) => {
  const { code, collect, all } = await overUdp(
    t,
    (sequence, copy) => sequence < FRAMES - 1 && copy !== sequence % 3,
    FRAMES,
  );
  t.is(code, 0, [...collect.out, ...collect.err].join('\n'));
  t.deepEqual(readFileSync(all.framesFile), Buffer.concat([...all.log.frames.values()]));
});

test('over UDP: a frame of which no copy comes is named, the others are delivered', async (t) => {
  const { code, collect } = await overUdp(t, (sequence) => sequence === 5, FRAMES);
  t.is(code, 1);
  const numbers = collect.out.map((line) => JSON.parse(line)).flatMap(({ kind, sequence }) => (kind ? [sequence] : []));
  t.deepEqual(numbers, [1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12]);
  t.true(
    collect.out.some((line) => line.includes('missing: no copy of it came') && line.includes('5')),
    collect.out.join('\n'),
  );
});
