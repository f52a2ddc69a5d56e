/**
 * A command as it arrives: COSE_Sign1 (RFC 9052 section 4.2) by an operator's key, its payload a deterministic map.
 *
 *   d2 84 | 50 a3 01 alg 03 18 3c 04 48 kid | a0 | payload as bytes | 58 40 signature      alg: 28 (-9) or 26 (-7)
 *   payload  { 1: 1, 2: target, 3: sequence, 4: validity, 5: command, ? 6: [* uint, * bytes] }
 *
 * Only this one shape is read, in place, in time that grows with the length alone; what is read is not yet verified.
 * The protected header is the same in every command, so that it is compared, not decoded.
 */
import type { CborReader } from '../cbor/reader.js';
import { COMMAND_BYTES_MAX } from '../limits.js';
import { KEY_ID_BYTES } from '../sign/cose-key.js';
import { COMMAND_MALFORMED, COMMAND_OVERSIZED, RESULT_ACCEPTED } from './results.js';

/** What a command orders. Numbers never change their meaning. */
export const COMMAND_LEARN = 0;
export const COMMAND_ARM = 1;
export const COMMAND_MAINTENANCE = 2;
export const COMMAND_FEEDBACK = 3;
export const COMMAND_SET_TIME = 4;
export const COMMAND_SET_CONFIGURATION = 5;
export const COMMAND_ROTATE_KEY = 6;
export const COMMAND_SELF_TEST = 7;
export const COMMAND_IDENTIFY = 8;

/** Bytes of a device id, and of what binds a command to a boot: the start of the SHA-256 of its boot frame. */
export const DEVICE_ID_BYTES = 8;
export const CHALLENGE_BYTES = 8;
export const SIGNATURE_BYTES = 64;
/** Where a signed message's Sig_structure begins before the message, and how long it is to the protected header. */
export const SIGNED_BEFORE = 10;
/** Offsets in the message. */
export const KEY_ID_AT = 11;
export const UNPROTECTED_AT = KEY_ID_AT + KEY_ID_BYTES;

const HEADER = Object.freeze([0xd2, 0x84, 0x50, 0xa3, 0x01, 0x28, 0x03, 0x18, 0x3c, 0x04, 0x48]);
const ALGORITHM_AT = 5;
const ALGORITHM_ES256 = 0x26;
const EMPTY_MAP = 0xa0;
const FORMAT_VERSION = 1;
const NUMBERS_MAX = 3;
const BYTES_MAX = 2;
const MAJOR_BYTES = 2;
/** The parts before are header, envelope, target, validity. */
const ARGUMENTS_PART = 4;

/** What `Command.read` answers while there is more. */
export const READING = -1;

/**
 * RESULT_ACCEPTED when the message of `length` bytes at bytes[at] may be a command, by its length and three bytes, or
 * why it is none.
 */
export function glanceAtCommand(bytes: Uint8Array, at: number, length: number): number {
  if (length > COMMAND_BYTES_MAX) return COMMAND_OVERSIZED;
  if (length <= UNPROTECTED_AT || bytes[at] !== HEADER[0] || bytes[at + 1] !== HEADER[1]) return COMMAND_MALFORMED;
  return bytes[at + UNPROTECTED_AT] === EMPTY_MAP ? RESULT_ACCEPTED : COMMAND_MALFORMED;
}

/** One command, as read. Offsets count from the message's first byte. */
export class Command {
  /** Target: a group, or with `deviceAt` above 0 the device whose id stands there. */
  group = 0;
  deviceAt = 0;
  sequence = 0;
  /** Validity: from and to, in milliseconds; of the wall clock, or with `challengeAt` above 0 of that boot's uptime. */
  fromMs = 0;
  toMs = 0;
  challengeAt = 0;
  code = 0;
  /** Arguments: numbers, then byte strings. */
  numbers = 0;
  first = 0;
  second = 0;
  third = 0;
  strings = 0;
  digestAt = 0;
  digestBytes = 0;
  partAt = 0;
  partBytes = 0;
  payloadEnd = 0;
  /** What `read` reads next; 0 begins anew. Pairs of the payload's map. */
  part = 0;
  private pairs = 0;
  private itemsLeft = 0;

  /**
   * What is next of the message of `length` bytes at `at` of the reader's buffer, which begins as `glanceAtCommand`
   * says: READING while there is more, RESULT_ACCEPTED, or why it is no command. The reader is this command's until
   * then; each part is small, so that a block need not read a whole one.
   */
  read(reader: CborReader, at: number, length: number): number {
    const { part } = this;
    this.part++;
    if (part === 0) this.readHeader(reader, at);
    else if (part === 1) this.readEnvelope(reader, at, length);
    else if (part === 2) this.readTarget(reader, at);
    else if (part === 3) this.readValidity(reader, at);
    else this.readArguments(reader, at);
    if (reader.hasError) return COMMAND_MALFORMED;
    if (part < ARGUMENTS_PART || this.itemsLeft > 0) return READING;
    return reader.position === at + this.payloadEnd ? RESULT_ACCEPTED : COMMAND_MALFORMED;
  }

  private readHeader(reader: CborReader, at: number): void {
    const { buffer } = reader;
    reader.reset(at, at);
    for (let i = 0; i < KEY_ID_AT; i++)
      if (buffer[at + i] !== HEADER[i] && !(i === ALGORITHM_AT && buffer[at + i] === ALGORITHM_ES256)) reader.refuse();
  }

  private readEnvelope(reader: CborReader, at: number, length: number): void {
    reader.reset(at + UNPROTECTED_AT + 1, at + length);
    const payloadBytes = reader.bytes(COMMAND_BYTES_MAX);
    const payloadEnd = reader.position;
    if (reader.bytes(SIGNATURE_BYTES) !== SIGNATURE_BYTES || reader.position !== at + length) reader.refuse();
    if (reader.hasError) return;
    this.payloadEnd = payloadEnd - at;
    reader.reset(payloadEnd - payloadBytes, payloadEnd);
  }

  private readTarget(reader: CborReader, at: number): void {
    this.pairs = reader.map();
    if (this.pairs !== 5 && this.pairs !== 6) reader.refuse();
    reader.expect(1);
    reader.expect(FORMAT_VERSION);
    reader.expect(2);
    this.group = 0;
    this.deviceAt = 0;
    if (reader.major() !== MAJOR_BYTES) this.group = reader.uint();
    else this.deviceAt = this.exactly(reader, DEVICE_ID_BYTES, at);
    reader.expect(3);
    this.sequence = reader.uint();
  }

  private readValidity(reader: CborReader, at: number): void {
    reader.expect(4);
    const items = reader.array();
    this.challengeAt = 0;
    if (items === 3) this.challengeAt = this.exactly(reader, CHALLENGE_BYTES, at);
    else if (items !== 2) reader.refuse();
    this.fromMs = reader.uint();
    this.toMs = reader.uint();
    reader.expect(5);
    this.code = reader.uint();
    this.numbers = 0;
    this.strings = 0;
    this.itemsLeft = 0;
    if (this.pairs === 5) return;
    reader.expect(6);
    this.itemsLeft = reader.array();
    if (this.itemsLeft === 0 || this.itemsLeft > NUMBERS_MAX + BYTES_MAX) reader.refuse();
  }

  /** Two at a time. */
  private readArguments(reader: CborReader, at: number): void {
    for (let i = 0; i < 2 && this.itemsLeft > 0 && !reader.hasError; i++) {
      if (reader.major() === MAJOR_BYTES) this.readString(reader, at);
      else this.readNumber(reader);
      this.itemsLeft--;
    }
  }

  private readNumber(reader: CborReader): void {
    const value = reader.uint();
    if (this.strings > 0 || this.numbers === NUMBERS_MAX) reader.refuse();
    if (this.numbers === 0) this.first = value;
    else if (this.numbers === 1) this.second = value;
    else this.third = value;
    this.numbers++;
  }

  private readString(reader: CborReader, at: number): void {
    const length = reader.bytes(COMMAND_BYTES_MAX);
    const stringAt = reader.position - length - at;
    if (this.strings === BYTES_MAX) reader.refuse();
    if (this.strings === 0) {
      this.digestAt = stringAt;
      this.digestBytes = length;
    } else {
      this.partAt = stringAt;
      this.partBytes = length;
    }
    this.strings++;
  }

  /** Offset of a byte string of `length` bytes; an error when it has another length. */
  private exactly(reader: CborReader, length: number, at: number): number {
    if (reader.bytes(length) !== length) reader.refuse();
    return reader.position - length - at;
  }
}
