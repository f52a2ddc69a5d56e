/**
 * P-256 on the SDK's big integers (`Curve` of curve.ts). A multiple of G is cut into eight parts of 32 bits,
 *
 *   k G = sum over i of (k[i] + 2^32) 2^(32 i) G,   k[i] the parts of k - sum over i of 2^(32 (i + 1)) modulo n,
 *
 * and summed from four calls of the SDK's double multiplication: one slice each, with half the doublings that a whole
 * one takes. Every part has 33 bits, so the number of doublings says nothing of k (Brumley and Tuveri 2011). The SDK's
 * additions still depend on its bits: this is no defence against power analysis.
 *
 * The SDK's own ECDSA is not used: it draws nonces from a weak generator and does not reduce r.
 */
import Curve from 'curve';
import Point from 'ecp';
import Modular from 'modular';
import { basePoints } from './base-points.js';
import type { Curve as CurvePort } from './curve.js';
import { SCALAR_BYTES } from './scalar.js';

export const PARTS = 8;
export const PART_BITS = 32;
export const PART = 1n << 32n;
/** Sum of 2^(32 (i + 1)). */
export const OFFSET = 0x10000000100000001000000010000000100000001000000010000000100000000n;

export class ModdableCurve implements CurvePort {
  readonly #ec = new Curve('secp256r1').ec;
  readonly #order = new Modular(new Curve('secp256r1').n);
  readonly #points = basePoints().map(([x, y]) => new Point(x, y));
  #nonce = 0n;
  /** Parts not yet in the sum, the lowest first; how many are. */
  #rest = 0n;
  #done = 0;
  #sum: Point | null = null;

  publicKey(secret: Uint8Array): Uint8Array {
    this.beginPoint(secret);
    while (!this.advancePoint());
    return this.takePoint();
  }

  takePoint(): Uint8Array {
    const { X, Y } = this.#sum!;
    const bytes = new Uint8Array(2 * SCALAR_BYTES);
    putNumber(X, bytes, 0);
    putNumber(Y, bytes, SCALAR_BYTES);
    this.#forget();
    return bytes;
  }

  beginPoint(scalar: Uint8Array): void {
    this.#nonce = numberOf(scalar);
    this.#rest = this.#order.sub(this.#nonce, OFFSET);
    this.#done = 0;
    this.#sum = null;
  }

  advancePoint(): boolean {
    const ec = this.#ec;
    const low = this.#points[this.#done++];
    const high = this.#points[this.#done++];
    const lowPart = (this.#rest % PART) + PART;
    this.#rest >>= 32n;
    const highPart = (this.#rest % PART) + PART;
    this.#rest >>= 32n;
    const slice = ec.mul2(low, lowPart, high, highPart);
    this.#sum = this.#sum === null ? slice : ec.add(this.#sum, slice);
    return this.#done === PARTS;
  }

  finish(secret: Uint8Array, hash: Uint8Array, signature: Uint8Array): boolean {
    const order = this.#order;
    const r = order.mod(this.#sum!.X);
    const s = order.mul(order.add(numberOf(hash), order.mul(numberOf(secret), r)), order.mulinv(this.#nonce));
    this.#forget();
    putNumber(r, signature, 0);
    putNumber(s, signature, SCALAR_BYTES);
    return r !== 0n && s !== 0n;
  }

  #forget(): void {
    this.#nonce = 0n;
    this.#rest = 0n;
    this.#sum = null;
  }
}

/** Of 32 bytes. */
function numberOf(bytes: Uint8Array): bigint {
  return BigInt.fromArrayBuffer(bytes.slice().buffer);
}

function putNumber(number: bigint, into: Uint8Array, at: number): void {
  into.set(new Uint8Array(ArrayBuffer.fromBigInt(number, SCALAR_BYTES)), at);
}
