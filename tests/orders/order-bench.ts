/**
 * One pair on two lines at 1 kHz through the real capture and conditioning: contacts that bounce, loops with noise and
 * pick-up. What happens on the lines is up to the caller, millisecond by millisecond.
 */
import { Accumulator } from '../../modules/capture/accumulate.js';
import { Block } from '../../modules/capture/block.js';
import { AnalogLines, type AnalogSignal } from '../../modules/condition/analog-signal.js';
import { ContactLines, type ContactSignal } from '../../modules/condition/contact-signal.js';
import type { InterlockConfiguration } from '../../modules/config/configuration.js';
import { CLASS_FAULT, Finding } from '../../modules/detect/finding.js';
import { OrderWatch } from '../../modules/orders/order-watch.js';
import type { Pair } from '../../modules/orders/pair.js';
import { configurationOf } from '../../simulator/configuration-of.js';
import { CurrentLoop, type LoopLine } from '../../simulator/current-loop.js';
import { Mains } from '../../simulator/mains.js';

const SAMPLE_US = 1000;
const SAMPLES = 10;

/** What the pair said first, then what it said last. */
export interface Said {
  readonly atMs: number;
  readonly onsetMs: number;
  readonly verdict: number;
  readonly isFault: boolean;
  readonly score: number;
}

export type Kind = 'contact' | 'level' | 'follow';

function loop(name: string): LoopLine {
  const signal = { converterBits: 16, dampingMs: 20, noiseUa: 10, correlation: 0.6, pickUpUa: 8 } as const;
  return { name, unit: '%', low: 0, high: 100, lowLimit: null, highLimit: null, signal };
}

export class OrderBench {
  readonly watch: OrderWatch;
  readonly pair: Pair;
  /** On the contacts: the order, and the execution where it is one. */
  readonly levels: number[] = [0, 0, 0, 0];
  /** On the loops, in per cent: the answer, and the command where it is one. */
  readonly values: number[] = [30, 30];
  /** Each change of what the pair or interlock said, while watching. */
  readonly said: Said[] = [];
  progress = 0;
  atMs = 0;
  readonly contacts: readonly ContactSignal[];
  readonly signals: readonly AnalogSignal[];
  private readonly analog: AnalogLines;
  private readonly digital: ContactLines;
  private readonly loops: CurrentLoop[];
  private readonly mains: Mains;
  private readonly accumulator: Accumulator;
  private readonly block: Block;
  private readonly finding = new Finding();
  private wasActive = -2;
  /** A pair of contacts leaves the loops alone. */
  private readonly hasLoops: boolean;

  /** `kind` of the pair; contacts are channels 2 to 5; `mode`: those that make its mode, from 0. */
  constructor(
    kind: Kind,
    seed: number,
    interlocks: readonly InterlockConfiguration[] = [],
    mode: readonly number[] | undefined = undefined,
  ) {
    this.hasLoops = kind !== 'contact' || interlocks.length > 0;
    const lines = ['answer', 'command'].map(loop);
    const pairs = {
      contact: { name: 'pair', order: 0, execution: 1, isInverted: false, mode },
      level: { name: 'pair', order: 0, loop: 0, mode },
      follow: { name: 'pair', command: 1, loop: 0, mode },
    };
    const digital = ['order', 'execution', 'third', 'fourth'].map((name) => ({ name, source: 'output' }) as const);
    const c = { ...configurationOf(lines, digital, [pairs[kind]], null), interlocks };
    this.digital = new ContactLines(c.digital);
    this.analog = new AnalogLines(c.analog);
    this.contacts = this.digital.contacts;
    this.signals = this.analog.signals;
    const made: Pair[] = [];
    this.watch = new OrderWatch(c, SAMPLE_US, this.signals, this.contacts, made);
    this.pair = made[0];
    this.loops = lines.map((line, i) => new CurrentLoop(line, this.values[i], seed));
    this.mains = new Mains(seed);
    this.accumulator = new Accumulator(2, 4, SAMPLES);
    this.block = new Block(2, 4);
  }

  /** `each` is called before each millisecond's sample. */
  run(ms: number, each: () => void = () => {}): void {
    for (const endMs = this.atMs + ms; this.atMs < endMs; ) {
      each();
      this.sample();
    }
  }

  private sample(): void {
    const { accumulator, mains, loops } = this;
    mains.step();
    for (let i = 0; i < loops.length; i++) {
      if (this.hasLoops) loops[i].step(this.values[i], mains);
      accumulator.addAnalog(i, loops[i].counts);
    }
    for (let i = 0; i < this.levels.length; i++) accumulator.addDigital(i, this.levels[i]);
    accumulator.endSample();
    this.atMs++;
    if (!accumulator.isFull()) return;
    accumulator.take(this.block, this.atMs * SAMPLE_US);
    this.step();
  }

  private step(): void {
    const { block, watch } = this;
    this.analog.take(block, SAMPLES);
    const hasChange = this.digital.take(block, SAMPLES, SAMPLE_US);
    if (watch.isRestless(hasChange, block.timeUs)) watch.step(block.timeUs, this.progress, this.finding, this);
  }

  /** As an incident table without delays would answer. */
  report(): boolean {
    this.note();
    return this.finding.isActive;
  }

  private note(): void {
    const { finding } = this;
    const now = finding.isActive ? finding.verdict : -2;
    if (now === this.wasActive) return;
    this.wasActive = now;
    if (!finding.isActive) return;
    this.said.push({
      atMs: this.atMs,
      onsetMs: finding.onsetUs / 1000,
      verdict: finding.verdict,
      isFault: finding.incidentClass === CLASS_FAULT,
      score: finding.score,
    });
  }

  /** Learning is over. One wrong verdict in a learning may come of each bound: they are at their closest. */
  arm(): void {
    this.watch.calibrate(1 / (2 + this.watch.interlocks.length));
    this.progress = 1;
    this.pair.restartVerdicts();
  }
}
