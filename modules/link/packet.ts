/**
 * Packets on RS-485: COBS(address, message, CRC-32C little-endian over both), ended by 0x00.
 */
import { crc32c } from '../base/crc32c.js';
import { getUint32, putUint32 } from '../base/little-endian.js';
import { MESSAGE_BYTES_MAX, PACKET_BYTES_MAX } from '../limits.js';
import { cobsBytesMax, cobsDecode, cobsEncode } from './cobs.js';

const CRC_BYTES = 4;
/** What readers answer instead of a length: nothing complete yet or dropped; dropped as too long. */
export const PACKET_NONE = -1;
export const PACKET_TOO_LONG = -2;

/** Writes packets. One plain buffer, one encoded. */
export class PacketWriter {
  /** Put the message here from byte 1 on. */
  readonly plain = new Uint8Array(1 + MESSAGE_BYTES_MAX + CRC_BYTES);
  readonly encoded: Uint8Array;

  /** `isEncoding` false: messages go out as they are, and no buffer is kept for packets. */
  constructor(isEncoding = true) {
    this.encoded = new Uint8Array(isEncoding ? PACKET_BYTES_MAX + 1 : 0);
  }

  /** Encodes the message of `length` bytes for `address`; the packet's length in `encoded`, the 0x00 included. */
  encode(address: number, length: number): number {
    const { plain, encoded } = this;
    plain[0] = address;
    putUint32(plain, 1 + length, crc32c(plain, 0, 1 + length));
    const bytes = cobsEncode(plain, 1 + length + CRC_BYTES, encoded, 0);
    encoded[bytes] = 0;
    return bytes + 1;
  }
}

/**
 * Gathers bytes from a line into packets; noise, wrong CRCs and packets too long are counted and dropped. For a
 * collector, which wants all that is on the line; boards have a LineListener.
 */
export class PacketReader {
  /** A good packet's message stands here from byte 1 on; byte 0 is the address. */
  readonly plain: Uint8Array;
  /** Packets refused since start. */
  refused = 0;
  private readonly gathered: Uint8Array;
  private length = 0;
  private isTooLong = false;

  constructor(messageBytesMax: number) {
    this.plain = new Uint8Array(1 + messageBytesMax + CRC_BYTES);
    this.gathered = new Uint8Array(cobsBytesMax(this.plain.length));
  }

  /** Takes one byte; the message's length when it completes a good packet, else PACKET_NONE. */
  take(byte: number): number {
    if (byte !== 0) {
      if (this.length < this.gathered.length) this.gathered[this.length++] = byte;
      else this.isTooLong = true;
      return PACKET_NONE;
    }
    const { length, isTooLong, plain } = this;
    this.length = 0;
    this.isTooLong = false;
    if (length === 0) return PACKET_NONE;
    const bytes = isTooLong ? -1 : cobsDecode(this.gathered, 0, length, plain);
    if (bytes < 2 + CRC_BYTES || getUint32(plain, bytes - CRC_BYTES) !== crc32c(plain, 0, bytes - CRC_BYTES)) {
      this.refused++;
      return PACKET_NONE;
    }
    return bytes - 1 - CRC_BYTES;
  }
}
