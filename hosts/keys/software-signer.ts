/**
 * The device key in the board's own memory: ECDSA P-256 with SHA-256 (ESP256, RFC 9864), nonces by RFC 6979.
 * Whoever reads the board's flash has the key; it says so by its assurance. `poll` does one slice of the curve's work.
 *
 * With a key store the key can be replaced: the new one is made from the noise that the first one was made from, kept
 * beside the old one, and its public key computed in the slices of a signature; `commit` erases the old one.
 */
import type { Digest, KeyRotation, Signer, SignerState } from '../../modules/board.js';
import { keyIdOf } from '../../modules/sign/cose-key.js';
import { SIGNER_BUSY, SIGNER_DONE, SIGNER_FAILED } from '../../modules/sign/signer-state.js';
import type { Curve } from './curve.js';
import { createKey, type Noise } from './device-key.js';
import type { KeyStore } from './key-store.js';
import { NonceSequence } from './nonce.js';
import { SCALAR_BYTES } from './scalar.js';

export const ALGORITHM_ESP256 = -9;
const ASSURANCE_SOFTWARE = 0;

/** How far the next key is: none, made, in flash, its point under way, complete. */
const NEXT_NONE = 0;
const NEXT_MADE = 1;
const NEXT_KEPT = 2;
const NEXT_POINT = 3;
const NEXT_COMPLETE = 4;

/** What a key is replaced from. */
export interface KeySource {
  /** Holds the current key. */
  readonly store: KeyStore;
  readonly noise: Noise;
}

export class SoftwareSigner implements Signer, KeyRotation {
  readonly algorithm = ALGORITHM_ESP256;
  readonly assurance = ASSURANCE_SOFTWARE;
  keyId: Uint8Array;
  publicKey: Uint8Array;
  #secret: Uint8Array;
  readonly #digest: Digest;
  readonly #curve: Curve;
  readonly #source: KeySource | null;
  readonly #nonces: NonceSequence;
  readonly #hash = new Uint8Array(32);
  readonly #nonce = new Uint8Array(SCALAR_BYTES);
  #isSigning = false;
  #next = NEXT_NONE;
  #nextSecret: Uint8Array | null = null;
  #nextPublicKey: Uint8Array | null = null;

  /**
   * `secret`: a private key, 1 <= secret < n; this signer keeps the array. Without `source` the key cannot be replaced.
   */
  constructor(secret: Uint8Array, curve: Curve, digest: Digest, source: KeySource | null = null) {
    this.#secret = secret;
    this.#curve = curve;
    this.#digest = digest;
    this.#source = source;
    this.#nonces = new NonceSequence(digest);
    this.publicKey = curve.publicKey(secret);
    this.keyId = keyIdOf(this.publicKey, digest);
  }

  get rotation(): KeyRotation | undefined {
    return this.#source === null ? undefined : this;
  }

  /** Always starts: a signature under way was given up by its caller. */
  start(toBeSigned: Uint8Array, length: number): boolean {
    if (this.#next === NEXT_POINT) this.#next = NEXT_KEPT;
    this.#digest.sha256(toBeSigned, length, this.#hash);
    this.#nonces.begin(this.#secret, this.#hash);
    this.tryNext();
    this.#isSigning = true;
    return true;
  }

  poll(signature: Uint8Array): SignerState {
    if (!this.#isSigning) return SIGNER_FAILED;
    if (!this.#curve.advancePoint()) return SIGNER_BUSY;
    if (!this.#curve.finish(this.#secret, this.#hash, signature)) {
      this.tryNext();
      return SIGNER_BUSY;
    }
    this.endSigning();
    return SIGNER_DONE;
  }

  /** Each call makes the key, or keeps it, or does a slice of its point. A signature under way was given up. */
  prepare(publicKey: Uint8Array): SignerState {
    if (this.#isSigning) this.endSigning();
    if (this.#next === NEXT_NONE) return this.makeNext();
    const secret = this.#nextSecret!;
    if (this.#next === NEXT_MADE) return this.keepNext(secret);
    if (this.#next === NEXT_KEPT) {
      this.#curve.beginPoint(secret);
      this.#next = NEXT_POINT;
    }
    if (this.#next === NEXT_POINT) {
      if (!this.#curve.advancePoint()) return SIGNER_BUSY;
      this.#nextPublicKey = this.#curve.takePoint();
      this.#next = NEXT_COMPLETE;
    }
    publicKey.set(this.#nextPublicKey!);
    return SIGNER_DONE;
  }

  /** @offStep by command only */
  commit(): boolean {
    if (this.#next !== NEXT_COMPLETE || this.#source?.store.commit() !== true) return false;
    this.take(this.#nextSecret!, this.#nextPublicKey!);
    this.#nextSecret = null;
    this.forgetNext();
    return true;
  }

  /** Blocks for as long as a signature takes. @offStep at start */
  resume(publicKey: Uint8Array): boolean {
    const secret = this.#source?.store.loadSuccessor() ?? null;
    if (secret === null) return false;
    this.#next = NEXT_COMPLETE;
    this.#nextSecret = secret;
    this.#nextPublicKey = this.#curve.publicKey(secret);
    const isAnnounced = this.#nextPublicKey.every((byte, i) => byte === publicKey[i]);
    if (isAnnounced && this.commit()) return true;
    this.forgetNext();
    return false;
  }

  private makeNext(): SignerState {
    this.#nextSecret = this.#source === null ? null : createKey(this.#source.noise, this.#digest);
    if (this.#nextSecret === null) return SIGNER_FAILED;
    this.#next = NEXT_MADE;
    return SIGNER_BUSY;
  }

  private keepNext(secret: Uint8Array): SignerState {
    if (this.#source?.store.prepare(secret) === true) {
      this.#next = NEXT_KEPT;
      return SIGNER_BUSY;
    }
    this.forgetNext();
    return SIGNER_FAILED;
  }

  /** Nothing of the old key remains. */
  private take(secret: Uint8Array, publicKey: Uint8Array): void {
    this.#secret.fill(0);
    this.#secret = secret;
    this.publicKey = publicKey;
    this.keyId = keyIdOf(publicKey, this.#digest);
  }

  private forgetNext(): void {
    this.#nextSecret?.fill(0);
    this.#next = NEXT_NONE;
    this.#nextSecret = null;
    this.#nextPublicKey = null;
  }

  private endSigning(): void {
    this.#isSigning = false;
    this.#nonce.fill(0);
    this.#nonces.forget();
  }

  private tryNext(): void {
    this.#nonces.next(this.#nonce);
    this.#curve.beginPoint(this.#nonce);
  }
}
