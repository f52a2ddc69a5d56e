/**
 * The device key in an ATECC608: it never leaves the part. SHA-256 is done on the board, the part signs the digest.
 *
 *   a signature      wake, Random (a fresh seed for its nonces), Nonce (the digest into its buffer), Sign, sleep
 *   after a failure  wake, GenKey (is it still the part whose key was told?), then as above
 *   the next key     wake, GenKey (a new private key in the other slot), sleep
 *
 * About 0.2 s. A failed step begins anew from wake, up to three times; then the signature has failed, and the next one tries
 * again. The part must be locked: in an open one anyone on the bus can replace the key.
 *
 * With a second slot the key can be replaced: the new one is made in the slot that is not in use, and which one is in use is
 * kept in the board's flash. Before the first signature by the new key another one, which nobody will use, takes the place of
 * the old: it is destroyed. Where the part does not do that it is tried again at the next start.
 */
import { assert } from '../../modules/base/assert.js';
import { getUint16 } from '../../modules/base/little-endian.js';
import type { Digest, KeyRotation, Signer, SignerState } from '../../modules/board.js';
import { keyIdOf } from '../../modules/sign/cose-key.js';
import { SIGNER_BUSY, SIGNER_DONE, SIGNER_FAILED } from '../../modules/sign/signer-state.js';
import {
  type Atecc608,
  OPCODE_GENKEY,
  OPCODE_INFO,
  OPCODE_NONCE,
  OPCODE_RANDOM,
  OPCODE_READ,
  OPCODE_SIGN,
  PART_BUSY,
  PART_DONE,
} from './atecc608.js';
import type { SlotStore } from './slot-store.js';
import { ALGORITHM_ESP256 } from './software-signer.js';

const ASSURANCE_SECURE_ELEMENT = 1;
const TRIES_MAX = 3;
const SLOTS = 16;

const GENKEY_PUBLIC = 0x00;
const GENKEY_PRIVATE = 0x04;
const NONCE_TO_DIGEST_BUFFER = 0x43;
const SIGN_DIGEST_BUFFER = 0xa0;
/** Bytes 84 to 87 of the configuration zone: the last two are the locks of data and configuration, 0x55 while open. */
const LOCKS_WORD = 0x15;
const DATA_LOCK = 2;
const CONFIGURATION_LOCK = 3;
const LOCK_OPEN = 0x55;
/** Words of the slots' settings: SlotConfig from byte 20, KeyConfig from byte 96, u16 each; from byte 88 the locks of slots. */
const SLOTS_WORD = 5;
const KEYS_WORD = 24;
const SLOT_LOCKS_WORD = 22;
/** SlotConfig: signs messages from outside; GenKey may make a key. */
const SLOT_BITS = 0x2001;
/** KeyConfig: private, its public key may be computed, P-256. */
const KEY_BITS = 0x0013;
const KEY_MASK = 0x001f;
/** Third byte of the revision. */
const FAMILY_AT = 2;
const FAMILY = 0x60;

const STEP_NONE = 0;
const STEP_WAKE = 1;
const STEP_IDENTIFY = 2;
const STEP_DESTROY = 3;
const STEP_SEED = 4;
const STEP_LOAD = 5;
const STEP_SIGN = 6;
const STEP_MAKE = 7;

/** Where a key is replaced. */
export interface SecondSlot {
  readonly slot: number;
  /** Knows which of the two is in use. */
  readonly store: SlotStore;
}

export class Atecc608Signer implements Signer, KeyRotation {
  readonly algorithm = ALGORITHM_ESP256;
  readonly assurance = ASSURANCE_SECURE_ELEMENT;
  keyId: Uint8Array;
  publicKey: Uint8Array;
  private readonly part: Atecc608;
  private readonly digest: Digest;
  private readonly store: SlotStore | null;
  private readonly hash = new Uint8Array(32);
  /** In use, and the other one: -1 where the key cannot be replaced. */
  private slot: number;
  private otherSlot: number;
  /** The key that is to follow, once the part has made it. */
  private next: Uint8Array | null = null;
  /** The key before this one is still in the other slot. */
  private isOldLeft: boolean;
  private step = STEP_NONE;
  /** The step that ends it: STEP_SIGN or STEP_MAKE. */
  private goal = STEP_SIGN;
  private tries = 0;
  /** The part was away, or is in doubt: it may be another one. */
  private isDoubtful = false;

  /**
   * Takes the part into use; blocks up to a second. Throws a one-line reason when it cannot be used. Without a second slot
   * the key cannot be replaced.
   */
  constructor(part: Atecc608, slot: number, digest: Digest, second: SecondSlot | null = null) {
    const isSecond = second !== null && second.store.slot === second.slot;
    this.part = part;
    this.digest = digest;
    this.store = second === null ? null : second.store;
    this.slot = isSecond ? second.slot : slot;
    this.otherSlot = second === null ? -1 : isSecond ? slot : second.slot;
    this.isOldLeft = second?.store.isOldLeft === true;
    this.publicKey = readIdentity(part, this.slot, this.otherSlot);
    this.keyId = keyIdOf(this.publicKey, digest);
  }

  get rotation(): KeyRotation | undefined {
    return this.store === null ? undefined : this;
  }

  /** Always starts: a signature under way was given up by its caller. */
  start(toBeSigned: Uint8Array, length: number): boolean {
    this.digest.sha256(toBeSigned, length, this.hash);
    this.setOut(STEP_SIGN);
    return true;
  }

  poll(signature: Uint8Array): SignerState {
    if (this.step === STEP_NONE || this.goal !== STEP_SIGN) return SIGNER_FAILED;
    const state = this.advance();
    if (state === SIGNER_DONE) signature.set(this.part.response);
    return state;
  }

  /** Each call looks once at the part, or sends it one command. A signature under way was given up. */
  prepare(publicKey: Uint8Array): SignerState {
    if (this.next === null) {
      if (this.step === STEP_NONE || this.goal !== STEP_MAKE) return this.setOut(STEP_MAKE);
      const state = this.advance();
      if (state !== SIGNER_DONE) return state;
      this.next = this.part.response.slice();
    }
    publicKey.set(this.next);
    return SIGNER_DONE;
  }

  /** @offStep by command only */
  commit(): boolean {
    const { store, next, slot, otherSlot } = this;
    if (store === null || next === null || !store.choose(otherSlot)) return false;
    this.slot = otherSlot;
    this.otherSlot = slot;
    this.isOldLeft = true;
    this.publicKey = next;
    this.keyId = keyIdOf(next, this.digest);
    this.next = null;
    return true;
  }

  /** Blocks for as long as the part needs to tell a public key. @offStep at start */
  resume(publicKey: Uint8Array): boolean {
    const { part, otherSlot } = this;
    if (!isAwake(part) || !ask(part, OPCODE_GENKEY, GENKEY_PUBLIC, otherSlot, 64)) return false;
    if (isEqual(part.response, publicKey)) this.next = part.response.slice();
    part.sleep();
    return this.commit();
  }

  /** On the way to a signature (STEP_SIGN) or to the next key (STEP_MAKE), from its beginning. */
  private setOut(goal: number): SignerState {
    if (this.step !== STEP_NONE) this.isDoubtful = true;
    this.goal = goal;
    this.tries = 0;
    this.begin(STEP_WAKE);
    return SIGNER_BUSY;
  }

  private advance(): SignerState {
    const { part, step, goal } = this;
    const answer = part.poll();
    if (answer === PART_BUSY) return SIGNER_BUSY;
    if (answer !== PART_DONE || (step === STEP_IDENTIFY && !isEqual(part.response, this.publicKey)))
      return this.tryAgain();
    if (step === goal) {
      this.end();
      return SIGNER_DONE;
    }
    if (step === STEP_DESTROY) this.settleOld();
    return this.begin(this.stepAfter(step)) ? SIGNER_BUSY : this.tryAgain();
  }

  private stepAfter(step: number): number {
    if (step === STEP_WAKE && this.isDoubtful) return STEP_IDENTIFY;
    if (step > STEP_IDENTIFY) return step + 1;
    if (this.goal === STEP_MAKE) return STEP_MAKE;
    return this.isOldLeft ? STEP_DESTROY : STEP_SEED;
  }

  private settleOld(): void {
    this.isOldLeft = false;
    this.store?.oldDestroyed();
  }

  private begin(step: number): boolean {
    const { part, slot, otherSlot, hash } = this;
    this.step = step;
    if (step === STEP_IDENTIFY) return part.send(OPCODE_GENKEY, GENKEY_PUBLIC, slot, null, 64);
    if (step === STEP_DESTROY || step === STEP_MAKE)
      return part.send(OPCODE_GENKEY, GENKEY_PRIVATE, otherSlot, null, 64);
    if (step === STEP_SEED) return part.send(OPCODE_RANDOM, 0, 0, null, 32);
    if (step === STEP_LOAD) return part.send(OPCODE_NONCE, NONCE_TO_DIGEST_BUFFER, 0, hash, 0);
    if (step === STEP_SIGN) return part.send(OPCODE_SIGN, SIGN_DIGEST_BUFFER, slot, null, 64);
    part.wake();
    return true;
  }

  private tryAgain(): SignerState {
    this.isDoubtful = true;
    this.tries++;
    if (this.tries === TRIES_MAX && this.step === STEP_DESTROY) {
      this.isOldLeft = false;
      this.tries = 0;
    }
    if (this.tries < TRIES_MAX) {
      this.begin(STEP_WAKE);
      return SIGNER_BUSY;
    }
    this.part.sleep();
    this.step = STEP_NONE;
    return SIGNER_FAILED;
  }

  private end(): void {
    this.part.sleep();
    this.step = STEP_NONE;
    this.isDoubtful = false;
  }
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function isAwake(part: Atecc608): boolean {
  for (let i = 0; i < TRIES_MAX; i++) {
    part.wake();
    if (wait(part)) return true;
  }
  return false;
}

/** Wakes the part, looks whether it can be trusted with frames, and reads its public key. `otherSlot`: -1 for none. */
function readIdentity(part: Atecc608, slot: number, otherSlot: number): Uint8Array {
  assert(slot >= 0 && slot < SLOTS && otherSlot < SLOTS, 'atecc608: slots are 0 to 15');
  assert(slot !== otherSlot, 'atecc608: two slots are wanted, not one twice');
  if (!isAwake(part)) throw new Error('atecc608: no part answers');
  if (!ask(part, OPCODE_INFO, 0, 0, 4) || part.response[FAMILY_AT] !== FAMILY)
    throw new Error('atecc608: the part is not an ATECC608');
  if (!ask(part, OPCODE_READ, 0, LOCKS_WORD, 4)) throw new Error('atecc608: its locks cannot be read');
  checkLocks(part.response);
  if (otherSlot >= 0) {
    checkSlot(part, slot);
    checkSlot(part, otherSlot);
  }
  if (!ask(part, OPCODE_GENKEY, GENKEY_PUBLIC, slot, 64)) throw new Error(`atecc608: slot ${slot} gives no public key`);
  const publicKey = part.response.slice();
  part.sleep();
  return publicKey;
}

function checkLocks(locks: Uint8Array): void {
  if (locks[CONFIGURATION_LOCK] === LOCK_OPEN) throw new Error('atecc608: its configuration zone is not locked');
  if (locks[DATA_LOCK] === LOCK_OPEN) throw new Error('atecc608: its data zone is not locked');
}

/** A key can be replaced only where both slots sign, and let a key be made in them as long as the part lives. */
function checkSlot(part: Atecc608, slot: number): void {
  const settings = readUint16(part, SLOTS_WORD, slot);
  const key = readUint16(part, KEYS_WORD, slot);
  const unlocked = readUint16(part, SLOT_LOCKS_WORD, 0);
  if ((settings & SLOT_BITS) !== SLOT_BITS || (key & KEY_MASK) !== KEY_BITS)
    throw new Error(`atecc608: slot ${slot} is not one for P-256 keys that sign and are made by GenKey`);
  if (((unlocked >>> slot) & 1) === 0) throw new Error(`atecc608: slot ${slot} is locked, its key cannot be replaced`);
}

/** Of the configuration zone: number `at` of those that begin with this word. */
function readUint16(part: Atecc608, word: number, at: number): number {
  if (!ask(part, OPCODE_READ, 0, word + (at >>> 1), 4)) throw new Error('atecc608: its settings cannot be read');
  return getUint16(part.response, 2 * (at & 1));
}

/** A read disturbed on the bus is asked again. */
function ask(part: Atecc608, opcode: number, mode: number, param: number, responseBytes: number): boolean {
  for (let i = 0; i < TRIES_MAX; i++)
    if (part.send(opcode, mode, param, null, responseBytes) && wait(part)) return true;
  return false;
}

/** Until the part has answered: only while the board starts. */
function wait(part: Atecc608): boolean {
  let answer = part.poll();
  while (answer === PART_BUSY) answer = part.poll();
  return answer === PART_DONE;
}
