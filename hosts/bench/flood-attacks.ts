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
/** The operator's public key is this byte, 64 times (no point of the curve); its key id is what everybody may know. */
export const OPERATOR_KEY_BYTE = 7;
const OPERATOR_KEY_ID = [235, 76, 91, 166, 176, 13, 176, 138];
const DEVICE_ID = 'bench001';
const COMMAND_BYTES = 304;

type Content =
  | 'random'
  | 'command'
  | 'poll'
  | 'stuck'
  | 'zeros'
  | 'answers'
  | 'own polls'
  | 'stranger'
  | 'forged'
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
  { name: 'unknown key, 100 datagrams', carrier: 'datagram', content: 'stranger', perBlock: 100 },
  { name: 'forged, 1 datagram', carrier: 'datagram', content: 'forged', perBlock: 1 },
  { name: 'polls, 1 datagram', carrier: 'datagram', content: 'poll', perBlock: 1 },
  { name: 'nothing on the line', carrier: 'serial', content: 'none', perBlock: 0 },
  { name: 'random characters', carrier: 'serial', content: 'random', perBlock: 1 },
  { name: 'one character', carrier: 'serial', content: 'stuck', perBlock: 1 },
  { name: 'zeros', carrier: 'serial', content: 'zeros', perBlock: 1 },
  { name: 'broken polls', carrier: 'serial', content: 'broken polls', perBlock: 1 },
  { name: 'polls of others', carrier: 'serial', content: 'polls of others', perBlock: 1 },
  { name: 'polls', carrier: 'serial', content: 'own polls', perBlock: 1 },
  { name: 'forged commands', carrier: 'serial', content: 'forged', perBlock: 1 },
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
  // a command lies across three blocks, whole
  if (content === 'forged') {
    const start = (i % 3) * LINE_BYTES;
    piece.set(packet.slice(start, start + LINE_BYTES));
    return piece;
  }
  for (let at = 0; at < LINE_BYTES; at++) piece[at] = packet[(i * LINE_BYTES + at) % packet.length];
  return piece;
}

function datagram(content: Content, i: number): Uint8Array {
  if (content === 'poll') return Uint8Array.of(0x83, 1, 1, 0x19, 0x10, 0);
  if (content === 'stranger' || content === 'forged') return forgedCommand(content === 'forged', i);
  const bytes = chance(i, DATAGRAM_BYTES);
  // a command message of the right length with a command that is none
  if (content === 'command') bytes.set([0x82, 4, 0x58, DATAGRAM_BYTES - 4]);
  return bytes;
}

/** A set-configuration command as long as one may be, right in all but its signature, and perhaps its key. */
function forgedCommand(isOperatorKnown: boolean, i: number): Uint8Array {
  const target = Array.from(DEVICE_ID, (letter) => letter.charCodeAt(0));
  const challenge = [0x83, 0x48, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x1a, 0x24, 0x0c, 0x84, 0x00];
  const head = [0xa6, 1, 1, 2, 0x48, ...target, 3, 0x19, 0x10 + (i >> 8), i & 255, 4, ...challenge, 5, 5];
  const digest = [0x50, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  const argumentHead = [6, 0x85, 0, 1, 0, ...digest];
  const keyId = isOperatorKnown ? OPERATOR_KEY_ID : OPERATOR_KEY_ID.map((byte) => byte ^ 1);
  const cose = [0xd2, 0x84, 0x50, 0xa3, 1, 0x28, 3, 0x18, 0x3c, 4, 0x48, ...keyId, 0xa0];
  const payloadBytes = COMMAND_BYTES - cose.length - 2 - 66;
  const partBytes = payloadBytes - head.length - argumentHead.length - 2;
  const payload = [...head, ...argumentHead, 0x58, partBytes, ...chance(i, partBytes)];
  const signature = [0x58, 0x40, ...chance(i + 1, 64)];
  const command = [...cose, 0x58, payloadBytes, ...payload, ...signature];
  return Uint8Array.from([0x82, 4, 0x59, command.length >> 8, command.length & 255, ...command]);
}

function packetOf(content: Content, i: number): Uint8Array {
  const message = messageOf(content, i);
  const plain = new Uint8Array(1 + message.length + 4);
  plain[0] = content === 'answers' || content === 'polls of others' ? NEIGHBOUR : ADDRESS;
  plain.set(message, 1);
  putUint32(plain, 1 + message.length, crc32c(plain, 0, 1 + message.length));
  if (content === 'broken polls') plain[plain.length - 1] ^= 1 + (i & 63);
  const packet = new Uint8Array(plain.length + 3);
  return packet.slice(0, cobsEncode(plain, plain.length, packet, 0) + 1);
}

function messageOf(content: Content, i: number): Uint8Array {
  if (content === 'answers') return chance(7, 230);
  // a command lies across three blocks
  if (content === 'forged') return forgedCommand(true, Math.floor(i / 3));
  return Uint8Array.of(0x83, 1, 0x19, 1, 0, 0x19, 0x10, 0);
}
