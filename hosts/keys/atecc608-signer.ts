/**
 * The device key in an ATECC608: it never leaves the part. SHA-256 is done on the board, the part signs the digest.
 *
 *   a signature      wake, Random (a fresh seed for its nonces), Nonce (the digest into its buffer), Sign, sleep
 *   after a failure  wake, GenKey (is it still the part whose key was told?), then as above
 *
 * About 0.2 s. A failed step begins anew from wake, up to three times; then the signature has failed, and the next one tries
 * again. The part must be locked: in an open one anyone on the bus can replace the key.
 */
import { assert } from '../../modules/base/assert.js';
import type { Digest, Signer, SignerState } from '../../modules/board.js';
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
import { ALGORITHM_ESP256 } from './software-signer.js';

const ASSURANCE_SECURE_ELEMENT = 1;
const TRIES_MAX = 3;

const GENKEY_PUBLIC = 0x00;
const NONCE_TO_DIGEST_BUFFER = 0x43;
const SIGN_DIGEST_BUFFER = 0xa0;
/** Bytes 84 to 87 of the configuration zone: the last two are the locks of data and configuration, 0x55 while open. */
const LOCKS_WORD = 0x15;
const DATA_LOCK = 2;
const CONFIGURATION_LOCK = 3;
const LOCK_OPEN = 0x55;
/** Third byte of the revision. */
const FAMILY_AT = 2;
const FAMILY = 0x60;

const STEP_NONE = 0;
const STEP_WAKE = 1;
const STEP_IDENTIFY = 2;
const STEP_SEED = 3;
const STEP_LOAD = 4;
const STEP_SIGN = 5;

export class Atecc608Signer implements Signer {
  readonly algorithm = ALGORITHM_ESP256;
  readonly assurance = ASSURANCE_SECURE_ELEMENT;
  readonly keyId: Uint8Array;
  readonly publicKey: Uint8Array;
  private readonly part: Atecc608;
  private readonly slot: number;
  private readonly digest: Digest;
  private readonly hash = new Uint8Array(32);
  private step = STEP_NONE;
  private tries = 0;
  /** The part was away, or is in doubt: it may be another one. */
  private isDoubtful = false;

  /** Takes the part into use; blocks up to a second. Throws a one-line reason when it cannot be used. */
  constructor(part: Atecc608, slot: number, digest: Digest) {
    this.part = part;
    this.slot = slot;
    this.digest = digest;
    this.publicKey = readIdentity(part, slot);
    this.keyId = keyIdOf(this.publicKey, digest);
  }

  /** Always starts: a signature under way was given up by its caller. */
  start(toBeSigned: Uint8Array, length: number): boolean {
    if (this.step !== STEP_NONE) this.isDoubtful = true;
    this.digest.sha256(toBeSigned, length, this.hash);
    this.tries = 0;
    this.begin(STEP_WAKE);
    return true;
  }

  poll(signature: Uint8Array): SignerState {
    if (this.step === STEP_NONE) return SIGNER_FAILED;
    const answer = this.part.poll();
    if (answer === PART_BUSY) return SIGNER_BUSY;
    if (answer !== PART_DONE || (this.step === STEP_IDENTIFY && !this.isSameKey())) return this.tryAgain();
    if (this.step === STEP_SIGN) {
      signature.set(this.part.response);
      this.end();
      return SIGNER_DONE;
    }
    const isIdentifyNext = this.step === STEP_WAKE && this.isDoubtful;
    const next = this.step === STEP_WAKE && !isIdentifyNext ? STEP_SEED : this.step + 1;
    return this.begin(next) ? SIGNER_BUSY : this.tryAgain();
  }

  private begin(step: number): boolean {
    const { part, slot, hash } = this;
    this.step = step;
    if (step === STEP_IDENTIFY) return part.send(OPCODE_GENKEY, GENKEY_PUBLIC, slot, null, 64);
    if (step === STEP_SEED) return part.send(OPCODE_RANDOM, 0, 0, null, 32);
    if (step === STEP_LOAD) return part.send(OPCODE_NONCE, NONCE_TO_DIGEST_BUFFER, 0, hash, 0);
    if (step === STEP_SIGN) return part.send(OPCODE_SIGN, SIGN_DIGEST_BUFFER, slot, null, 64);
    part.wake();
    return true;
  }

  private tryAgain(): SignerState {
    this.isDoubtful = true;
    if (++this.tries < TRIES_MAX) {
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

  private isSameKey(): boolean {
    const { response } = this.part;
    for (let i = 0; i < response.length; i++) if (response[i] !== this.publicKey[i]) return false;
    return true;
  }
}

/** Wakes the part, looks whether it can be trusted with frames, and reads its public key. */
function readIdentity(part: Atecc608, slot: number): Uint8Array {
  assert(slot >= 0 && slot <= 15, 'atecc608: slots are 0 to 15');
  let isAwake = false;
  for (let i = 0; i < TRIES_MAX && !isAwake; i++) {
    part.wake();
    isAwake = wait(part);
  }
  if (!isAwake) throw new Error('atecc608: no part answers');
  if (!ask(part, OPCODE_INFO, 0, 0, 4) || part.response[FAMILY_AT] !== FAMILY)
    throw new Error('atecc608: the part is not an ATECC608');
  if (!ask(part, OPCODE_READ, 0, LOCKS_WORD, 4)) throw new Error('atecc608: its locks cannot be read');
  checkLocks(part.response);
  if (!ask(part, OPCODE_GENKEY, GENKEY_PUBLIC, slot, 64)) throw new Error(`atecc608: slot ${slot} gives no public key`);
  const publicKey = part.response.slice();
  part.sleep();
  return publicKey;
}

function checkLocks(locks: Uint8Array): void {
  if (locks[CONFIGURATION_LOCK] === LOCK_OPEN) throw new Error('atecc608: its configuration zone is not locked');
  if (locks[DATA_LOCK] === LOCK_OPEN) throw new Error('atecc608: its data zone is not locked');
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
