/** The firmware's own log and link against the collector, over all three carriers: both ends agree on the protocol. */
import { Duplex } from 'node:stream';
import test, { type ExecutionContext } from 'ava';
import { Collector } from '../../hosts/collector/collector.js';
import { encodePoll, readMessage } from '../../hosts/collector/link-message.js';
import { SerialSource } from '../../hosts/collector/serial.js';
import type { OnMessage, Source } from '../../hosts/collector/source.js';
import { StreamReader } from '../../hosts/collector/stream-reader.js';
import type { Port } from '../../modules/board.js';
import { CborReader } from '../../modules/cbor/reader.js';
import { RECORD_BYTES_MAX, RECORD_HEAD_BYTES } from '../../modules/limits.js';
import { BoardLink } from '../../modules/link/board-link.js';
import { FrameLog } from '../../modules/log/frame-log.js';
import { SimulatedFlash, SMALL_FLASH } from '../../simulator/flash.js';
import { SampleBoard } from './sample-frames.js';

const COUNT = 60;
const ADDRESS = 9;

/** The board's port in memory. */
class MemoryPort implements Port {
  readonly carrier: Port['carrier'];
  onSend: (bytes: Uint8Array) => void = () => {};
  private readonly inbox: Uint8Array[] = [];

  constructor(carrier: Port['carrier']) {
    this.carrier = carrier;
  }

  trySend(bytes: Uint8Array, length: number): boolean {
    this.onSend(Uint8Array.from(bytes.subarray(0, length)));
    return true;
  }

  receive(into: Uint8Array): number {
    const bytes = this.inbox.shift();
    if (bytes === undefined) return 0;
    into.set(bytes);
    return bytes.length;
  }

  deliver(bytes: Uint8Array): void {
    this.inbox.push(Uint8Array.from(bytes));
  }
}

/** A source without sockets for datagrams and streams. */
class MemorySource implements Source {
  readonly peers = ['board'];
  readonly answerBytesMax = 2000;
  refused = 0;
  private readonly port: MemoryPort;

  constructor(port: MemoryPort) {
    this.port = port;
  }

  async start(onMessage: OnMessage): Promise<void> {
    const stream = new StreamReader();
    this.port.onSend = (bytes) => {
      if (this.port.carrier === 'stream') return stream.take(bytes, (message) => onMessage('board', message));
      const reader = new CborReader(bytes);
      reader.reset(0, bytes.length);
      const message = readMessage(reader);
      if (message === undefined) this.refused++;
      else onMessage('board', message);
    };
  }

  poll(_peer: string, from: number): boolean {
    this.port.deliver(encodePoll(from, this.answerBytesMax));
    return true;
  }

  async close(): Promise<void> {}
}

function serialSource(port: MemoryPort): SerialSource {
  const wire = new Duplex({
    read() {},
    write(chunk: Uint8Array, _encoding, done) {
      port.deliver(chunk);
      this.push(Buffer.from(chunk));
      done();
    },
  });
  port.onSend = (bytes) => wire.push(Buffer.from(bytes));
  return new SerialSource(wire, [ADDRESS]);
}

function filledLog(board: SampleBoard, count: number): FrameLog {
  const log = new FrameLog(new SimulatedFlash(SMALL_FLASH, 1));
  const record = new Uint8Array(RECORD_BYTES_MAX);
  for (const frame of board.frames(count)) {
    record.set(frame, RECORD_HEAD_BYTES);
    log.append(record, frame.length);
  }
  return log;
}

async function collectAll(t: ExecutionContext, carrier: Port['carrier'], count: number) {
  const board = new SampleBoard();
  const log = filledLog(board, count);
  const port = new MemoryPort(carrier);
  const link = new BoardLink(port, log, ADDRESS);
  const source = carrier === 'serial' ? serialSource(port) : new MemorySource(port);
  const sequences: number[] = [];
  const lines: string[] = [];
  const collector = new Collector({
    keys: board.keys,
    source,
    onFrame: ({ sequence }) => sequences.push(sequence),
    onError: ({ reason }) => lines.push(reason),
  });
  await collector.start();
  const idle = setInterval(() => {
    for (let i = 0; i < 4; i++) link.step();
  }, 1);
  t.teardown(() => clearInterval(idle));
  await collector.catchUp(log.head);
  await collector.close();
  return { collector, sequences, lines, log };
}

for (const carrier of ['serial', 'datagram', 'stream'] as const) {
  test(`the firmware's link and the collector agree on the protocol: ${carrier}`, async (t) => {
    const { collector, sequences, lines, log } = await collectAll(t, carrier, COUNT);
    t.is(log.tail, 1);
    t.deepEqual(
      sequences,
      Array.from({ length: COUNT }, (_, i) => i + 1),
    );
    t.deepEqual(lines, []);
    t.is(collector.refused, 0);
  });
}

test('a log that has gone round: the collector takes what is left, from the oldest on', async (t) => {
  const { sequences, lines, log } = await collectAll(t, 'serial', 400);
  t.true(log.tail > 1);
  t.is(sequences[0], log.tail);
  t.is(sequences.length, log.head - log.tail);
  t.deepEqual(lines, []);
});
