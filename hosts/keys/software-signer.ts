/**
 * The device key in the board's own memory: ECDSA P-256 with SHA-256 (ESP256, RFC 9864), nonces by RFC 6979.
 * Whoever reads the board's flash has the key; it says so by its assurance. `poll` does one slice of the curve's work.
 */
import type { Digest, Signer, SignerState } from '../../modules/board.js';
import { keyIdOf } from '../../modules/sign/cose-key.js';
import { SIGNER_BUSY, SIGNER_DONE, SIGNER_FAILED } from '../../modules/sign/signer-state.js';
import type { Curve } from './curve.js';
import { NonceSequence } from './nonce.js';
import { SCALAR_BYTES } from './scalar.js';

export const ALGORITHM_ESP256 = -9;
const ASSURANCE_SOFTWARE = 0;

export class SoftwareSigner implements Signer {
  readonly algorithm = ALGORITHM_ESP256;
  readonly assurance = ASSURANCE_SOFTWARE;
  readonly keyId: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly #secret: Uint8Array;
  readonly #digest: Digest;
  readonly #curve: Curve;
  readonly #nonces: NonceSequence;
  readonly #hash = new Uint8Array(32);
  readonly #nonce = new Uint8Array(SCALAR_BYTES);
  #isSigning = false;

  /** `secret`: a private key, 1 <= secret < n; this signer keeps the array. */
  constructor(secret: Uint8Array, curve: Curve, digest: Digest) {
    this.#secret = secret;
    this.#curve = curve;
    this.#digest = digest;
    this.#nonces = new NonceSequence(digest);
    this.publicKey = curve.publicKey(secret);
    this.keyId = keyIdOf(this.publicKey, digest);
  }

  /** Always starts: a signature under way was given up by its caller. */
  start(toBeSigned: Uint8Array, length: number): boolean {
    this.#digest.sha256(toBeSigned, length, this.#hash);
    this.#nonces.begin(this.#secret, this.#hash);
    this.#tryNext();
    this.#isSigning = true;
    return true;
  }

  poll(signature: Uint8Array): SignerState {
    if (!this.#isSigning) return SIGNER_FAILED;
    if (!this.#curve.advancePoint()) return SIGNER_BUSY;
    if (!this.#curve.finish(this.#secret, this.#hash, signature)) {
      this.#tryNext();
      return SIGNER_BUSY;
    }
    this.#isSigning = false;
    this.#nonce.fill(0);
    this.#nonces.forget();
    return SIGNER_DONE;
  }

  #tryNext(): void {
    this.#nonces.next(this.#nonce);
    this.#curve.beginPoint(this.#nonce);
  }
}
