/** P-256 of @noble/curves behind the software signer's curve, in one slice or more. */
import { p256 } from '@noble/curves/nist.js';
import type { Curve } from '../../hosts/keys/curve.js';

const { Fn } = p256.Point;

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}

export class NodeCurve implements Curve {
  /** Nonces asked for, in hexadecimal. */
  readonly nonces: string[] = [];
  /** Answers `finish` gives before it tells the truth. */
  refusals = 0;
  private nonce = 0n;
  private readonly slices: number;
  private slicesDone = 0;

  constructor(slices = 1) {
    this.slices = slices;
  }

  publicKey(secret: Uint8Array): Uint8Array {
    return p256.getPublicKey(secret, false).slice(1);
  }

  beginPoint(nonce: Uint8Array): void {
    this.nonces.push(Buffer.from(nonce).toString('hex'));
    this.nonce = numberOf(nonce);
    this.slicesDone = 0;
  }

  advancePoint(): boolean {
    return ++this.slicesDone === this.slices;
  }

  takePoint(): Uint8Array {
    return p256.Point.BASE.multiply(this.nonce).toBytes(false).slice(1);
  }

  finish(secret: Uint8Array, hash: Uint8Array, signature: Uint8Array): boolean {
    if (this.refusals-- > 0) return false;
    const r = Fn.create(p256.Point.BASE.multiply(this.nonce).toAffine().x);
    const s = Fn.mul(Fn.inv(this.nonce), Fn.add(Fn.create(numberOf(hash)), Fn.mul(r, numberOf(secret))));
    signature.set(Fn.toBytes(r), 0);
    signature.set(Fn.toBytes(s), 32);
    return r !== 0n && s !== 0n;
  }
}
