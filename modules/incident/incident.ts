/**
 * An incident: one departure from expected behaviour, with its on-delay and off-delay (ISA-18.2 section 5.5).
 * pending -> open -> closed; or pending -> folded into one that is open, which leads. About 30 slots each; they exist
 * from the start.
 */
import { CLASS_ATTACK, VERDICT_NONE } from '../detect/finding.js';
import { CHANNELS_MAX, INCIDENT_CHANNELS_GAINED_MAX, INCIDENT_CHANNELS_MAX } from '../limits.js';

/** States of an incident. */
export const INCIDENT_FREE = 0;
/** Active, but not yet for its on-delay. */
export const INCIDENT_PENDING = 1;
export const INCIDENT_OPEN = 2;
/** Closed; its last frame may still have to go out. */
export const INCIDENT_CLOSED = 3;
/** Active, and told by the incident that leads. */
export const INCIDENT_FOLDED = 4;

/** What a frame has to say of it next. */
export const NEWS_NONE = -1;
export const NEWS_OPEN = 0;
export const NEWS_UPDATE = 1;
export const NEWS_CLOSED = 2;

/** Channels packed into one number, the first lowest: each is its number and 1. */
const PACKED_BASE = CHANNELS_MAX + 1;

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
  /** Since when it is pending because its class is not known; -1: it never was. */
  heldSinceUs = -1;
  /** True once a frame has told of it: what never changes is not told again. */
  isTold = false;
  /** ATT&CK for ICS techniques that it is consistent with: places in TECHNIQUE_IDS. */
  techniques: readonly number[] = NO_TECHNIQUES;
  /** The event that it is part of is told by this one; null: by itself. */
  lead: Incident | null = null;
  /** Its own finding is over; it is open for those that are folded into it. */
  isOver = false;
  /** Of its own finding, most telling first. */
  channels = 0;
  readonly channel: number[] = [];
  /** Channels of findings folded into it, packed. */
  gained = 0;
  /** Those of them whose evidence is not recorded yet, packed. */
  fresh = 0;
  expectedLow = NaN;
  expectedHigh = NaN;
  observed = NaN;

  constructor() {
    for (let i = 0; i < INCIDENT_CHANNELS_MAX; i++) this.channel.push(0);
  }
  /** Channels that its frames name: its own, then those gained that are none of them. */
  toldChannels(): number {
    let channels = this.channels;
    for (let rest = this.gained; rest > 0; rest = restOf(rest)) if (!this.owns(firstOf(rest))) channels++;
    return channels;
  }

  /** One of them, by its place. */
  toldChannel(place: number): number {
    if (place < this.channels) return this.channel[place];
    let channels = this.channels;
    let rest = this.gained;
    for (; rest > 0; rest = restOf(rest)) if (!this.owns(firstOf(rest)) && channels++ === place) break;
    return firstOf(rest);
  }

  private owns(channel: number): boolean {
    for (let i = 0; i < this.channels; i++) if (this.channel[i] === channel) return true;
    return false;
  }

  /** True where a frame of it would name the channel. */
  names(channel: number): boolean {
    if (this.owns(channel)) return true;
    for (let rest = this.gained; rest > 0; rest = restOf(rest)) if (firstOf(rest) === channel) return true;
    return false;
  }

  /** True where one of the other's channels is one of its own or gained ones. */
  shares(other: Incident): boolean {
    for (let i = 0; i < other.channels; i++) if (this.names(other.channel[i])) return true;
    return false;
  }
}

/** First channel of those that are packed. */
export function firstOf(packed: number): number {
  return (packed % PACKED_BASE) - 1;
}

/** Those after the first; 0: none. */
export function restOf(packed: number): number {
  return Math.floor(packed / PACKED_BASE);
}

/** With one more at the end; the same where there is no place for it. */
export function withChannel(packed: number, channel: number): number {
  let place = 1;
  for (let i = 0; i < INCIDENT_CHANNELS_GAINED_MAX; i++) {
    if (packed < place) return packed + (channel + 1) * place;
    place *= PACKED_BASE;
  }
  return packed;
}
