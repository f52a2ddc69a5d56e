/** SHA-256 on the SDK's native digest. */
import { Digest as SdkDigest } from 'crypt';
import type { Digest } from '../../modules/board.js';

export class ModdableDigest implements Digest {
  readonly #digest = new SdkDigest('SHA256');

  sha256(bytes: Uint8Array, length: number, into: Uint8Array): void {
    const digest = this.#digest;
    digest.reset();
    const view = length === bytes.length ? bytes : bytes.subarray(0, length);
    // It takes views as well; its declaration does not say so.
    digest.write(view as unknown as ArrayBuffer);
    into.set(new Uint8Array(digest.close()));
  }
}
