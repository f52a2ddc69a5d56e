/**
 * Where the device key lies in flash: two slots of one sector each, one record at the start of a slot.
 *
 *   record  [crc32c u32, 'WWK1' u32, version u16, key bytes u16, sequence u32], key, mark u32
 *
 * The first key's record (version 1) is in force as it stands, a successor's (version 2) once its mark is there too. A
 * successor goes to the slot that does not hold the current key; its mark makes it the current one, then the old slot is
 * erased. A power cut at any operation leaves the old key or the new one, and the next start erases what is left of a
 * key no longer wanted. Little-endian; the CRC covers what follows it up to the mark. The keys are not encrypted.
 */
import { assert } from '../../modules/base/assert.js';
import { crc32c } from '../../modules/base/crc32c.js';
import { getUint16, getUint32, putUint16, putUint32 } from '../../modules/base/little-endian.js';
import type { FlashPort } from '../../modules/board.js';
import { isScalar, SCALAR_BYTES } from './scalar.js';

/** Sectors of the flash port that it is given. */
export const KEY_STORE_SECTORS = 2;
const MAGIC = 0x314b5757;
const VERSION_FIRST = 1;
const VERSION_SUCCESSOR = 2;
const HEAD_BYTES = 16;
const MARK_AT = HEAD_BYTES + SCALAR_BYTES;
const MARK_BYTES = 4;
const MARK = 0x434b5757;
const RECORD_BYTES = MARK_AT + MARK_BYTES;
const ERASED = 0xff;

export class KeyStore {
  readonly #flash: FlashPort;
  readonly #record = new Uint8Array(RECORD_BYTES);
  /** Slot and sequence number of the current key; sequence 0: there is none. */
  #slot = KEY_STORE_SECTORS - 1;
  #sequence = 0;

  /** Erases what is left of a key that was replaced, or not wholly written. */
  constructor(flash: FlashPort) {
    assert(flash.size === KEY_STORE_SECTORS * flash.eraseBytes, 'keys: the store is two sectors');
    this.#flash = flash;
    for (let slot = 0; slot < KEY_STORE_SECTORS; slot++) {
      const sequence = this.readSlot(slot);
      if (sequence <= this.#sequence || !this.isInForce()) continue;
      this.#sequence = sequence;
      this.#slot = slot;
    }
    if (this.#sequence > 0 && this.readSuccessor() === 0 && !this.isErased())
      flash.erase(this.otherSlot() * flash.eraseBytes);
    this.#record.fill(0);
  }

  /** The current key, a copy; null when there is none. */
  load(): Uint8Array | null {
    if (this.#sequence === 0) return null;
    const isThere = this.readSlot(this.#slot) === this.#sequence;
    assert(isThere, 'keys: the key cannot be read any more');
    return this.takeKey();
  }

  /** Keeps the first key, 1 <= key < n. False when it does not read back: then there is none. */
  save(key: Uint8Array): boolean {
    assert(this.#sequence === 0, 'keys: there is a key already');
    if (!this.write(key, VERSION_FIRST)) return false;
    this.settle();
    return true;
  }

  /** Keeps a successor beside the current key. False when it does not read back: then there is none. */
  prepare(key: Uint8Array): boolean {
    assert(this.#sequence > 0, 'keys: a successor of no key');
    return this.write(key, VERSION_SUCCESSOR);
  }

  /** The successor that was prepared, a copy; null when there is none. */
  loadSuccessor(): Uint8Array | null {
    const isThere = this.#sequence > 0 && this.readSuccessor() > 0;
    if (isThere) return this.takeKey();
    this.#record.fill(0);
    return null;
  }

  /** The successor becomes the current key, and the one before it is erased. False, and nothing changed: it cannot. */
  commit(): boolean {
    if (this.#sequence === 0 || this.readSuccessor() === 0) return false;
    const old = this.#slot;
    const slot = this.otherSlot();
    const record = this.#record;
    putUint32(record, 0, MARK);
    this.#flash.write(slot * this.#flash.eraseBytes + MARK_AT, record, MARK_BYTES);
    const isMarked = this.readSlot(slot) > 0 && this.isInForce();
    record.fill(0);
    if (!isMarked) return false;
    this.settle();
    this.#flash.erase(old * this.#flash.eraseBytes);
    return true;
  }

  /** What was written to the other slot is the current key. */
  private settle(): void {
    this.#slot = this.otherSlot();
    this.#sequence++;
  }

  private otherSlot(): number {
    return (this.#slot + 1) % KEY_STORE_SECTORS;
  }

  private write(key: Uint8Array, version: number): boolean {
    assert(isScalar(key), 'keys: not a private key');
    const slot = this.otherSlot();
    const sequence = this.#sequence + 1;
    const record = this.#record;
    putUint32(record, 4, MAGIC);
    putUint16(record, 8, version);
    putUint16(record, 10, SCALAR_BYTES);
    putUint32(record, 12, sequence);
    record.set(key, HEAD_BYTES);
    putUint32(record, 0, crc32c(record, 4, MARK_AT));
    const start = slot * this.#flash.eraseBytes;
    this.#flash.erase(start);
    this.#flash.write(start, record, MARK_AT);
    const isKept = this.readSlot(slot) === sequence && isEqual(record, key);
    record.fill(0);
    return isKept;
  }

  /** Reads the successor that is not in force into the record; its sequence number, 0 when there is none. */
  private readSuccessor(): number {
    const sequence = this.readSlot(this.otherSlot());
    return sequence === this.#sequence + 1 && !this.isInForce() ? sequence : 0;
  }

  /** Reads a slot into the record; its sequence number, 0 when it holds no valid key. */
  private readSlot(slot: number): number {
    const record = this.#record;
    this.#flash.read(slot * this.#flash.eraseBytes, record, RECORD_BYTES);
    const version = getUint16(record, 8);
    if (getUint32(record, 4) !== MAGIC || (version !== VERSION_FIRST && version !== VERSION_SUCCESSOR)) return 0;
    if (getUint16(record, 10) !== SCALAR_BYTES || getUint32(record, 0) !== crc32c(record, 4, MARK_AT)) return 0;
    return isScalar(record.subarray(HEAD_BYTES, MARK_AT)) ? getUint32(record, 12) : 0;
  }

  /** Of the valid record that was read. */
  private isInForce(): boolean {
    return getUint16(this.#record, 8) === VERSION_FIRST || getUint32(this.#record, MARK_AT) === MARK;
  }

  /** Of the slot that was read. */
  private isErased(): boolean {
    for (let i = 0; i < RECORD_BYTES; i++) if (this.#record[i] !== ERASED) return false;
    return true;
  }

  /** Of the record that was read. */
  private takeKey(): Uint8Array {
    const key = this.#record.slice(HEAD_BYTES, MARK_AT);
    this.#record.fill(0);
    return key;
  }
}

function isEqual(record: Uint8Array, key: Uint8Array): boolean {
  for (let i = 0; i < SCALAR_BYTES; i++) if (record[HEAD_BYTES + i] !== key[i]) return false;
  return true;
}
