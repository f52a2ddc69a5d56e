/** All that verified frames say of one incident, and around it. Nothing here comes from anywhere else unless it says so. */
import {
  KIND_BOOT,
  KIND_EVIDENCE,
  KIND_INCIDENT,
  KIND_KEY,
  KIND_LOSS,
  KIND_READINGS,
  LABEL_WALL_CLOCK,
} from '../../../modules/frame/kinds.js';
import { Chain } from '../chain.js';
import { type ReportedLine, ReportedLog } from '../cross-check/reported-log.js';
import { bodyJson } from '../frame-json.js';
import type { KeySet } from '../keys.js';
import { Names } from '../names.js';
import { SourceError } from '../source.js';
import type { Store } from '../store/store.js';
import { type Frame, isRefusal, verifyFrame } from '../verify.js';

/** How much of the readings before and after an incident belongs to it. */
const AROUND_US = 600_000_000;

/** `ID`, `BOOT/ID` or `DEVICE/BOOT/ID`. */
export interface IncidentName {
  readonly device: string | undefined;
  readonly boot: number | undefined;
  readonly id: number;
}

// biome-ignore lint/suspicious/noExplicitAny: a body by kind, as bodyJson names it; every use says what it prints
type Body = Readonly<Record<string, any>>;

/** A frame and when the collector received it, in ms since 1970; 0 when that is not known. */
export interface ReceivedFrame {
  readonly frame: Frame;
  readonly receivedMs: number;
}

export interface IncidentFacts {
  readonly keyId: string;
  readonly names: Names;
  readonly boot: number;
  readonly id: number;
  /** Every frame of the incident, in order, and the same in words. */
  readonly frames: readonly ReceivedFrame[];
  readonly bodies: readonly Body[];
  /** Channels that any of them names, in the order in which they were named first. */
  readonly channels: readonly number[];
  readonly bootBody: Body | undefined;
  readonly readings: readonly Frame[];
  readonly evidence: readonly Frame[];
  readonly losses: readonly Frame[];
  /** Every key frame of the device. */
  readonly keys: readonly Frame[];
  readonly onsetUs: number;
  /** Undefined while it is not closed. */
  readonly closedUs: number | undefined;
  /** What the chain of the device's stored frames shows: frames verified, refused, missing. */
  readonly chain: { readonly verified: number; readonly refused: number; readonly missing: readonly string[] };
  readonly clock: Clock;
  /** What the cross-check read meanwhile; by the collector, not signed. */
  readonly reported: readonly ReportedLine[];
}

/** How uptimes of the boot become times of day. */
export interface Clock {
  readonly source: 'signed wall clock of the device' | 'clock of the collector' | 'none';
  /** Time of day at uptime 0, in ms since 1970. */
  readonly zeroMs: number;
  readonly uncertaintyMs: number;
}

/** The facts; a SourceError of one line when there is no such incident, or more than one. */
export function gatherFacts(store: Store, keys: KeySet, name: IncidentName): IncidentFacts {
  const found = store.keyIds.flatMap((keyId) => candidates(store, keys, keyId, name));
  if (found.length === 0) throw new SourceError(`there is no incident ${nameText(name)} in ${store.directory}`);
  if (found.length > 1) {
    const list = found.map(({ keyId, boot }) => `${keyId}/${boot}/${name.id}`).join(', ');
    throw new SourceError(`incident ${nameText(name)} is not one: ${list}; name it so`);
  }
  return factsOf(store, keys, found[0].keyId, found[0].boot, name.id);
}

function nameText({ device, boot, id }: IncidentName): string {
  return [device, boot, id].filter((part) => part !== undefined).join('/');
}

function candidates(store: Store, keys: KeySet, keyId: string, { device, boot, id }: IncidentName) {
  const boots = new Set<number>();
  for (const { bytes } of store.device(keyId)?.frames(({ kind }) => kind === KIND_INCIDENT) ?? []) {
    const verdict = verifyFrame(bytes, keys);
    if (isRefusal(verdict) || verdict.body.get(1) !== id) continue;
    if (boot === undefined || boot === verdict.boot) boots.add(verdict.boot);
  }
  const isMeant = device === undefined || device === keyId || device === deviceIdOf(store, keys, keyId);
  return isMeant ? [...boots].map((each) => ({ keyId, boot: each })) : [];
}

function deviceIdOf(store: Store, keys: KeySet, keyId: string): string {
  const names = new Names(keyId);
  const stored = store.device(keyId)?.lastOfKind(KIND_BOOT);
  const verdict = stored === undefined ? undefined : verifyFrame(stored.bytes, keys);
  if (verdict !== undefined && !isRefusal(verdict)) names.learn(verdict);
  return names.device;
}

function factsOf(store: Store, keys: KeySet, keyId: string, boot: number, id: number): IncidentFacts {
  const names = new Names(keyId);
  const all: ReceivedFrame[] = [];
  let refused = 0;
  for (const { bytes, receivedMs } of store.device(keyId)?.frames() ?? []) {
    const verdict = verifyFrame(bytes, keys);
    if (isRefusal(verdict)) refused++;
    else all.push({ frame: verdict, receivedMs });
  }
  all.sort((a, b) => a.frame.sequence - b.frame.sequence);
  const chain = new Chain(keyId, all.length + 1);
  const errors = all.flatMap(({ frame }) => chain.add(frame).errors);
  errors.push(...chain.end(chain.start ?? 0));
  const ofBoot = all.filter(({ frame }) => frame.boot === boot);
  for (const { frame } of ofBoot) names.learn(frame);
  const frames = ofBoot.filter(({ frame }) => frame.kind === KIND_INCIDENT && frame.body.get(1) === id);
  const bodies = frames.map(({ frame }) => bodyJson(frame.kind, frame.body));
  const channels = [...new Set(bodies.flatMap((body) => (body.channels ?? []) as number[]))];
  const onsetUs = Number(bodies[0].onsetUs);
  const closed = bodies.find(({ state }) => state === 'closed');
  const closedUs = closed === undefined ? undefined : onsetUs + Number(closed.durationMs ?? 0) * 1000;
  const lastUs = Math.max(closedUs ?? 0, ...frames.map(({ frame }) => frame.uptimeUs));
  const around = (kind: number) =>
    ofBoot
      .map(({ frame }) => frame)
      .filter(
        ({ kind: k, uptimeUs }) => k === kind && uptimeUs >= onsetUs - AROUND_US && uptimeUs <= lastUs + AROUND_US,
      );
  const readings = around(KIND_READINGS);
  const sequences = new Set(readings.map(({ sequence }) => sequence));
  const bootFrame = ofBoot.find(({ frame }) => frame.kind === KIND_BOOT);
  return {
    ...{ keyId, names, boot, id, frames, bodies, channels, readings, onsetUs, closedUs },
    bootBody: bootFrame && bodyJson(KIND_BOOT, bootFrame.frame.body),
    evidence: ofBoot.map(({ frame }) => frame).filter(({ kind, body }) => kind === KIND_EVIDENCE && body.get(1) === id),
    losses: around(KIND_LOSS),
    keys: all.map(({ frame }) => frame).filter(({ kind }) => kind === KIND_KEY),
    chain: {
      verified: all.length,
      refused,
      missing: errors.map(({ reason, first, last }) => `${first === last ? first : `${first} to ${last}`}: ${reason}`),
    },
    clock: clockOf(ofBoot),
    reported: new ReportedLog(store.directory).linesOf(keyId).filter(({ sequence }) => sequences.has(sequence)),
  };
}

/** The signed wall clock where it was set; else the collector's, by the frame that took the shortest way. */
function clockOf(frames: readonly ReceivedFrame[]): Clock {
  const signed = frames.filter(({ frame }) => frame.payload.has(LABEL_WALL_CLOCK)).at(-1);
  if (signed !== undefined) {
    const [unixMs, uncertaintyMs] = signed.frame.payload.get(LABEL_WALL_CLOCK) as readonly number[];
    const zeroMs = unixMs - signed.frame.uptimeUs / 1000;
    return { source: 'signed wall clock of the device', zeroMs, uncertaintyMs };
  }
  const offsets = frames
    .filter(({ receivedMs }) => receivedMs > 0)
    .map(({ frame, receivedMs }) => receivedMs - frame.uptimeUs / 1000);
  if (offsets.length === 0) return { source: 'none', zeroMs: 0, uncertaintyMs: 0 };
  offsets.sort((a, b) => a - b);
  const [first] = offsets;
  const median = offsets[offsets.length >> 1];
  return { source: 'clock of the collector', zeroMs: first, uncertaintyMs: Math.ceil(median - first) };
}
