/** A board that rotates its key for ever: what is followed of it is bounded, and the collector starts. */
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { followKey, loadKeyRing, SUCCESSIONS_MAX, SUCCESSORS_ENDING } from '../../hosts/collector/key-succession.js';
import { writeKey } from '../../hosts/collector/keys.js';
import { isRefusal, verifyFrame } from '../../hosts/collector/verify.js';
import { KIND_KEY } from '../../modules/frame/kinds.js';
import { SampleBoard } from './sample-frames.js';

/** `board` says that `next` replaces it. */
function keyFrame(board: SampleBoard, next: SampleBoard, sequence: number): Uint8Array {
  const key = new Map<number, unknown>([
    [1, 2],
    [-1, 1],
    [-2, next.x],
    [-3, next.y],
  ]);
  board.sequence = sequence;
  return board.frame(KIND_KEY, [
    [7, sequence === 1 ? undefined : new Uint8Array(16)],
    [8, new Map([[1, key]])],
  ]);
}

test('of a board as many successors are followed as the bound says; one more is refused, also from a file', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'succession-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  let board = new SampleBoard();
  writeKey(directory, board.x, board.y);
  const keys = loadKeyRing(directory);
  const [device] = keys.keys();
  for (let i = 0; i <= SUCCESSIONS_MAX; i++) {
    const next = new SampleBoard();
    const bytes = keyFrame(board, next, i + 1);
    board = next;
    const frame = verifyFrame(bytes, keys);
    if (isRefusal(frame)) return t.fail(`${i}: ${frame.reason}`);
    const succession = followKey(frame, keys);
    t.is(succession?.isFollowed, i < SUCCESSIONS_MAX, succession?.line);
    if (i === SUCCESSIONS_MAX) t.regex(succession?.line ?? '', /as often as is followed/);
    // as by a collector that did not count
    appendFileSync(join(directory, device + SUCCESSORS_ENDING), bytes);
  }
  t.is(loadKeyRing(directory).size, SUCCESSIONS_MAX + 1);
});
