/** What the software signer needs of P-256: the host's own curve arithmetic does it, a slice at a time. Types only. */

/** Scalars are 32 bytes, big-endian. One signature at a time. */
export interface Curve {
  /** x then y of secret * G, 32 bytes each. */
  publicKey(secret: Uint8Array): Uint8Array;
  /** Begins R = nonce * G. */
  beginPoint(nonce: Uint8Array): void;
  /** One slice of it; true when R is there. */
  advancePoint(): boolean;
  /** Writes r and s (FIPS 186-5 section 6.4.1) of the nonce's point; false when one of them is 0. */
  finish(secret: Uint8Array, hash: Uint8Array, signature: Uint8Array): boolean;
}
