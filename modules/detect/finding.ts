/**
 * What a detector says of its subject at one moment: the record between detection and the incident table.
 */
import { INCIDENT_CHANNELS_MAX } from '../limits.js';

/** Which detector speaks. */
export const DETECTOR_LIMITS = 0;
export const DETECTOR_FLAT = 1;
export const DETECTOR_RESIDUAL = 2;
export const DETECTOR_PLANT = 3;
export const DETECTOR_ORDER = 4;
export const DETECTOR_RATE = 5;
export const DETECTOR_DRIFT = 6;
export const DETECTOR_NOISE = 7;
export const DETECTOR_REPLAY = 8;
export const DETECTOR_DWELL = 9;
export const DETECTOR_CHATTER = 10;
export const DETECTOR_GUARD = 11;
export const DETECTOR_SEQUENCE = 12;
export const DETECTOR_OCCUPANCY = 13;
export const DETECTOR_PHASE = 14;
export const DETECTOR_SCAN_TIME = 15;
export const DETECTOR_INTERLOCK = 16;
export const DETECTOR_LINK = 17;

/** What kind of event it is consistent with. */
export const CLASS_ATTACK = 0;
export const CLASS_FAULT = 1;
export const CLASS_PROCESS = 2;

/** Verdicts on an order. */
export const VERDICT_NONE = -1;
export const VERDICT_DONE = 0;
export const VERDICT_LATE = 1;
export const VERDICT_MISSING = 2;
export const VERDICT_CONTRADICTED = 3;
export const VERDICT_UNORDERED = 4;

/** What a detector says of its subject at one moment. Reused, never kept. */
export class Finding {
  detector = DETECTOR_LIMITS;
  /** What the detector watches: a channel, a pair; with the group it names the incident. */
  subject = 0;
  /** Detectors that speak of one incident in turn share a group: the DETECTOR_* of the first of them. */
  group = DETECTOR_LIMITS;
  isActive = false;
  /** 1.0 is the threshold. */
  score = 0;
  incidentClass = CLASS_ATTACK;
  /** Why it is of its class: REASON_* of `incident/triage.ts`, set there. */
  reason = 0;
  verdict = VERDICT_NONE;
  channels = 0;
  readonly channel: number[] = [];
  /** Engineering units; NaN where there is none. */
  expectedLow = NaN;
  expectedHigh = NaN;
  observed = NaN;
  /** When it began; -1: now. */
  onsetUs = -1;
  onDelayUs = 0;
  offDelayUs = 0;
  /** Its class will be known in a moment: nothing opens until then, and nothing is forgotten. Set by triage. */
  isHeld = false;

  constructor() {
    for (let i = 0; i < INCIDENT_CHANNELS_MAX; i++) this.channel.push(0);
  }

  /** A finding of `detector` on `subject`, about one channel, with nothing else said yet. */
  begin(detector: number, subject: number, channel: number): void {
    this.detector = detector;
    this.subject = subject;
    this.group = detector;
    this.isActive = false;
    this.score = 0;
    this.incidentClass = CLASS_ATTACK;
    this.reason = 0;
    this.verdict = VERDICT_NONE;
    this.channels = 1;
    this.channel[0] = channel;
    this.expectedLow = NaN;
    this.expectedHigh = NaN;
    this.observed = NaN;
    this.onsetUs = -1;
    this.onDelayUs = 0;
    this.offDelayUs = 0;
    this.isHeld = false;
  }
}
