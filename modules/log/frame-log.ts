/**
 * The frame log: a ring of flash sectors that keeps frames until they are overwritten, oldest first.
 *
 *   sector  [crc32c u32, 'WWS1' u32, epoch u32, first sequence u32], then records; epochs count up by one a sector
 *   record  [crc32c u32, frame bytes u16, 'FR' u16, sequence u32, boot u32], frame, padded to 16 bytes
 *
 * A record is written in one go and never changed, so whatever the moment power fails it is either complete or its CRC
 * is wrong; after a torn one the log goes on in the next sector. The oldest sector is erased when the ring is full.
 * Little-endian; each CRC covers what follows it. The log does not know what a frame says. RAM: 4 bytes a sector.
 */
import { assert } from '../base/assert.js';
import { crc32c } from '../base/crc32c.js';
import { getUint16, getUint32, putUint16, putUint32 } from '../base/little-endian.js';
import type { FlashPort } from '../board.js';
import {
  FRAME_BYTES_MAX,
  RECORD_BYTES_MAX,
  RECORD_HEAD_BYTES,
  SECTOR_BYTES_MIN,
  SECTOR_HEAD_BYTES,
} from '../limits.js';

const SECTOR_MAGIC = 0x31535757;
const RECORD_MAGIC = 0x5246;
const ALIGNMENT = 16;

/** The log of one flash port. */
export class FrameLog {
  /** Oldest sequence number kept; equals `head` when the log is empty. */
  tail = 1;
  /** Next sequence number to be written. */
  head = 1;
  /** Boots that wrote a record, this one included. */
  boot = 1;
  /** Sectors erased so far over the number of sectors: how often each has been erased. */
  wear = 0;
  private readonly flash: FlashPort;
  private readonly sectors: number;
  private readonly firstSequence: Uint32Array;
  private readonly scratch = new Uint8Array(RECORD_BYTES_MAX);
  private newest = -1;
  private kept = 0;
  private epoch = 0;
  /** Where the next record goes in the newest sector; the sector's end when it is closed. */
  private writeAt = 0;
  // where the last look-up ended
  private cursorSequence = 0;
  private cursorAt = -1;
  // what the last scan of a sector found: newest sequence number and boot (0: none), end of the last record
  private scannedSequence = 0;
  private scannedBoot = 0;
  private scannedEnd = 0;

  /** Reads what is there. `scratch` of the largest record is the only buffer. */
  constructor(flash: FlashPort) {
    assert(flash.eraseBytes >= SECTOR_BYTES_MIN, 'log: sectors are too small');
    this.flash = flash;
    this.sectors = Math.floor(flash.size / flash.eraseBytes);
    assert(this.sectors >= 2, 'log: at least two sectors are needed');
    this.firstSequence = new Uint32Array(this.sectors);
    this.recover();
  }

  /** Epoch of a sector, 0 when its head is not valid. */
  private readSector(sector: number): number {
    const head = this.scratch;
    this.flash.read(sector * this.flash.eraseBytes, head, SECTOR_HEAD_BYTES);
    if (getUint32(head, 4) !== SECTOR_MAGIC || getUint32(head, 0) !== crc32c(head, 4, SECTOR_HEAD_BYTES)) return 0;
    this.firstSequence[sector] = getUint32(head, 12);
    return getUint32(head, 8);
  }

  private recover(): void {
    for (let s = 0; s < this.sectors; s++) {
      const epoch = this.readSector(s);
      if (epoch > this.epoch) {
        this.epoch = epoch;
        this.newest = s;
      }
    }
    if (this.newest < 0) return;
    this.kept = 1;
    let s = this.before(this.newest);
    while (this.kept < this.sectors && this.kept < this.epoch && this.readSector(s) === this.epoch - this.kept) {
      this.kept++;
      s = this.before(s);
    }
    this.wear = Math.floor(this.epoch / this.sectors);
    this.scanNewest();
    this.tail = this.firstSequence[this.oldest()];
  }

  /** Finds head, boot and the place to write. */
  private scanNewest(): void {
    const { flash, newest } = this;
    const end = (newest + 1) * flash.eraseBytes;
    this.head = this.firstSequence[newest];
    this.scan(newest);
    if (this.scannedSequence > 0) this.head = this.scannedSequence + 1;
    this.writeAt = this.isErased(this.scannedEnd, end) ? this.scannedEnd : end;
    let boot = this.scannedBoot;
    // a sector whose head was damaged after it was begun is lost, but its numbers must not be given again
    this.scan(newest + 1 < this.sectors ? newest + 1 : 0);
    if (this.scannedSequence >= this.head) {
      this.head = this.scannedSequence + 1;
      this.writeAt = end;
      boot = this.scannedBoot;
    }
    let sector = newest;
    for (let i = 1; boot === 0 && i < this.kept; i++) {
      sector = this.before(sector);
      this.scan(sector);
      boot = this.scannedBoot;
    }
    this.boot = boot + 1;
  }

  /** Looks at every place of a sector: a damaged record does not hide those after it. */
  private scan(sector: number): void {
    const end = (sector + 1) * this.flash.eraseBytes;
    let at = end - this.flash.eraseBytes + SECTOR_HEAD_BYTES;
    this.scannedSequence = 0;
    this.scannedBoot = 0;
    this.scannedEnd = at;
    while (at < end) {
      const bytes = this.readRecord(at, end, this.scratch);
      at += bytes > 0 ? recordBytes(bytes) : ALIGNMENT;
      if (bytes === 0) continue;
      this.scannedSequence = getUint32(this.scratch, 8);
      this.scannedBoot = getUint32(this.scratch, 12);
      this.scannedEnd = at;
    }
  }

  private isErased(from: number, end: number): boolean {
    const { scratch, flash } = this;
    for (let at = from; at < end; at += scratch.length) {
      const length = end - at < scratch.length ? end - at : scratch.length;
      flash.read(at, scratch, length);
      for (let i = 0; i < length; i++) if (scratch[i] !== 255) return false;
    }
    return true;
  }

  private before(sector: number): number {
    return sector === 0 ? this.sectors - 1 : sector - 1;
  }

  private oldest(): number {
    const s = this.newest - this.kept + 1;
    return s < 0 ? s + this.sectors : s;
  }

  /** Reads the record at `at` of the sector that ends at `end`; bytes of its frame, 0 when none is complete there. */
  private readRecord(at: number, end: number, into: Uint8Array): number {
    const { flash } = this;
    if (at + RECORD_HEAD_BYTES > end) return 0;
    flash.read(at, into, RECORD_HEAD_BYTES);
    const bytes = getUint16(into, 4);
    if (getUint16(into, 6) !== RECORD_MAGIC || bytes === 0 || bytes > FRAME_BYTES_MAX) return 0;
    if (at + RECORD_HEAD_BYTES + bytes > end) return 0;
    flash.read(at, into, RECORD_HEAD_BYTES + bytes);
    return getUint32(into, 0) === crc32c(into, 4, RECORD_HEAD_BYTES + bytes) ? bytes : 0;
  }

  /**
   * Appends the frame that stands at RECORD_HEAD_BYTES of `record` (`frameBytes` long) as number `head`.
   * The bytes before it and up to 15 after it are overwritten.
   */
  append(record: Uint8Array, frameBytes: number): void {
    assert(frameBytes > 0 && frameBytes <= FRAME_BYTES_MAX, 'log: the frame is longer than its limit');
    const { flash } = this;
    const bytes = recordBytes(frameBytes);
    if (this.newest < 0 || this.writeAt + bytes > (this.newest + 1) * flash.eraseBytes) this.beginSector();
    putUint16(record, 4, frameBytes);
    putUint16(record, 6, RECORD_MAGIC);
    putUint32(record, 8, this.head);
    putUint32(record, 12, this.boot);
    putUint32(record, 0, crc32c(record, 4, RECORD_HEAD_BYTES + frameBytes));
    flash.write(this.writeAt, record, RECORD_HEAD_BYTES + frameBytes);
    this.writeAt += bytes;
    this.head++;
  }

  /** Erases the sector after the newest, the oldest when the ring is full, and begins it. */
  private beginSector(): void {
    const { flash, scratch } = this;
    const sector = this.newest + 1 < this.sectors ? this.newest + 1 : 0;
    const start = sector * flash.eraseBytes;
    if (this.kept === this.sectors) {
      this.kept--;
      this.tail = this.firstSequence[this.oldest()];
    }
    this.cursorAt = -1;
    flash.erase(start);
    putUint32(scratch, 4, SECTOR_MAGIC);
    putUint32(scratch, 8, this.epoch + 1);
    putUint32(scratch, 12, this.head);
    putUint32(scratch, 0, crc32c(scratch, 4, SECTOR_HEAD_BYTES));
    flash.write(start, scratch, SECTOR_HEAD_BYTES);
    this.epoch++;
    this.newest = sector;
    this.kept++;
    this.firstSequence[sector] = this.head;
    this.writeAt = start + SECTOR_HEAD_BYTES;
    this.wear = Math.floor(this.epoch / this.sectors);
  }

  /**
   * Reads frame `sequence` into `record` at RECORD_HEAD_BYTES; its length, 0 when it is not (or no longer, or not
   * readably) in the log. `record` takes RECORD_BYTES_MAX.
   */
  read(sequence: number, record: Uint8Array): number {
    if (sequence < this.tail || sequence >= this.head) return 0;
    const sector = this.sectorOf(sequence);
    const end = (sector + 1) * this.flash.eraseBytes;
    const start = end - this.flash.eraseBytes + SECTOR_HEAD_BYTES;
    const isAhead = this.cursorSequence <= sequence && this.cursorAt >= start && this.cursorAt < end;
    let at = isAhead ? this.cursorAt : start;
    while (at < end) {
      const bytes = this.readRecord(at, end, record);
      if (bytes > 0 && getUint32(record, 8) === sequence) {
        this.cursorAt = at;
        this.cursorSequence = sequence;
        return bytes;
      }
      at += bytes > 0 ? recordBytes(bytes) : ALIGNMENT;
    }
    return 0;
  }

  /** True when frame `sequence` is there and its CRC right. */
  isReadable(sequence: number): boolean {
    return this.read(sequence, this.scratch) > 0;
  }

  private sectorOf(sequence: number): number {
    let sector = this.newest;
    for (let i = 1; i < this.kept && this.firstSequence[sector] > sequence; i++) sector = this.before(sector);
    return sector;
  }
}

/** Flash that a record with a frame of `frameBytes` takes. */
function recordBytes(frameBytes: number): number {
  return Math.ceil((RECORD_HEAD_BYTES + frameBytes) / ALIGNMENT) * ALIGNMENT;
}
