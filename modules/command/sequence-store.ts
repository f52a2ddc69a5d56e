/**
 * The last sequence number that each operator's key used, in two sectors of flash in turns: no command is taken twice,
 * also not after a reset or when the power fails at any moment.
 *
 *   sector  [crc32c u32, 'WWC1' u32, epoch u32, 0 u32], then records
 *   record  [crc32c u32, 'SQ' u16, 0 u16, key id 8 bytes, sequence u64], 8 bytes unused
 *
 * A number is kept before its command takes effect. When a sector is full the other is erased, the newest records go
 * there, and its head last: without a head a sector is not current, so the full one remains until then. Of all readable
 * records of both the largest number of a key counts. Little-endian; each CRC covers what follows it.
 */
import { crc32c } from '../base/crc32c.js';
import { getUint16, getUint32, putUint16, putUint32 } from '../base/little-endian.js';
import type { FlashPort } from '../board.js';
import type { Operators } from './operators.js';
import { SEQUENCES_SECTOR } from './settings-layout.js';

const SECTOR_MAGIC = 0x31435757;
const RECORD_MAGIC = 0x5153;
const RECORD_BYTES = 32;
const USED_BYTES = 24;
const HEAD_BYTES = 16;
const TWO_32 = 4294967296;

/** The numbers of one board. */
export class SequenceStore {
  private readonly flash: FlashPort;
  private readonly operators: Operators;
  private readonly last: number[] = [];
  private readonly record: Uint8Array;
  /** The current sector, 0 or 1; its epoch, 0 before the first record. */
  private sector = 1;
  private epoch = 0;
  /** Place of the next record in the sector, counted in records; the head has the first. */
  private next = 0;

  /** `scratch`: 32 bytes at least, shared with others. */
  constructor(flash: FlashPort, operators: Operators, scratch: Uint8Array) {
    this.flash = flash;
    this.operators = operators;
    this.record = scratch;
    for (let i = 0; i < operators.count; i++) this.last.push(0);
    for (let sector = 0; sector < 2; sector++) this.scan(sector);
  }

  /** The last number of an operator; 0 before its first command. */
  lastOf(operator: number): number {
    return this.last[operator];
  }

  /** Keeps a number; false when the flash did not keep it: then the command must not take effect. */
  keep(operator: number, sequence: number): boolean {
    if (this.epoch === 0 || this.next * RECORD_BYTES >= this.flash.eraseBytes) {
      if (!this.beginSector()) return false;
    }
    if (!this.write(operator, sequence)) return false;
    this.last[operator] = sequence;
    return true;
  }

  private addressOf(sector: number, place: number): number {
    return (SEQUENCES_SECTOR + sector) * this.flash.eraseBytes + place * RECORD_BYTES;
  }

  private scan(sector: number): void {
    const { flash, record, operators, last } = this;
    const places = Math.floor(flash.eraseBytes / RECORD_BYTES);
    const epoch = this.readEpoch(sector);
    let next = 1;
    for (let place = 1; place < places; place++) {
      flash.read(this.addressOf(sector, place), record, RECORD_BYTES);
      if (!isErased(record)) next = place + 1;
      if (getUint16(record, 4) !== RECORD_MAGIC || getUint32(record, 0) !== crc32c(record, 4, USED_BYTES)) continue;
      const operator = operators.find(record, 8);
      const sequence = getUint32(record, 16) + getUint32(record, 20) * TWO_32;
      if (operator >= 0 && sequence > last[operator]) last[operator] = sequence;
    }
    if (epoch <= this.epoch) return;
    this.epoch = epoch;
    this.sector = sector;
    this.next = next;
  }

  private readEpoch(sector: number): number {
    const { flash, record } = this;
    flash.read(this.addressOf(sector, 0), record, HEAD_BYTES);
    const isHead = getUint32(record, 4) === SECTOR_MAGIC && getUint32(record, 0) === crc32c(record, 4, HEAD_BYTES);
    return isHead ? getUint32(record, 8) : 0;
  }

  /** Erases the sector that is not current and begins it with what is known; false when it did not keep that. */
  private beginSector(): boolean {
    const { flash, record, operators, last } = this;
    this.sector = 1 - this.sector;
    this.next = 1;
    flash.erase(this.addressOf(this.sector, 0));
    for (let i = 0; i < operators.count; i++) if (last[i] > 0 && !this.write(i, last[i])) return this.returnToOther();
    const epoch = this.epoch + 1;
    putUint32(record, 4, SECTOR_MAGIC);
    putUint32(record, 8, epoch);
    putUint32(record, 12, 0);
    putUint32(record, 0, crc32c(record, 4, HEAD_BYTES));
    flash.write(this.addressOf(this.sector, 0), record, HEAD_BYTES);
    if (this.readEpoch(this.sector) !== epoch) return this.returnToOther();
    this.epoch = epoch;
    return true;
  }

  /** The sector that is full stays current; the next try begins anew. */
  private returnToOther(): boolean {
    this.sector = 1 - this.sector;
    this.next = Math.floor(this.flash.eraseBytes / RECORD_BYTES);
    return false;
  }

  /** Writes a record at the next place and reads it back. */
  private write(operator: number, sequence: number): boolean {
    const { flash, record } = this;
    const at = this.addressOf(this.sector, this.next++);
    const high = Math.floor(sequence / TWO_32);
    record.fill(255, 0, RECORD_BYTES);
    putUint16(record, 4, RECORD_MAGIC);
    putUint16(record, 6, 0);
    this.operators.putKeyId(operator, record, 8);
    putUint32(record, 16, sequence - high * TWO_32);
    putUint32(record, 20, high);
    const crc = crc32c(record, 4, USED_BYTES);
    putUint32(record, 0, crc);
    flash.write(at, record, RECORD_BYTES);
    record.fill(0, 0, RECORD_BYTES);
    flash.read(at, record, RECORD_BYTES);
    return getUint32(record, 0) === crc && crc32c(record, 4, USED_BYTES) === crc;
  }
}

function isErased(record: Uint8Array): boolean {
  for (let i = 0; i < RECORD_BYTES; i++) if (record[i] !== 255) return false;
  return true;
}
