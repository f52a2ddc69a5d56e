/**
 * COSE_Sign1 (RFC 9052 section 4.2) in one buffer, in place: the payload is encoded once at PAYLOAD_AT; around it the
 * Sig_structure (section 4.4) is built to be signed, then the frame itself. Protected header: alg, content type, kid.
 */
import { assert } from '../base/assert.js';
import type { Signer } from '../board.js';
import { createText } from '../cbor/text.js';
import { CborWriter } from '../cbor/writer.js';
import { FRAME_BYTES_MAX, PAYLOAD_BYTES_MAX, RECORD_HEAD_BYTES } from '../limits.js';
import { SIGNER_DONE } from './signer-state.js';

const SIGNATURE_BYTES = 64;
const HEADER_ALGORITHM = 1;
const HEADER_CONTENT_TYPE = 3;
const HEADER_KEY_ID = 4;
const CONTENT_TYPE_CBOR = 60;
const TAG_SIGN1 = 18;
const PROTECTED_BYTES_MAX = 24;
/** Where the payload is encoded: room before it for the longer of the two heads. */
const PAYLOAD_AT = 64;
/** The finished frame begins here, so that the log can put its record head before it. */
export const FRAME_AT = RECORD_HEAD_BYTES;

/** Makes one frame at a time. */
export class CoseSign1 {
  readonly buffer = new Uint8Array(PAYLOAD_AT + FRAME_BYTES_MAX);
  /** Encode the payload with this, between `begin` and `sign`. */
  readonly writer = new CborWriter(this.buffer);
  /** Bytes of the finished frame at FRAME_AT. */
  frameBytes = 0;
  private payloadBytes = 0;
  private payloadAt = PAYLOAD_AT;
  private readonly signer: Signer;
  private readonly context = createText('Signature1');
  private readonly protectedHeader = new Uint8Array(PROTECTED_BYTES_MAX);
  private protectedBytes = 0;
  private readonly signature = new Uint8Array(SIGNATURE_BYTES);

  constructor(signer: Signer) {
    this.signer = signer;
    this.takeKey();
  }

  /** The signer's key is another one: frames name it from now on. @offStep at start and by command only */
  takeKey(): void {
    const { signer } = this;
    const writer = new CborWriter(this.protectedHeader);
    writer.map(3);
    writer.uint(HEADER_ALGORITHM);
    writer.int(signer.algorithm);
    writer.uint(HEADER_CONTENT_TYPE);
    writer.uint(CONTENT_TYPE_CBOR);
    writer.uint(HEADER_KEY_ID);
    writer.bytes(signer.keyId, signer.keyId.length);
    assert(!writer.isOverflowed, 'cose: the protected header is too long');
    this.protectedBytes = writer.position;
  }

  /** Readies the writer for a payload. */
  begin(): CborWriter {
    this.payloadAt = PAYLOAD_AT;
    this.writer.reset(PAYLOAD_AT);
    return this.writer;
  }

  /** Hands the payload to the signer; false when the signer cannot start now (call again). */
  sign(): boolean {
    const { writer, buffer } = this;
    if (this.payloadAt === PAYLOAD_AT) {
      assert(!writer.isOverflowed, 'cose: the payload overflowed');
      this.payloadBytes = writer.position - PAYLOAD_AT;
      assert(this.payloadBytes <= PAYLOAD_BYTES_MAX, 'cose: the payload is longer than its limit');
      writer.reset(0);
      writer.array(4);
      writer.text(this.context);
      writer.bytes(this.protectedHeader, this.protectedBytes);
      writer.bytesHead(0);
      writer.bytesHead(this.payloadBytes);
      this.payloadAt = writer.position;
      buffer.copyWithin(this.payloadAt, PAYLOAD_AT, PAYLOAD_AT + this.payloadBytes);
    }
    return this.signer.start(buffer, this.payloadAt + this.payloadBytes);
  }

  /** State of the signature; when done, the frame stands in the buffer at FRAME_AT. */
  poll(): number {
    const state = this.signer.poll(this.signature);
    if (state === SIGNER_DONE) this.finish();
    return state;
  }

  private finish(): void {
    const { writer, buffer, payloadBytes } = this;
    const parked = buffer.length - payloadBytes;
    buffer.copyWithin(parked, this.payloadAt, this.payloadAt + payloadBytes);
    writer.reset(FRAME_AT);
    writer.tag(TAG_SIGN1);
    writer.array(4);
    writer.bytes(this.protectedHeader, this.protectedBytes);
    writer.map(0);
    writer.bytesHead(payloadBytes);
    buffer.copyWithin(writer.position, parked, parked + payloadBytes);
    writer.reset(writer.position + payloadBytes);
    writer.bytes(this.signature, SIGNATURE_BYTES);
    assert(!writer.isOverflowed, 'cose: the frame overflowed');
    this.frameBytes = writer.position - FRAME_AT;
  }
}
