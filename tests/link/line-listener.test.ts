import test from 'ava';
import { PACKET_BYTES_MAX, PIECE_BYTES, REQUEST_BYTES_MAX } from '../../modules/limits.js';
import { LineListener } from '../../modules/link/line-listener.js';
import { PACKET_NONE, PACKET_TOO_LONG, PacketWriter } from '../../modules/link/packet.js';
import { Random } from '../../simulator/random.js';

const ADDRESS = 17;

function packet(address: number, message: Uint8Array): Uint8Array {
  const writer = new PacketWriter();
  writer.plain.set(message, 1);
  return writer.encoded.slice(0, writer.encode(address, message.length));
}

/** Messages heard, in hexadecimal, of what comes in pieces of `pieceBytes` bytes. */
function hear(listener: LineListener, bytes: Uint8Array, pieceBytes = PIECE_BYTES): string[] {
  const heard: string[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    const piece = bytes.subarray(at, at + pieceBytes);
    listener.received.set(piece);
    listener.begin(piece.length);
    for (;;) {
      const length = listener.next();
      if (length === PACKET_NONE) break;
      heard.push(
        length === PACKET_TOO_LONG ? 'too long' : Buffer.from(listener.plain.slice(0, 1 + length)).toString('hex'),
      );
    }
  }
  return heard;
}

const text = (address: number, message: Uint8Array) => Buffer.from([address, ...message]).toString('hex');

for (const seed of [1, 2])
  test(`what is for the board is heard whole however it comes in pieces, and nothing else (seed ${seed})`, (t) => {
    const random = new Random(seed, 'listener');
    for (let round = 0; round < 400; round++) {
      const listener = new LineListener(ADDRESS);
      const own: string[] = [];
      const all: Uint8Array[] = [];
      for (let i = 0; i < 3; i++) {
        const isOwn = random.below(2) === 0;
        const address = isOwn ? ADDRESS : 1 + random.below(16);
        const length = 1 + random.below(isOwn ? REQUEST_BYTES_MAX : 1000);
        const message = Uint8Array.from({ length }, () => random.below(random.below(2) ? 3 : 256));
        all.push(packet(address, message));
        if (isOwn) own.push(text(ADDRESS, message));
      }
      const heard = hear(listener, Buffer.concat(all), 1 + random.below(PIECE_BYTES));
      t.deepEqual(heard, own, `round ${round}`);
      t.is(listener.noise, 0, `round ${round}`);
    }
  });

test('short packets for others are given only to whoever is about to speak', (t) => {
  const poll = Uint8Array.of(0x83, 1, 1, 0);
  const listener = new LineListener(ADDRESS);
  t.deepEqual(hear(listener, packet(18, poll)), []);
  listener.isWary = true;
  t.deepEqual(hear(listener, packet(18, poll)), [text(18, poll)]);
  t.deepEqual(hear(listener, packet(18, new Uint8Array(500).fill(3))), []);
  t.is(listener.noise, 0);
});

test('a request too long is given as such, and the next one is heard', (t) => {
  const listener = new LineListener(ADDRESS);
  t.deepEqual(hear(listener, packet(ADDRESS, new Uint8Array(1000).fill(9))), ['too long']);
  const poll = Uint8Array.of(0x83, 1, 1, 0);
  t.deepEqual(hear(listener, packet(ADDRESS, poll)), [text(ADDRESS, poll)]);
});

test('a flipped bit in what is for the board is noise, and never heard', (t) => {
  const good = packet(ADDRESS, Uint8Array.of(0x83, 1, 1, 5));
  for (let at = 2; at < good.length - 1; at++)
    for (let bit = 0; bit < 8; bit++) {
      const listener = new LineListener(ADDRESS);
      const spoilt = Uint8Array.from(good);
      spoilt[at] ^= 1 << bit;
      t.deepEqual(hear(listener, spoilt), []);
      t.true(listener.noise > 0, `byte ${at}, bit ${bit}`);
      hear(listener, Uint8Array.of(0));
      t.is(hear(listener, good).length, 1);
    }
});

test('characters that nobody means are noise, whatever they are', (t) => {
  const random = new Random(3, 'jabber');
  const kinds: Record<string, () => number> = { random: () => random.below(256), stuck: () => 0x55, zeros: () => 0 };
  for (const [name, of] of Object.entries(kinds)) {
    const listener = new LineListener(ADDRESS);
    const second = Uint8Array.from({ length: 11520 }, of);
    t.deepEqual(hear(listener, second, 115), [], name);
    t.true(listener.noise >= 20, `${name}: ${listener.noise}`);
    // what is left of it spoils one packet at most
    const poll = packet(ADDRESS, Uint8Array.of(0x83, 1, 1, 0));
    hear(listener, poll);
    t.is(hear(listener, poll).length, 1, name);
  }
});

test('a stretch without an end is noise only when it is longer than any packet', (t) => {
  const listener = new LineListener(ADDRESS);
  hear(listener, new Uint8Array(PACKET_BYTES_MAX).fill(1), 100);
  t.is(listener.noise, 0);
  hear(listener, new Uint8Array(100).fill(1), 100);
  t.is(listener.noise, 1);
});
