/** Who keeps no rules on the bus: a node that jabbers for a stretch, and one that now and then throws in a few characters. */
import { Random } from '../random.js';
import type { BusNode, SerialBus } from './serial-bus.js';

const AHEAD_US = 20_000;
const BURST_BYTES_MAX = 24;

/** What a jabbering node sends: anything, one character again and again, ends of packets. */
export const JABBER_KINDS = ['random', 'stuck', 'zeros'] as const;
export type JabberKind = (typeof JABBER_KINDS)[number];

export class Jabberer {
  private readonly node: BusNode;
  private readonly random: Random;
  private readonly bus: SerialBus;
  private readonly kind: JabberKind;

  constructor(bus: SerialBus, seed: number, kind: JabberKind) {
    this.bus = bus;
    this.node = bus.attach(false);
    this.random = new Random(seed, 'jabber');
    this.kind = kind;
  }

  /** Holds the bus now, or lets it go. */
  step(isJabbering: boolean): void {
    if (!isJabbering) {
      this.node.silence();
      return;
    }
    const missing = Math.ceil(AHEAD_US / this.bus.characterUs) - this.node.waitingBytes;
    if (missing > 0) this.node.send(Uint8Array.from({ length: missing }, () => this.byte()));
  }

  private byte(): number {
    if (this.kind === 'random') return this.random.below(256);
    return this.kind === 'stuck' ? 0x55 : 0;
  }
}

export class Babbler {
  private readonly node: BusNode;
  private readonly random: Random;
  private readonly everyUs: number;
  private dueUs: number;

  /** `everyUs`: mean time between two bursts. */
  constructor(bus: SerialBus, seed: number, everyUs: number) {
    this.node = bus.attach(false);
    this.random = new Random(seed, 'babble');
    this.everyUs = everyUs;
    this.dueUs = this.pauseUs();
  }

  private pauseUs(): number {
    return -Math.log(this.random.uniform()) * this.everyUs;
  }

  step(nowUs: number): void {
    if (nowUs < this.dueUs) return;
    this.dueUs = nowUs + this.pauseUs();
    const { random } = this;
    this.node.send(Uint8Array.from({ length: 1 + random.below(BURST_BYTES_MAX) }, () => random.below(256)));
  }
}
