/**
 * Where the device key lies in flash: two slots of one sector each, one record at the start of a slot.
 *
 *   record  [crc32c u32, 'WWK1' u32, version u16, key bytes u16, sequence u32], key
 *
 * A new record goes to the slot that does not hold the current one, is read back, and wins by its sequence number: a power
 * cut leaves the old key or the new one. Little-endian; the CRC covers what follows it. The key is not encrypted.
 */
import { assert } from '../../modules/base/assert.js';
import { crc32c } from '../../modules/base/crc32c.js';
import { getUint16, getUint32, putUint16, putUint32 } from '../../modules/base/little-endian.js';
import type { FlashPort } from '../../modules/board.js';
import { isScalar, SCALAR_BYTES } from './scalar.js';

/** Sectors of the flash port that it is given. */
export const KEY_STORE_SECTORS = 2;
const MAGIC = 0x314b5757;
const VERSION = 1;
const HEAD_BYTES = 16;
const RECORD_BYTES = HEAD_BYTES + SCALAR_BYTES;

export class KeyStore {
  readonly #flash: FlashPort;
  readonly #record = new Uint8Array(RECORD_BYTES);
  /** Slot and sequence number of the current record; sequence 0: there is none. */
  #slot = KEY_STORE_SECTORS - 1;
  #sequence = 0;

  constructor(flash: FlashPort) {
    assert(flash.size === KEY_STORE_SECTORS * flash.eraseBytes, 'keys: the store is two sectors');
    this.#flash = flash;
    for (let slot = 0; slot < KEY_STORE_SECTORS; slot++) {
      const sequence = this.#readSlot(slot);
      if (sequence <= this.#sequence) continue;
      this.#sequence = sequence;
      this.#slot = slot;
    }
    this.#record.fill(0);
  }

  /** The current key, a copy; null when there is none. */
  load(): Uint8Array | null {
    if (this.#sequence === 0) return null;
    const isThere = this.#readSlot(this.#slot) === this.#sequence;
    assert(isThere, 'keys: the key cannot be read any more');
    const key = this.#record.slice(HEAD_BYTES);
    this.#record.fill(0);
    return key;
  }

  /** Keeps a private key, 1 <= key < n. Throws when it does not read back; the one before then remains current. */
  save(key: Uint8Array): void {
    assert(isScalar(key), 'keys: not a private key');
    const slot = (this.#slot + 1) % KEY_STORE_SECTORS;
    const sequence = this.#sequence + 1;
    const record = this.#record;
    putUint32(record, 4, MAGIC);
    putUint16(record, 8, VERSION);
    putUint16(record, 10, SCALAR_BYTES);
    putUint32(record, 12, sequence);
    record.set(key, HEAD_BYTES);
    putUint32(record, 0, crc32c(record, 4, RECORD_BYTES));
    const start = slot * this.#flash.eraseBytes;
    this.#flash.erase(start);
    this.#flash.write(start, record, RECORD_BYTES);
    const isKept = this.#readSlot(slot) === sequence && isEqual(record, key);
    record.fill(0);
    if (!isKept) throw new Error('keys: the flash did not keep the key');
    this.#slot = slot;
    this.#sequence = sequence;
  }

  /** Reads a slot into the record; its sequence number, 0 when it holds no valid key. */
  #readSlot(slot: number): number {
    const record = this.#record;
    this.#flash.read(slot * this.#flash.eraseBytes, record, RECORD_BYTES);
    if (getUint32(record, 4) !== MAGIC || getUint16(record, 8) !== VERSION) return 0;
    if (getUint16(record, 10) !== SCALAR_BYTES || getUint32(record, 0) !== crc32c(record, 4, RECORD_BYTES)) return 0;
    return isScalar(record.subarray(HEAD_BYTES)) ? getUint32(record, 12) : 0;
  }
}

function isEqual(record: Uint8Array, key: Uint8Array): boolean {
  for (let i = 0; i < SCALAR_BYTES; i++) if (record[HEAD_BYTES + i] !== key[i]) return false;
  return true;
}
