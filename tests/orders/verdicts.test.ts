/**
 * 10,000 random orders of each kind of pair: random delays, orders and executions that chatter, and one in six that is
 * late, missing, contradicted, withdrawn or followed by a movement without order. The verdicts counted over each order
 * must be the simulator's truth.
 */
import test, { type ExecutionContext } from 'ava';
import {
  VERDICT_CONTRADICTED,
  VERDICT_DONE,
  VERDICT_LATE,
  VERDICT_MISSING,
  VERDICT_UNORDERED,
} from '../../modules/detect/finding.js';
import { Contact } from '../../simulator/contact.js';
import { Random } from '../../simulator/random.js';
import { type Kind, OrderBench } from './order-bench.js';

const SEED = 2026;
const ORDERS = 10_000;
const LEARNED = 300;
const RIGHT_MIN = 0.999;
const NAMES = ['done', 'late', 'missing', 'contradicted', 'unordered'];

const CASES = ['late', 'missing', 'contradicted', 'fallback', 'unordered', 'withdrawn', 'halfway'] as const;
type Case = 'done' | (typeof CASES)[number];

/** One in six orders is no plain one. */
function draw(random: Random): Case {
  return random.uniform() < 1 / 6 ? CASES[random.below(CASES.length)] : 'done';
}

/** What a kind of pair does with one order. */
interface Player {
  readonly bench: OrderBench;
  /** Plays one order to its end and gives the verdicts that it must get. */
  play(what: Case): number[];
  /** A plain order, for learning. */
  random: Random;
}

function truth(...verdicts: number[]): number[] {
  const counts = [0, 0, 0, 0, 0];
  for (const verdict of verdicts) counts[verdict]++;
  return counts;
}

/** A contactor with its auxiliary contact, 30 to 60 ms to close and 15 to 30 to open. */
class ContactPlayer implements Player {
  readonly bench = new OrderBench('contact', SEED);
  readonly random = new Random(SEED, 'contact orders');
  private readonly auxiliary = new Contact(0, new Random(SEED, 'bounce'));
  private position = 0;
  private order = 0;

  private run(ms: number): void {
    this.bench.run(ms, () => {
      this.bench.levels[0] = this.order;
      this.bench.levels[1] = this.auxiliary.step(this.position);
    });
  }

  /** Glitches on the order's wire, shorter than its debounce time. */
  private rest(ms: number): void {
    const { random } = this;
    const glitches = random.uniform() < 0.1 ? 1 + random.below(3) : 0;
    for (let i = 0; i < glitches; i++) {
      this.order ^= 1;
      this.run(1 + random.below(8));
      this.order ^= 1;
      this.run(60);
    }
    this.run(ms);
  }

  play(what: Case): number[] {
    const { random } = this;
    this.order ^= 1;
    const { order } = this;
    if (this.position === order) {
      // the order before was not executed
      this.rest(600 + random.below(400));
      return truth();
    }
    const delayMs = order === 1 ? 30 + random.below(31) : 15 + random.below(16);
    if (what === 'missing' || what === 'halfway') {
      this.rest(1000);
      return truth(VERDICT_MISSING);
    }
    if (what === 'withdrawn') {
      this.run(23 + random.below(10));
      this.order ^= 1;
      this.rest(1000);
      return truth();
    }
    this.run(what === 'late' ? 250 + random.below(1000) : delayMs);
    this.position = order;
    if (what === 'fallback' || what === 'contradicted') {
      this.run(44 + random.below(8));
      this.position ^= 1;
      this.rest(700);
      return truth(VERDICT_CONTRADICTED);
    }
    this.rest(500 + random.below(500));
    if (what === 'unordered') {
      this.position ^= 1;
      this.run(200 + random.below(400));
      this.position ^= 1;
      this.rest(400);
      return truth(VERDICT_DONE, VERDICT_UNORDERED);
    }
    return truth(what === 'late' ? VERDICT_LATE : VERDICT_DONE);
  }
}

/** A pump's flow: dead time of 50 to 100 ms, then a lag of 250 to 350 ms between 30 and 80 per cent. */
class LevelPlayer implements Player {
  readonly bench = new OrderBench('level', SEED);
  readonly random = new Random(SEED, 'level orders');
  private value = 30;
  private target = 30;
  private tauMs = 300;
  private order = 0;

  private run(ms: number): void {
    this.bench.run(ms, () => {
      this.value += (this.target - this.value) / this.tauMs;
      this.bench.levels[0] = this.order;
      this.bench.values[0] = this.value;
    });
  }

  private rest(ms: number): void {
    const { random } = this;
    const glitches = random.uniform() < 0.1 ? 1 + random.below(3) : 0;
    for (let i = 0; i < glitches; i++) {
      this.order ^= 1;
      this.run(1 + random.below(8));
      this.order ^= 1;
      this.run(60);
    }
    this.run(ms);
  }

  play(drawn: Case): number[] {
    const { random } = this;
    // an answer that stopped halfway comes to rest first
    const what = this.value > 35 && this.value < 75 ? 'done' : drawn;
    const wanted = () => (this.order === 1 ? 79 : 29) + 2 * random.uniform();
    const before = this.value;
    this.order ^= 1;
    const towards = wanted();
    const isThere = Math.abs(this.value - towards) < 5 || (this.order === 0 ? this.value < 30 : this.value > 80);
    this.tauMs = 250 + random.below(101);
    if (isThere) {
      this.run(50);
      this.target = towards;
      this.rest(1800);
      return truth();
    }
    if (what === 'missing') {
      this.rest(2200);
      return truth(VERDICT_MISSING);
    }
    if (what === 'withdrawn') {
      this.run(30 + random.below(20));
      this.order ^= 1;
      this.rest(1800);
      return truth();
    }
    this.run(50 + random.below(51));
    if (what === 'late') {
      if (random.uniform() < 0.5) this.run(1000 + random.below(1000));
      else this.tauMs *= 3.5;
    }
    this.target = towards;
    if (what === 'contradicted') this.target = before - 0.4 * (towards - before);
    if (what === 'halfway') this.target = before + (0.4 + 0.2 * random.uniform()) * (towards - before);
    this.rest(2200);
    if (what === 'contradicted') return truth(VERDICT_CONTRADICTED);
    if (what === 'halfway') return truth(VERDICT_MISSING);
    if (what === 'late') return truth(VERDICT_LATE);
    if (what === 'unordered') {
      this.target = before;
      this.run(1000);
      this.target = towards;
      this.rest(2200);
      return truth(VERDICT_DONE, VERDICT_UNORDERED);
    }
    if (what === 'fallback') return this.fallBack(before);
    return truth(VERDICT_DONE);
  }

  /** Long at rest it leaves for good: unordered, and the order after finds it where it wants it. */
  private fallBack(before: number): number[] {
    this.target = before;
    this.rest(1800);
    return truth(VERDICT_DONE, VERDICT_UNORDERED);
  }
}

/** A drive's speed: dead time of 20 to 60 ms, then a lag of 150 to 250 ms; gain 0.8. */
class FollowPlayer implements Player {
  readonly bench = new OrderBench('follow', SEED);
  readonly random = new Random(SEED, 'follow orders');
  private value = 34;
  private target = 34;
  private tauMs = 200;
  private command = 30;

  private run(ms: number): void {
    this.bench.run(ms, () => {
      this.value += (this.target - this.value) / this.tauMs;
      this.bench.values[1] = this.command;
      this.bench.values[0] = this.value;
    });
  }

  private own(command: number): number {
    return 10 + 0.8 * command;
  }

  play(what: Case): number[] {
    const { random } = this;
    const before = this.command;
    const size = 10 + 30 * random.uniform();
    const isUp = before < 45 || (before < 55 && random.uniform() < 0.5);
    this.command = isUp ? before + size : before - size;
    this.tauMs = 150 + random.below(101);
    if (what === 'missing') {
      this.run(2400);
      this.command = before;
      this.run(2400);
      return truth(VERDICT_MISSING, VERDICT_DONE);
    }
    if (what === 'withdrawn') {
      this.run(10 + random.below(10));
      this.command = before;
      this.run(2400);
      return truth();
    }
    this.run(20 + random.below(41) + (what === 'late' ? 1500 + random.below(1000) : 0));
    const towards = this.own(this.command);
    const from = this.own(before);
    const away = towards - from;
    this.target = towards;
    if (what === 'contradicted') this.target = from - 0.5 * away;
    if (what === 'halfway') this.target = from + (0.3 + 0.3 * random.uniform()) * away;
    this.run(2400);
    if (what === 'contradicted' || what === 'halfway') {
      this.command = before;
      this.target = from;
      this.run(3000);
      return truth(what === 'halfway' ? VERDICT_MISSING : VERDICT_CONTRADICTED, VERDICT_DONE);
    }
    if (what === 'unordered' || what === 'fallback') {
      this.target = random.uniform() < 0.5 ? from : towards + 5 + 10 * random.uniform();
      this.run(1000);
      this.target = towards;
      this.run(2400);
      return truth(VERDICT_DONE, VERDICT_UNORDERED);
    }
    return truth(what === 'late' ? VERDICT_LATE : VERDICT_DONE);
  }
}

function learn(player: Player): void {
  const { bench } = player;
  for (let i = 0; i < LEARNED; i++) {
    bench.progress = i / LEARNED;
    player.play('done');
  }
  bench.arm();
}

const text = (counts: readonly number[]) =>
  counts.map((count, i) => (count > 0 ? `${count} ${NAMES[i]} ` : '')).join('') || 'none';

function playAll(t: ExecutionContext, kind: Kind, player: Player): void {
  learn(player);
  const { pair } = player.bench;
  const wrong: string[] = [];
  const kinds: Record<string, number> = {};
  for (let i = 0; i < ORDERS; i++) {
    const what = draw(player.random);
    const expected = player.play(what);
    kinds[text(expected)] = (kinds[text(expected)] ?? 0) + 1;
    const got = [...pair.verdicts];
    pair.restartVerdicts();
    if (got.some((count, verdict) => count !== expected[verdict]))
      wrong.push(`order ${i} (${what}) at ${player.bench.atMs} ms: ${text(got)} instead of ${text(expected)}`);
  }
  t.log(`${kind}: seed ${SEED}, ${ORDERS} orders, ${wrong.length} wrong; ${JSON.stringify(kinds)}`);
  for (const line of wrong.slice(0, 20)) t.log(line);
  t.true(wrong.length <= ORDERS * (1 - RIGHT_MIN), `${wrong.length} wrong`);
  for (const verdict of NAMES)
    t.true(
      Object.keys(kinds).some((key) => key.includes(verdict)),
      `${verdict} occurs`,
    );
}

test('10,000 orders from contact to contact get the verdicts that are true', (t) => {
  playAll(t, 'contact', new ContactPlayer());
});

test('10,000 orders from contact to loop get the verdicts that are true', (t) => {
  playAll(t, 'level', new LevelPlayer());
});

test('10,000 orders from loop to loop get the verdicts that are true', (t) => {
  playAll(t, 'follow', new FollowPlayer());
});
