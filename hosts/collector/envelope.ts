/**
 * The envelope of a frame: COSE_Sign1, tag 18 (RFC 9052 section 4.2), as received. Nothing is decoded beyond its shape:
 * four items with the shortest heads, an empty unprotected header, a signature of 64 bytes.
 */
import { CborReader } from '../../modules/cbor/reader.js';

/** Longest frame that a collector looks at, in bytes. */
export const FRAME_BYTES_LIMIT = 4096;
export const SIGNATURE_BYTES = 64;
/** First two bytes of every frame: tag 18, array of 4. */
export const FRAME_START = Object.freeze([0xd2, 0x84]);

const PROTECTED_BYTES_LIMIT = 128;

/** What `parseEnvelope` answers when the bytes end too early to tell, and when they are no envelope. */
export const ENVELOPE_SHORT = 'short';
export const ENVELOPE_FOREIGN = 'foreign';

export interface Envelope {
  /** Contents of the protected header, never re-encoded. */
  readonly protectedHeader: Uint8Array;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
  /** Where the frame ends in the bytes given. */
  readonly end: number;
}

/** Reads the envelope at bytes[start]; bytes from `end` on are not looked at. */
export function parseEnvelope(
  bytes: Uint8Array,
  start: number,
  end: number,
): Envelope | typeof ENVELOPE_SHORT | typeof ENVELOPE_FOREIGN {
  const limit = Math.min(end, start + FRAME_BYTES_LIMIT);
  for (let i = 0; i < FRAME_START.length; i++) {
    if (start + i >= limit) return ENVELOPE_SHORT;
    if (bytes[start + i] !== FRAME_START[i]) return ENVELOPE_FOREIGN;
  }
  const reader = new CborReader(bytes);
  reader.reset(start + FRAME_START.length, limit);
  const protectedBytes = reader.bytes(PROTECTED_BYTES_LIMIT);
  const protectedEnd = reader.position;
  const unprotectedPairs = reader.map();
  if (!reader.hasError && unprotectedPairs !== 0) return ENVELOPE_FOREIGN;
  const payloadBytes = reader.bytes(FRAME_BYTES_LIMIT);
  const payloadEnd = reader.position;
  const signatureBytes = reader.bytes(SIGNATURE_BYTES);
  if (reader.hasError) {
    // Short for good when the limit, not the input, is what ends it.
    return reader.isShort && limit === end && end - start < FRAME_BYTES_LIMIT ? ENVELOPE_SHORT : ENVELOPE_FOREIGN;
  }
  if (signatureBytes !== SIGNATURE_BYTES) return ENVELOPE_FOREIGN;
  return {
    protectedHeader: bytes.subarray(protectedEnd - protectedBytes, protectedEnd),
    payload: bytes.subarray(payloadEnd - payloadBytes, payloadEnd),
    signature: bytes.subarray(reader.position - SIGNATURE_BYTES, reader.position),
    end: reader.position,
  };
}
