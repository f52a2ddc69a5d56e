/**
 * An incident: one departure from expected behaviour, with its on-delay and off-delay (ISA-18.2 section 5.5).
 * pending -> open -> closed. About 26 slots each; they exist from the start.
 */
import { CLASS_ATTACK, VERDICT_NONE } from '../detect/finding.js';
import { INCIDENT_CHANNELS_MAX } from '../limits.js';

/** States of an incident. */
export const INCIDENT_FREE = 0;
/** Active, but not yet for its on-delay. */
export const INCIDENT_PENDING = 1;
export const INCIDENT_OPEN = 2;
/** Closed; its last frame may still have to go out. */
export const INCIDENT_CLOSED = 3;

/** What a frame has to say of it next. */
export const NEWS_NONE = -1;
export const NEWS_OPEN = 0;
export const NEWS_UPDATE = 1;
export const NEWS_CLOSED = 2;

/** What an incident of no attack is consistent with. */
export const NO_TECHNIQUES: readonly number[] = Object.freeze([]);

/** One incident from its first active finding to its last frame. */
export class Incident {
  state = INCIDENT_FREE;
  /** The detector that spoke last, and the group of detectors whose incident it is. */
  detector = 0;
  group = 0;
  subject = 0;
  id = 0;
  news = NEWS_NONE;
  onsetUs = 0;
  quietSinceUs = 0;
  closedAtUs = 0;
  /** Largest score so far. */
  score = 0;
  incidentClass = CLASS_ATTACK;
  /** REASON_* of `triage.ts`. */
  reason = 0;
  verdict = VERDICT_NONE;
  /** It has changed since the frame under way, or the last one, was composed. */
  hasChanged = false;
  /** It is pending because its class was not known. */
  isHeld = false;
  /** True once a frame has told of it: what never changes is not told again. */
  isTold = false;
  /** ATT&CK for ICS techniques that it is consistent with: places in TECHNIQUE_IDS. */
  techniques: readonly number[] = NO_TECHNIQUES;
  channels = 0;
  readonly channel: number[] = [];
  expectedLow = NaN;
  expectedHigh = NaN;
  observed = NaN;

  constructor() {
    for (let i = 0; i < INCIDENT_CHANNELS_MAX; i++) this.channel.push(0);
  }
}
