/** What somebody who can send but not sign does to a link in a block of 10 ms. */
import { crc32c } from '../../modules/base/crc32c.js';
import { putUint32 } from '../../modules/base/little-endian.js';
import type { Port } from '../../modules/board.js';
import { cobsEncode } from '../../modules/link/cobs.js';

export const BLOCK_US = 10_000;
/** Characters of a 115200 baud line in a block. */
const LINE_BYTES = 115;
const DATAGRAM_BYTES = 200;
const ADDRESS = 17;
const NEIGHBOUR = 18;

type Content =
  | 'random'
  | 'command'
  | 'poll'
  | 'stuck'
  | 'zeros'
  | 'answers'
  | 'polls of others'
  | 'broken polls'
  | 'none';

export interface Attack {
  readonly name: string;
  readonly carrier: Port['carrier'];
  readonly content: Content;
  /** Datagrams, or pieces of a line. */
  readonly perBlock: number;
}

export const ATTACKS: readonly Attack[] = [
  { name: 'no datagram', carrier: 'datagram', content: 'none', perBlock: 0 },
  { name: 'garbage, 1 datagram', carrier: 'datagram', content: 'random', perBlock: 1 },
  { name: 'garbage, 100 datagrams', carrier: 'datagram', content: 'random', perBlock: 100 },
  { name: 'no command, 100 datagrams', carrier: 'datagram', content: 'command', perBlock: 100 },
  { name: 'polls, 1 datagram', carrier: 'datagram', content: 'poll', perBlock: 1 },
  { name: 'nothing on the line', carrier: 'serial', content: 'none', perBlock: 0 },
  { name: 'random characters', carrier: 'serial', content: 'random', perBlock: 1 },
  { name: 'one character', carrier: 'serial', content: 'stuck', perBlock: 1 },
  { name: 'zeros', carrier: 'serial', content: 'zeros', perBlock: 1 },
  { name: 'broken polls', carrier: 'serial', content: 'broken polls', perBlock: 1 },
  { name: 'polls of others', carrier: 'serial', content: 'polls of others', perBlock: 1 },
  { name: 'answers of others', carrier: 'serial', content: 'answers', perBlock: 1 },
];

/** Linear congruential, Numerical Recipes: the same bytes on every engine. */
function chance(seed: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = (seed + 1) >>> 0;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/** What comes in block `i`: a datagram, or a piece of the line. */
export function floodPiece({ carrier, content }: Attack, i: number): Uint8Array {
  if (content === 'none') return new Uint8Array(0);
  if (carrier === 'datagram') return datagram(content, i);
  if (content === 'random') return chance(i, LINE_BYTES);
  if (content === 'stuck') return new Uint8Array(LINE_BYTES).fill(0x55);
  if (content === 'zeros') return new Uint8Array(LINE_BYTES);
  // the line as it goes on: what is longer than a block lies across several
  const packet = packetOf(content, i);
  const piece = new Uint8Array(LINE_BYTES);
  for (let at = 0; at < LINE_BYTES; at++) piece[at] = packet[(i * LINE_BYTES + at) % packet.length];
  return piece;
}

function datagram(content: Content, i: number): Uint8Array {
  if (content === 'poll') return Uint8Array.of(0x83, 1, 1, 0x19, 0x10, 0);
  const bytes = chance(i, DATAGRAM_BYTES);
  // a command message of the right length with a command that is none
  if (content === 'command') bytes.set([0x82, 4, 0x58, DATAGRAM_BYTES - 4]);
  return bytes;
}

function packetOf(content: Content, i: number): Uint8Array {
  const poll = [0x83, 1, 0x19, 1, 0, 0x19, 0x10, 0];
  const isAnswer = content === 'answers';
  const message = isAnswer ? chance(7, 230) : Uint8Array.from(poll);
  const plain = new Uint8Array(1 + message.length + 4);
  plain[0] = content === 'broken polls' ? ADDRESS : NEIGHBOUR;
  plain.set(message, 1);
  putUint32(plain, 1 + message.length, crc32c(plain, 0, 1 + message.length));
  if (content === 'broken polls') plain[plain.length - 1] ^= 1 + (i & 63);
  const packet = new Uint8Array(plain.length + 3);
  return packet.slice(0, cobsEncode(plain, plain.length, packet, 0) + 1);
}
