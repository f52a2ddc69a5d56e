/**
 * Where the learned model lies in flash: two slots of whole sectors, one model at the start of each.
 *
 *   head   [crc32c u32, 'WWM1' u32, format u16, 0xFFFF, sequence u32, body bytes u32,
 *          configuration digest (16), model digest (32)], alone in the first page
 *   body   pages of 256 bytes, the last filled up with 0xFF
 *
 *   model digest h_n = SHA-256(h_{n-1} || page n), h_0 = 0: no more than a page need be in RAM
 *
 * The CRC covers the rest of the head, so with the digest in it every bit of the model: SHA-256 is native on
 * boards and there twenty times faster than a CRC in JavaScript. A new model goes to the slot that does not hold the
 * current one; its head is written last, and it is preferred once all of it has been read back. So a power cut leaves
 * the model before or the new one, or none where there was none. Little-endian. RAM: 1.6 KB.
 */
import { assert } from '../base/assert.js';
import { crc32c } from '../base/crc32c.js';
import { getUint16, getUint32, putUint16, putUint32 } from '../base/little-endian.js';
import type { Digest, FlashPort } from '../board.js';
import { type Archive, type Archived, archiveSame } from './archive.js';
import {
  MODEL_DAMAGED,
  MODEL_LEARNED,
  MODEL_NOT_KEPT,
  MODEL_OF_OTHER_CONFIGURATION,
  MODEL_OF_OTHER_FORMAT,
  MODEL_TOO_LONG,
} from './model-record.js';

/** Counts up with every change of what a body holds or of what it means. */
export const MODEL_FORMAT = 3;
const SLOTS = 2;
const PAGE_BYTES = 256;
const MAGIC = 0x314d5757;
const CONFIGURATION_AT = 20;
const CONFIGURATION_BYTES = 16;
const DIGEST_AT = CONFIGURATION_AT + CONFIGURATION_BYTES;
const DIGEST_BYTES = 32;
const HEAD_BYTES = DIGEST_AT + DIGEST_BYTES;
/** Where in the buffer the next digest goes. */
const HASH_AT = DIGEST_BYTES + PAGE_BYTES;
const NUMBER_BYTES = 8;
const CANONICAL_NAN = 0x7ff80000;

const STAGE_NONE = 0;
const STAGE_BODY = 1;
const STAGE_HEAD = 2;
const STAGE_CHECK = 3;

/** The model of one flash port. */
export class ModelStore implements Archive {
  isLoading = false;
  /** True when a stored model can be used, or is in use; its digest. */
  hasModel = false;
  readonly digest = new Uint8Array(DIGEST_BYTES);
  /** What was found at the start and refused: MODEL_*, one bit each. */
  refusals = 0;
  /** How the last save ended: MODEL_LEARNED, MODEL_TOO_LONG or MODEL_NOT_KEPT. */
  outcome = MODEL_LEARNED;
  private readonly flash: FlashPort;
  private readonly hasher: Digest;
  private readonly configurationDigest: Uint8Array;
  private readonly slotBytes: number;
  /** Of each slot, also where its model was refused; 0: no head. */
  private readonly sequences: number[] = [0, 0];
  /** Slot of the current model; -1: none. */
  private current = -1;
  /** Digest so far, page, and the next digest in one buffer: what is hashed lies together. */
  private readonly buffer = new Uint8Array(HASH_AT + DIGEST_BYTES);
  private readonly page: Uint8Array;
  private readonly hash: Uint8Array;
  /** What the head read last says: bytes of the body, its digest. */
  private length = 0;
  private readonly expected = new Uint8Array(DIGEST_BYTES);
  private readonly view: DataView;
  /** Of the slot being read or written: its start, bytes of the body done, how far it is erased. */
  private start = 0;
  private at = 0;
  private erasedTo = 0;
  private isRefused = false;
  // the save under way
  private stage = STAGE_NONE;
  private parts: readonly Archived[] = [];
  private part = 0;
  private unit = 0;
  private target = 0;

  /** Looks at both slots, and at every bit of what is in them. `configurationDigest`: 16 bytes. */
  constructor(flash: FlashPort, hasher: Digest, configurationDigest: Uint8Array) {
    const { eraseBytes } = flash;
    assert(eraseBytes % PAGE_BYTES === 0, 'model store: a sector is not whole pages');
    this.slotBytes = Math.floor(flash.size / (SLOTS * eraseBytes)) * eraseBytes;
    assert(this.slotBytes >= 2 * PAGE_BYTES, 'model store: at least two sectors are needed');
    this.flash = flash;
    this.hasher = hasher;
    this.configurationDigest = configurationDigest;
    this.page = new Uint8Array(this.buffer.buffer, DIGEST_BYTES, PAGE_BYTES);
    this.hash = new Uint8Array(this.buffer.buffer, HASH_AT, DIGEST_BYTES);
    this.view = new DataView(this.buffer.buffer);
    this.open();
  }

  private open(): void {
    for (let slot = 0; slot < SLOTS; slot++) {
      if (!this.readHead(slot)) continue;
      while (this.at < this.length) this.checkPage();
      if (!this.isAsExpected()) this.refusals |= 1 << MODEL_DAMAGED;
      else if (this.current < 0 || this.sequences[slot] > this.sequences[this.current]) this.current = slot;
    }
    if (this.current < 0) return;
    this.readHead(this.current);
    this.digest.set(this.expected);
    this.hasModel = true;
  }

  /** Reads the head of a slot, and gets ready to read its body. False when it has none that can be used. */
  private readHead(slot: number): boolean {
    const { page, configurationDigest, expected } = this;
    this.start = slot * this.slotBytes;
    this.sequences[slot] = 0;
    this.flash.read(this.start, page, HEAD_BYTES);
    if (isErased(page)) return false;
    const format = getUint16(page, 8);
    this.length = getUint32(page, 16);
    if (getUint32(page, 4) !== MAGIC || getUint32(page, 0) !== crc32c(page, 4, HEAD_BYTES)) {
      this.refusals |= 1 << MODEL_DAMAGED;
      return false;
    }
    this.sequences[slot] = getUint32(page, 12);
    if (format !== MODEL_FORMAT || this.length > this.slotBytes - PAGE_BYTES) {
      this.refusals |= 1 << MODEL_OF_OTHER_FORMAT;
      return false;
    }
    for (let i = 0; i < CONFIGURATION_BYTES; i++) {
      if (page[CONFIGURATION_AT + i] === configurationDigest[i]) continue;
      this.refusals |= 1 << MODEL_OF_OTHER_CONFIGURATION;
      return false;
    }
    for (let i = 0; i < DIGEST_BYTES; i++) expected[i] = page[DIGEST_AT + i];
    this.rewind();
    return true;
  }

  private rewind(): void {
    this.at = 0;
    this.buffer.fill(0, 0, DIGEST_BYTES);
  }

  /** Reads the next page of the body into the digest. */
  private checkPage(): void {
    this.flash.read(this.start + PAGE_BYTES + this.at, this.page, PAGE_BYTES);
    this.at += PAGE_BYTES;
    this.digestPage();
  }

  private digestPage(): void {
    const { buffer } = this;
    this.hasher.sha256(buffer, HASH_AT, this.hash);
    buffer.copyWithin(0, HASH_AT, buffer.length);
  }

  private isAsExpected(): boolean {
    const { buffer, expected } = this;
    for (let i = 0; i < DIGEST_BYTES; i++) if (buffer[i] !== expected[i]) return false;
    return true;
  }

  /**
   * Carries the stored model into `parts`. False when it does not fit them, although every bit of it is right: then it
   * is refused, and what was carried so far must be thrown away.
   */
  load(parts: readonly Archived[]): boolean {
    this.isRefused = !this.readHead(this.current);
    this.isLoading = true;
    for (let i = 0; i < parts.length && !this.isRefused; i++) {
      archiveSame(this, parts[i].archiveUnits);
      for (let unit = 0; unit < parts[i].archiveUnits && !this.isRefused; unit++) parts[i].archive(unit, this);
    }
    this.isLoading = false;
    if (!this.isRefused && this.at === this.length) return true;
    this.refusals |= 1 << MODEL_OF_OTHER_FORMAT;
    this.hasModel = false;
    this.current = -1;
    return false;
  }

  /** Begins to save `parts`, which stay as they are until `isSaving` says that it is over. */
  save(parts: readonly Archived[]): void {
    const { sequences } = this;
    this.target = this.current >= 0 ? 1 - this.current : sequences[0] <= sequences[1] ? 0 : 1;
    this.start = this.target * this.slotBytes;
    this.erasedTo = this.start;
    this.parts = parts;
    this.part = 0;
    this.unit = 0;
    this.isRefused = false;
    this.rewind();
    this.page.fill(255);
    this.stage = STAGE_BODY;
  }

  /** Leaves off saving: the model before remains. */
  abandon(): void {
    this.stage = STAGE_NONE;
  }

  get isSaving(): boolean {
    return this.stage !== STAGE_NONE;
  }

  /** One bounded piece of saving: a sector's erase, a piece of a part, the head, or a page's check. */
  work(): void {
    if (this.stage === STAGE_BODY) this.writeBody();
    else if (this.stage === STAGE_HEAD) this.writeHead();
    else if (this.at < this.length) this.checkPage();
    else this.finish(this.isAsExpected() ? MODEL_LEARNED : MODEL_NOT_KEPT);
  }

  /** Erases a sector ahead, so that a piece finds its pages erased. */
  private writeBody(): void {
    const { parts, part } = this;
    const ahead = this.start + PAGE_BYTES + this.at + this.flash.eraseBytes;
    const end = this.start + this.slotBytes;
    if (this.erasedTo < (ahead < end ? ahead : end)) this.eraseNext();
    else if (this.isRefused) this.finish(MODEL_TOO_LONG);
    else if (part < parts.length) {
      if (this.unit === 0) archiveSame(this, parts[part].archiveUnits);
      if (this.unit < parts[part].archiveUnits) parts[part].archive(this.unit++, this);
      if (this.unit < parts[part].archiveUnits) return;
      this.unit = 0;
      this.part++;
    } else {
      if (this.at % PAGE_BYTES > 0) this.writePage(this.at - (this.at % PAGE_BYTES));
      this.stage = STAGE_HEAD;
    }
  }

  private eraseNext(): void {
    this.flash.erase(this.erasedTo);
    this.erasedTo += this.flash.eraseBytes;
  }

  /** Writes the page that holds the body from `from` on. */
  private writePage(from: number): void {
    const at = this.start + PAGE_BYTES + from;
    if (at + PAGE_BYTES > this.start + this.slotBytes) {
      this.isRefused = true;
      return;
    }
    while (this.erasedTo < at + PAGE_BYTES) this.eraseNext();
    this.flash.write(at, this.page, PAGE_BYTES);
    this.digestPage();
    this.page.fill(255);
  }

  private writeHead(): void {
    if (this.isRefused) {
      this.finish(MODEL_TOO_LONG);
      return;
    }
    const { page, buffer, sequences, configurationDigest } = this;
    putUint32(page, 4, MAGIC);
    putUint16(page, 8, MODEL_FORMAT);
    putUint32(page, 12, 1 + (sequences[0] > sequences[1] ? sequences[0] : sequences[1]));
    putUint32(page, 16, this.at);
    for (let i = 0; i < CONFIGURATION_BYTES; i++) page[CONFIGURATION_AT + i] = configurationDigest[i];
    for (let i = 0; i < DIGEST_BYTES; i++) page[DIGEST_AT + i] = buffer[i];
    putUint32(page, 0, crc32c(page, 4, HEAD_BYTES));
    this.flash.write(this.start, page, HEAD_BYTES);
    if (this.readHead(this.target)) this.stage = STAGE_CHECK;
    else this.finish(MODEL_NOT_KEPT);
  }

  private finish(outcome: number): void {
    this.stage = STAGE_NONE;
    this.outcome = outcome;
    if (outcome !== MODEL_LEARNED) return;
    this.current = this.target;
    this.digest.set(this.expected);
    this.hasModel = true;
  }

  number(value: number): number {
    const { view, at } = this;
    const place = at % PAGE_BYTES;
    const isWithinPage = place > 0 && place < PAGE_BYTES - NUMBER_BYTES;
    if (this.isLoading) {
      if (!isWithinPage || at + NUMBER_BYTES > this.length) return this.takeNumber();
      this.at = at + NUMBER_BYTES;
      return view.getFloat64(DIGEST_BYTES + place, true);
    }
    if (!isWithinPage || Number.isNaN(value)) this.putNumber(value);
    else {
      view.setFloat64(DIGEST_BYTES + place, value, true);
      this.at = at + NUMBER_BYTES;
    }
    return value;
  }

  /** Byte by byte, by way of the place of the next digest, which nothing needs now. */
  private putNumber(value: number): void {
    const { view } = this;
    view.setFloat64(HASH_AT, value, true);
    if (Number.isNaN(value)) {
      view.setUint32(HASH_AT, 0, true);
      view.setUint32(HASH_AT + 4, CANONICAL_NAN, true);
    }
    const low = view.getUint32(HASH_AT, true);
    const high = view.getUint32(HASH_AT + 4, true);
    this.uint16(low & 65535);
    this.uint16(low >>> 16);
    this.uint16(high & 65535);
    this.uint16(high >>> 16);
  }

  private takeNumber(): number {
    const { view } = this;
    for (let i = 0; i < NUMBER_BYTES; i++) view.setUint8(HASH_AT + i, this.take());
    return view.getFloat64(HASH_AT, true);
  }

  uint16(value: number): number {
    if (this.isLoading) return this.take() + 256 * this.take();
    assert(value >= 0 && value <= 65535 && Math.floor(value) === value, 'model store: not a whole number to 65535');
    this.put(value & 255);
    this.put(value >>> 8);
    return value;
  }

  numbers(values: number[]): void {
    for (let i = 0; i < values.length; i++) values[i] = this.number(values[i]);
  }

  bytes(values: Uint8Array): void {
    const { isLoading } = this;
    for (let i = 0; i < values.length; i++) {
      if (isLoading) values[i] = this.take();
      else this.put(values[i]);
    }
  }

  refuse(): void {
    this.isRefused = true;
  }

  private put(byte: number): void {
    const place = this.at % PAGE_BYTES;
    this.page[place] = byte;
    this.at++;
    if (place === PAGE_BYTES - 1) this.writePage(this.at - PAGE_BYTES);
  }

  private take(): number {
    const { at, page } = this;
    if (at >= this.length) {
      this.isRefused = true;
      return 0;
    }
    if (at % PAGE_BYTES === 0) this.flash.read(this.start + PAGE_BYTES + at, page, PAGE_BYTES);
    this.at = at + 1;
    return page[at % PAGE_BYTES];
  }
}

/** No head was ever written there. */
function isErased(page: Uint8Array): boolean {
  for (let i = 0; i < HEAD_BYTES; i++) if (page[i] !== 255) return false;
  return true;
}
