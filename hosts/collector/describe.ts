/** A frame in one line for people: when, who, which, what. Nothing in a frame can break the line or steer a terminal. */
import {
  KIND_BOOT,
  KIND_EVIDENCE,
  KIND_HEARTBEAT,
  KIND_INCIDENT,
  KIND_KEY,
  KIND_LOSS,
  KIND_MODEL,
  KIND_READINGS,
  LABEL_WALL_CLOCK,
} from '../../modules/frame/kinds.js';
import { PROVISIONAL_V } from '../../modules/model/sufficiency.js';
import { type FrameError, framesText } from './frame-error.js';
import { bodyJson } from './frame-json.js';
import { keyOfMap } from './keys.js';
import type { Difference } from './listener.js';
import { type Names, printable } from './names.js';
import type { Frame, LabelMap } from './verify.js';
import { DIFFERENCE_TECHNIQUES, kindName } from './vocabulary.js';

const PLACES = 6;
const RECORDS_PER_CHANNEL = 3;
/** Of a digest, enough to tell two models apart by eye. */
const DIGEST_DIGITS = 8;

// biome-ignore lint/suspicious/noExplicitAny: a body by kind, as bodyJson names it; every use says what it prints
type Body = Readonly<Record<string, any>>;

/** `boot 1 +0:00:12.345  0102030405060708  #5  INCIDENT 3 open ...` */
export function describeFrame(frame: Frame, names: Names): string {
  let what: string;
  try {
    what = describeBody(frame, names);
  } catch {
    // Signed, but not shaped as the contract says: shown as it is.
    what = `${kindName(frame.kind)} ${JSON.stringify(bodyJson(frame.kind, frame.body))}`;
  }
  return printable(`${describeTime(frame)}  ${names.device}  #${frame.sequence}  ${what}`);
}

/** `ERROR frame 5: the signature does not verify` */
export function describeError({ reason, first, last }: FrameError): string {
  return printable(`ERROR ${framesText(first, last)}: ${reason}`);
}

/** `DIFFERS open level: reported 1.5 m, on the wire 2.5 m, ...` */
export function describeDifference({ state, device, channel, unit, wire, reported, tolerance }: Difference): string {
  const what = state === 'open' ? 'reported differs from wire' : 'reported agrees with wire again';
  const values = `reported ${value(reported.mean, unit)}, on the wire ${value(wire.mean, unit)}`;
  const technique = state === 'open' ? `, consistent with ${DIFFERENCE_TECHNIQUES.join(' ')}` : '';
  return printable(`DIFFERENCE ${device} ${channel}: ${what}: ${values}, tolerance ${rounded(tolerance)}${technique}`);
}

function describeTime({ payload, boot, uptimeUs }: Frame): string {
  const wallClock = payload.get(LABEL_WALL_CLOCK) as readonly number[] | undefined;
  const uptime = `boot ${boot} +${clockText(uptimeUs)}`;
  const date = wallClock === undefined ? undefined : new Date(wallClock[0]);
  return date === undefined || Number.isNaN(date.getTime()) ? uptime : `${date.toISOString()} ${uptime}`;
}

/** `1:02:03.456` */
function clockText(us: number): string {
  const ms = Math.floor(us / 1000);
  const two = (value: number) => String(value % 60).padStart(2, '0');
  const [hours, minutes, seconds] = [Math.floor(ms / 3600000), Math.floor(ms / 60000), Math.floor(ms / 1000)];
  return `${hours}:${two(minutes)}:${two(seconds)}.${String(ms % 1000).padStart(3, '0')}`;
}

function describeBody(frame: Frame, names: Names): string {
  const { kind, body } = frame;
  switch (kind) {
    case KIND_BOOT:
      return describeBoot(bodyJson(kind, body));
    case KIND_HEARTBEAT:
      return describeHeartbeat(bodyJson(kind, body), names);
    case KIND_INCIDENT:
      return describeIncident(bodyJson(kind, body), names);
    case KIND_EVIDENCE:
      return describeEvidence(bodyJson(kind, body), names);
    case KIND_READINGS:
      return body.has(3)
        ? `orders ${describeVerdicts(bodyJson(kind, body), names)}`
        : `readings ${describeReadings(body)}`;
    case KIND_MODEL:
      return describeModel(bodyJson(kind, body), names);
    case KIND_KEY:
      return describeKey(frame);
    case KIND_LOSS:
      return describeLoss(bodyJson(kind, body));
    default:
      return `${kindName(kind)} ${JSON.stringify(bodyJson(kind, body))}`;
  }
}

function describeKey({ body, sequence, signedBy }: Frame): string {
  return `KEY ${signedBy} is replaced: ${keyOfMap(body.get(1)).keyId} signs from frame ${sequence + 1} on`;
}

function describeBoot(b: Body): string {
  return `boot firmware ${b.firmwareVersion}, reset: ${b.resetReason}, key in ${b.keyAssurance}`;
}

function describeHeartbeat(b: Body, names: Names): string {
  const parts = [b.phase === 'learning' ? `learning ${tenth(b.learnedPerMille)} %` : `${b.phase}`];
  if (b.modes !== undefined) parts.push(`${b.modes} modes seen`);
  const unlike = Array.isArray(b.convergence) ? b.convergence.indexOf(Math.max(...b.convergence)) : -1;
  if (unlike >= 0 && b.convergence[unlike] > PROVISIONAL_V)
    parts.push(`${names.channel(unlike)} not alike from quarter to quarter (v ${b.convergence[unlike]})`);
  if (b.incidentsOpen > 0) parts.push(`${b.incidentsOpen} open`);
  if (b.blocksLost > 0) parts.push(`${b.blocksLost} blocks lost`);
  if (b.framesLost > 0) parts.push(`${b.framesLost} frames lost`);
  if (b.messagesRefused > 0) parts.push(`${b.messagesRefused} messages refused`);
  const quality: unknown[] = Array.isArray(b.quality) ? b.quality : [];
  quality.forEach((word, i) => {
    if (word !== 'good') parts.push(`${names.channel(i)} ${word}`);
  });
  return `heartbeat ${parts.join(', ')}`;
}

const VERDICT_WORDS: Readonly<Record<string, string>> = Object.freeze({
  done: 'order executed',
  late: 'order executed late',
  missing: 'order not executed',
  contradicted: 'execution contradicts the order',
  unordered: 'moved without an order',
});

const DETECTOR_WORDS: Readonly<Record<string, string>> = Object.freeze({
  limits: 'outside its limits',
  flat: 'stands still as it never did',
  residual: 'departs from what its past and its neighbours say',
  plant: 'departs from what the whole plant says',
  order: 'order and execution disagree',
  rate: 'moves faster than it ever did',
  drift: 'drifts away from its neighbours',
  noise: 'has another noise than it had',
  replay: 'repeats what it said before',
  dwell: 'stays in a state longer or shorter than ever',
  chatter: 'chatters',
  guard: 'switches where it never did',
  sequence: 'is in a state that never went with the others',
  occupancy: 'moves as it never did in this state',
  'phase envelope': 'departs from its machine cycle',
  'scan time': 'moves off the grid of the PLC scan',
  interlock: 'outputs are not where the interlock wants them',
  link: 'the links bring noise instead of messages (a minute)',
});

function describeIncident(b: Body, names: Names): string {
  const channels: unknown[] = Array.isArray(b.channels) ? b.channels : [];
  const where = b.verdict ? names.pair(b.verdict.pair) : channels.map((c) => names.channel(c)).join(', ');
  // a pair's own channels are its execution and its order
  const others = b.verdict && b.detector === 'order' ? channels.slice(2).map((c) => names.channel(c)) : [];
  const cause = b.verdict ? VERDICT_WORDS[b.verdict.verdict] : DETECTOR_WORDS[b.detector];
  const unit = names.unit(channels[0]);
  const parts = [[cause ?? b.detector, where].filter((part) => part !== '').join(', ')];
  if (others.length > 0) parts.push(`with ${others.join(' and ')}`);
  if (b.observed !== undefined) parts.push(`observed ${value(b.observed, unit)}`);
  if (b.expected) parts.push(`expected ${bound(b.expected.low)}..${bound(b.expected.high)}`);
  parts.push(`score ${tenth(b.scorePerMille / 100)} x threshold`, `severity ${b.severity}`);
  if (b.durationMs !== undefined) parts.push(`lasted ${b.durationMs / 1000} s`);
  if (b.techniques)
    parts.push(`consistent with ${b.techniques.ids.join(' ')} (ATT&CK for ICS ${b.techniques.version})`);
  return `INCIDENT ${b.id} ${b.state} ${b.class} (${b.reason}): ${parts.join(', ')}`;
}

/** SenML records in threes: mean, min, max of a channel. */
function describeReadings(body: LabelMap): string {
  const pack = body.get(1);
  if (!Array.isArray(pack)) return '';
  const parts: string[] = [];
  for (let i = 0; i + RECORDS_PER_CHANNEL <= pack.length; i += RECORDS_PER_CHANNEL) {
    const [mean, min, max] = pack.slice(i, i + RECORDS_PER_CHANNEL).map((r) => (r instanceof Map ? r : new Map()));
    const unit = mean.has(1) ? ` ${mean.get(1)}` : '';
    const text = mean.has(2)
      ? `${rounded(mean.get(2))} [${rounded(min.get(2))}..${rounded(max.get(2))}]${unit}`
      : 'bad';
    parts.push(`${mean.get(0)} ${text}`);
  }
  return parts.join(', ');
}

/** Orders of each pair by verdict; those that are none are left out. */
function describeVerdicts(b: Body, names: Names): string {
  const counts: Readonly<Record<string, number>>[] = b.verdicts;
  return counts
    .map(({ pair, ...verdicts }) => {
      const parts = Object.entries(verdicts).filter(([, count]) => count > 0);
      return `${names.pair(pair)} ${parts.map(([verdict, count]) => `${count} ${verdict}`).join(' ')}`;
    })
    .join(', ');
}

function describeModel(b: Body, names: Names): string {
  const parts = [`${b.why}`];
  if (typeof b.digest === 'string') parts.push(`digest ${b.digest.slice(0, DIGEST_DIGITS)}`);
  if (b.rows !== undefined) parts.push(`${rounded(b.rows)} rows`);
  if (b.level !== undefined) parts.push(`${b.level}`);
  if (b.falseAlarmsPerDay)
    parts.push(
      `false alarms a day: ${rounded(b.falseAlarmsPerDay.asked)} asked, ${rounded(b.falseAlarmsPerDay.promised)} promised`,
    );
  const unwatched: unknown[] = Array.isArray(b.unwatched) ? b.unwatched : [];
  if (unwatched.length > 0) parts.push(`NOT WATCHED: ${unwatched.map((c) => names.channel(c)).join(' ')}`);
  return `MODEL ${parts.join(', ')}`;
}

function describeEvidence(b: Body, names: Names): string {
  const [part, parts] = b.part;
  const what = b.packedSamples === undefined ? 'points of' : 'raw samples every';
  const missing = b.missing > 0 ? `, ${b.missing} missing` : '';
  const every = `${b.points} ${what} ${b.periodUs / 1000} ms from +${clockText(b.fromUs)}${missing}`;
  return `evidence of INCIDENT ${b.incident}, part ${part + 1} of ${parts}: ${names.channel(b.channel)}, ${every}`;
}

function describeLoss(b: Body): string {
  return `LOSS ${b.count} ${b.what}, from +${clockText(b.fromUs)} to +${clockText(b.toUs)}`;
}

function value(number: unknown, unit: string): string {
  return unit === '' ? rounded(number) : `${rounded(number)} ${unit}`;
}

function bound(number: unknown): string {
  return number === null ? '' : rounded(number);
}

function rounded(number: unknown): string {
  return typeof number === 'number' ? String(Number(number.toPrecision(PLACES))) : '?';
}

/** Per mille as per cent, or tenths: one place. */
function tenth(number: unknown): string {
  return typeof number === 'number' ? (number / 10).toFixed(1) : '?';
}
