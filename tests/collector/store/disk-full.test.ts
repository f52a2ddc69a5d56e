import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import fs, { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { Collector } from '../../../hosts/collector/collector.js';
import { framesText } from '../../../hosts/collector/frame-error.js';
import { Store } from '../../../hosts/collector/store/store.js';
import { UdpSource } from '../../../hosts/collector/udp.js';
import { type Frame, isRefusal, verifyFrame } from '../../../hosts/collector/verify.js';
import { SampleBoard } from '../sample-frames.js';
import { dataMessages, SampleLog } from '../sample-log.js';

function verified(board: SampleBoard, count: number): Frame[] {
  return board.frames(count).map((bytes) => {
    const verdict = verifyFrame(bytes, board.keys);
    if (isRefusal(verdict)) throw new Error(verdict.reason);
    return verdict;
  });
}

/** Until the returned function is called the disk takes `bytes` more bytes, then half of what comes, then nothing. */
function fillDisk(bytes: number): () => void {
  const original = fs.writeSync as (...args: unknown[]) => number;
  let left = bytes;
  const limited = (file: number, data: Uint8Array, offset = 0, length = data.length - offset, at?: number) => {
    if (left <= 0) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', syscall: 'write' });
    const written = original(file, data, offset, Math.min(length, left), at);
    left -= written;
    return written;
  };
  fs.writeSync = limited as unknown as typeof fs.writeSync;
  syncBuiltinESMExports();
  return () => {
    fs.writeSync = original as typeof fs.writeSync;
    syncBuiltinESMExports();
  };
}

test.serial(
  'a disk that is full within any byte of a frame leaves the store as it was, and goes on when there is room',
  (t) => {
    const board = new SampleBoard();
    const frames = verified(board, 6);
    const whole = Buffer.concat(frames.map(({ bytes }) => bytes));
    for (let room = 0; room < whole.length; room += 37) {
      const directory = mkdtempSync(join(tmpdir(), 'full-'));
      const states: (string | undefined)[] = [];
      const store = new Store(directory, { keys: board.keys, onState: (reason) => states.push(reason) });
      const restore = fillDisk(room);
      const taken = frames.filter((frame) => store.append(frame)).length;
      store.sync();
      restore();
      t.deepEqual(states, ['no space left on the disk'], `room for ${room} bytes`);
      const name = fs.readdirSync(join(directory, board.key.keyId)).find((file) => file.endsWith('.cbor')) as string;
      const segment = join(directory, board.key.keyId, name);
      const before = frames.slice(0, taken).reduce((bytes, frame) => bytes + frame.bytes.length, 0);
      t.deepEqual(readFileSync(segment), whole.subarray(0, before));
      for (const frame of frames) t.true(store.append(frame));
      t.is(states.at(-1), undefined);
      store.close();
      t.deepEqual(readFileSync(segment), whole);
      const again = new Store(directory, { keys: board.keys, isReadOnly: true });
      t.is(again.held(board.key.keyId).size, 6);
      rmSync(directory, { recursive: true });
    }
  },
);

/** A file system of `kilobytes` at `directory`; undefined where that is not permitted. */
function mountSmall(directory: string, kilobytes: number): (() => void) | undefined {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', directory], { stdio: 'ignore' });
    return () => execFileSync('umount', [directory]);
  } catch {
    return undefined;
  }
}

test.serial(
  'a full file system: said, nothing lost or changed, and every frame comes once there is room',
  async (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'full-'));
    const unmount = mountSmall(directory, 128);
    if (unmount === undefined) {
      t.log('no privilege to mount a small file system: the injected full disk stands for it');
      t.pass();
      return;
    }
    const board = new SampleBoard();
    const ballast = join(directory, 'ballast');
    const states: (string | undefined)[] = [];
    const store = new Store(directory, { keys: board.keys, onState: (reason) => states.push(reason) });
    const [sequences, lines]: [number[], string[]] = [[], []];
    const source = new UdpSource('127.0.0.1', 0);
    const collector = new Collector({
      ...{ keys: board.keys, source, store, pollMs: 30, retryMs: 30 },
      onFrame: ({ sequence }) => sequences.push(sequence),
      onError: ({ first, last, reason }) => lines.push(`${framesText(first, last)}: ${reason}`),
    });
    const socket = createSocket('udp4');
    try {
      await collector.start();
      writeFileSync(ballast, new Uint8Array(96 * 1024));
      const log = new SampleLog();
      socket.on('message', (request) => {
        for (const answer of log.answer(request)) socket.send(answer, source.port, '127.0.0.1');
      });
      await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
      for (const frame of board.frames(300)) {
        const sequence = log.append(frame);
        for (const message of dataMessages(sequence, frame)) socket.send(message, source.port, '127.0.0.1');
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      // a short frame may still find room where a long one did not
      t.is(states[0], 'no space left on the disk');
      t.is(states.at(-1), 'no space left on the disk');
      t.true(sequences.length > 10 && sequences.length < 300, `${sequences.length} stored`);
      rmSync(ballast);
      writeFileSync(ballast, new Uint8Array(8 * 1024));
      await collector.catchUp(301, 30_000);
      t.is(states.at(-1), undefined);
      t.deepEqual(sequences, [...log.frames.keys()]);
      t.deepEqual(lines, []);
      const stored = [...(store.device(board.key.keyId)?.frames() ?? [])].map(({ bytes }) => Buffer.from(bytes));
      t.deepEqual(
        Buffer.concat(stored.sort((a, b) => a.compare(b))),
        Buffer.concat([...log.frames.values()].map((bytes) => Buffer.from(bytes)).sort((a, b) => a.compare(b))),
      );
    } finally {
      socket.close();
      await collector.close();
      store.close();
      unmount();
    }
  },
);
