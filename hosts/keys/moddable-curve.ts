/**
 * P-256 on the SDK's big integers (`Curve` of curve.ts). The nonce's point is made in slices of 16 bits, most
 * significant first: R = 2^16 R + bits * G, each one call of the SDK's double multiplication.
 *
 * Each nonce is multiplied as k + n or k + 2 n, whichever has 257 bits: the number of doublings then says nothing of k
 * (Brumley and Tuveri 2011). The SDK's additions still depend on its bits: this is no defence against power analysis.
 * The SDK's own ECDSA is not used: it draws nonces from a weak generator and does not reduce r.
 */
import SdkCurve from 'curve';
import type { Point } from 'ecp';
import Modular from 'modular';
import type { Curve } from './curve.js';
import { SCALAR_BYTES } from './scalar.js';

/** The top bit of the 257 stands for G itself; the rest comes in slices. */
const NONCE_BITS = 256;
const SLICE_BITS = 16;
const SLICE = 1n << 16n;

export class ModdableCurve implements Curve {
  readonly #curve = new SdkCurve('secp256r1');
  readonly #order = new Modular(this.#curve.n);
  #nonce = 0n;
  #point: Point = this.#curve.G;
  /** Bits of the nonce not yet in the point. */
  #bitsLeft = 0;

  publicKey(secret: Uint8Array): Uint8Array {
    const { ec, G } = this.#curve;
    const point = ec.mul(G, numberOf(secret));
    const bytes = new Uint8Array(2 * SCALAR_BYTES);
    putNumber(point.X, bytes, 0);
    putNumber(point.Y, bytes, SCALAR_BYTES);
    return bytes;
  }

  beginPoint(nonce: Uint8Array): void {
    const { n, G } = this.#curve;
    let number = numberOf(nonce) + n;
    if (number >> BigInt(NONCE_BITS) === 0n) number += n;
    this.#nonce = number;
    this.#point = G;
    this.#bitsLeft = NONCE_BITS;
  }

  advancePoint(): boolean {
    const { ec, G } = this.#curve;
    this.#bitsLeft -= SLICE_BITS;
    const bits = (this.#nonce >> BigInt(this.#bitsLeft)) % SLICE;
    this.#point = ec.mul2(this.#point, SLICE, G, bits);
    return this.#bitsLeft === 0;
  }

  finish(secret: Uint8Array, hash: Uint8Array, signature: Uint8Array): boolean {
    const order = this.#order;
    const nonce = order.mod(this.#nonce);
    const r = order.mod(this.#point.X);
    const s = order.mul(order.add(numberOf(hash), order.mul(numberOf(secret), r)), order.mulinv(nonce));
    this.#nonce = 0n;
    putNumber(r, signature, 0);
    putNumber(s, signature, SCALAR_BYTES);
    return r !== 0n && s !== 0n;
  }
}

/** Of 32 bytes. */
function numberOf(bytes: Uint8Array): bigint {
  return BigInt.fromArrayBuffer(bytes.slice().buffer);
}

function putNumber(number: bigint, into: Uint8Array, at: number): void {
  into.set(new Uint8Array(ArrayBuffer.fromBigInt(number, SCALAR_BYTES)), at);
}
