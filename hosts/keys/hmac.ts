/** HMAC-SHA256 (FIPS 198-1) with keys of 32 bytes, over the board's digest. RAM: 320 bytes. */
import { assert } from '../../modules/base/assert.js';
import type { Digest } from '../../modules/board.js';

export const HMAC_BYTES = 32;
/** Longest message. */
export const HMAC_MESSAGE_BYTES_MAX = 128;
const BLOCK_BYTES = 64;
const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;

/** One key at a time. */
export class Hmac {
  private readonly digest: Digest;
  private readonly inner = new Uint8Array(BLOCK_BYTES + HMAC_MESSAGE_BYTES_MAX);
  private readonly outer = new Uint8Array(BLOCK_BYTES + HMAC_BYTES);
  private readonly hash = new Uint8Array(HMAC_BYTES);

  constructor(digest: Digest) {
    this.digest = digest;
  }

  setKey(key: Uint8Array): void {
    for (let i = 0; i < BLOCK_BYTES; i++) {
      const byte = i < HMAC_BYTES ? key[i] : 0;
      this.inner[i] = byte ^ INNER_PAD;
      this.outer[i] = byte ^ OUTER_PAD;
    }
  }

  /** The code of the first `length` bytes of `message`; `into` may be `message`. */
  authenticate(message: Uint8Array, length: number, into: Uint8Array): void {
    assert(length <= HMAC_MESSAGE_BYTES_MAX, 'hmac: the message is longer than its limit');
    const { digest, inner, outer, hash } = this;
    for (let i = 0; i < length; i++) inner[BLOCK_BYTES + i] = message[i];
    digest.sha256(inner, BLOCK_BYTES + length, hash);
    outer.set(hash, BLOCK_BYTES);
    digest.sha256(outer, outer.length, hash);
    into.set(hash);
  }

  /** Nothing of the key remains. */
  forget(): void {
    this.inner.fill(0);
    this.outer.fill(0);
    this.hash.fill(0);
  }
}
