/**
 * What a shared line brings, cut into packets (packet.ts). A board hears everything on the pair, and most of it is its
 * neighbours' or nobody's, so that listening must cost little: what is for others is not gathered and its CRC not
 * checked, unless the board was about to speak. Of it only the code bytes of COBS are followed, one pointing to the
 * next; where the packet's end is not where the last one points to, it was noise. Bounded by the piece: the rest of one
 * that brings too many packets, or a broken one for this board, is left unread. Memory: a piece, and twice the longest
 * request.
 */
import { crc32c } from '../base/crc32c.js';
import { findZero, followCodes } from '../base/kernels.js';
import { getUint32 } from '../base/little-endian.js';
import { PACKET_BYTES_MAX, PIECE_BYTES, POLL_BYTES_MAX, REQUEST_BYTES_MAX } from '../limits.js';
import { cobsBytesMax, cobsDecode } from './cobs.js';
import { PACKET_NONE, PACKET_TOO_LONG } from './packet.js';

const CRC_BYTES = 4;
/** Packets in a piece that are looked at, empty ones, and such that are gathered and checked. */
const PACKETS_MAX = 4;
const EMPTY_MAX = 6;
const CHECKED_MAX = 3;
/** Bytes of a packet that is too long which are still given: address, and how its message begins. */
const BEGINNING_BYTES = 3;

/** Listens for one address. */
export class LineListener {
  /** A piece of what came goes here; then `begin`. */
  readonly received: Uint8Array;
  /** A good packet's message stands here from byte 1 on; byte 0 is the address. */
  readonly plain = new Uint8Array(1 + REQUEST_BYTES_MAX + CRC_BYTES);
  /** Since start: packets that were none, and stretches longer than any packet. */
  noise = 0;
  /** Set by whoever is about to speak: then short packets for others are checked and given, too. */
  isWary = false;
  /** Set by whoever has taken a request from this piece: one more for this board is not looked at, nor what follows. */
  isServed = false;
  /** That was so. */
  isOverrun = false;
  private readonly address: number;
  /** Of a packet that came in several pieces, its bytes so far; of one for others only its beginning. */
  private readonly gathered: Uint8Array;
  /** Both in one buffer, so that bytes go from one to the other in one move. */
  private readonly both: Uint8Array;
  private length = 0;
  private isForeign = false;
  /** Bytes to the next code byte of a packet for others; false: of one that was left unread. */
  private hop = 0;
  private isFollowed = true;
  private at = 0;
  private end = 0;
  /** In this piece. */
  private packets = 0;
  private empty = 0;
  private checked = 0;

  constructor(address: number) {
    this.address = address;
    const gatheredBytes = cobsBytesMax(this.plain.length);
    this.both = new Uint8Array(gatheredBytes + PIECE_BYTES);
    this.gathered = new Uint8Array(this.both.buffer, 0, gatheredBytes);
    this.received = new Uint8Array(this.both.buffer, gatheredBytes, PIECE_BYTES);
  }

  /** `received` holds a new piece of `bytes` bytes. */
  begin(bytes: number): void {
    this.at = 0;
    this.end = bytes;
    this.packets = 0;
    this.empty = 0;
    this.checked = 0;
    this.isServed = false;
    this.isOverrun = false;
  }

  /** `received` holds a new piece of `bytes` bytes that is not looked at. */
  skip(bytes: number): void {
    this.begin(bytes);
    this.noise++;
    this.length = 1;
    this.isForeign = true;
    this.isFollowed = false;
  }

  /**
   * The length of the next message, PACKET_TOO_LONG for one for this board that is too long (its beginning is given,
   * unchecked), PACKET_NONE when the piece is used up.
   */
  next(): number {
    const { received, end, address } = this;
    while (this.at < end) {
      const from = this.at;
      const zero = findZero(received, from, end);
      if (zero === end) {
        this.at = end;
        this.gather(from, end);
        if (this.length > PACKET_BYTES_MAX) this.noise++;
        return PACKET_NONE;
      }
      this.at = zero + 1;
      if (this.length > 0) {
        const length = this.judgeGathered(from, zero);
        if (length !== PACKET_NONE) return length;
      } else if (zero === from) {
        if (++this.empty > EMPTY_MAX) return this.leaveRest();
      } else if (++this.packets > PACKETS_MAX) return this.leaveRest();
      // no address is 0: it stands behind the first code byte as it is
      else if (received[from + 1] === address || this.isWary) {
        const length = this.judge(received, from, zero);
        if (length !== PACKET_NONE) return length;
      } else if (followCodes(received, from, zero) !== zero) this.noise++;
    }
    return PACKET_NONE;
  }

  /** Too much for one piece: the rest of it, and of the packet that it ends in, is nobody's. */
  private leaveRest(): number {
    if (this.isOverrun || this.empty > EMPTY_MAX || this.checked > CHECKED_MAX) this.noise++;
    if (this.at === this.end) return PACKET_NONE;
    this.at = this.end;
    this.length = 1;
    this.isForeign = true;
    this.isFollowed = false;
    return PACKET_NONE;
  }

  /** A packet at buffer[from] to buffer[end - 1]. */
  private judge(buffer: Uint8Array, from: number, end: number): number {
    const length = end - from;
    const isOurs = length > 1 && buffer[from + 1] === this.address;
    if (!isOurs && (length > POLL_BYTES_MAX || !this.isWary)) {
      this.hop = 0;
      this.isFollowed = true;
      this.follow(buffer, from, end);
      if (this.isFollowed && this.hop !== 0) this.noise++;
      return PACKET_NONE;
    }
    if (isOurs && this.isServed) this.isOverrun = true;
    if (this.isOverrun || ++this.checked > CHECKED_MAX) return this.leaveRest();
    return length > this.gathered.length ? this.giveBeginning(buffer, from) : this.check(buffer, from, end);
  }

  private check(buffer: Uint8Array, from: number, end: number): number {
    const { plain } = this;
    const bytes = cobsDecode(buffer, from, end, plain);
    if (bytes < 2 + CRC_BYTES || getUint32(plain, bytes - CRC_BYTES) !== crc32c(plain, 0, bytes - CRC_BYTES)) {
      this.noise++;
      return this.leaveRest();
    }
    return bytes - 1 - CRC_BYTES;
  }

  /** Unchecked, for whoever wants to count what it was. */
  private giveBeginning(buffer: Uint8Array, from: number): number {
    for (let i = 0; i < BEGINNING_BYTES; i++) this.plain[i] = buffer[from + 1 + i];
    return PACKET_TOO_LONG;
  }

  /** The packet under way goes on with received[from] to received[end - 1]. */
  private gather(from: number, end: number): void {
    const { gathered, received, both } = this;
    const before = this.length;
    const length = before + end - from;
    this.length = length;
    if (!this.isForeign && length > POLL_BYTES_MAX && this.addressOf(before, from) !== this.address) {
      this.isForeign = true;
      this.hop = 0;
      this.isFollowed = true;
      this.follow(gathered, 0, before);
    }
    if (this.isForeign) {
      this.follow(received, from, end);
      return;
    }
    const room = gathered.length - before;
    const bytes = end - from < room ? end - from : room;
    const receivedAt = gathered.length + from;
    both.copyWithin(before, receivedAt, receivedAt + bytes);
  }

  /** Of a packet of which `before` bytes are gathered and the rest begins at received[from]. */
  private addressOf(before: number, from: number): number {
    if (before > 1) return this.gathered[1];
    return this.received[from + 1 - before];
  }

  private judgeGathered(from: number, end: number): number {
    this.gather(from, end);
    const { length } = this;
    this.length = 0;
    if (!this.isForeign) return this.judge(this.gathered, 0, length);
    this.isForeign = false;
    if (this.isFollowed && this.hop !== 0) this.noise++;
    return PACKET_NONE;
  }

  private follow(buffer: Uint8Array, from: number, end: number): void {
    if (this.isFollowed) this.hop = followCodes(buffer, from + this.hop, end) - end;
  }
}
