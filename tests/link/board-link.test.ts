import test from 'ava';
import { FRAME_BYTES_MAX, MESSAGE_BYTES_MAX } from '../../modules/limits.js';
import { BoardLink } from '../../modules/link/board-link.js';
import { PacketReader, PacketWriter } from '../../modules/link/packet.js';
import { Random } from '../../simulator/random.js';
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

class Bench {
  readonly port: MemoryPort;
  readonly log = new MemorySource();
  readonly link: BoardLink;
  private read = 0;

  /** `frames` are logged before the link is made: they are of an earlier boot. */
  constructor(carrier: Carrier, frames = 0) {
    this.port = new MemoryPort(carrier);
    for (let i = 0; i < frames; i++) this.log.append(frameOf(this.log.head));
    this.link = new BoardLink(this.port, this.log, ADDRESS);
  }

  ask(message: Uint8Array): void {
    this.port.arrive(this.port.carrier === 'serial' ? packet(ADDRESS, message) : message);
  }

  /** Lets the link work until it has nothing to do, and gives the messages it sent. */
  answers(): unknown[] {
    for (let i = 0; i < 20; i++) while (this.link.step());
    const messages: unknown[] = [];
    const reader = new PacketReader(MESSAGE_BYTES_MAX);
    for (; this.read < this.port.sent.length; this.read++) {
      const bytes = this.port.sent[this.read];
      if (this.port.carrier !== 'serial') messages.push(decodeDeterministic(bytes));
      else
        for (const byte of bytes) {
          const length = reader.take(byte);
          if (length < 0) continue;
          if (reader.plain[0] !== ADDRESS) throw new Error('another address');
          messages.push(decodeDeterministic(reader.plain.slice(1, 1 + length)));
        }
    }
    return messages;
  }
}

function frameOf(sequence: number): Uint8Array {
  const random = new Random(sequence, 'frame');
  return Uint8Array.from({ length: 100 + ((sequence * 37) % 200) }, () => random.below(256));
}

/** On a line that boards share an answer ends with the bounds of the log. */
function ended({ port, log }: Bench, messages: unknown[][]): unknown[][] {
  return port.carrier === 'serial' ? [...messages, [3, log.tail, log.head]] : messages;
}

function data(sequence: number): unknown[] {
  const frame = frameOf(sequence);
  return [2, sequence, 0, frame.length, frame];
}

for (const carrier of CARRIERS) {
  test(`${carrier}: a poll is answered with the frames from there on, whole and in order`, (t) => {
    const bench = new Bench(carrier, 9);
    bench.ask(poll(4));
    t.deepEqual(bench.answers(), ended(bench, [4, 5, 6, 7, 8, 9].map(data)));
    bench.ask(poll(9));
    t.deepEqual(bench.answers(), ended(bench, [data(9)]), 'any number, as often as it likes');
    bench.ask(poll(1));
    t.is(bench.answers().length, ended(bench, []).length + 9);
  });

  test(`${carrier}: a poll for what is not there yet is answered with the bounds of the log`, (t) => {
    const bench = new Bench(carrier, 3);
    for (const from of [4, 5, 1000, Number.MAX_SAFE_INTEGER]) {
      bench.ask(poll(from));
      t.deepEqual(bench.answers(), [[3, 1, 4]]);
    }
    t.deepEqual(bench.answers(), []);
  });

  test(`${carrier}: a poll for what is gone is answered with the bounds and then from the tail`, (t) => {
    const bench = new Bench(carrier, 9);
    bench.log.tail = 7;
    bench.ask(poll(2));
    t.deepEqual(bench.answers(), ended(bench, [[3, 7, 10], data(7), data(8), data(9)]));
  });

  test(`${carrier}: an empty log answers with its bounds`, (t) => {
    const bench = new Bench(carrier);
    bench.ask(poll(1));
    t.deepEqual(bench.answers(), [[3, 1, 1]]);
  });

  test(`${carrier}: an answer ends with the bytes that the poll allows`, (t) => {
    const bench = new Bench(carrier, 30);
    const bytes = frameOf(1).length + frameOf(2).length;
    bench.ask(poll(1, bytes));
    t.deepEqual(bench.answers(), ended(bench, [data(1), data(2)]));
  });

  test(`${carrier}: a frame that cannot be read is left out`, (t) => {
    const bench = new Bench(carrier, 5);
    bench.log.frames.delete(3);
    bench.ask(poll(2));
    t.deepEqual(bench.answers(), ended(bench, [2, 4, 5].map(data)));
  });

  test(`${carrier}: a port without room loses nothing and repeats nothing`, (t) => {
    const random = new Random(1, carrier);
    const bench = new Bench(carrier, 40);
    bench.log.tail = 5;
    bench.ask(poll(1));
    const messages: unknown[] = [];
    for (let i = 0; i < 400; i++) {
      bench.port.hasRoom = random.below(4) === 0;
      bench.link.step();
    }
    bench.port.hasRoom = true;
    messages.push(...bench.answers());
    t.deepEqual(messages, ended(bench, [[3, 5, 41], ...Array.from({ length: 36 }, (_, i) => data(5 + i))]));
  });

  test(`${carrier}: one message leaves per step`, (t) => {
    const bench = new Bench(carrier, 9);
    bench.ask(poll(1));
    const messages = ended(
      bench,
      Array.from({ length: 9 }, (_, i) => data(i + 1)),
    ).length;
    for (let i = 1; i <= messages; i++) {
      t.true(bench.link.step());
      t.is(bench.port.sent.length, i);
    }
    t.false(bench.link.step());
  });

  test(`${carrier}: a new poll takes the place of the one under way`, (t) => {
    const bench = new Bench(carrier, 9);
    bench.ask(poll(1));
    bench.link.step();
    bench.ask(poll(8));
    t.deepEqual(bench.answers(), ended(bench, [data(1), data(8), data(9)]));
  });

  test(`${carrier}: the longest frame goes in one message`, (t) => {
    const bench = new Bench(carrier);
    const longest = new Uint8Array(FRAME_BYTES_MAX).fill(3);
    bench.log.append(longest);
    bench.ask(poll(1));
    t.deepEqual(bench.answers()[0], [2, 1, 0, FRAME_BYTES_MAX, longest]);
  });

  test(`${carrier}: what is no poll is not answered, and a poll after it is`, (t) => {
    const foreign = [
      [3, 1, 2],
      [2, 1, 0, 5, Uint8Array.of(1, 2, 3, 4, 5)],
      [5, new Uint8Array(8), new Uint8Array(8)],
      [1, 1],
      [1, 1, 1, 1],
      [1, -1, 100],
      [1, 'a', 100],
      7,
      'x',
    ].map(encodeDeterministic);
    for (const message of foreign) {
      const bench = new Bench(carrier, 2);
      bench.ask(message);
      t.deepEqual(bench.answers(), [], Buffer.from(message).toString('hex'));
      if (carrier !== 'stream') bench.ask(poll(2));
      else {
        // A stream has no borders: what is left of the garbage may spoil the first poll after it.
        bench.ask(poll(2));
        bench.ask(poll(2));
      }
      const expected = ended(bench, [data(2)]);
      t.deepEqual(bench.answers().slice(-expected.length), expected, Buffer.from(message).toString('hex'));
    }
  });
}

test('datagram: frames of this boot are pushed as they come, those before it are not', (t) => {
  const bench = new Bench('datagram', 3);
  t.deepEqual(bench.answers(), []);
  for (let i = 0; i < 4; i++) bench.log.append(frameOf(bench.log.head));
  t.deepEqual(bench.answers(), [4, 5, 6, 7].map(data));
  t.deepEqual(bench.answers(), []);
});

test('datagram: a push that falls behind the ring goes on at its tail', (t) => {
  const bench = new Bench('datagram');
  bench.port.hasRoom = false;
  for (let i = 0; i < 20; i++) bench.log.append(frameOf(bench.log.head));
  bench.link.step();
  bench.log.tail = 15;
  bench.port.hasRoom = true;
  t.deepEqual(bench.answers(), [15, 16, 17, 18, 19, 20].map(data));
});

test('datagram: a push without room is repeated until it leaves', (t) => {
  const bench = new Bench('datagram');
  bench.log.append(frameOf(1));
  bench.port.hasRoom = false;
  for (let i = 0; i < 10; i++) t.false(bench.link.step());
  bench.port.hasRoom = true;
  t.deepEqual(bench.answers(), [data(1)]);
});

for (const carrier of ['serial', 'stream'] as const)
  test(`${carrier}: a board never speaks unasked`, (t) => {
    const bench = new Bench(carrier);
    for (let i = 0; i < 20; i++) bench.log.append(frameOf(bench.log.head));
    t.deepEqual(bench.answers(), []);
  });

test('serial: packets for other addresses are not answered', (t) => {
  const bench = new Bench('serial', 3);
  for (const address of [0, 1, 16, 18, 247, 255]) bench.port.arrive(packet(address, poll(1)));
  t.deepEqual(bench.answers(), []);
  t.is(bench.link.refused, 0);
});

test('serial: the own echo is not answered', (t) => {
  const bench = new Bench('serial', 3);
  bench.ask(poll(1));
  t.is(bench.answers().length, 4);
  for (const bytes of [...bench.port.sent]) bench.port.arrive(bytes);
  t.deepEqual(bench.answers(), []);
  t.is(bench.link.noise, 0);
  bench.ask(poll(3));
  t.deepEqual(bench.answers(), ended(bench, [data(3)]));
});

test('serial: a poll byte by byte, after noise, is answered; noise is no refusal', (t) => {
  const bench = new Bench('serial', 3);
  for (const byte of [0xff, 0x81, 0x00, ...packet(ADDRESS, poll(3))]) bench.port.arrive(Uint8Array.of(byte));
  for (let i = 0; i < 40; i++) bench.link.step();
  t.deepEqual(bench.answers(), ended(bench, [data(3)]));
  t.is(bench.link.refused, 0);
  t.is(bench.link.noise, 1);
});

test('serial: what is addressed to the board and no poll is counted, its own echo is not', (t) => {
  const bench = new Bench('serial', 3);
  for (const message of [
    Uint8Array.of(0x85, 0x02, 0x01, 0x00, 0x01, 0x41, 0xaa),
    Uint8Array.of(0x83, 0x03, 0x01, 0x04),
    Uint8Array.of(0x81, 0x07),
    Uint8Array.of(0xff),
  ])
    bench.port.arrive(Uint8Array.from(packet(ADDRESS, message)));
  for (let i = 0; i < 40; i++) bench.link.step();
  t.is(bench.link.refused, 2);
});

test('stream: polls in pieces and several at once are answered', (t) => {
  const whole = poll(300, 65536);
  for (let cut = 1; cut < whole.length; cut++) {
    const bench = new Bench('stream', 300);
    bench.port.arrive(whole.subarray(0, cut));
    t.deepEqual(bench.answers(), []);
    bench.port.arrive(whole.subarray(cut));
    t.deepEqual(bench.answers(), [data(300)], `cut at ${cut}`);
    t.is(bench.link.refused, 0);
  }
  const bench = new Bench('stream', 5);
  bench.port.arrive(Buffer.concat([poll(1), poll(5)]));
  t.deepEqual(bench.answers(), [data(5)], 'the last one counts');
});

test('datagram and stream: garbage is counted and not answered', (t) => {
  for (const carrier of ['datagram', 'stream'] as const) {
    const bench = new Bench(carrier, 2);
    bench.port.arrive(Uint8Array.of(0xff, 0xff));
    t.deepEqual(bench.answers(), []);
    t.true(bench.link.refused > 0);
  }
});

for (const carrier of CARRIERS)
  test(`${carrier}: random bytes never break the link (seed 1)`, (t) => {
    const random = new Random(1, `noise ${carrier}`);
    const bench = new Bench(carrier, 4);
    for (let round = 0; round < 3000; round++) {
      const noise = Uint8Array.from({ length: 4 + random.below(200) }, () => random.below(256));
      if (random.below(3) === 0) noise.set(poll(1).subarray(0, 1 + random.below(4)));
      bench.port.arrive(noise);
      bench.link.step();
    }
    bench.answers();
    bench.port.arrive(new Uint8Array(8));
    for (let i = 0; i < 30; i++) bench.ask(poll(4));
    const last = bench.answers();
    t.deepEqual(last.slice(-ended(bench, [[]]).length)[0], data(4));
  });
