import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { writeKey } from '../../hosts/collector/keys.js';
import { SampleBoard } from '../collector/sample-frames.js';
import { verifyWithAuth0 } from './verify-auth0.js';
import { verifyWithCborg } from './verify-cborg.js';
import { VerifierMissing, verifyWithAll, verifyWithPython } from './verify-with-all.js';

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
  test(`three implementations that are not ours verify frames with algorithm ${algorithm}`, async (t) => {
    const board = new SampleBoard(algorithm);
    const { framesFile, keyFile } = store(board, board.frames(COUNT));
    for (const { verifier, frames } of await verifyWithAll(framesFile, keyFile)) {
      if (frames < 0) t.log(`${verifier}: not installed here, not run`);
      else t.is(frames, COUNT, verifier);
    }
  });
}

/** Each verifier refuses `frames`; `isSigned`: the signatures are good, so that @auth0/cose has nothing to refuse. */
async function refused(t: ExecutionContext, board: SampleBoard, frames: readonly Uint8Array[], isSigned = false) {
  const { framesFile, keyFile } = store(board, frames);
  const sequence = Uint8Array.from(Buffer.concat(frames));
  await t.throwsAsync(verifyWithCborg(sequence, board.coseKey));
  if (!isSigned) await t.throwsAsync(verifyWithAuth0(sequence, board.coseKey));
  const error = await t.throwsAsync(verifyWithPython(framesFile, keyFile));
  if (!(error instanceof VerifierMissing)) return;
  if (process.env.CI === 'true') t.fail(error.message);
  else t.log('python: not installed here, not run');
}

test('a bit flipped in payload, header or signature is refused by all', async (t) => {
  const board = new SampleBoard();
  const frames = board.frames(3);
  for (const at of [6, 40, frames[1].length - 1]) {
    const flipped = Uint8Array.from(frames[1]);
    flipped[at] ^= 1;
    await refused(t, board, [frames[0], flipped, frames[2]]);
  }
});

test('the frames of another board are refused by all', async (t) => {
  await refused(t, new SampleBoard(), new SampleBoard().frames(2));
});

test('a frame missing, two swapped and a broken chain are refused by those that read the payload', async (t) => {
  const board = new SampleBoard();
  const [a, b, c] = board.frames(3);
  await refused(t, board, [a, c], true);
  await refused(t, board, [a, c, b], true);
  const other = new SampleBoard();
  const first = other.frame(0);
  const unchained = other.frame(1, [[7, new Uint8Array(16)]]);
  await refused(t, other, [first, unchained], true);
});

test('a payload that is signed but not deterministic is refused by those that read it', async (t) => {
  const board = new SampleBoard();
  const payload = board.payload(1);
  const longer = Uint8Array.from([...payload.subarray(0, 3), 0x18, ...payload.subarray(2)]);
  t.is(payload[0] >> 5, 5);
  await refused(t, board, [board.seal(longer)], true);
  const swapped = Uint8Array.from([
    payload[0],
    ...payload.subarray(3, 5),
    ...payload.subarray(1, 3),
    ...payload.subarray(5),
  ]);
  await refused(t, board, [board.seal(swapped)], true);
});
