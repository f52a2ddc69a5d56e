/**
 * An ATECC608 as it looks from the I2C bus, byte by byte: wake, counts, CRC both ways, execution times, watchdog, no
 * acknowledgement while busy or asleep. It knows Info, Read (configuration), Random, GenKey (public and private), Nonce
 * (pass-through) and Sign (external); the caller brings the keys. Times are the longest of Microchip's tables for the
 * default clock.
 */
import { Random } from './random.js';

/** A private key, kept by whoever makes the part. */
export interface PartKey {
  /** x then y. */
  readonly publicKey: Uint8Array;
  /** r then s of ECDSA over a digest of 32 bytes. */
  sign(digest: Uint8Array): Uint8Array;
}

/** An open lock reads 0x55. */
export interface PartLocks {
  readonly isConfigurationLocked: boolean;
  readonly isDataLocked: boolean;
}

/** What a slot may be used for, as the bits of the configuration zone say. */
export interface PartSlot {
  readonly slot: number;
  /** SlotConfig and KeyConfig, u16 each. */
  readonly settings: number;
  readonly keySettings: number;
  readonly isLocked?: boolean;
}

/** Keys of a part that makes its own: GenKey gets a new one from `create`. */
export interface PartKeys {
  readonly slots: readonly PartSlot[];
  readonly create: (entropy: Uint8Array) => PartKey;
}

/** A P-256 key that signs messages from outside and is made anew by GenKey, as Microchip's examples have it. */
export const SETTINGS_UPDATABLE = 0x2083;
export const KEY_SETTINGS_P256 = 0x0033;

const SLOTS_AT = 20;
const SLOT_LOCKS_AT = 88;
const KEYS_AT = 96;
const MAY_SIGN = 0x0001;
const MAY_MAKE = 0x2000;

const WAKE_US = 1500;
/** Bits of a low pulse on SDA that wake the part: at 100 kHz the address 0 is 80 us. */
export const WAKE_LOW_US = 60;
export const WATCHDOG_US = 1_300_000;
const INFO_US = 5000;
const READ_US = 5000;
const NONCE_US = 20_000;
const RANDOM_US = 23_000;
const GENKEY_US = 115_000;
const SIGN_US = 115_000;

const STATUS_OK = 0x00;
const STATUS_PARSE_ERROR = 0x03;
const STATUS_EXECUTION_ERROR = 0x0f;
const STATUS_AWAKE = 0x11;
const STATUS_CRC_ERROR = 0xff;
const LOCKS_AT = 84;

export class SimulatedAtecc608 {
  /** Commands that were executed, by opcode, for tests. */
  readonly executed: number[] = [];
  /** For tests: false, and GenKey fails to make one. */
  makesKeys = true;
  /** Of each slot that has one. */
  readonly keys = new Map<number, PartKey>();
  private readonly create: PartKeys['create'] | null;
  private readonly nowUs: () => number;
  private readonly configuration = new Uint8Array(128);
  private readonly random: Random;
  private isAwake = false;
  private isIdle = false;
  private readyUs = 0;
  private asleepUs = 0;
  private digestBuffer: Uint8Array | null = null;
  private output = new Uint8Array(0);
  private readAt = 0;

  /** `key` is that of slot 0. Without `own` it is all the part has, and stays. */
  constructor(key: PartKey, locks: PartLocks, nowUs: () => number, seed = 1, own: PartKeys | null = null) {
    this.keys.set(0, key);
    this.create = own === null ? null : own.create;
    this.nowUs = nowUs;
    this.random = new Random(seed, 'atecc608');
    for (let i = 0; i < LOCKS_AT; i++) this.configuration[i] = this.random.below(256);
    this.configuration.set([0, 0, locks.isDataLocked ? 0 : 0x55, locks.isConfigurationLocked ? 0 : 0x55], LOCKS_AT);
    const view = new DataView(this.configuration.buffer);
    view.setUint16(SLOT_LOCKS_AT, 0xffff, true);
    view.setUint16(SLOTS_AT, SETTINGS_UPDATABLE & ~MAY_MAKE, true);
    for (const { slot, settings, keySettings, isLocked } of own === null ? [] : own.slots) {
      view.setUint16(SLOTS_AT + 2 * slot, settings, true);
      view.setUint16(KEYS_AT + 2 * slot, keySettings, true);
      if (isLocked) view.setUint16(SLOT_LOCKS_AT, view.getUint16(SLOT_LOCKS_AT, true) & ~(1 << slot), true);
    }
  }

  /** SDA was held low for this long; an awake part does not mind. */
  holdLow(us: number): void {
    this.look();
    if (this.isAwake || us < WAKE_LOW_US) return;
    const nowUs = this.nowUs();
    if (!this.isIdle) this.digestBuffer = null;
    this.isAwake = true;
    this.isIdle = false;
    this.asleepUs = nowUs + WATCHDOG_US;
    this.answer(Uint8Array.of(STATUS_AWAKE), WAKE_US);
  }

  /** What was written to the part's address; false where it does not acknowledge. */
  write(bytes: Uint8Array): boolean {
    this.look();
    if (!this.isAwake || this.nowUs() < this.readyUs) return false;
    const word = bytes[0];
    if (word === 0x00) this.readAt = 0;
    if (word === 0x01 || word === 0x02) {
      this.isAwake = false;
      this.isIdle = word === 0x02;
    }
    if (word === 0x03) this.execute(bytes.subarray(1));
    return true;
  }

  /** What is read from the part's address; null where it does not acknowledge. */
  read(count: number): Uint8Array | null {
    this.look();
    if (!this.isAwake || this.nowUs() < this.readyUs) return null;
    const bytes = new Uint8Array(count).fill(0xff);
    for (let i = 0; i < count && this.readAt < this.output.length; i++) bytes[i] = this.output[this.readAt++];
    return bytes;
  }

  /** The watchdog may have sent it to sleep since it was looked at last. */
  private look(): void {
    if (!this.isAwake || this.nowUs() < this.asleepUs) return;
    this.isAwake = false;
    this.isIdle = false;
  }

  private answer(data: Uint8Array, us: number): void {
    const bytes = new Uint8Array(data.length + 3);
    bytes[0] = bytes.length;
    bytes.set(data, 1);
    bytes.set(crcOf(bytes.subarray(0, data.length + 1)), data.length + 1);
    this.output = bytes;
    this.readAt = 0;
    this.readyUs = this.nowUs() + us;
  }

  private execute(packet: Uint8Array): void {
    const count = packet[0];
    const crc = crcOf(packet.subarray(0, count - 2));
    if (count < 7 || count !== packet.length || crc[0] !== packet[count - 2] || crc[1] !== packet[count - 1]) {
      this.answer(Uint8Array.of(STATUS_CRC_ERROR), INFO_US);
      return;
    }
    const [, opcode, mode] = packet;
    const param = packet[3] | (packet[4] << 8);
    const data = packet.slice(5, count - 2);
    this.executed.push(opcode);
    const run = this.commands.get(opcode);
    if (run === undefined) this.answer(Uint8Array.of(STATUS_PARSE_ERROR), INFO_US);
    else run(mode, param, data);
  }

  private readonly commands = new Map<number, (mode: number, param: number, data: Uint8Array) => void>([
    [0x30, () => this.answer(Uint8Array.of(0, 0, 0x60, 0x03), INFO_US)],
    [0x02, (mode, param) => this.readConfiguration(mode, param)],
    [0x1b, () => this.drawRandom()],
    [0x16, (mode, _, data) => this.loadDigest(mode, data)],
    [0x40, (mode, slot) => this.generateKey(mode, slot)],
    [0x41, (mode, slot) => this.signDigest(mode, slot)],
  ]);

  private fail(status: number, us: number): void {
    this.answer(Uint8Array.of(status), us);
  }

  /** A word of 4 bytes or a block of 32 of the configuration zone. */
  private readConfiguration(mode: number, word: number): void {
    const bytes = mode === 0x80 ? 32 : 4;
    if ((mode !== 0 && mode !== 0x80) || word * 4 + bytes > this.configuration.length)
      this.fail(STATUS_PARSE_ERROR, READ_US);
    else this.answer(this.configuration.slice(word * 4, word * 4 + bytes), READ_US);
  }

  private isLocked(): boolean {
    return this.configuration[LOCKS_AT + 2] === 0 && this.configuration[LOCKS_AT + 3] === 0;
  }

  /** An open part gives a pattern that cannot be mistaken for chance. */
  private drawRandom(): void {
    const isOpen = this.configuration[LOCKS_AT + 3] !== 0;
    this.answer(
      Uint8Array.from({ length: 32 }, (_, i) => (isOpen ? (i & 2 ? 0 : 255) : this.random.below(256))),
      RANDOM_US,
    );
  }

  /** Pass-through of 32 bytes to the message digest buffer. */
  private loadDigest(mode: number, data: Uint8Array): void {
    if (mode !== 0x43 || data.length !== 32) {
      this.fail(STATUS_PARSE_ERROR, NONCE_US);
      return;
    }
    this.digestBuffer = data;
    this.fail(STATUS_OK, NONCE_US);
  }

  private isAllowed(slot: number, bit: number): boolean {
    const settings = this.configuration[SLOTS_AT + 2 * slot] | (this.configuration[SLOTS_AT + 2 * slot + 1] << 8);
    const unlocked = this.configuration[SLOT_LOCKS_AT] | (this.configuration[SLOT_LOCKS_AT + 1] << 8);
    return (settings & bit) !== 0 && (bit !== MAY_MAKE || ((unlocked >>> slot) & 1) === 1);
  }

  /** Mode 0: the public key of the key that is there. Mode 4: a new private key in its place, and its public key. */
  private generateKey(mode: number, slot: number): void {
    if (mode === 4 && this.makesKeys && this.create !== null && this.isAllowed(slot, MAY_MAKE) && this.isLocked())
      this.keys.set(slot, this.create(Uint8Array.from({ length: 32 }, () => this.random.below(256))));
    else if (mode !== 0) {
      this.fail(STATUS_EXECUTION_ERROR, INFO_US);
      return;
    }
    const key = this.keys.get(slot);
    if (key === undefined || !this.isLocked()) this.fail(STATUS_EXECUTION_ERROR, INFO_US);
    else this.answer(key.publicKey, GENKEY_US);
  }

  /** External message from the message digest buffer. */
  private signDigest(mode: number, slot: number): void {
    const key = this.keys.get(slot);
    const isRefused = mode !== 0xa0 || !this.isLocked() || !this.isAllowed(slot, MAY_SIGN);
    if (isRefused || key === undefined || this.digestBuffer === null) this.fail(STATUS_EXECUTION_ERROR, INFO_US);
    else this.answer(key.sign(this.digestBuffer), SIGN_US);
  }
}

/** CRC-16, poly 0x8005 from 0, each byte from its lowest bit: written on its own, so that it can find the driver wrong. */
function crcOf(bytes: Uint8Array): [low: number, high: number] {
  let crc = 0;
  for (const byte of bytes) {
    for (let mask = 1; mask < 256; mask <<= 1) {
      const bit = (byte & mask) === 0 ? 0 : 0x8000;
      crc = ((crc ^ bit) & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ 0x8005;
      crc &= 0xffff;
    }
  }
  return [crc & 255, crc >> 8];
}
