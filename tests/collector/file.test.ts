import { createHash, randomBytes } from 'node:crypto';
import test from 'ava';
import { FileJudge, type FileVerdict } from '../../hosts/collector/file.js';
import { type FrameError, framesText } from '../../hosts/collector/frame-error.js';
import type { KeySet } from '../../hosts/collector/keys.js';
import { SampleBoard } from './sample-frames.js';

interface Judged extends FileVerdict {
  readonly sequences: number[];
  readonly lines: string[];
}

function judge(pieces: readonly Uint8Array[], keys: KeySet, pieceBytes = 65536, from = 1): Judged {
  const [sequences, lines]: [number[], string[]] = [[], []];
  const handlers = {
    onFrame: ({ sequence }: { sequence: number }) => sequences.push(sequence),
    onError: ({ first, last, reason }: FrameError) => lines.push(`${framesText(first, last)}: ${reason}`),
  };
  const fileJudge = new FileJudge(keys, handlers, from);
  const bytes = Buffer.concat(pieces);
  for (let at = 0; at < bytes.length; at += pieceBytes) fileJudge.push(bytes.subarray(at, at + pieceBytes));
  return { ...fileJudge.end(), sequences, lines };
}

test('frames in order are verified, whatever the pieces in which they come', (t) => {
  const board = new SampleBoard();
  const frames = board.frames(8);
  for (const pieceBytes of [1, 7, 100, 65536]) {
    const { sequences, lines } = judge(frames, board.keys, pieceBytes);
    t.deepEqual(sequences, [1, 2, 3, 4, 5, 6, 7, 8]);
    t.deepEqual(lines, []);
  }
});

test('a frame removed is named', (t) => {
  const board = new SampleBoard();
  const frames = board.frames(8);
  t.deepEqual(judge([...frames.slice(0, 3), ...frames.slice(4)], board.keys).lines, ['frame 4: missing']);
  t.deepEqual(judge([...frames.slice(0, 3), ...frames.slice(6)], board.keys).lines, ['frames 4 to 6: missing']);
});

test('frames missing before the first are named, unless a later start is wanted', (t) => {
  const board = new SampleBoard();
  const late = board.frames(5).slice(2);
  t.deepEqual(judge(late, board.keys).lines, ['frames 1 to 2: missing']);
  t.deepEqual(judge(late, board.keys, 65536, 3).lines, []);
});

test('a frame that was cut does not hide the one after it', (t) => {
  const board = new SampleBoard();
  const [a, b, c] = board.frames(3);
  for (const bytes of [1, 20, 64, 70]) {
    const { sequences } = judge([a, b.subarray(0, b.length - bytes), c], board.keys);
    t.deepEqual(sequences, [1, 3], `${bytes} bytes cut`);
  }
});

test('two frames swapped are named', (t) => {
  const board = new SampleBoard();
  const [a, b, c, d] = board.frames(4);
  t.deepEqual(judge([a, c, b, d], board.keys).lines, ['frame 2: out of place: it stands after frame 3']);
  t.deepEqual(judge([b, a, c, d], board.keys).lines, ['frame 1: out of place: it stands after frame 2']);
  t.deepEqual(judge([a, b, d, c], board.keys).lines, ['frame 3: out of place: it stands after frame 4']);
});

test('a duplicate is ignored', (t) => {
  const board = new SampleBoard();
  const [a, b, c] = board.frames(3);
  const verdict = judge([a, b, b, c, a], board.keys);
  t.deepEqual([verdict.frames, verdict.errors, verdict.duplicates], [3, 0, 2]);
});

test('a second frame with the same sequence number is named', (t) => {
  const board = new SampleBoard();
  const a = board.frame(0);
  const fake = board.seal(board.payload(8));
  const b = board.frame(1);
  t.deepEqual(judge([a, b, fake], board.keys).lines, ['frame 2: a second, different frame has this sequence number']);
});

test('a frame put in the place of another breaks the chain after it', (t) => {
  const board = new SampleBoard();
  const a = board.frame(0);
  const fake = board.seal(board.payload(8));
  board.frame(1);
  const c = board.frame(1);
  t.deepEqual(judge([a, fake, c], board.keys).lines, [
    'frame 3: its hash of the previous frame is not that of frame 2',
  ]);
  t.deepEqual(judge([a, c, fake], board.keys).lines, [
    'frame 2: out of place: it stands after frame 3',
    'frame 3: its hash of the previous frame is not that of frame 2',
  ]);
});

test('a frame after the first that names no previous one is named, and a first that does', (t) => {
  const board = new SampleBoard();
  const a = board.frame(0);
  const b = board.frame(1, [[7, undefined]]);
  t.deepEqual(judge([a, b], board.keys).lines, ['frame 2: it names no previous frame, as only frame 1 may']);
  const other = new SampleBoard();
  const first = other.frame(0, [[7, new Uint8Array(16)]]);
  t.regex(judge([first], other.keys).lines[0], /frame 1: it is the first ever/);
});

test('every bit flipped in a file is noticed, and every other frame still verified', (t) => {
  const board = new SampleBoard();
  const frames = board.frames(4);
  const flippedFrame = 2;
  for (let bit = 0; bit < frames[flippedFrame].length * 8; bit++) {
    const flipped = Uint8Array.from(frames[flippedFrame]);
    flipped[bit >> 3] ^= 1 << (bit & 7);
    const { sequences, lines } = judge([frames[0], frames[1], flipped, frames[3]], board.keys);
    t.deepEqual(sequences, [1, 2, 4], `bit ${bit}`);
    t.true(
      lines.some((line) => line.startsWith('frame 3: ')),
      `bit ${bit}: ${lines.join('; ')}`,
    );
    t.true(
      lines.some((line) => line.includes('number 3 in the file, byte')),
      `bit ${bit}: ${lines.join('; ')}`,
    );
  }
});

test('a bit flipped in the last frame is noticed', (t) => {
  const board = new SampleBoard();
  const frames = board.frames(3);
  for (let bit = 0; bit < frames[2].length * 8; bit++) {
    const flipped = Uint8Array.from(frames[2]);
    flipped[bit >> 3] ^= 1 << (bit & 7);
    const { sequences, errors } = judge([frames[0], frames[1], flipped], board.keys);
    t.deepEqual(sequences, [1, 2]);
    t.true(errors > 0);
  }
});

test('a file cut at any byte is noticed', (t) => {
  const board = new SampleBoard();
  const bytes = Buffer.concat(board.frames(2));
  const firstBytes = new SampleBoard().frame(0).length;
  for (let length = 0; length < bytes.length; length++) {
    const { errors, frames } = judge([bytes.subarray(0, length)], board.keys);
    if (length !== firstBytes) t.true(errors > 0, `${length} bytes`);
    t.is(frames, length >= firstBytes ? 1 : 0);
  }
  t.regex(judge([bytes.subarray(0, bytes.length - 1)], board.keys).lines[0], /the file ends within it/);
});

test('64 KB of noise in a file is one line, and later frames are verified', (t) => {
  const board = new SampleBoard();
  const [a, b, c, d] = board.frames(4);
  const noise = createHash('shake256', { outputLength: 65536 }).update('noise').digest();
  const { sequences, lines } = judge([a, b, noise, c, d], board.keys, 1000);
  t.deepEqual(sequences, [1, 2, 3, 4]);
  t.is(lines.length, 1);
  t.regex(lines[0], /65536 bytes are no frame \(number 3 in the file, byte \d+\)/);
  t.is(judge([noise], board.keys).frames, 0);
});

test('noise that begins like frames does no harm', (t) => {
  const board = new SampleBoard();
  const [a, b] = board.frames(2);
  const starts = Buffer.alloc(8192, Buffer.from('d284', 'hex'));
  const claims = Buffer.from('d2845a00000fff', 'hex');
  for (const noise of [starts, claims, Buffer.concat([claims, randomBytes(5000)]), Buffer.of(0xd2)]) {
    const { sequences, errors } = judge([a, noise, b], board.keys, 512);
    t.deepEqual(sequences, [1, 2]);
    t.true(errors > 0);
  }
});

test('frames of another key are refused and do not disturb the chain', (t) => {
  const [board, other] = [new SampleBoard(), new SampleBoard()];
  const [a, b] = board.frames(2);
  const { sequences, lines } = judge([a, other.frame(0), b], board.keys);
  t.deepEqual(sequences, [1, 2]);
  t.deepEqual(lines.length, 1);
  t.regex(lines[0], /no key/);
});

test('two boards in one file have a chain each', (t) => {
  const [a, b] = [new SampleBoard(), new SampleBoard()];
  const keys = new Map([...a.keys, ...b.keys]);
  t.is(judge([a.frame(0), b.frame(0), b.frame(), a.frame()], keys).errors, 0);
});

test('a leap of the sequence number over almost everything is one line', (t) => {
  const board = new SampleBoard();
  const a = board.frame(0);
  board.sequence = 2 ** 52;
  const b = board.frame(1, [[5, 7]]);
  const verdict = judge([a, b], board.keys);
  t.deepEqual(verdict.lines, [`frames 2 to ${2 ** 52 - 1}: missing`]);
});

test('an empty file is an error', (t) => {
  t.is(judge([], new SampleBoard().keys).errors, 1);
});
