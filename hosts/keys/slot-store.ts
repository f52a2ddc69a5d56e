/**
 * Which of a secure element's two slots holds the device key: the part does not know. Two sectors of flash, one record at
 * the start of a sector, the newer one counts; none: the first slot.
 *
 *   record  [crc32c u32, 'WWS1' u32, slot u32, sequence u32], mark u32: the key in the other slot is destroyed
 *
 * A record goes to the sector that does not hold the newest, so a power cut leaves the one before. Little-endian; the CRC
 * covers what follows it up to the mark.
 */
import { assert } from '../../modules/base/assert.js';
import { crc32c } from '../../modules/base/crc32c.js';
import { getUint32, putUint32 } from '../../modules/base/little-endian.js';
import type { FlashPort } from '../../modules/board.js';
import { KEY_STORE_SECTORS } from './key-store.js';

const MAGIC = 0x31535757;
const MARK_AT = 16;
const MARK_BYTES = 4;
const MARK = 0x44535757;
const RECORD_BYTES = MARK_AT + MARK_BYTES;

export class SlotStore {
  private readonly flash: FlashPort;
  private readonly record = new Uint8Array(RECORD_BYTES);
  /** Sector and sequence number of the newest record; sequence 0: there is none. */
  private sector = KEY_STORE_SECTORS - 1;
  private sequence = 0;

  constructor(flash: FlashPort) {
    assert(flash.size === KEY_STORE_SECTORS * flash.eraseBytes, 'keys: the store is two sectors');
    this.flash = flash;
    for (let sector = 0; sector < KEY_STORE_SECTORS; sector++) {
      const sequence = this.read(sector);
      if (sequence <= this.sequence) continue;
      this.sequence = sequence;
      this.sector = sector;
    }
  }

  /** The slot in use; -1 where none was ever chosen. */
  get slot(): number {
    return this.read(this.sector) === 0 ? -1 : getUint32(this.record, 8);
  }

  /** A slot was chosen, and the key before it may still be there. */
  get isOldLeft(): boolean {
    return this.read(this.sector) > 0 && getUint32(this.record, MARK_AT) !== MARK;
  }

  /** False when it does not read back: then the one before stays. */
  choose(slot: number): boolean {
    const { flash, record } = this;
    const sector = (this.sector + 1) % KEY_STORE_SECTORS;
    const sequence = this.sequence + 1;
    putUint32(record, 4, MAGIC);
    putUint32(record, 8, slot);
    putUint32(record, 12, sequence);
    putUint32(record, 0, crc32c(record, 4, MARK_AT));
    const start = sector * flash.eraseBytes;
    flash.erase(start);
    flash.write(start, record, MARK_AT);
    if (this.read(sector) !== sequence || getUint32(record, 8) !== slot) return false;
    this.sector = sector;
    this.sequence = sequence;
    return true;
  }

  /** The key in the slot that is not in use is destroyed. */
  oldDestroyed(): void {
    putUint32(this.record, 0, MARK);
    this.flash.write(this.sector * this.flash.eraseBytes + MARK_AT, this.record, MARK_BYTES);
  }

  /** Reads a sector into the record; its sequence number, 0 when it holds none. */
  private read(sector: number): number {
    const { record } = this;
    this.flash.read(sector * this.flash.eraseBytes, record, RECORD_BYTES);
    if (getUint32(record, 4) !== MAGIC || getUint32(record, 0) !== crc32c(record, 4, MARK_AT)) return 0;
    return getUint32(record, 12);
  }
}
