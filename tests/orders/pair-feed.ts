/** A pair on two lines at 1 kHz: line 0 the order, line 1 the execution, channels 3 and 4. */
import type { PairConfiguration } from '../../modules/config/configuration.js';
import { Finding } from '../../modules/detect/finding.js';
import { ContactPair } from '../../modules/orders/contact-pair.js';
import { LineFeed } from '../condition/line-feed.js';

/** What the pair said at the end of a block. */
export interface Said {
  readonly atMs: number;
  readonly verdict: number;
  readonly onsetMs: number;
  readonly score: number;
  readonly channels: readonly number[];
  readonly expected: number;
  readonly observed: number;
  readonly incidentClass: number;
}

const ANALOG_CHANNELS = 3;

export class PairFeed {
  readonly pair: ContactPair;
  readonly feed: LineFeed;
  /** Everything active that was said. */
  readonly said: Said[] = [];
  isLearning = true;
  private readonly finding = new Finding();

  constructor(over: Partial<PairConfiguration> = {}, debounceMs: readonly number[] = [20, 20]) {
    const c = { name: 'pair', order: ANALOG_CHANNELS, execution: ANALOG_CHANNELS + 1, isInverted: false, ...over };
    this.pair = new ContactPair(c, 5, ANALOG_CHANNELS, 1000);
    this.feed = new LineFeed(debounceMs, (block) => this.step(block.timeUs));
    if (c.isInverted) this.feed.levels[1] = 1;
    this.run(1000);
  }

  private step(nowUs: number): void {
    const { finding } = this;
    if (!this.pair.step(this.feed.contacts, nowUs, this.isLearning, finding)) return;
    // As an incident table without delays would answer.
    this.pair.hasIncident = finding.isActive;
    if (!finding.isActive) return;
    this.said.push({
      atMs: nowUs / 1000,
      verdict: finding.verdict,
      onsetMs: finding.onsetUs / 1000,
      score: finding.score,
      channels: finding.channel.slice(0, finding.channels),
      expected: finding.expectedLow,
      observed: finding.observed,
      incidentClass: finding.incidentClass,
    });
  }

  get atMs(): number {
    return this.feed.atMs;
  }

  run(ms: number): void {
    this.feed.run(ms);
  }

  order(level: number): void {
    this.feed.levels[0] = level;
  }

  execute(level: number): void {
    this.feed.levels[1] = level;
  }

  /** The order closes and opens again, each answered after its delay. */
  cycle(closingMs: number, openingMs: number, restMs = 1000): void {
    const rest = this.feed.levels[1];
    this.order(1);
    this.run(closingMs);
    this.execute(rest ^ 1);
    this.run(restMs);
    this.order(0);
    this.run(openingMs);
    this.execute(rest);
    this.run(restMs);
  }

  /** Learns these delays, both ways, and begins to watch. */
  learn(delaysMs: readonly number[]): this {
    for (const ms of delaysMs) this.cycle(ms, ms);
    this.watch();
    return this;
  }

  watch(): void {
    this.pair.calibrate(1);
    this.isLearning = false;
  }
}
