/** Power cuts at every flash operation of a scripted life (littlefs: `runners/test_runner.c` does the same to its disks). */
import test, { type ExecutionContext } from 'ava';
import { FrameLog } from '../../modules/log/frame-log.js';
import { PowerCut, SimulatedFlash } from '../../simulator/flash.js';
import { Random } from '../../simulator/random.js';
import { append, readBack, sampleFrame } from './sample-record.js';

const SECTORS = 3;
const FRAMES = 300;

class Life {
  readonly flash: SimulatedFlash;
  log: FrameLog;
  /** Frames whose append returned. */
  readonly kept = new Map<number, Uint8Array>();
  private readonly random: Random;
  private appended = 0;

  constructor(seed: number) {
    this.flash = new SimulatedFlash({ size: SECTORS * 4096, eraseBytes: 4096, pageBytes: 256 }, seed);
    this.log = new FrameLog(this.flash);
    this.random = new Random(seed, 'lengths');
  }

  /** Appends until `frames` were appended in all; the frame under way when the power went, null when it did not. */
  live(t: ExecutionContext, frames: number): Uint8Array | null {
    for (; this.appended < frames; this.appended++) {
      const { head } = this.log;
      const frame = sampleFrame(`${this.appended}`, 60 + this.random.below(400));
      try {
        append(this.log, frame);
      } catch (error) {
        if (!(error instanceof PowerCut)) throw error;
        this.appended++;
        return frame;
      }
      if (this.kept.has(head)) t.fail(`number ${head} was given twice`);
      this.kept.set(head, frame);
    }
    return null;
  }

  /** Opens the log after a cut and checks all that was promised; `torn` is the frame under way. */
  reboot(t: ExecutionContext, torn: Uint8Array | null, title: string): void {
    const { log: before, kept } = this;
    this.flash.powerOn();
    const log = new FrameLog(this.flash);
    this.log = log;
    // What was under way may be there, whole, when the power went with its last bit.
    const last = before.head - 1;
    if (log.head === before.head + 1) {
      const extra = readBack(log, before.head);
      if (torn === null || extra === null || Buffer.compare(extra, torn) !== 0) t.fail(`${title}: an extra frame`);
      else kept.set(before.head, extra);
    } else if (log.head !== before.head) t.fail(`${title}: head ${log.head}, expected ${before.head}`);
    if (log.tail > before.tail) t.fail(`${title}: tail ${log.tail}, was ${before.tail}`);
    for (let sequence = before.tail; sequence <= last; sequence++) {
      const frame = readBack(log, sequence);
      if (frame === null) t.fail(`${title}: frame ${sequence} of ${before.tail} to ${last} is gone`);
      else if (Buffer.compare(frame, kept.get(sequence)!) !== 0) t.fail(`${title}: frame ${sequence} is another`);
    }
    for (let sequence = log.tail; sequence < before.tail; sequence++) {
      const frame = readBack(log, sequence);
      if (frame !== null && Buffer.compare(frame, kept.get(sequence)!) !== 0)
        t.fail(`${title}: half frame ${sequence}`);
    }
  }
}

test(`${FRAMES} frames on ${SECTORS} sectors: a power cut at any flash operation loses nothing that append returned for`, (t) => {
  const whole = new Life(1);
  whole.live(t, FRAMES);
  const { operations } = whole.flash;
  t.true(Math.min(...whole.flash.eraseCounts) >= 3, 'the ring wraps');
  for (let cut = 0; cut < operations; cut++) {
    const life = new Life(1);
    life.flash.cutPowerAt(cut);
    const torn = life.live(t, FRAMES);
    if (torn === null) t.fail(`cut ${cut} did not come`);
    const { boot } = life.log;
    const hasWritten = life.log.head > 1;
    life.reboot(t, torn, `cut ${cut}`);
    if (hasWritten) t.is(life.log.boot, boot + 1, `boot after cut ${cut}`);
    // Life goes on: more than a ring, then a reboot without a cut.
    const before = life.log.boot;
    t.is(life.live(t, FRAMES + 40), null);
    life.reboot(t, null, `second reboot after cut ${cut}`);
    t.is(life.log.boot, before + 1, `second boot after cut ${cut}`);
  }
  t.log(`${operations} operations`);
});

for (const seed of [1, 2, 3])
  test(`a life of many power cuts at random operations loses nothing and repeats no number (seed ${seed})`, (t) => {
    const random = new Random(seed, 'cuts');
    const life = new Life(seed);
    let cuts = 0;
    while (life.kept.size < 2000) {
      life.flash.cutPowerAt(life.flash.operations + random.below(40));
      const torn = life.live(t, Number.POSITIVE_INFINITY);
      life.reboot(t, torn, `seed ${seed}, cut ${cuts}`);
      cuts++;
    }
    t.log(`${cuts} cuts`);
    t.pass();
  });
