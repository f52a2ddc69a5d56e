/** Verifies frames with the npm package cborg in its strict mode and Node's crypto: nothing of ours. */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { type DecodeOptions, decode, decodeFirst, encode, rfc8949EncodeOptions, Tagged } from 'cborg';

const STRICT: DecodeOptions = {
  strict: true,
  useMaps: true,
  rejectDuplicateMapKeys: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowInfinity: false,
  allowNaN: false,
  tags: Tagged.preserve(18, 4),
};

/** The items of a CBOR sequence, as they stand there. */
export function splitSequence(sequence: Uint8Array): Uint8Array[] {
  const items: Uint8Array[] = [];
  for (let rest = sequence; rest.length > 0; ) {
    const [, after] = decodeFirst(rest, STRICT);
    items.push(rest.subarray(0, rest.length - after.length));
    rest = after;
  }
  return items;
}

type Labels = Map<number, unknown>;

/** The number of frames; throws on the first that is not as the contract says. */
export async function verifyWithCborg(sequence: Uint8Array, coseKey: Uint8Array): Promise<number> {
  const frames = splitSequence(sequence);
  let before: { sequence: number; digest: Uint8Array } | undefined;
  frames.forEach((frame, i) => {
    try {
      const payload = verifyFrame(frame, coseKey);
      const sequenceNumber = payload.get(2) as number;
      if (before === undefined)
        check(payload.has(7) === sequenceNumber > 1, 'only the first frame names no previous one');
      else {
        check(sequenceNumber === before.sequence + 1, `sequence ${sequenceNumber} after ${before.sequence}`);
        check(isSame(payload.get(7) as Uint8Array, before.digest), 'the hash of the previous frame');
      }
      before = { sequence: sequenceNumber, digest: createHash('sha256').update(frame).digest().subarray(0, 16) };
    } catch (error) {
      throw new Error(`number ${i + 1} in the file: ${(error as Error).message}`);
    }
  });
  return frames.length;
}

function verifyFrame(frame: Uint8Array, coseKey: Uint8Array): Labels {
  const tagged = decode(frame, STRICT) as Tagged;
  check(tagged instanceof Tagged && tagged.tag === 18, 'tag 18');
  const [protectedHeader, unprotected, payload, signature] = tagged.value as [
    Uint8Array,
    Labels,
    Uint8Array,
    Uint8Array,
  ];
  check(unprotected.size === 0 && signature.length === 64, 'shape');
  const header = decode(protectedHeader, STRICT) as Labels;
  check(header.get(1) === -9 || header.get(1) === -7, 'alg');
  check(header.get(3) === 60, 'content type');
  const key = decode(coseKey, STRICT) as Labels;
  check(isSame(header.get(4) as Uint8Array, createHash('sha256').update(coseKey).digest().subarray(0, 8)), 'kid');
  const toBeSigned = encode(['Signature1', protectedHeader, new Uint8Array(0), payload], rfc8949EncodeOptions);
  const [x, y] = [key.get(-2), key.get(-3)].map((c) => Buffer.from(c as Uint8Array).toString('base64url'));
  const publicKey = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
  check(verify('sha256', toBeSigned, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature), 'signature');
  const labels = decode(payload, STRICT) as Labels;
  for (const [value, bytes] of [
    [tagged, frame],
    [header, protectedHeader],
    [labels, payload],
  ] as [unknown, Uint8Array][])
    check(isSame(encode(value, rfc8949EncodeOptions), bytes), 'deterministic encoding');
  check(labels.get(1) === 1 && labels.get(8) instanceof Map, 'labels');
  return labels;
}

function check(isRight: boolean, what: string): void {
  if (!isRight) throw new Error(`wrong: ${what}`);
}

function isSame(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && Buffer.compare(a, b) === 0;
}
