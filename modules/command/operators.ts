/**
 * The operators: whose commands the board takes. Their public keys were put into its flash where it was provisioned, in
 * one sector that the board itself never writes:
 *
 *   [crc32c u32, 'WWO1' u32, group u32, operators u32], then per operator x and y of its key, 32 bytes each
 *
 * Little-endian; the CRC covers what follows it. RAM: 8 bytes an operator.
 */
import { crc32c } from '../base/crc32c.js';
import { getUint32, putUint32 } from '../base/little-endian.js';
import type { Digest, FlashPort } from '../board.js';
import { OPERATORS_MAX } from '../limits.js';
import { KEY_ID_BYTES, keyIdOf } from '../sign/cose-key.js';
import { OPERATORS_SECTOR } from './settings-layout.js';

const MAGIC = 0x314f5757;
const HEAD_BYTES = 16;
/** x then y. */
export const PUBLIC_KEY_BYTES = 64;
/** Longest record. */
export const OPERATORS_BYTES_MAX = HEAD_BYTES + OPERATORS_MAX * PUBLIC_KEY_BYTES;

/** Bytes of the record for these keys (x then y each) and this group; it goes to the start of the operators' sector. */
export function createOperatorsRecord(group: number, keys: readonly Uint8Array[]): Uint8Array {
  const record = new Uint8Array(HEAD_BYTES + keys.length * PUBLIC_KEY_BYTES);
  putUint32(record, 4, MAGIC);
  putUint32(record, 8, group);
  putUint32(record, 12, keys.length);
  for (let i = 0; i < keys.length; i++) record.set(keys[i], HEAD_BYTES + i * PUBLIC_KEY_BYTES);
  putUint32(record, 0, crc32c(record, 4, record.length));
  return record;
}

/** The operators of one board, read once at start. */
export class Operators {
  readonly count: number = 0;
  /** The board's group; 0: none. */
  readonly group: number = 0;
  private readonly flash: FlashPort;
  private readonly at: number;
  private readonly keyIds: Uint8Array;

  constructor(flash: FlashPort, digest: Digest) {
    this.flash = flash;
    this.at = OPERATORS_SECTOR * flash.eraseBytes;
    const record = new Uint8Array(OPERATORS_BYTES_MAX);
    flash.read(this.at, record, OPERATORS_BYTES_MAX);
    const count = getUint32(record, 12);
    const isThere = getUint32(record, 4) === MAGIC && count <= OPERATORS_MAX;
    if (isThere && getUint32(record, 0) === crc32c(record, 4, HEAD_BYTES + count * PUBLIC_KEY_BYTES)) {
      this.count = count;
      this.group = getUint32(record, 8);
    }
    this.keyIds = new Uint8Array(this.count * KEY_ID_BYTES);
    for (let i = 0; i < this.count; i++) {
      const start = HEAD_BYTES + i * PUBLIC_KEY_BYTES;
      this.keyIds.set(keyIdOf(record.slice(start, start + PUBLIC_KEY_BYTES), digest), i * KEY_ID_BYTES);
    }
  }

  /** The operator whose key id stands at bytes[at]; -1 when none has it. */
  find(bytes: Uint8Array, at: number): number {
    const { count, keyIds } = this;
    for (let i = 0; i < count; i++) {
      let same = 0;
      while (same < KEY_ID_BYTES && keyIds[i * KEY_ID_BYTES + same] === bytes[at + same]) same++;
      if (same === KEY_ID_BYTES) return i;
    }
    return -1;
  }

  /** Puts the key id of an operator at into[at]. */
  putKeyId(operator: number, into: Uint8Array, at: number): void {
    for (let i = 0; i < KEY_ID_BYTES; i++) into[at + i] = this.keyIds[operator * KEY_ID_BYTES + i];
  }

  /** Reads the public key of an operator, 64 bytes, into the start of an array. */
  readKey(operator: number, into: Uint8Array): void {
    this.flash.read(this.at + HEAD_BYTES + operator * PUBLIC_KEY_BYTES, into, PUBLIC_KEY_BYTES);
  }
}
