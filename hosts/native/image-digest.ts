/** SHA-256 over the image that runs, read in pieces. */
import { Digest } from 'crypt';
import { imageBytes, imageRead } from './natives.js';

const PIECE_BYTES = 4096;

/** The first `length` bytes of the digest. */
export function imageDigest(length: number): Uint8Array {
  const digest = new Digest('SHA256');
  const bytes = imageBytes();
  const piece = new Uint8Array(PIECE_BYTES);
  for (let at = 0; at < bytes; at += PIECE_BYTES) {
    const count = bytes - at < PIECE_BYTES ? bytes - at : PIECE_BYTES;
    imageRead(at, piece, count);
    digest.write(count === PIECE_BYTES ? piece.buffer : piece.slice(0, count).buffer);
  }
  return new Uint8Array(digest.close()).slice(0, length);
}
