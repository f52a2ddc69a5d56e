/** What the software signer needs of P-256: the host's own curve arithmetic does it, a slice at a time. Types only. */

/** Scalars are 32 bytes, big-endian. One point at a time: a signature's or a public key's. */
export interface Curve {
  /** x then y of secret * G, 32 bytes each. */
  publicKey(secret: Uint8Array): Uint8Array;
  /** Begins a multiple of G: of a nonce, or of a new private key. */
  beginPoint(scalar: Uint8Array): void;
  /** One slice of it; true when the point is there. */
  advancePoint(): boolean;
  /** x then y of the point that is there; it is forgotten then. */
  takePoint(): Uint8Array;
  /** Writes r and s (FIPS 186-5 section 6.4.1) of the nonce's point; false when one of them is 0. */
  finish(secret: Uint8Array, hash: Uint8Array, signature: Uint8Array): boolean;
}
