/**
 * Link messages out of a stream of bytes: a CBOR sequence (RFC 8742) in pieces. What cannot be a message is skipped and
 * counted once a run, up to the next byte from which a message can be read. Memory: one message and one piece.
 */
import { CborReader } from '../../modules/cbor/reader.js';
import { LINK_MESSAGE_BYTES_MAX, type LinkMessage, readMessage } from './link-message.js';

export class StreamReader {
  /** Runs of bytes skipped. */
  refused = 0;
  private pending: Uint8Array = new Uint8Array(0);
  private isSkipping = false;

  take(piece: Uint8Array, onMessage: (message: LinkMessage) => void): void {
    const bytes = Buffer.concat([this.pending, piece]);
    const reader = new CborReader(bytes);
    let at = 0;
    while (at < bytes.length) {
      reader.reset(at, bytes.length);
      const message = readMessage(reader);
      if (message !== undefined) {
        at = reader.position;
        this.isSkipping = false;
        onMessage(message);
        continue;
      }
      if (reader.isShort && bytes.length - at < LINK_MESSAGE_BYTES_MAX) break;
      if (!this.isSkipping) this.refused++;
      this.isSkipping = true;
      at++;
    }
    this.pending = Uint8Array.from(bytes.subarray(at));
  }

  /** Forgets a message not yet whole: the connection was lost. */
  restart(): void {
    this.pending = new Uint8Array(0);
    this.isSkipping = false;
  }
}
