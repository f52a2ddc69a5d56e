/**
 * A program that stops: the PLC drops its outputs, all at once, or its pulse of life stands still (dwell.ts).
 *
 *     dark      no line that the PLC drives is closed: orders of pairs, and pulses of life
 *     stopped   dark since two such lines at least fell within a scan's writing, which never came and lasted while
 *               learning; or a pulse of life has lasted longer than ever
 *     waiting   dark for less than a second: a pulse may be about to stand still. A line that closes within that second
 *               shows that the program runs, and takes a fall back
 *
 * What is statistical and comes within a minute of a stop's beginning or end follows from it, whoever stopped the
 * program: a fault. Verdicts on orders and interlocks do not wait for it. About 12 slots.
 */
import type { ContactSignal } from '../condition/contact-signal.js';
import { INCIDENT_HELD_US_MAX } from '../limits.js';
import type { Archive, Archived } from '../model/archive.js';
import type { DwellDetector } from './dwell.js';
import { LINE_ORDER } from './line-kind.js';

/** Outputs that are written at once fall within this time. */
const TOGETHER_US = 5_000;
const LINES_MIN = 2;
const SHADOW_US = 60_000_000;

/** A line that the PLC does not drive, as far as is known; an order; a pulse of life. */
const UNDRIVEN = 0;
const ORDER = 1;
const PULSE = 2;

/** Knows whether the PLC's program runs, as far as its lines show it. */
export class ProgramStop implements Archived {
  readonly archiveUnits = 1;
  private readonly contacts: readonly ContactSignal[];
  /** The lines that the PLC drives. */
  private readonly lines: ContactSignal[] = [];
  /** UNDRIVEN, ORDER or PULSE, of each contact; pulses are known when learning is over. */
  private readonly driven: number[] = [];
  /** Of the lines the last ones. */
  private pulses = 0;
  private readonly dwell: DwellDetector;
  /** Since when no driven line is closed; -1: one is. */
  private darkAtUs = -1;
  /** It began with a fall of several lines. */
  private hasFallen = false;
  private isStopped = false;
  private beganAtUs = -Infinity;
  private endedAtUs = -Infinity;
  /** While learning the program let all of its lines fall together. */
  private isUsual = false;

  /** `kinds`: LINE_* of each contact; `dwell` knows the pulses of life among them. */
  constructor(contacts: readonly ContactSignal[], kinds: readonly number[], dwell: DwellDetector) {
    this.contacts = contacts;
    this.dwell = dwell;
    for (let i = 0; i < kinds.length; i++) this.driven.push(kinds[i] === LINE_ORDER ? ORDER : UNDRIVEN);
    for (let i = 0; i < kinds.length; i++) if (kinds[i] === LINE_ORDER) this.lines.push(contacts[i]);
  }

  /** Learning is over, or a model was loaded: begins to watch. */
  watch(): void {
    const { driven, dwell } = this;
    for (let i = 0; i < driven.length; i++) {
      if (driven[i] !== UNDRIVEN || !dwell.isPulse(i)) continue;
      driven[i] = PULSE;
      this.lines.push(this.contacts[i]);
      this.pulses++;
    }
    this.hasFallen = false;
    this.darkAtUs = -1;
  }

  /** A debounced level has changed in the block that ends at `nowUs`. */
  note(nowUs: number, isLearning: boolean): void {
    const { lines } = this;
    const orders = lines.length - this.pulses;
    let newestUs = -1;
    let isClosed = false;
    let isClosing = false;
    let isAlive = false;
    for (let i = 0; i < lines.length; i++) {
      const line = lines[i];
      if (line.level === 1) {
        isClosed = true;
        if (line.hasChanged === 0) continue;
        isClosing = true;
        if (i >= orders) isAlive = true;
      } else if (line.hasChanged === 1 && line.changedAtUs > newestUs) newestUs = line.changedAtUs;
    }
    if (isClosed) {
      if (isAlive || (isClosing && this.pulses === 0)) this.goOn(nowUs);
      if (isLearning && this.hasFallen && nowUs - this.darkAtUs >= INCIDENT_HELD_US_MAX) this.isUsual = true;
      this.hasFallen = false;
      this.darkAtUs = -1;
      return;
    }
    if (newestUs < 0) return;
    this.darkAtUs = newestUs;
    this.hasFallen = !this.isUsual && this.fallen(newestUs) >= LINES_MIN;
  }

  /** Driven lines that opened together with the newest. */
  private fallen(newestUs: number): number {
    const { lines } = this;
    let fallen = 0;
    for (let i = 0; i < lines.length; i++) {
      const { level, changedAtUs } = lines[i];
      if (level === 0 && newestUs - changedAtUs <= TOGETHER_US) fallen++;
    }
    return fallen;
  }

  /** The pulse of life moves on, or an order comes where there is none: the program runs. */
  private goOn(nowUs: number): void {
    const hasFallen = this.hasFallen && nowUs - this.darkAtUs >= INCIDENT_HELD_US_MAX;
    if (this.isStopped || hasFallen) this.endedAtUs = nowUs;
    this.isStopped = false;
  }

  private isPulseStill(): boolean {
    const { driven, dwell } = this;
    if (this.pulses === 0) return false;
    for (let i = 0; i < driven.length; i++) if (driven[i] === PULSE && dwell.isStill(i)) return true;
    return false;
  }

  /** True while it is not known yet whether the program has stopped; without a fall only contacts ask that. */
  isWaiting(nowUs: number, isOfContacts: boolean): boolean {
    if (this.darkAtUs < 0 || nowUs - this.darkAtUs >= INCIDENT_HELD_US_MAX) return false;
    return this.hasFallen || (isOfContacts && this.pulses > 0);
  }

  /** True where a stopped program explains what departs. */
  explains(nowUs: number): boolean {
    if (!this.isStopped && (this.hasFallen || this.isPulseStill())) {
      this.isStopped = true;
      // nobody may have asked since the lines fell
      this.beganAtUs = this.hasFallen ? this.darkAtUs : nowUs;
    }
    return (this.isStopped && nowUs - this.beganAtUs < SHADOW_US) || nowUs - this.endedAtUs < SHADOW_US;
  }

  archive(_unit: number, archive: Archive): void {
    this.isUsual = archive.uint16(this.isUsual ? 1 : 0) === 1;
  }
}
