/** Polls at the wrong moment, too many of them, and polls for what cannot be read. */
import test from 'ava';
import { MESSAGE_BYTES_MAX, RECORD_BYTES_MAX, RECORD_HEAD_BYTES } from '../../modules/limits.js';
import { BoardLink } from '../../modules/link/board-link.js';
import { PacketReader, PacketWriter } from '../../modules/link/packet.js';
import { FrameLog } from '../../modules/log/frame-log.js';
import { SimulatedFlash, SMALL_FLASH } from '../../simulator/flash.js';
import { decodeDeterministic, encodeDeterministic } from '../frame/strict-cbor.js';
import { MemoryPort, MemorySource } from './memory-port.js';

const ADDRESS = 17;
type Carrier = MemoryPort['carrier'];
const CARRIERS: readonly Carrier[] = ['serial', 'datagram', 'stream'];

function packet(address: number, message: Uint8Array): Uint8Array {
  const writer = new PacketWriter();
  writer.plain.set(message, 1);
  return writer.encoded.slice(0, writer.encode(address, message.length));
}

function poll(from: number, maxBytes = 65536): Uint8Array {
  return encodeDeterministic([1, from, maxBytes]);
}

function ask(port: MemoryPort, message: Uint8Array): void {
  port.arrive(port.carrier === 'serial' ? packet(ADDRESS, message) : message);
}

/** Type and number of each message sent: [2, sequence] or [3, tail, head]. */
function messagesOf(port: MemoryPort): number[][] {
  const reader = new PacketReader(MESSAGE_BYTES_MAX);
  const messages: number[][] = [];
  const add = (bytes: Uint8Array) => {
    const message = decodeDeterministic(bytes) as number[];
    messages.push(message.slice(0, message[0] === 3 ? 3 : 2));
  };
  for (const bytes of port.sent) {
    if (port.carrier !== 'serial') add(bytes);
    else
      for (const byte of bytes) {
        const length = reader.take(byte);
        if (length >= 0) add(reader.plain.slice(1, 1 + length));
      }
  }
  return messages;
}

/** On a line that boards share an answer ends with the bounds of the log. */
function ended(carrier: Carrier, head: number, messages: number[][]): number[][] {
  return carrier === 'serial' ? [...messages, [3, 1, head]] : messages;
}

function step(link: BoardLink, steps: number): void {
  for (let i = 0; i < steps; i++) link.step();
}

function source(frames: number): MemorySource {
  const log = new MemorySource();
  for (let i = 0; i < frames; i++) log.append(new Uint8Array(200).fill(i + 1));
  return log;
}

for (const [name, foreign] of [
  ['a poll for another board', packet(ADDRESS + 1, poll(1))],
  ['an answer of another board', packet(ADDRESS + 1, encodeDeterministic([3, 1, 1]))],
] as const)
  test(`serial: a board that answers a long poll falls silent at ${name}`, (t) => {
    const port = new MemoryPort('serial');
    const link = new BoardLink(port, source(20), ADDRESS);
    ask(port, poll(1));
    step(link, 3);
    t.is(port.sent.length, 3);
    port.arrive(foreign);
    step(link, 50);
    t.is(port.sent.length, 3);
    ask(port, poll(19));
    step(link, 50);
    t.deepEqual(messagesOf(port).slice(3), [
      [2, 19],
      [2, 20],
      [3, 1, 21],
    ]);
    t.is(link.refused, 0);
  });

test('serial: bounds of the log still to be told are not told when the collector asks another board', (t) => {
  const port = new MemoryPort('serial');
  const link = new BoardLink(port, source(3), ADDRESS);
  port.hasRoom = false;
  ask(port, poll(9));
  step(link, 3);
  port.arrive(packet(ADDRESS + 1, poll(1)));
  step(link, 1);
  port.hasRoom = true;
  step(link, 20);
  t.deepEqual(messagesOf(port), []);
});

test('serial: of polls that come in one piece only the last counts', (t) => {
  for (const [first, last, messages] of [
    [
      ADDRESS + 1,
      ADDRESS,
      [
        [2, 3],
        [3, 1, 4],
      ],
    ],
    [ADDRESS, ADDRESS + 1, []],
  ] as const) {
    const port = new MemoryPort('serial');
    const link = new BoardLink(port, source(3), ADDRESS);
    port.arrive(Buffer.concat([packet(first, poll(3)), packet(last, poll(3))]));
    step(link, 20);
    t.deepEqual(messagesOf(port), messages as unknown as number[][]);
  }
});

for (const from of [1, 65_000])
  test(`datagram: polls from ${from} at every step do not keep frames from being pushed, nor pushes the answers`, (t) => {
    const log = source(3);
    const port = new MemoryPort('datagram');
    const link = new BoardLink(port, log, ADDRESS);
    for (let i = 0; i < 100; i++) {
      if (i % 5 === 0) log.append(new Uint8Array(200).fill(7));
      ask(port, poll(from));
      link.step();
    }
    const sent = messagesOf(port);
    const pushed = sent.filter(([type, sequence]) => type === 2 && sequence > 3).map(([, sequence]) => sequence);
    t.deepEqual(
      pushed,
      Array.from({ length: 20 }, (_, i) => 4 + i),
    );
    const answers = sent.filter(([type, sequence]) => type === 3 || sequence <= 3);
    t.true(answers.length >= 40, `${answers.length} answers`);
  });

test('datagram: while there is always something to push a poll is still answered whole', (t) => {
  const log = source(3);
  const port = new MemoryPort('datagram');
  const link = new BoardLink(port, log, ADDRESS);
  ask(port, poll(1, 600));
  for (let i = 0; i < 20; i++) {
    log.append(new Uint8Array(200).fill(7));
    link.step();
  }
  const answered = messagesOf(port).filter(([, sequence]) => sequence <= 3);
  t.deepEqual(answered, [
    [2, 1],
    [2, 2],
    [2, 3],
  ]);
});

/** A log of `frames` in flash whose frames from `from` on cannot be read. */
function damagedLog(frames: number, from: number, to = frames): FrameLog {
  const flash = new SimulatedFlash(SMALL_FLASH, 1);
  const log = new FrameLog(flash);
  const record = new Uint8Array(RECORD_BYTES_MAX);
  for (let i = 1; i <= frames; i++) {
    record.fill(i, RECORD_HEAD_BYTES, RECORD_HEAD_BYTES + 200);
    log.append(record, 200);
  }
  // each frame is filled with its number
  for (let at = 0; at + 200 <= flash.size; at++) {
    const number = flash.cells[at];
    if (number < from || number > to) continue;
    if (flash.cells.subarray(at, at + 200).every((cell) => cell === number)) flash.cells[at + 100] ^= 0x01;
  }
  return log;
}

for (const carrier of CARRIERS) {
  test(`${carrier}: a poll for frames that cannot be read is answered with the bounds of the log`, (t) => {
    for (const from of [3, 8, 10]) {
      const port = new MemoryPort(carrier);
      const log = damagedLog(10, 3);
      t.is(log.read(2, new Uint8Array(RECORD_BYTES_MAX)), 200);
      t.is(log.read(from, new Uint8Array(RECORD_BYTES_MAX)), 0);
      const link = new BoardLink(port, log, ADDRESS);
      ask(port, poll(from));
      step(link, 50);
      t.deepEqual(messagesOf(port), [[3, 1, 11]], `from ${from}`);
    }
  });

  test(`${carrier}: what can be read before and after damaged frames is sent, and on a line the bounds at the end`, (t) => {
    const port = new MemoryPort(carrier);
    const link = new BoardLink(port, damagedLog(10, 3, 8), ADDRESS);
    ask(port, poll(2));
    step(link, 50);
    t.deepEqual(
      messagesOf(port),
      ended(carrier, 11, [
        [2, 2],
        [2, 9],
        [2, 10],
      ]),
    );
  });

  test(`${carrier}: the first frame that can be read is sent whole, whatever the poll allows`, (t) => {
    const port = new MemoryPort(carrier);
    const link = new BoardLink(port, damagedLog(10, 3, 8), ADDRESS);
    ask(port, poll(3, 50));
    step(link, 50);
    t.deepEqual(messagesOf(port), ended(carrier, 11, [[2, 9]]));
  });
}
