/**
 * Operators' signatures on the SDK's big integers: ECDSA P-256 with SHA-256 (FIPS 186-5 section 6.4.2),
 *
 *   R = u1 G + u2 Q,   u1 = hash / s,   u2 = r / s,   good when R.x modulo n is r.
 *
 * Both scalars are cut into eight parts of 32 bits as in moddable-curve.ts, R is summed from the highest part down, R <-
 * 2^32 R + (u1[i] G + u2[i] Q), and a call of `poll` does one of the two double multiplications: 16 slices, so that blocks are
 * handled in between. Nothing is secret here; what the numbers are may show in the time.
 */
import Curve from 'curve';
import Point from 'ecp';
import Modular from 'modular';
import type { Digest, Verifier, VerifierState } from '../../modules/board.js';
import { VERIFIER_BAD, VERIFIER_BUSY, VERIFIER_GOOD } from '../../modules/sign/verifier-state.js';
import { OFFSET, PART, PART_BITS, PARTS } from './moddable-curve.js';
import { isScalar, SCALAR_BYTES } from './scalar.js';

const G_X = 0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n;
const G_Y = 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n;

export class ModdableVerifier implements Verifier {
  readonly #digest: Digest;
  readonly #curve = new Curve('secp256r1');
  readonly #order = new Modular(this.#curve.n);
  readonly #hash = new Uint8Array(32);
  #r = 0n;
  #u1 = 0n;
  #u2 = 0n;
  #key: Point | null = null;
  #sum: Point | null = null;
  #slice: Point | null = null;
  /** Parts not yet in the sum. */
  #rest = 0;

  constructor(digest: Digest) {
    this.#digest = digest;
  }

  start(bytes: Uint8Array, length: number, signatureAt: number, publicKeyAt: number): boolean {
    const order = this.#order;
    const scalar = (at: number) => bytes.slice(at, at + SCALAR_BYTES);
    const r = scalar(signatureAt);
    const s = scalar(signatureAt + SCALAR_BYTES);
    this.#rest = 0;
    this.#key = null;
    if (!isScalar(r) || !isScalar(s)) return true;
    this.#digest.sha256(bytes, length, this.#hash);
    const inverse = order.mulinv(numberOf(s));
    this.#r = numberOf(r);
    this.#u1 = order.sub(order.mul(order.mod(numberOf(this.#hash)), inverse), OFFSET);
    this.#u2 = order.sub(order.mul(this.#r, inverse), OFFSET);
    this.#key = new Point(numberOf(scalar(publicKeyAt)), numberOf(scalar(publicKeyAt + SCALAR_BYTES)));
    this.#sum = null;
    this.#slice = null;
    this.#rest = PARTS;
    return true;
  }

  poll(): VerifierState {
    if (this.#key === null) return VERIFIER_BAD;
    try {
      if (!this.#advance()) return VERIFIER_BUSY;
      const isGood = this.#order.mod(this.#sum!.X) === this.#r;
      this.#forget();
      return isGood ? VERIFIER_GOOD : VERIFIER_BAD;
    } catch {
      // numbers made so that the sum cannot be formed are nobody's signature
      this.#forget();
      return VERIFIER_BAD;
    }
  }

  /** One slice; true when the sum is there. */
  #advance(): boolean {
    const { ec } = this.#curve;
    if (this.#slice === null) {
      const shift = BigInt(PART_BITS * (this.#rest - 1));
      const part1 = ((this.#u1 >> shift) % PART) + PART;
      const part2 = ((this.#u2 >> shift) % PART) + PART;
      this.#slice = ec.mul2(new Point(G_X, G_Y), part1, this.#key!, part2);
      if (this.#sum !== null) return false;
      this.#sum = this.#slice;
    } else this.#sum = ec.mul2(this.#sum!, PART, this.#slice, 1n);
    this.#slice = null;
    return --this.#rest === 0;
  }

  #forget(): void {
    this.#key = null;
    this.#sum = null;
    this.#slice = null;
  }
}

function numberOf(bytes: Uint8Array): bigint {
  return BigInt.fromArrayBuffer(bytes.slice().buffer);
}
