/** A frame as a collector that never saw our code opens it: cborg and Node's crypto. */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { Tagged } from 'cborg';
import { decodeDeterministic, encodeDeterministic, type Labels } from '../frame/strict-cbor.js';

export interface ReceivedFrame {
  readonly bytes: Uint8Array;
  readonly header: Labels;
  readonly payload: Labels;
  readonly sequence: number;
  readonly kind: number;
  readonly boot: number;
  readonly uptimeUs: number;
  readonly previous: Uint8Array | undefined;
  readonly body: Labels;
  /** First 16 bytes of SHA-256 over the frame: what the next one must name. */
  readonly digest: Uint8Array;
}

/** Opens a frame signed by the key of x and y (64 bytes); throws on anything that is not as the contract says. */
export function receiveFrame(bytes: Uint8Array, publicKey: Uint8Array): ReceivedFrame {
  const tagged = decodeDeterministic(bytes);
  if (!(tagged instanceof Tagged) || tagged.tag !== 18) throw new Error('not tagged 18');
  const [header, unprotected, payload, signature] = tagged.value as [Uint8Array, Labels, Uint8Array, Uint8Array];
  if (unprotected.size > 0 || signature.length !== 64) throw new Error('not the shape of a COSE_Sign1');
  const toBeSigned = encodeDeterministic(['Signature1', header, new Uint8Array(0), payload]);
  const [x, y] = [0, 32].map((at) => Buffer.from(publicKey.subarray(at, at + 32)).toString('base64url'));
  const key = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
  if (!verify('sha256', toBeSigned, { key, dsaEncoding: 'ieee-p1363' }, signature)) throw new Error('bad signature');
  const labels = decodeDeterministic(payload) as Labels;
  return {
    bytes,
    header: decodeDeterministic(header) as Labels,
    payload: labels,
    sequence: labels.get(2) as number,
    kind: labels.get(3) as number,
    boot: labels.get(4) as number,
    uptimeUs: labels.get(5) as number,
    previous: labels.get(7) as Uint8Array | undefined,
    body: labels.get(8) as Labels,
    digest: createHash('sha256').update(bytes).digest().subarray(0, 16),
  };
}
