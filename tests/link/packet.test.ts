import test from 'ava';
import { crc32c } from '../../modules/base/crc32c.js';
import { MESSAGE_BYTES_MAX, PACKET_BYTES_MAX } from '../../modules/limits.js';
import { PacketReader, PacketWriter } from '../../modules/link/packet.js';
import { Random } from '../../simulator/random.js';

function packet(address: number, message: Uint8Array): Uint8Array {
  const writer = new PacketWriter();
  writer.plain.set(message, 1);
  return writer.encoded.slice(0, writer.encode(address, message.length));
}

interface Received {
  readonly address: number;
  readonly message: Uint8Array;
}

function feed(reader: PacketReader, bytes: Uint8Array): Received[] {
  const received: Received[] = [];
  for (const byte of bytes) {
    const length = reader.take(byte);
    if (length >= 0) received.push({ address: reader.plain[0], message: reader.plain.slice(1, 1 + length) });
  }
  return received;
}

const HELLO = Buffer.from('hello');

test('a packet is COBS of address, message and CRC-32C little-endian, ended by a zero', (t) => {
  const plain = Buffer.alloc(10);
  plain[0] = 9;
  HELLO.copy(plain, 1);
  plain.writeUInt32LE(crc32c(plain, 0, 6), 6);
  const bytes = packet(9, HELLO);
  t.is(bytes.indexOf(0), bytes.length - 1);
  t.false(plain.includes(0), 'without a zero COBS only puts a length before');
  t.deepEqual(Buffer.from(bytes), Buffer.from([11, ...plain, 0]));
});

for (const seed of [1, 2])
  test(`messages of every length come back with their address (seed ${seed})`, (t) => {
    const random = new Random(seed, 'packets');
    const reader = new PacketReader(MESSAGE_BYTES_MAX);
    for (let length = 1; length <= MESSAGE_BYTES_MAX; length += 1 + random.below(40)) {
      const message = Uint8Array.from({ length }, () => random.below(random.below(2) ? 2 : 256));
      const bytes = packet(1 + random.below(247), message);
      t.true(bytes.length <= PACKET_BYTES_MAX + 1);
      const [received, ...more] = feed(reader, bytes);
      t.deepEqual(received.message, message);
      t.is(more.length, 0);
    }
    t.is(reader.refused, 0);
  });

test('the longest message without zeros fits its buffers', (t) => {
  const message = new Uint8Array(MESSAGE_BYTES_MAX).fill(1);
  const [received] = feed(new PacketReader(MESSAGE_BYTES_MAX), packet(247, message));
  t.deepEqual(received, { address: 247, message });
});

test('any flipped bit makes a packet refused, and the next one is read', (t) => {
  const good = packet(3, HELLO);
  for (let at = 0; at < good.length - 1; at++)
    for (let bit = 0; bit < 8; bit++) {
      const reader = new PacketReader(64);
      const spoilt = Uint8Array.from(good);
      spoilt[at] ^= 1 << bit;
      t.deepEqual(feed(reader, spoilt), [], `byte ${at}, bit ${bit}`);
      t.true(reader.refused > 0);
      t.is(feed(reader, good).length, 1);
    }
});

test('noise and a half packet before a zero cost one refusal, and the packet after is read', (t) => {
  const reader = new PacketReader(64);
  t.is(feed(reader, Uint8Array.of(7, 3, 9, 200, 0)).length, 0);
  t.is(reader.refused, 1);
  t.is(feed(reader, Uint8Array.of(...packet(3, HELLO).subarray(0, 4), 0)).length, 0);
  t.is(reader.refused, 2);
  t.is(feed(reader, packet(3, HELLO)).length, 1);
});

test('zeros between packets are nothing', (t) => {
  const reader = new PacketReader(64);
  t.is(feed(reader, Uint8Array.of(0, 0, 0, ...packet(3, HELLO), 0, 0)).length, 1);
  t.is(reader.refused, 0);
});

test('a packet too long is refused as one, whatever its length, and the next one is read', (t) => {
  for (const length of [65, 66, 200, 1000, 100_000]) {
    const reader = new PacketReader(64);
    t.is(feed(reader, Uint8Array.of(...new Uint8Array(length + 12).fill(255), 0)).length, 0);
    t.is(reader.refused, 1);
    t.is(feed(reader, packet(3, new Uint8Array(64).fill(5))).length, 1);
  }
});

test('a packet that is only an address and a CRC, or less, is refused', (t) => {
  const reader = new PacketReader(64);
  t.is(feed(reader, packet(3, new Uint8Array(0))).length, 0);
  t.is(feed(reader, Uint8Array.of(1, 0)).length, 0);
  t.is(reader.refused, 2);
});

for (const seed of [1, 2, 3])
  test(`random bytes are never taken for a packet, and a packet after them is read (seed ${seed})`, (t) => {
    const random = new Random(seed, 'noise');
    const reader = new PacketReader(64);
    for (let round = 0; round < 300; round++) {
      const noise = Uint8Array.from({ length: random.below(300) }, () => random.below(random.below(4) ? 256 : 6));
      t.deepEqual(feed(reader, noise), []);
      feed(reader, Uint8Array.of(0));
      t.is(feed(reader, packet(3, HELLO)).length, 1, `round ${round}`);
    }
    t.true(reader.refused > 100);
  });
