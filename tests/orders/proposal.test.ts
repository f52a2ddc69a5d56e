/** Pairs that are proposed from learning data where the wiring states none. */
import test from 'ava';
import { Finding, VERDICT_MISSING } from '../../modules/detect/finding.js';
import { OrderWatch } from '../../modules/orders/order-watch.js';
import type { Pair } from '../../modules/orders/pair.js';
import { Random } from '../../simulator/random.js';
import { LineFeed } from '../condition/line-feed.js';
import { contact, sampleConfiguration } from '../sensor/sample-configuration.js';

/** Lines: order, its answer, an inverted one, one that moves as it likes. */
class Lines {
  readonly pairs: Pair[] = [];
  readonly verdicts: number[] = [];
  readonly watch: OrderWatch;
  readonly feed: LineFeed;
  progress = 0;
  private readonly random: Random;
  private readonly finding = new Finding();

  constructor(seed: number) {
    this.random = new Random(seed, 'lines');
    this.feed = new LineFeed([20, 20, 20, 20], (block) => {
      const hasChange = this.feed.contacts.some((line) => line.hasChanged === 1);
      if (this.watch.isRestless(hasChange, block.timeUs))
        this.watch.step(block.timeUs, this.progress, this.finding, this);
    });
    const digital = ['order', 'answer', 'inverted', 'free'].map((name) => contact(name));
    this.watch = new OrderWatch(sampleConfiguration({ analog: [], digital }), 1000, [], this.feed.contacts, this.pairs);
    this.feed.levels[2] = 1;
    this.feed.run(500);
  }

  report(): boolean {
    if (this.finding.isActive) this.verdicts.push(this.finding.verdict);
    return this.finding.isActive;
  }

  cycle(isAnswered = true): void {
    const { feed, random } = this;
    feed.levels[0] ^= 1;
    feed.run(40 + random.below(20));
    if (isAnswered) feed.levels[1] ^= 1;
    feed.run(30 + random.below(20));
    if (isAnswered) feed.levels[2] ^= 1;
    feed.run(100 + random.below(700));
    feed.levels[3] ^= 1;
    feed.run(600 + random.below(700));
  }
}

for (const seed of [1, 2, 3])
  test(`contacts that follow within a steady delay are proposed, learned and watched (seed ${seed})`, (t) => {
    const lines = new Lines(seed);
    for (let i = 0; i < 60; i++) {
      lines.progress = i / 60;
      lines.cycle();
    }
    t.deepEqual(
      lines.pairs.map(({ order, execution, inversion }) => [order, execution, inversion]),
      [
        [0, 1, 0],
        [1, 2, 1],
      ],
    );
    lines.watch.calibrate(1);
    lines.progress = 1;
    for (let i = 0; i < 10; i++) lines.cycle();
    t.deepEqual(lines.verdicts, []);
    lines.cycle(false);
    t.is(lines.verdicts[0], VERDICT_MISSING);
  });

test('where the wiring states pairs, or samples are too slow to time them, none is proposed', (t) => {
  const digital = ['a', 'b'].map((name) => contact(name));
  const { contacts } = new LineFeed([20, 20]);
  const stated = sampleConfiguration({ digital, pairs: [{ name: 'p', order: 0, execution: 1, isInverted: false }] });
  t.is(new OrderWatch(stated, 1000, [], contacts, []).proposal, null);
  t.is(new OrderWatch(sampleConfiguration({ digital }), 1e6, [], contacts, []).proposal, null);
  t.not(new OrderWatch(sampleConfiguration({ digital }), 1000, [], contacts, []).proposal, null);
});
