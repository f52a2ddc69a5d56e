/**
 * The test vectors of modules/frame/vectors.json, from the firmware's code. `node build/tests/interop/vectors/make-vectors.js`
 * writes the file anew, and vectors.test.ts says when it would be another one.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { default as cbor } from 'cbor';
import { encodeKey } from '../../../hosts/collector/keys.js';
import { KIND_NAMES } from '../../../hosts/collector/vocabulary.js';
import { encodeCommand } from '../../../hosts/config/command-file.js';
import type { Signer } from '../../../modules/board.js';
import { COMMAND_MAINTENANCE } from '../../../modules/command/command.js';
import { beginPayload } from '../../../modules/frame/outline.js';
import { FIRST_STATEMENTS, SECOND_STATEMENTS, type Statement, THIRD_STATEMENTS } from './bodies.js';
import { Chain, sealed } from './chain.js';
import { FIRST_KEY, OPERATOR_KEY, SECOND_KEY, signerOf, type TestKey } from './test-keys.js';

/** This file runs from build/tests/interop/vectors/. */
export const VECTORS_FILE = fileURLToPath(new URL('../../../../modules/frame/vectors.json', import.meta.url));

export interface KeyVector {
  readonly name: string;
  readonly source: string;
  readonly private: string;
  readonly coseKey: string;
  readonly thumbprint: string;
  readonly kid: string;
}

export interface FrameVector {
  readonly name: string;
  readonly kind: string;
  readonly key: string;
  /** The frame, its protected header and its payload, in diagnostic notation. */
  readonly diagnostic: string;
  readonly protected: string;
  readonly payload: string;
  /** What is signed, and the start of the frame's hash that the next one names. */
  readonly sigStructure: string;
  readonly digest: string;
  readonly frame: string;
}

/**
 * Frames that must be refused. `because`: a signature does not verify or its key is not known; the order or the hash is
 * wrong, and only who reads the payload sees it; the item is not a frame.
 */
export interface RefusedVector {
  readonly name: string;
  readonly because: 'signature' | 'order' | 'shape';
  readonly frames: readonly string[];
}

export interface Vectors {
  readonly about: string;
  readonly keys: readonly KeyVector[];
  readonly frames: readonly FrameVector[];
  readonly refused: readonly RefusedVector[];
  readonly commands: readonly FrameVector[];
}

/** Where the empty map stands: behind tag, array and the protected header of 16 bytes with its head. */
const UNPROTECTED_AT = 1 + 1 + 17;

const ABOUT =
  'Test vectors of frames.cddl, hexadecimal and diagnostic notation (RFC 8949 section 8). The frames are one log, in order. ' +
  'The keys are published test keys: trust nothing that they sign.';

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
export const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));

/** Diagnostic notation by the npm package cbor. */
async function diagnostic(item: Uint8Array): Promise<string> {
  return (await cbor.diagnose(Buffer.from(item))).trim();
}

function keyVector(name: string, key: TestKey): KeyVector {
  const { publicKey } = signerOf(key);
  const coseKey = encodeKey(publicKey.slice(0, 32), publicKey.slice(32));
  const thumbprint = createHash('sha256').update(coseKey).digest();
  const kid = hex(thumbprint.subarray(0, 8));
  return { name, source: key.source, private: key.secret, coseKey: hex(coseKey), thumbprint: hex(thumbprint), kid };
}

async function frameVector(name: string, kind: string, key: string, frame: Uint8Array): Promise<FrameVector> {
  const { value } = cbor.decode(Buffer.from(frame)) as { value: [Buffer, Map<number, unknown>, Buffer, Buffer] };
  const [protectedHeader, , payload] = value;
  return {
    name,
    kind,
    key,
    diagnostic: await diagnostic(frame),
    protected: await diagnostic(protectedHeader),
    payload: await diagnostic(payload),
    sigStructure: hex(cbor.encode(['Signature1', protectedHeader, Buffer.alloc(0), payload])),
    digest: hex(createHash('sha256').update(frame).digest().subarray(0, 16)),
    frame: hex(frame),
  };
}

/** An operator's command, signed by the firmware's own COSE writer: the envelope is the same. */
function command(): Uint8Array {
  const validity = { fromMs: 1_800_000_000_000, toMs: 1_800_000_600_000 };
  const target = Uint8Array.from({ length: 8 }, (_, i) => 0xd0 + i);
  const text = { target, sequence: 41, validity, code: COMMAND_MAINTENANCE, arguments: [1_800_000] };
  const payload = encodeCommand(text);
  return sealed(signerOf(OPERATOR_KEY), (writer) => {
    writer.buffer.set(payload, writer.position);
    writer.position += payload.length;
  });
}

function flipped(frame: Uint8Array, at: number): Uint8Array {
  const changed = Uint8Array.from(frame);
  changed[at] ^= 1;
  return changed;
}

/** What no collector may take for a log of the first key and the second. */
function refusedVectors([a, b, c]: readonly Uint8Array[], first: Signer): RefusedVector[] {
  const stranger = sealed(signerOf(OPERATOR_KEY), (writer) => writer.map(0));
  const forged = Uint8Array.from([...b.slice(0, -64), ...c.slice(-64)]);
  const unchained = sealed(first, (writer) => {
    beginPayload(writer, FIRST_STATEMENTS[1].kind, 2, 1, FIRST_STATEMENTS[1].uptimeUs, new Uint8Array(16));
    FIRST_STATEMENTS[1].write(writer);
  });
  const unprotected = Uint8Array.from([
    ...b.slice(0, UNPROTECTED_AT),
    0xa1,
    0x04,
    0x40,
    ...b.slice(UNPROTECTED_AT + 1),
  ]);
  const all: [RefusedVector['because'], string, Uint8Array[]][] = [
    ['signature', 'a bit of the payload', [a, flipped(b, 60), c]],
    ['signature', 'a bit of the key id in the protected header', [a, flipped(b, 14), c]],
    ['signature', 'a bit of the algorithm in the protected header', [a, flipped(b, 5), c]],
    ['signature', 'the last bit of the signature', [a, flipped(b, b.length - 1), c]],
    ['signature', 'the signature of another frame', [a, forged, c]],
    ['signature', 'the key of a stranger', [a, stranger]],
    ['order', 'a frame is missing', [a, c]],
    ['order', 'two frames are swapped', [a, c, b]],
    ['order', 'a frame twice', [a, b, b]],
    ['order', 'signed, numbered, but of another history', [a, unchained]],
    ['shape', 'something in the unprotected header', [a, unprotected, c]],
    ['shape', 'cut off', [a, b.slice(0, -1)]],
    ['shape', 'another tag', [a, flipped(b, 0), c]],
  ];
  return all.map(([because, name, frames]) => ({ name, because, frames: frames.map(hex) }));
}

/** All of them. */
export async function makeVectors(): Promise<Vectors> {
  const chain = new Chain();
  const [first, second] = [signerOf(FIRST_KEY), signerOf(SECOND_KEY)];
  const frames: Promise<FrameVector>[] = [];
  const say = (key: string, signer: Signer, boot: number, statements: readonly Statement[]) => {
    for (const statement of statements)
      frames.push(frameVector(statement.name, KIND_NAMES[statement.kind], key, chain.add(signer, boot, statement)));
  };
  say('first', first, 1, FIRST_STATEMENTS);
  say('first', first, 2, SECOND_STATEMENTS);
  say('second', second, 2, THIRD_STATEMENTS);
  return {
    about: ABOUT,
    keys: [keyVector('first', FIRST_KEY), keyVector('second', SECOND_KEY), keyVector('operator', OPERATOR_KEY)],
    frames: await Promise.all(frames),
    refused: refusedVectors(chain.frames, first),
    commands: [
      await frameVector('maintenance for half an hour, valid by the wall clock', 'command', 'operator', command()),
    ],
  };
}

/** The file as it is in the repository. */
export function readVectors(): Vectors {
  return JSON.parse(readFileSync(VECTORS_FILE, 'utf8'));
}

export function textOf(vectors: Vectors): string {
  return `${JSON.stringify(vectors, null, 2)}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(VECTORS_FILE, textOf(await makeVectors()));
