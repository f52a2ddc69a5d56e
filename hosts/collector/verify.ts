/**
 * Verifies one frame: envelope, protected header, signature over the Sig_structure (RFC 9052 section 4.4) with the bytes
 * as received, then the payload (frames.cddl). Whatever the bytes are, the answer is a Frame or a Refusal; nothing throws.
 */
import { createHash, verify } from 'node:crypto';
import {
  FORMAT_VERSION,
  LABEL_BODY,
  LABEL_BOOT,
  LABEL_KIND,
  LABEL_PREVIOUS,
  LABEL_SEQUENCE,
  LABEL_UPTIME_US,
  LABEL_VERSION,
  LABEL_WALL_CLOCK,
} from '../../modules/frame/kinds.js';
import { decodeItem } from './decode-item.js';
import { departureFromDeterministic } from './deterministic.js';
import { type Envelope, FRAME_BYTES_LIMIT, parseEnvelope } from './envelope.js';
import type { Key, KeySet } from './keys.js';

const ALGORITHM_ESP256 = -9;
const ALGORITHM_ES256 = -7;
const CONTENT_TYPE_CBOR = 60;
const HEADER_ALGORITHM = 1;
const HEADER_CONTENT_TYPE = 3;
const HEADER_KEY_ID = 4;
const HEADERS = 3;
/** Bytes of a frame's hash in the frame after it (label 7). */
export const DIGEST_BYTES = 16;

/** A map of a payload: labels to values. */
export type LabelMap = ReadonlyMap<unknown, unknown>;

/** A frame whose signature and payload were verified. */
export interface Frame {
  /** As received. */
  readonly bytes: Uint8Array;
  /** First 16 bytes of SHA-256 over `bytes`, hexadecimal: what the next frame names. */
  readonly digest: string;
  /** Of the device's first key, as it was provisioned: the device goes by it, also after it replaced its key. */
  readonly keyId: string;
  /** Of the key that signed it. */
  readonly signedBy: string;
  readonly sequence: number;
  readonly kind: number;
  readonly boot: number;
  readonly uptimeUs: number;
  /** The digest that the frame says the one before it has; undefined in the first frame ever. */
  readonly previous: string | undefined;
  readonly payload: LabelMap;
  readonly body: LabelMap;
}

/** Why bytes are not a frame. `sequence` and `keyId` are what they claim, where that can be read. */
export interface Refusal {
  readonly reason: string;
  readonly sequence: number | undefined;
  readonly keyId: string | undefined;
  /** True where nothing is wrong but that the key is not known: it may be a successor whose key frame is still to come. */
  readonly isOfUnknownKey: boolean;
}

export function isRefusal(verdict: Frame | Refusal): verdict is Refusal {
  return 'reason' in verdict;
}

/** `bytes`: untrusted. The frame keeps a copy of them. */
export function verifyFrame(bytes: Uint8Array, keys: KeySet): Frame | Refusal {
  const copy = Uint8Array.from(bytes.subarray(0, FRAME_BYTES_LIMIT));
  const envelope = parseEnvelope(copy, 0, copy.length);
  if (bytes.length > FRAME_BYTES_LIMIT) return refusal(`longer than ${FRAME_BYTES_LIMIT} bytes`, envelope);
  if (typeof envelope === 'string') return refusal('not a COSE_Sign1 with tag 18', envelope);
  if (envelope.end !== copy.length) return refusal('bytes follow the frame', envelope);
  const keyId = keyIdOfHeader(envelope.protectedHeader);
  if (keyId instanceof Error) return refusal(keyId.message, envelope);
  const key = keys.get(keyId);
  if (key === undefined) return { ...refusal(`no key ${keyId}`, envelope, keyId), isOfUnknownKey: true };
  const { device } = key;
  if (!isSigned(envelope, key)) return refusal('the signature does not verify', envelope, device);
  const departure = departureFromDeterministic(envelope.payload);
  if (departure !== undefined) return refusal(`the payload is not deterministic CBOR: ${departure}`, envelope, device);
  const frame = readPayload(copy, envelope, key);
  return isRefusal(frame) || isInTerm(frame, key) ? frame : refusal(outOfTerm(frame, key), envelope, device);
}

function isInTerm({ sequence }: Frame, { after, until }: Key): boolean {
  return sequence > after && sequence <= until;
}

/** A key that was replaced may be in others' hands: what it signs afterwards is none of the device's. */
function outOfTerm({ sequence }: Frame, { keyId, after, until }: Key): string {
  return sequence > until
    ? `suspicious: signed by key ${keyId}, which was replaced in frame ${until}`
    : `suspicious: signed by key ${keyId}, which signs from frame ${after + 1} on`;
}

function refusal(reason: string, envelope: Envelope | string, keyId?: string): Refusal {
  const sequence = typeof envelope === 'string' ? undefined : claimedSequence(envelope);
  return { reason, sequence, keyId, isOfUnknownKey: false };
}

/** The key identifier in hexadecimal, or why the protected header is not one of a frame. */
export function keyIdOfHeader(protectedHeader: Uint8Array): string | Error {
  const departure = departureFromDeterministic(protectedHeader);
  if (departure !== undefined) return new Error(`the protected header is not deterministic CBOR: ${departure}`);
  const header = decodeItem(protectedHeader);
  if (!(header instanceof Map)) return new Error('the protected header is not a map');
  const algorithm = header.get(HEADER_ALGORITHM);
  if (algorithm !== ALGORITHM_ESP256 && algorithm !== ALGORITHM_ES256)
    return new Error('the algorithm is neither ESP256 (-9) nor ES256 (-7)');
  if (header.get(HEADER_CONTENT_TYPE) !== CONTENT_TYPE_CBOR) return new Error('the content type is not 60');
  const keyId = header.get(HEADER_KEY_ID);
  if (!(keyId instanceof Uint8Array)) return new Error('the protected header names no key');
  if (header.size !== HEADERS) return new Error('the protected header says more than this collector knows');
  return Buffer.from(keyId).toString('hex');
}

/** First 16 bytes of SHA-256 over a frame, hexadecimal. */
export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256')
    .update(bytes)
    .digest('hex')
    .slice(0, 2 * DIGEST_BYTES);
}

/** ["Signature1", protected, h'', payload] (RFC 9052 section 4.4). */
export function sigStructure(protectedHeader: Uint8Array, payload: Uint8Array): Uint8Array {
  return Buffer.concat([
    Uint8Array.of(0x84, 0x6a),
    Buffer.from('Signature1'),
    byteStringHead(protectedHeader.length),
    protectedHeader,
    byteStringHead(0),
    byteStringHead(payload.length),
    payload,
  ]);
}

function byteStringHead(length: number): Uint8Array {
  if (length < 24) return Uint8Array.of(0x40 | length);
  if (length < 256) return Uint8Array.of(0x58, length);
  return Uint8Array.of(0x59, length >> 8, length & 255);
}

function isSigned({ protectedHeader, payload, signature }: Envelope, { publicKey }: Key): boolean {
  try {
    const key = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const;
    return verify('sha256', sigStructure(protectedHeader, payload), key, signature);
  } catch {
    return false;
  }
}

function claimedSequence(envelope: Envelope): number | undefined {
  if (departureFromDeterministic(envelope.payload) !== undefined) return undefined;
  const payload = decodeItem(envelope.payload);
  const sequence = payload instanceof Map ? payload.get(LABEL_SEQUENCE) : undefined;
  return isUnsigned(sequence) ? sequence : undefined;
}

function isUnsigned(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function readPayload(bytes: Uint8Array, envelope: Envelope, key: Key): Frame | Refusal {
  const keyId = key.device;
  const payload = decodeItem(envelope.payload);
  if (!(payload instanceof Map)) return refusal('the payload is not a map', envelope, keyId);
  if (payload.get(LABEL_VERSION) !== FORMAT_VERSION) return refusal('the format version is not 1', envelope, keyId);
  const [sequence, kind, boot, uptimeUs, previous, body] = [
    ...[LABEL_SEQUENCE, LABEL_KIND, LABEL_BOOT, LABEL_UPTIME_US, LABEL_PREVIOUS, LABEL_BODY].map((l) => payload.get(l)),
  ];
  if (!isUnsigned(sequence) || !isUnsigned(kind) || !isUnsigned(boot) || !isUnsigned(uptimeUs))
    return refusal('sequence, kind, boot or uptime is missing', envelope, keyId);
  if (payload.has(LABEL_PREVIOUS) && !(previous instanceof Uint8Array && previous.length === DIGEST_BYTES))
    return refusal('the hash of the previous frame is not 16 bytes', envelope, keyId);
  if (payload.has(LABEL_WALL_CLOCK) && !isWallClock(payload.get(LABEL_WALL_CLOCK)))
    return refusal('the wall clock is not a pair of times', envelope, keyId);
  if (!(body instanceof Map)) return refusal('the body is missing', envelope, keyId);
  return {
    bytes,
    digest: digestOf(bytes),
    keyId,
    signedBy: key.keyId,
    sequence,
    kind,
    boot,
    uptimeUs,
    previous: previous === undefined ? undefined : Buffer.from(previous).toString('hex'),
    payload,
    body,
  };
}

function isWallClock(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && value.every(isUnsigned);
}
