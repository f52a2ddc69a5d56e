/** The collector's end of a line that boards share, in its own time: whose turn it is, and who is left in peace. */
import { Duplex } from 'node:stream';
import test from 'ava';
import { SerialSource } from '../../hosts/collector/serial.js';
import { dataMessages, idleMessage } from './sample-log.js';
import { packet } from './sample-wire.js';

class Line {
  nowMs = 0;
  readonly written: Uint8Array[] = [];
  readonly stream: Duplex;
  readonly source: SerialSource;
  readonly heard: string[] = [];
  freed = 0;

  constructor(addresses: readonly number[], baud = 115200) {
    this.stream = new Duplex({
      read() {},
      write: (bytes: Uint8Array, _encoding, done) => {
        this.written.push(bytes);
        done();
      },
    });
    this.source = new SerialSource(this.stream, addresses, { baud, nowMs: () => this.nowMs });
  }

  async start(): Promise<void> {
    await this.source.start(
      (peer) => this.heard.push(peer),
      () => {},
      () => this.freed++,
    );
  }

  bring(bytes: Uint8Array): void {
    this.stream.emit('data', bytes);
  }

  /** Milliseconds until a poll is taken. */
  pollWhenFree(peer: string): number {
    const fromMs = this.nowMs;
    while (!this.source.poll(peer, 1)) this.nowMs++;
    return this.nowMs - fromMs;
  }
}

test('the bounds of the log end an answer at once; without them 25 ms of silence do', async (t) => {
  const line = new Line([1, 2]);
  await line.start();
  const frame = new Uint8Array(100).fill(7);
  t.is(line.pollWhenFree('1'), 0);
  line.bring(packet(1, dataMessages(1, frame)[0]));
  line.bring(packet(1, idleMessage(1, 2)));
  t.true(line.pollWhenFree('2') <= 2);
  line.bring(packet(2, dataMessages(1, frame)[0]));
  t.is(line.pollWhenFree('1'), 25);
  // bounds before frames: older ones are gone, the answer goes on
  line.bring(packet(1, idleMessage(5, 9)));
  t.true(line.pollWhenFree('2') >= 25);
});

test('a poll begins with a zero, which ends whatever was on the line', async (t) => {
  const line = new Line([1]);
  await line.start();
  line.bring(Uint8Array.of(3, 200, 17));
  line.nowMs += 100;
  t.true(line.source.poll('1', 1));
  t.is(line.written[0][0], 0);
  line.bring(packet(1, idleMessage(1, 1)));
  t.deepEqual(line.heard, ['1']);
});

test('a board that is silent is asked less and less often, noise is no silence, and one word makes it good', async (t) => {
  const line = new Line([1]);
  await line.start();
  const pauses = Array.from({ length: 14 }, () => line.pollWhenFree('1'));
  for (let i = 5; i < pauses.length; i++) t.true(pauses[i] >= pauses[i - 1], `${pauses}`);
  t.true(pauses[3] < 400 && pauses[13] > 15_000 && pauses[13] < 21_000, `${pauses}`);
  line.bring(packet(1, idleMessage(1, 1)));
  t.true(line.pollWhenFree('1') < 100);
  for (let i = 0; i < 10; i++) {
    line.bring(new Uint8Array(40).fill(0x55));
    t.true(line.pollWhenFree('1') < 100, 'noise after each poll');
  }
});

test('a line that is never quiet is talked into once a second', async (t) => {
  const line = new Line([1]);
  await line.start();
  line.pollWhenFree('1');
  let polls = 0;
  for (let i = 0; i < 5000; i++) {
    line.nowMs++;
    line.bring(Uint8Array.of(0x55));
    if (line.source.poll('1', 1)) polls++;
  }
  t.true(polls >= 4 && polls <= 5, `${polls}`);
});

test('an answer holds the line for about as long at every speed', (t) => {
  for (const [baud, bytes] of [
    [1200, 512],
    [19200, 672],
    [115200, 4032],
    [1_000_000, 16384],
  ])
    t.is(new Line([1], baud).source.answerBytesMax, bytes);
});
