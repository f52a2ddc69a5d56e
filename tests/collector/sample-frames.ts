/** A board made of Node's crypto and cborg: valid frames of every kind, for tests of the collector. */
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { encode, rfc8949EncodeOptions, Tagged } from 'cborg';
import { encodeKey, type Key, type KeySet, keyIdOf, keyOf, keySet } from '../../hosts/collector/keys.js';

export const DEVICE_ID = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

export function cbor(value: unknown): Uint8Array {
  return encode(value, rfc8949EncodeOptions);
}

export function decimal(mantissa: number, exponent: number): Tagged {
  return new Tagged(4, [exponent, mantissa]);
}

function map(...pairs: [number, unknown][]): Map<number, unknown> {
  return new Map(pairs);
}

export const HEARTBEAT = 1;

/** A body for a frame of `kind`. */
export function bodyOf(kind: number, board: SampleBoard): Map<number, unknown> {
  switch (kind) {
    case 0:
      return map(
        ...([
          [1, DEVICE_ID],
          [2, '1.0.0'],
          [3, new Uint8Array(16).fill(3)],
          [4, new Uint8Array(16).fill(4)],
          [6, 1],
          [7, 0],
          [8, map([1, 2], [-1, 1], [-2, board.x], [-3, board.y])],
          [9, [0, 1, 2, 4, 99]],
        ] as [number, unknown][]),
      );
    case 2:
      return map(
        ...([
          [1, 3],
          [2, 0],
          [3, [1, 2]],
          [4, 4],
          [5, 2300],
          [6, 4000000],
          [7, 3],
          [8, 0],
          [9, [19, 'T1691.001', 'T0831']],
          [10, [decimal(15, -1), null]],
          [11, decimal(-25, -2)],
          [12, [0, 2]],
          [14, 2],
        ] as [number, unknown][]),
      );
    case 4:
      return map(
        [
          1,
          [
            new Map<number, unknown>([
              [0, 'level'],
              [1, 'm'],
              [2, decimal(1234, -3)],
            ]),
            new Map<number, unknown>([
              [0, 'level/min'],
              [2, 1],
            ]),
            new Map<number, unknown>([
              [0, 'level/max'],
              [2, decimal(15, -1)],
            ]),
          ],
        ],
        [2, 0],
      );
    case 5:
      return map(
        ...([
          [1, 1],
          [2, new Uint8Array(16).fill(0xab)],
          [3, 3000],
          [4, 1],
          [5, [1500, null]],
          [6, [decimal(5, -1), 1]],
          [7, [[2, 2500, null]]],
          [8, [1]],
        ] as [number, unknown][]),
      );
    case 8:
      return map([1, 0], [2, 12], [3, 1000000], [4, 1120000]);
    default:
      return map(
        ...([0, 500, 0, 0, 0, 40000, 2, [0, 0, 1], 0, 0].map((value, i) => [i + 1, value]) as [number, unknown][]),
      );
  }
}

export class SampleBoard {
  readonly x: Uint8Array;
  readonly y: Uint8Array;
  readonly key: Key;
  readonly keys: KeySet;
  readonly algorithm: number;
  sequence = 1;
  private readonly privateKey: KeyObject;
  private previous: Uint8Array | undefined;

  constructor(algorithm = -9) {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwk = publicKey.export({ format: 'jwk' });
    this.x = Uint8Array.from(Buffer.from(jwk.x as string, 'base64url'));
    this.y = Uint8Array.from(Buffer.from(jwk.y as string, 'base64url'));
    this.key = keyOf(this.x, this.y);
    this.keys = keySet(this.key);
    this.privateKey = privateKey;
    this.algorithm = algorithm;
  }

  get coseKey(): Uint8Array {
    return encodeKey(this.x, this.y);
  }

  /** Envelope and signature around any payload bytes and protected header bytes. */
  seal(payload: Uint8Array, protectedHeader = this.protectedHeader()): Uint8Array {
    const toBeSigned = cbor(['Signature1', protectedHeader, new Uint8Array(0), payload]);
    const signature = sign('sha256', toBeSigned, { key: this.privateKey, dsaEncoding: 'ieee-p1363' });
    return cbor(new Tagged(18, [protectedHeader, new Map(), payload, Uint8Array.from(signature)]));
  }

  protectedHeader(changes: [number, unknown][] = []): Uint8Array {
    const keyId = keyIdOf(this.x, this.y);
    const header = new Map<number, unknown>([[1, this.algorithm], [3, 60], [4, Uint8Array.from(keyId)], ...changes]);
    return cbor(header);
  }

  /** Labels of the next payload; a change of undefined leaves the label out. */
  payload(kind: number, changes: [number, unknown][] = []): Uint8Array {
    const labels = new Map<number, unknown>([
      [1, 1],
      [2, this.sequence],
      [3, kind],
      [4, 1],
      [5, this.sequence * 1000000],
      [7, this.previous],
      [8, bodyOf(kind, this)],
      ...changes,
    ]);
    for (const [label, value] of labels) if (value === undefined) labels.delete(label);
    return cbor(labels);
  }

  /** The next frame; the chain goes on from it. */
  frame(kind = HEARTBEAT, changes: [number, unknown][] = []): Uint8Array {
    const bytes = this.seal(this.payload(kind, changes));
    this.previous = Uint8Array.from(createHash('sha256').update(bytes).digest().subarray(0, 16));
    this.sequence++;
    return bytes;
  }

  /** `count` frames: boot first, then kinds in turn. */
  frames(count: number): Uint8Array[] {
    const kinds = [1, 4, 2, 8];
    return Array.from({ length: count }, (_, i) => this.frame(this.sequence === 1 ? 0 : kinds[i % kinds.length]));
  }
}
