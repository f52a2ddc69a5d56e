import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { writeKey } from '../../hosts/collector/keys.js';
import { KIND_NAMES } from '../../hosts/collector/vocabulary.js';
import { SampleBoard } from '../collector/sample-frames.js';
import { payloadOf, runFirmware } from './firmware-run.js';
import { VerifierMissing } from './verifier-missing.js';
import { verifyWithAuth0 } from './verify-auth0.js';
import { verifyWithC } from './verify-c.js';
import { verifyWithCborg } from './verify-cborg.js';
import { verifyWithPython } from './verify-python.js';
import { verifyWithAll } from './verify-with-all.js';

const COUNT = 20;

interface Stored {
  readonly framesFile: string;
  readonly keyFile: string;
}

function store(board: SampleBoard, frames: readonly Uint8Array[]): Stored {
  const directory = mkdtempSync(join(tmpdir(), 'interop-'));
  const framesFile = join(directory, 'frames.cbor');
  writeFileSync(framesFile, Buffer.concat(frames));
  return { framesFile, keyFile: writeKey(directory, board.x, board.y) };
}

for (const algorithm of [-9, -7]) {
  test(`four implementations that are not ours verify frames with algorithm ${algorithm}`, async (t) => {
    const board = new SampleBoard(algorithm);
    const { framesFile, keyFile } = store(board, board.frames(COUNT));
    for (const { verifier, frames } of await verifyWithAll(framesFile, keyFile)) {
      if (frames < 0) t.log(`${verifier}: not installed here, not run`);
      else t.is(frames, COUNT, verifier);
    }
  });
}

const firmware = runFirmware();

test('frames of every kind that the firmware emits are verified by four implementations, before and after another key', async (t) => {
  const { frames, framesAfter, coseKey, coseKeyAfter } = firmware;
  t.deepEqual(
    [...new Set(frames.map((frame) => payloadOf(frame).get(3)))].sort(),
    Object.keys(KIND_NAMES).map(Number),
    'every kind',
  );
  for (const [part, key] of [
    [frames, coseKey],
    [framesAfter, coseKeyAfter],
  ] as const) {
    const directory = mkdtempSync(join(tmpdir(), 'interop-'));
    const [framesFile, keyFile] = ['frames.cbor', 'device.cose_key'].map((name) => join(directory, name));
    writeFileSync(framesFile, Buffer.concat(part));
    writeFileSync(keyFile, key);
    for (const { verifier, frames: verified } of await verifyWithAll(framesFile, keyFile)) {
      if (verified < 0) t.log(`${verifier}: not installed here, not run`);
      else t.is(verified, part.length, verifier);
    }
  }
});

/** What is wrong: @auth0/cose looks at signatures only, the C verifier not at the encoding of what it reads. */
type Wrong = 'signature' | 'order' | 'encoding';

async function refused(t: ExecutionContext, board: SampleBoard, frames: readonly Uint8Array[], wrong: Wrong) {
  const { framesFile, keyFile } = store(board, frames);
  const sequence = Uint8Array.from(Buffer.concat(frames));
  await t.throwsAsync(verifyWithCborg(sequence, board.coseKey));
  if (wrong === 'signature') await t.throwsAsync(verifyWithAuth0(sequence, board.coseKey));
  const external = [() => verifyWithPython(framesFile, keyFile), () => verifyWithC(framesFile, [keyFile])];
  for (const verify of wrong === 'encoding' ? external.slice(0, 1) : external) {
    const error = await t.throwsAsync(verify());
    if (!(error instanceof VerifierMissing)) continue;
    if (process.env.CI === 'true') t.fail(error.message);
    else t.log(error.message);
  }
}

test('a bit flipped in payload, header or signature is refused by all', async (t) => {
  const board = new SampleBoard();
  const frames = board.frames(3);
  for (const at of [6, 40, frames[1].length - 1]) {
    const flipped = Uint8Array.from(frames[1]);
    flipped[at] ^= 1;
    await refused(t, board, [frames[0], flipped, frames[2]], 'signature');
  }
});

test('the frames of another board are refused by all', async (t) => {
  await refused(t, new SampleBoard(), new SampleBoard().frames(2), 'signature');
});

test('a frame missing, two swapped and a broken chain are refused by those that read the payload', async (t) => {
  const board = new SampleBoard();
  const [a, b, c] = board.frames(3);
  await refused(t, board, [a, c], 'order');
  await refused(t, board, [a, c, b], 'order');
  const other = new SampleBoard();
  const first = other.frame(0);
  const unchained = other.frame(1, [[7, new Uint8Array(16)]]);
  await refused(t, other, [first, unchained], 'order');
});

test('a payload that is signed but not deterministic is refused by those that read it', async (t) => {
  const board = new SampleBoard();
  const payload = board.payload(1);
  const longer = Uint8Array.from([...payload.subarray(0, 3), 0x18, ...payload.subarray(2)]);
  t.is(payload[0] >> 5, 5);
  await refused(t, board, [board.seal(longer)], 'encoding');
  const swapped = Uint8Array.from([
    payload[0],
    ...payload.subarray(3, 5),
    ...payload.subarray(1, 3),
    ...payload.subarray(5),
  ]);
  await refused(t, board, [board.seal(swapped)], 'encoding');
});
