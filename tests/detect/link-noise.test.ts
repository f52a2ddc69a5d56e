import test from 'ava';
import { Finding } from '../../modules/detect/finding.js';
import { LinkNoise } from '../../modules/detect/link-noise.js';
import { Random } from '../../simulator/random.js';
import { MemoryArchive } from './memory-archive.js';

/** Feeds so many seconds of noise, `perSecond` each in the mean; the largest score. */
function feed(detector: LinkNoise, state: { noise: number }, seconds: number, perSecond: number, isLearning = false) {
  const random = new Random(1, `noise ${perSecond}`);
  let largest = 0;
  for (let i = 0; i < seconds; i++) {
    let at = -Math.log(random.uniform());
    while (at < perSecond) {
      state.noise++;
      at += -Math.log(random.uniform());
    }
    largest = Math.max(largest, detector.add(state.noise, isLearning));
  }
  return largest;
}

test('a quiet bus and now and then a damaged packet are no alarm, a jabbering node is one within seconds', (t) => {
  for (const [learned, jabber, seconds] of [
    [0, 45, 1],
    [2, 45, 10],
    // at 9600 baud
    [0.1, 3.75, 30],
  ]) {
    const detector = new LinkNoise();
    const state = { noise: 0 };
    t.true(feed(detector, state, 300, learned, true) < 1);
    t.true(feed(detector, state, 3600, learned) < 1, `${learned} a second`);
    t.true(feed(detector, state, seconds, jabber) > 1, `${jabber} a second`);
  }
});

test('noise while learning does not hide a jabbering node: the bound has an end', (t) => {
  const detector = new LinkNoise();
  const state = { noise: 0 };
  t.true(feed(detector, state, 300, 45, true) > 1, 'and is told while learning');
  t.true(feed(detector, state, 60, 45) > 1);
});

test('what it says: noise a minute, and no channel', (t) => {
  const detector = new LinkNoise();
  detector.add(0, false);
  detector.add(100, false);
  const finding = new Finding();
  finding.begin(17, 0, 0);
  detector.explain(finding, false);
  t.is(finding.channels, 0);
  t.deepEqual([finding.expectedLow, finding.expectedHigh, finding.observed], [0, 180, 600]);
});

test('what was learned survives in the model', (t) => {
  const [learned, loaded] = [new LinkNoise(), new LinkNoise()];
  feed(learned, { noise: 0 }, 300, 5, true);
  const archive = new MemoryArchive();
  learned.archive(0, archive);
  archive.load();
  loaded.archive(0, archive);
  const [before, after] = [new Finding(), new Finding()];
  learned.explain(before, false);
  loaded.explain(after, false);
  t.is(after.expectedHigh, before.expectedHigh);
  t.true(after.expectedHigh > 180);
});
