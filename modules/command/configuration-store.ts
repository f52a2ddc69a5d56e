/**
 * The configuration that came by command, in two sectors of flash in turns: parts are written as they come, the head
 * last.
 *
 *   sector  [crc32c u32, 'WWF1' u32, bytes u32, sequence u64, digest 16 bytes], tries u32, proven u32, to 64 unused;
 *           then the configuration
 *
 * The digest (first 16 bytes of SHA-256 over the configuration) was signed by the operator; who loads it checks it. A
 * power cut leaves the one before. Of two the one with the larger sequence number counts. Little-endian; the CRC covers
 * the rest of the head. The store does not know what a configuration says.
 *
 * A configuration that the machine cannot bear (memory that does not suffice shows when it is full) restarts the board
 * over and over. So it is on trial until it has learned: each start after a restart clears one of four bits, the first
 * being the one that puts it into use.
 */
import { crc32c } from '../base/crc32c.js';
import { getUint32, putUint32 } from '../base/little-endian.js';
import type { Digest, FlashPort } from '../board.js';
import { CONFIGURATIONS_SECTOR } from './settings-layout.js';

const MAGIC = 0x31465757;
const HEAD_BYTES = 36;
const SEQUENCE_AT = 12;
const DIGEST_AT = 20;
const TRIES_AT = 36;
const PROVEN_AT = 40;
const WORD_BYTES = 4;
/** Bits of the word of tries. */
const TRIES = 0x0f;
const PROVEN = 0;
/** Where the configuration begins in its sector. */
const CONTENT_AT = 64;
/** First bytes of a SHA-256. */
export const CONFIGURATION_DIGEST_BYTES = 16;
const TWO_32 = 4294967296;

/** What came of a part. */
export const PART_REFUSED = 0;
export const PART_TAKEN = 1;
export const PART_LAST = 2;
export const PART_NOT_KEPT = 3;

/** The configurations of one board. */
export class ConfigurationStore {
  /** Of the newest configuration that is complete; 0: there is none. */
  sequence = 0;
  private readonly flash: FlashPort;
  private readonly scratch: Uint8Array;
  /** The newest when the board started. */
  private readonly startedWith: number;
  private sector = 1;
  private length = 0;
  /** The one that is coming: its sequence number and length, and how much of it is there. */
  private comingSequence = 0;
  private comingBytes = 0;
  private received = 0;

  /** `scratch`: 36 bytes at least, shared with others. */
  constructor(flash: FlashPort, scratch: Uint8Array) {
    this.flash = flash;
    this.scratch = scratch;
    for (let sector = 0; sector < 2; sector++) if (this.readHead(sector) > this.sequence) this.use(sector);
    this.startedWith = this.sequence;
  }

  /** Longest configuration that fits. */
  get bytesMax(): number {
    return this.flash.eraseBytes - CONTENT_AT;
  }

  private startOf(sector: number): number {
    return (CONFIGURATIONS_SECTOR + sector) * this.flash.eraseBytes;
  }

  /** Sequence number of a sector's configuration, 0 when it has none; the head is then in `scratch`. */
  private readHead(sector: number): number {
    const { flash, scratch } = this;
    flash.read(this.startOf(sector), scratch, HEAD_BYTES);
    if (getUint32(scratch, 4) !== MAGIC || getUint32(scratch, 0) !== crc32c(scratch, 4, HEAD_BYTES)) return 0;
    return getUint32(scratch, SEQUENCE_AT) + getUint32(scratch, SEQUENCE_AT + 4) * TWO_32;
  }

  private use(sector: number): void {
    this.sequence = this.readHead(sector);
    this.sector = sector;
    this.length = getUint32(this.scratch, 8);
  }

  /** Puts the digest of the newest one at the start of an array; what stands there is right while there is one. */
  readDigest(into: Uint8Array): void {
    this.flash.read(this.startOf(this.sector) + DIGEST_AT, into, CONFIGURATION_DIGEST_BYTES);
  }

  /**
   * Takes a part: `from` (its bytes are at from[at]) is for `offset` of configuration `sequence`, `total` bytes long.
   * Parts come in order; the first begins anew. The digest of the last one, at from[digestAt], is kept.
   */
  take(
    sequence: number,
    total: number,
    offset: number,
    from: Uint8Array,
    at: number,
    length: number,
    digestAt: number,
  ): number {
    if (sequence <= this.sequence || total > this.bytesMax || length === 0 || offset + length > total)
      return PART_REFUSED;
    const start = this.startOf(1 - this.sector) + CONTENT_AT;
    if (offset === 0) {
      this.flash.erase(start - CONTENT_AT);
      this.comingSequence = sequence;
      this.comingBytes = total;
      this.received = 0;
    }
    if (sequence !== this.comingSequence || total !== this.comingBytes || offset !== this.received) return PART_REFUSED;
    if (!this.writePart(start + offset, from, at, length)) return PART_NOT_KEPT;
    this.received += length;
    if (this.received < total) return PART_TAKEN;
    return this.complete(from, digestAt) ? PART_LAST : PART_NOT_KEPT;
  }

  /** In pieces of `scratch`, each read back. */
  private writePart(to: number, from: Uint8Array, at: number, length: number): boolean {
    const { flash, scratch } = this;
    let isKept = true;
    for (let done = 0; done < length && isKept; done += HEAD_BYTES) {
      const bytes = length - done < HEAD_BYTES ? length - done : HEAD_BYTES;
      for (let i = 0; i < bytes; i++) scratch[i] = from[at + done + i];
      flash.write(to + done, scratch, bytes);
      flash.read(to + done, scratch, bytes);
      for (let i = 0; i < bytes; i++) if (scratch[i] !== from[at + done + i]) isKept = false;
    }
    if (!isKept) this.comingSequence = 0;
    return isKept;
  }

  private complete(from: Uint8Array, digestAt: number): boolean {
    const { flash, scratch, comingSequence } = this;
    const sector = 1 - this.sector;
    const high = Math.floor(comingSequence / TWO_32);
    putUint32(scratch, 4, MAGIC);
    putUint32(scratch, 8, this.comingBytes);
    putUint32(scratch, SEQUENCE_AT, comingSequence - high * TWO_32);
    putUint32(scratch, SEQUENCE_AT + 4, high);
    for (let i = 0; i < CONFIGURATION_DIGEST_BYTES; i++) scratch[DIGEST_AT + i] = from[digestAt + i];
    putUint32(scratch, 0, crc32c(scratch, 4, HEAD_BYTES));
    flash.write(this.startOf(sector), scratch, HEAD_BYTES);
    this.comingSequence = 0;
    if (this.readHead(sector) <= this.sequence) return false;
    this.use(sector);
    return true;
  }

  /** For hosts at start: goes back to the one before the newest, which cannot be used; false when there is none. */
  fallBack(): boolean {
    const sector = 1 - this.sector;
    if (this.readHead(sector) === 0) return false;
    this.use(sector);
    return true;
  }

  /** For hosts, at a start that no loss of power explains; false: it was tried often enough. */
  tryOnce(): boolean {
    if (this.word(PROVEN_AT) === PROVEN) return true;
    const left = this.word(TRIES_AT);
    if ((left & TRIES) === 0) return false;
    this.setWord(TRIES_AT, (left & (left - 1)) >>> 0);
    return true;
  }

  /** The newest configuration, which the board started with, has learned: it is on trial no more. */
  prove(): void {
    const isInUse = this.sequence > 0 && this.sequence === this.startedWith;
    if (isInUse && this.word(PROVEN_AT) !== PROVEN) this.setWord(PROVEN_AT, PROVEN);
  }

  private word(at: number): number {
    this.flash.read(this.startOf(this.sector) + at, this.scratch, WORD_BYTES);
    return getUint32(this.scratch, 0);
  }

  private setWord(at: number, value: number): void {
    putUint32(this.scratch, 0, value);
    this.flash.write(this.startOf(this.sector) + at, this.scratch, WORD_BYTES);
  }

  /** The newest configuration; null when there is none, or it does not have its digest. */
  load(digest: Digest): Uint8Array | null {
    const { flash, length } = this;
    if (this.sequence === 0 || length > this.bytesMax) return null;
    const content = new Uint8Array(length);
    flash.read(this.startOf(this.sector) + CONTENT_AT, content, length);
    const hash = new Uint8Array(32);
    digest.sha256(content, length, hash);
    const kept = new Uint8Array(CONFIGURATION_DIGEST_BYTES);
    this.readDigest(kept);
    for (let i = 0; i < CONFIGURATION_DIGEST_BYTES; i++) if (hash[i] !== kept[i]) return null;
    return content;
  }
}
