/** A valve's two end switches on one order: twins. */
import test from 'ava';
import {
  CLASS_ATTACK,
  CLASS_FAULT,
  Finding,
  VERDICT_CONTRADICTED,
  VERDICT_LATE,
  VERDICT_MISSING,
} from '../../modules/detect/finding.js';
import { IncidentTable } from '../../modules/incident/incident-table.js';
import { ContactPair, pairTwins } from '../../modules/orders/contact-pair.js';
import { LineFeed } from '../condition/line-feed.js';

const STROKE_MS = 1000;

/** Lines: order, opened, closed. */
class Valve {
  readonly pairs: ContactPair[];
  readonly said: {
    readonly pair: number;
    readonly verdict: number;
    readonly isFault: boolean;
    readonly atMs: number;
  }[] = [];
  readonly feed: LineFeed;
  isLearning = true;
  /** That the pairs report to, where there is one. */
  table: IncidentTable | null = null;
  private readonly finding = new Finding();

  constructor() {
    const wired = [
      { name: 'opens', order: 0, execution: 1, isInverted: false },
      { name: 'leaves closed', order: 0, execution: 2, isInverted: true },
    ];
    this.pairs = wired.map((pair, i) => new ContactPair(pair, i, 0, 1000));
    pairTwins(this.pairs);
    this.feed = new LineFeed([20, 20, 20], (block) => this.step(block.timeUs));
    this.feed.levels[2] = 1;
    this.feed.run(1000);
  }

  private step(nowUs: number): void {
    const { finding, pairs, said } = this;
    for (const [i, pair] of pairs.entries()) {
      if (!pair.step(this.feed.contacts, nowUs, this.isLearning, finding)) continue;
      pair.hasIncident = this.table === null ? finding.isActive : this.table.report(finding, nowUs);
      const last = said.filter((one) => one.pair === i).pop();
      if (finding.isActive && last?.verdict !== finding.verdict)
        said.push({
          pair: i,
          verdict: finding.verdict,
          isFault: finding.incidentClass === CLASS_FAULT,
          atMs: nowUs / 1000,
        });
    }
  }

  /** Orders the level; the stroke takes `strokeMs`, Infinity: it stops halfway. */
  order(level: number, strokeMs = STROKE_MS): number {
    const { feed } = this;
    const { atMs } = feed;
    feed.levels[0] = level;
    feed.run(80);
    feed.levels[level === 1 ? 2 : 1] = 0;
    if (strokeMs === Infinity) {
      feed.run(5000);
      return atMs;
    }
    feed.run(strokeMs);
    feed.levels[level === 1 ? 1 : 2] = 1;
    feed.run(2000);
    return atMs;
  }

  learn(): this {
    for (let i = 0; i < 10; i++) this.order(1 - (i % 2), STROKE_MS + 5 * i);
    for (const pair of this.pairs) {
      pair.calibrate(1);
      pair.restartVerdicts();
    }
    this.isLearning = false;
    return this;
  }
}

test('a valve that has left one end in time and takes long to the other is late: a fault, not an attack', (t) => {
  const valve = new Valve().learn();
  valve.order(1, 1.4 * STROKE_MS);
  t.like(valve.said, [{ pair: 0, verdict: VERDICT_LATE, isFault: true }]);
  t.is(valve.said.length, 1);
  t.deepEqual(valve.pairs[0].verdicts, [0, 1, 0, 0, 0]);
  t.deepEqual(valve.pairs[1].verdicts, [1, 0, 0, 0, 0]);
});

test('a valve that stops between its ends is missing at twice the bound', (t) => {
  const valve = new Valve().learn();
  const orderedMs = valve.order(1, Infinity);
  t.deepEqual(
    valve.said.map(({ verdict }) => verdict),
    [VERDICT_LATE, VERDICT_MISSING],
  );
  const { boundUs } = valve.pairs[0].closing;
  t.true(valve.said[0].atMs - orderedMs - boundUs / 1000 <= 20);
  t.true(valve.said[1].atMs - orderedMs - (2 * boundUs) / 1000 <= 20);
  t.deepEqual(valve.pairs[0].verdicts, [0, 0, 1, 0, 0]);
});

test('a valve that leaves neither end is missing at once', (t) => {
  const valve = new Valve().learn();
  valve.feed.levels[0] = 1;
  const { atMs } = valve.feed;
  valve.feed.run(400);
  t.like(valve.said, [{ pair: 1, verdict: VERDICT_MISSING, isFault: false }]);
  t.true(valve.said[0].atMs - atMs - valve.pairs[1].closing.boundUs / 1000 <= 20);
});

test('both ends reached at once contradict the order', (t) => {
  const valve = new Valve().learn();
  valve.order(1);
  valve.feed.levels[2] = 1;
  valve.feed.run(500);
  t.true(valve.said.some(({ pair, verdict }) => pair === 0 && verdict === VERDICT_CONTRADICTED));
  valve.feed.levels[2] = 0;
  valve.feed.run(500);
  t.false(valve.pairs[0].hasIncident);
});

test('a late answer told missing before is a fault in its last word, and one order in the count', (t) => {
  const valve = new Valve().learn();
  const { feed } = valve;
  feed.levels[0] = 1;
  feed.run(600);
  feed.levels[2] = 0;
  feed.run(300);
  const said = valve.said.filter(({ pair }) => pair === 1);
  t.like(said, [
    { verdict: VERDICT_MISSING, isFault: false },
    { verdict: VERDICT_LATE, isFault: true },
  ]);
  t.deepEqual(valve.pairs[1].verdicts, [0, 1, 0, 0, 0]);
});

test('strokes late one after the other are one incident; one that stops later is another, over a second after it ends', (t) => {
  const valve = new Valve().learn();
  const table = new IncidentTable(4);
  valve.table = table;
  for (let i = 0; i < 10; i++) {
    valve.order(1 - (i % 2), 1.4 * STROKE_MS);
    valve.feed.run(20_000);
  }
  t.deepEqual([valve.pairs[0].verdicts[VERDICT_LATE], valve.pairs[1].verdicts[VERDICT_LATE]], [5, 5]);
  t.deepEqual([table.opened, table.open], [1, 1]);
  valve.order(1, Infinity);
  t.deepEqual([table.opened, table.open], [2, 2], 'the other end is still known to be late');
  t.true(table.incidents.some(({ id, incidentClass }) => id === 2 && incidentClass === CLASS_ATTACK));
  valve.feed.levels[1] = 1;
  valve.feed.run(1500);
  t.deepEqual([table.opened, table.open], [2, 1]);
  valve.feed.run(900_000);
  t.is(table.open, 0);
});
