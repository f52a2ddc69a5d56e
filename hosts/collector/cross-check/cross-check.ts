/**
 * Reported against wire: what PLC or SCADA report of a channel is held against what the board measures on its wire. For
 * each readings frame the mean of the values reported meanwhile must be within the tolerance of the frame's mean; when it
 * is not for `holdMs`, "reported differs from wire" is said, consistent with T0832 and T0835. Memory: SAMPLES_MAX values a
 * channel.
 */
import { KIND_READINGS } from '../../../modules/frame/kinds.js';
import type { Difference, Listener, Spread } from '../listener.js';
import type { NameBook } from '../name-book.js';
import { readingsOf } from '../readings.js';
import type { Frame } from '../verify.js';
import type { Plan } from './plan.js';
import type { ReportedLog } from './reported-log.js';

const SAMPLES_MAX = 8192;
/** A frame that took longer to come than this, and a part of the window, says nothing of the window: it waited somewhere. */
const DELAY_MS_MAX = 2000;
const DELAY_PART_MAX = 0.25;

interface Sample {
  readonly atMs: number;
  readonly value: number;
}

/** One channel of one device. */
interface Comparison {
  uptimeMs: number;
  atMs: number;
  /** Since when it has been as it is, different or not. */
  sinceMs: number;
  isDifferent: boolean;
  isOpen: boolean;
  openSinceMs: number;
}

export interface CrossCheckOptions {
  readonly plan: Plan;
  readonly book: NameBook;
  readonly log?: ReportedLog;
  /** In ms since 1970. */
  nowMs(): number;
  onDifference(difference: Difference): void;
}

export class CrossCheck implements Listener {
  private readonly options: CrossCheckOptions;
  private readonly samples = new Map<string, Sample[]>();
  private readonly comparisons = new Map<string, Comparison>();

  constructor(options: CrossCheckOptions) {
    this.options = options;
  }

  /** A value reported now. */
  take(channel: string, value: number): void {
    if (!Number.isFinite(value)) return;
    let samples = this.samples.get(channel);
    if (samples === undefined) {
      samples = [];
      this.samples.set(channel, samples);
    }
    samples.push({ atMs: this.options.nowMs(), value });
    if (samples.length > SAMPLES_MAX) samples.splice(0, SAMPLES_MAX / 2);
  }

  onFrame(frame: Frame): void {
    const { plan, book } = this.options;
    if (frame.kind !== KIND_READINGS) return;
    if (plan.device !== undefined && plan.device !== frame.keyId && plan.device !== book.of(frame.keyId).device) return;
    for (const { name, unit, spread } of readingsOf(frame))
      if (spread !== undefined && plan.channels.has(name)) this.compare(frame, name, unit, spread);
  }

  private compare(frame: Frame, channel: string, unit: string, wire: Spread): void {
    const nowMs = this.options.nowMs();
    const key = `${frame.keyId}/${channel}`;
    const known = this.comparisons.get(key);
    const window = { uptimeMs: frame.uptimeUs / 1000, atMs: nowMs };
    if (known === undefined) {
      this.comparisons.set(key, { ...window, sinceMs: nowMs, isDifferent: false, isOpen: false, openSinceMs: 0 });
      return;
    }
    const [measuredMs, passedMs, fromMs] = [window.uptimeMs - known.uptimeMs, nowMs - known.atMs, known.atMs];
    Object.assign(known, window);
    if (!(Math.abs(measuredMs - passedMs) <= DELAY_MS_MAX + DELAY_PART_MAX * measuredMs)) return;
    const reported = this.spreadSince(channel, fromMs);
    if (reported === undefined) return;
    this.judge(known, frame, { channel, unit, wire, reported, fromMs, nowMs });
  }

  private judge(
    known: Comparison,
    { keyId, sequence }: Frame,
    found: { channel: string; unit: string; wire: Spread; reported: Spread; fromMs: number; nowMs: number },
  ): void {
    const { plan, book, log } = this.options;
    const { channel, unit, wire, reported, fromMs, nowMs } = found;
    const tolerance = plan.channels.get(channel)?.tolerance ?? 0;
    const isDifferent = Math.abs(wire.mean - reported.mean) > tolerance;
    if (isDifferent !== known.isDifferent) known.sinceMs = fromMs;
    known.isDifferent = isDifferent;
    const isHeld = nowMs - known.sinceMs >= plan.holdMs;
    if (isHeld && isDifferent !== known.isOpen) {
      known.isOpen = isDifferent;
      if (isDifferent) known.openSinceMs = known.sinceMs;
      const { device } = book.of(keyId);
      const state = isDifferent ? 'open' : 'closed';
      const sinceMs = known.openSinceMs;
      this.options.onDifference({
        ...{ state, keyId, device, channel, unit, sequence, wire, reported, tolerance, sinceMs, atMs: nowMs },
      });
    }
    log?.append({ atMs: nowMs, keyId, channel, sequence, reported, tolerance, isOpen: known.isOpen });
  }

  private spreadSince(channel: string, fromMs: number): Spread | undefined {
    const values = (this.samples.get(channel) ?? []).filter(({ atMs }) => atMs > fromMs).map(({ value }) => value);
    if (values.length === 0) return undefined;
    const sum = values.reduce((total, value) => total + value, 0);
    return { mean: sum / values.length, min: Math.min(...values), max: Math.max(...values) };
  }
}
