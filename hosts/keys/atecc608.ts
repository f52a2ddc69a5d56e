/**
 * Driver of the ATECC608A and B over I2C (Microchip, "ATECC608B CryptoAuthentication Device Summary Data Sheet"), a
 * peripheral class in the manner of ECMA-419: I2C comes in through the options. Nothing waits: a command is sent, then
 * `poll` looks whether the part has answered.
 *
 *   to the part    0x03, count, opcode, mode, param u16, data, crc u16     count: bytes from itself to the CRC
 *   from the part  count, data or one status byte, crc u16
 *
 * The CRC is poly 0x8005 from 0, each byte from its lowest bit. An ECMA-419 I2C throws where the part does not
 * acknowledge: asleep, absent or busy. Awake, it falls asleep by itself after 0.7 to 1.7 s and then knows nothing any more.
 */
import { assert } from '../../modules/base/assert.js';

/** What the driver uses of ECMA-419's I2C (clause 10.4), blocking, throwing where it is not acknowledged. */
export interface I2c {
  write(bytes: Uint8Array): void;
  read(count: number): ArrayBuffer;
  close(): void;
}

export interface I2cOptions {
  /** Pins. */
  readonly data: number;
  readonly clock: number;
  readonly hz: number;
  readonly address: number;
  /** Milliseconds after which a transfer has failed. */
  readonly timeout?: number;
}

export type I2cConstructor = new (options: I2cOptions) => I2c;

export interface Atecc608Options {
  readonly io: I2cConstructor;
  readonly data: number;
  readonly clock: number;
  /** As the part is delivered: 0x60 (0x35 where it comes provisioned for TLS). */
  readonly address?: number;
  /** Monotonic microseconds. */
  readonly nowUs: () => number;
}

/** Answers of `poll`. */
export const PART_BUSY = 0;
export const PART_DONE = 1;
export const PART_FAILED = 2;

export const OPCODE_READ = 0x02;
export const OPCODE_NONCE = 0x16;
export const OPCODE_RANDOM = 0x1b;
export const OPCODE_INFO = 0x30;
export const OPCODE_GENKEY = 0x40;
export const OPCODE_SIGN = 0x41;

const ADDRESS = 0x60;
const WAKE_ADDRESS = 0;
/** The eight zero bits of address 0 hold SDA low for 80 us; 60 us wake the part. */
const HZ = 100_000;
const TRANSFER_MS_MAX = 20;
const WORD_COMMAND = 0x03;
const WORD_SLEEP = 0x01;
const STATUS_OK = 0x00;
const STATUS_AWAKE = 0x11;
const WAKE_US = 1500;
const WAKE_US_MAX = 50_000;
const POLL_US = 2000;
/** Longest execution: GenKey and Sign of a part with the slowest clock divider take 665 ms. */
const SLOW_US_MAX = 700_000;
const QUICK_US_MAX = 100_000;
const COMMAND_BYTES_MAX = 8 + 64;
const STATUS_BYTES = 4;

export class Atecc608 {
  /** Data of the answer that is done; a status byte is not data. */
  response: Uint8Array = new Uint8Array(0);
  private readonly io: I2c;
  private readonly wakeIo: I2c;
  private readonly nowUs: () => number;
  private readonly zero = new Uint8Array(1);
  private readonly sleepWord = Uint8Array.of(WORD_SLEEP);
  private readonly packet = new Uint8Array(COMMAND_BYTES_MAX);
  /** What is waited for: bytes of data (0: the status `expected`), when to look next, when it is too late. */
  private dataBytes = 0;
  private expected = STATUS_OK;
  private lookUs = 0;
  private lateUs = 0;
  /** Until when a command that was given up may keep the part busy: it then hears neither sleep nor wake. */
  private busyUs: number;

  constructor({ io: Io, data, clock, address = ADDRESS, nowUs }: Atecc608Options) {
    const options = { data, clock, hz: HZ, timeout: TRANSFER_MS_MAX };
    this.io = new Io({ ...options, address });
    this.wakeIo = new Io({ ...options, address: WAKE_ADDRESS });
    this.nowUs = nowUs;
    // A command from before the board's reset.
    this.busyUs = nowUs() + SLOW_US_MAX;
  }

  close(): void {
    this.wakeIo.close();
    this.io.close();
  }

  /** Brings the part from whatever state to awake; done once it has said so. */
  wake(): void {
    const { busyUs } = this;
    this.expect(0, STATUS_AWAKE, WAKE_US_MAX);
    if (busyUs > this.lateUs) this.lateUs = busyUs;
    this.pulse();
  }

  /** The part forgets all it was given, and its watchdog stops. A sleeping or absent part does not hear it. */
  sleep(): void {
    this.tryWrite(this.io, this.sleepWord);
  }

  /**
   * Sends a command; `responseBytes` of data are expected, 0: a status. False when the part does not take it.
   * `data` is sent whole.
   */
  send(opcode: number, mode: number, param: number, data: Uint8Array | null, responseBytes: number): boolean {
    const dataBytes = data === null ? 0 : data.length;
    assert(dataBytes + 8 <= COMMAND_BYTES_MAX, 'atecc608: the command is longer than its limit');
    const { packet } = this;
    packet[0] = WORD_COMMAND;
    packet[1] = dataBytes + 7;
    packet[2] = opcode;
    packet[3] = mode;
    packet[4] = param & 255;
    packet[5] = param >>> 8;
    if (data !== null) packet.set(data, 6);
    const crc = crc16(packet, 1, 6 + dataBytes);
    packet[6 + dataBytes] = crc & 255;
    packet[7 + dataBytes] = crc >>> 8;
    const isSlow = opcode === OPCODE_GENKEY || opcode === OPCODE_SIGN;
    this.expect(responseBytes, STATUS_OK, isSlow ? SLOW_US_MAX : QUICK_US_MAX);
    this.busyUs = this.lateUs;
    return this.tryWrite(this.io, packet.subarray(0, 8 + dataBytes));
  }

  /** PART_DONE once the answer is there and right; PART_FAILED when it is wrong or does not come. */
  poll(): number {
    const nowUs = this.nowUs();
    if (nowUs < this.lookUs) return PART_BUSY;
    const state = this.look(this.dataBytes === 0 ? STATUS_BYTES : this.dataBytes + 3);
    if (state === PART_DONE) return PART_DONE;
    const isWaking = this.expected === STATUS_AWAKE;
    if (nowUs > this.lateUs || (state === PART_FAILED && !isWaking)) return PART_FAILED;
    if (isWaking) this.pulse();
    else this.lookUs = nowUs + POLL_US;
    return PART_BUSY;
  }

  /** Reads an answer of this length: PART_BUSY when the part does not acknowledge. */
  private look(bytes: number): number {
    let answer: Uint8Array;
    try {
      answer = new Uint8Array(this.io.read(bytes));
    } catch {
      return PART_BUSY;
    }
    // A shorter answer is a status that tells of an error; what is read beyond it is not looked at.
    if (answer[0] !== bytes || crc16(answer, 0, bytes - 2) !== crcAt(answer, bytes - 2)) return PART_FAILED;
    this.busyUs = 0;
    if (this.dataBytes === 0 && answer[1] !== this.expected) return PART_FAILED;
    this.response = answer.subarray(1, 1 + this.dataBytes);
    return PART_DONE;
  }

  private pulse(): void {
    this.sleep();
    this.tryWrite(this.wakeIo, this.zero);
    this.lookUs = this.nowUs() + WAKE_US;
  }

  private expect(dataBytes: number, status: number, us: number): void {
    const nowUs = this.nowUs();
    this.dataBytes = dataBytes;
    this.expected = status;
    this.lookUs = nowUs + POLL_US;
    this.lateUs = nowUs + us;
  }

  private tryWrite(io: I2c, bytes: Uint8Array): boolean {
    try {
      io.write(bytes);
      return true;
    } catch {
      return false;
    }
  }
}

function crcAt(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8);
}

/** CRC-16, poly 0x8005, of bytes[start] to bytes[end - 1]. */
export function crc16(bytes: Uint8Array, start: number, end: number): number {
  let crc = 0;
  for (let i = start; i < end; i++) {
    for (let bit = 0; bit < 8; bit++) {
      const isDifferent = ((bytes[i] >>> bit) & 1) !== crc >>> 15;
      crc = (crc << 1) & 0xffff;
      if (isDifferent) crc ^= 0x8005;
    }
  }
  return crc;
}
