/**
 * 10,000 random orders of each kind of pair: random delays, orders and executions that chatter, and one in six that is
 * late, missing, contradicted, withdrawn or followed by a movement without order. The verdicts counted over each order
 * must be the simulator's truth. Where the pair has modes, two of them, late is late for the mode.
 */
import type { ExecutionContext } from 'ava';
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
export interface Player {
  readonly bench: OrderBench;
  /** Plays one order to its end and gives the verdicts that it must get. */
  play(what: Case): number[];
  /** Null: the pair has one. */
  readonly modes: Modes | null;
  /** A plain order, for learning. */
  random: Random;
}

/** One in ten orders comes after the mode has switched, one in forty of those done while it does. */
class Modes {
  readonly random = new Random(SEED, 'modes');
  /** Contact of the bench that makes the mode. */
  readonly contact = 2;
  mode = 0;
  switched = 0;
  switchedUnderWay = 0;

  isSwitching(): boolean {
    const isSwitching = this.random.uniform() < 1 / 10;
    if (isSwitching) this.switched++;
    return isSwitching;
  }

  isSwitchingUnderWay(what: Case): boolean {
    const isSwitching = what === 'done' && this.random.uniform() < 1 / 40;
    if (isSwitching) this.switchedUnderWay++;
    return isSwitching;
  }
}

function benchOf(kind: Kind, modes: Modes | null): OrderBench {
  return new OrderBench(kind, SEED, [], modes === null ? undefined : [modes.contact]);
}

function truth(...verdicts: number[]): number[] {
  const counts = [0, 0, 0, 0, 0];
  for (const verdict of verdicts) counts[verdict]++;
  return counts;
}

/** A contactor with its auxiliary contact, 30 to 60 ms to close and 15 to 30 to open; in mode 1 five times as long. */
export class ContactPlayer implements Player {
  readonly modes: Modes | null;
  readonly bench: OrderBench;
  readonly random = new Random(SEED, 'contact orders');
  private readonly auxiliary = new Contact(0, new Random(SEED, 'bounce'));
  private position = 0;
  private order = 0;

  constructor(hasModes = false) {
    this.modes = hasModes ? new Modes() : null;
    this.bench = benchOf('contact', this.modes);
  }

  private run(ms: number): void {
    this.bench.run(ms, () => {
      this.bench.levels[0] = this.order;
      this.bench.levels[1] = this.auxiliary.step(this.position);
      if (this.modes !== null) this.bench.levels[this.modes.contact] = this.modes.mode;
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

  /** Where there are modes: in mode 0 late, though not for mode 1. */
  private lateMs(isSlow: boolean): number {
    const { random } = this;
    if (this.modes === null) return 250 + random.below(1000);
    return isSlow ? 600 + random.below(1000) : 200 + random.below(200);
  }

  play(what: Case): number[] {
    const { random, modes } = this;
    if (modes?.isSwitching()) {
      modes.mode ^= 1;
      this.run(300);
    }
    const isSlow = modes?.mode === 1;
    this.order ^= 1;
    const { order } = this;
    if (this.position === order) {
      // the order before was not executed
      this.rest(600 + random.below(400));
      return truth();
    }
    const delayMs = (isSlow ? 5 : 1) * (order === 1 ? 30 + random.below(31) : 15 + random.below(16));
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
    const isSwitching = modes?.isSwitchingUnderWay(what);
    if (isSwitching) {
      this.run(10);
      (modes as Modes).mode ^= 1;
      this.run(delayMs - 10);
    } else this.run(what === 'late' ? this.lateMs(isSlow) : delayMs);
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

/**
 * A pump's flow: dead time of 50 to 100 ms, then a lag of 250 to 350 ms between 30 and 80 per cent; in mode 1 a quarter of
 * the lag, and 8 per cent less that come and go with the mode.
 */
export class LevelPlayer implements Player {
  readonly modes: Modes | null;
  readonly bench: OrderBench;
  readonly random = new Random(SEED, 'level orders');
  private value = 30;
  private target = 30;
  private tauMs = 300;
  private order = 0;
  private shift = 0;

  constructor(hasModes = false) {
    this.modes = hasModes ? new Modes() : null;
    this.bench = benchOf('level', this.modes);
  }

  private run(ms: number): void {
    this.bench.run(ms, () => {
      this.value += (this.target - this.value) / this.tauMs;
      this.bench.levels[0] = this.order;
      if (this.modes !== null) {
        this.bench.levels[this.modes.contact] = this.modes.mode;
        this.shift += (-8 * this.modes.mode - this.shift) / 80;
      }
      this.bench.values[0] = this.value + this.shift;
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
    const { random, modes } = this;
    if (modes?.isSwitching()) {
      modes.mode ^= 1;
      this.run(2200);
    }
    // an answer that stopped halfway comes to rest first
    const what = this.value > 35 && this.value < 75 ? 'done' : drawn;
    const wanted = () => (this.order === 1 ? 79 : 29) + 2 * random.uniform();
    const before = this.value;
    this.order ^= 1;
    const towards = wanted();
    const isThere = Math.abs(this.value - towards) < 5 || (this.order === 0 ? this.value < 30 : this.value > 80);
    this.tauMs = (modes?.mode === 1 ? 0.25 : 1) * (250 + random.below(101));
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
      else this.tauMs *= modes?.mode === 1 ? 6 : 3.5;
    }
    if (modes?.isSwitchingUnderWay(what)) modes.mode ^= 1;
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

/** A drive's speed: dead time of 20 to 60 ms, then a lag of 150 to 250 ms, in mode 1 two fifths of that; gain 0.8. */
export class FollowPlayer implements Player {
  readonly modes: Modes | null;
  readonly bench: OrderBench;
  readonly random = new Random(SEED, 'follow orders');
  private value = 34;
  private target = 34;
  private tauMs = 200;
  private command = 30;

  constructor(hasModes = false) {
    this.modes = hasModes ? new Modes() : null;
    this.bench = benchOf('follow', this.modes);
  }

  private run(ms: number): void {
    this.bench.run(ms, () => {
      if (this.modes !== null) this.bench.levels[this.modes.contact] = this.modes.mode;
      this.value += (this.target - this.value) / this.tauMs;
      this.bench.values[1] = this.command;
      this.bench.values[0] = this.value;
    });
  }

  private lateMs(): number {
    return this.modes?.mode === 1 ? 900 + this.random.below(500) : 1500 + this.random.below(1000);
  }

  private own(command: number): number {
    return 10 + 0.8 * command;
  }

  play(what: Case): number[] {
    const { random, modes } = this;
    if (modes?.isSwitching()) {
      modes.mode ^= 1;
      this.run(300);
    }
    const before = this.command;
    const size = 10 + 30 * random.uniform();
    const isUp = before < 45 || (before < 55 && random.uniform() < 0.5);
    this.command = isUp ? before + size : before - size;
    this.tauMs = (modes?.mode === 1 ? 0.4 : 1) * (150 + random.below(101));
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
    this.run(20 + random.below(41) + (what === 'late' ? this.lateMs() : 0));
    if (modes?.isSwitchingUnderWay(what)) modes.mode ^= 1;
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

/** Plays ORDERS of them after LEARNED plain ones; the verdicts of nearly all must be the truth. */
export function playAll(t: ExecutionContext, kind: Kind, player: Player): void {
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
  const { modes } = player;
  if (modes !== null) t.log(`${modes.switched} switches before an order, ${modes.switchedUnderWay} under one`);
  for (const line of wrong.slice(0, 20)) t.log(line);
  t.true(wrong.length <= ORDERS * (1 - RIGHT_MIN), `${wrong.length} wrong`);
  for (const verdict of NAMES)
    t.true(
      Object.keys(kinds).some((key) => key.includes(verdict)),
      `${verdict} occurs`,
    );
}
