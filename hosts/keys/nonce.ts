/**
 * Deterministic nonces for ECDSA on P-256 (RFC 6979 section 3.2, HMAC-SHA256): a function of key and message, so that no
 * generator on the board can be at fault. A biased or repeated nonce gives the private key away.
 */
import type { Digest } from '../../modules/board.js';
import { HMAC_BYTES, Hmac } from './hmac.js';
import { isScalar, reduceOnce, SCALAR_BYTES } from './scalar.js';

/** Steps d and f differ in this byte. */
const ROUND_AT = HMAC_BYTES;
const SECRET_AT = ROUND_AT + 1;
const HASH_AT = SECRET_AT + SCALAR_BYTES;
const SEED_BYTES = HASH_AT + SCALAR_BYTES;

/** The nonces of one message, one after the other until one serves. */
export class NonceSequence {
  private readonly hmac: Hmac;
  private readonly key = new Uint8Array(HMAC_BYTES);
  /** V of the RFC, then what is fed into K beside it. */
  private readonly state = new Uint8Array(SEED_BYTES);
  private readonly reduced = new Uint8Array(SCALAR_BYTES);
  private isFirst = true;

  constructor(digest: Digest) {
    this.hmac = new Hmac(digest);
  }

  /** Steps a to g: `secret` is a private key, `hash` the SHA-256 of the message. */
  begin(secret: Uint8Array, hash: Uint8Array): void {
    const { state, key, reduced } = this;
    reduced.set(hash);
    reduceOnce(reduced);
    state.set(secret, SECRET_AT);
    state.set(reduced, HASH_AT);
    state.fill(1, 0, HMAC_BYTES);
    key.fill(0);
    for (let round = 0; round < 2; round++) {
      state[ROUND_AT] = round;
      this.feed(SEED_BYTES);
    }
    this.isFirst = true;
  }

  /** Step h: the next nonce, 1 <= nonce < n. */
  next(into: Uint8Array): void {
    const { state, hmac } = this;
    do {
      if (!this.isFirst) {
        state[ROUND_AT] = 0;
        this.feed(SECRET_AT);
      }
      this.isFirst = false;
      hmac.authenticate(state, HMAC_BYTES, state);
      for (let i = 0; i < SCALAR_BYTES; i++) into[i] = state[i];
    } while (!isScalar(into));
  }

  /** Nothing of the key or the nonces remains. */
  forget(): void {
    this.state.fill(0);
    this.key.fill(0);
    this.reduced.fill(0);
    this.hmac.forget();
  }

  /** K = HMAC_K(the first `length` bytes of the state), V = HMAC_K(V). */
  private feed(length: number): void {
    const { state, key, hmac } = this;
    hmac.setKey(key);
    hmac.authenticate(state, length, key);
    hmac.setKey(key);
    hmac.authenticate(state, HMAC_BYTES, state);
  }
}
