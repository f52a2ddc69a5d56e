/** Frames and errors as JSON objects, one per line: the shapes of `collect --json`. */
import {
  KIND_EVIDENCE,
  KIND_HEARTBEAT,
  KIND_INCIDENT,
  KIND_MODEL,
  KIND_READINGS,
  LABEL_WALL_CLOCK,
} from '../../modules/frame/kinds.js';
import { CATALOGUE_VERSION } from '../../modules/incident/attack-techniques.js';
import { rebuildEvidence } from './evidence.js';
import type { FrameError } from './frame-error.js';
import type { Difference } from './listener.js';
import type { Frame, LabelMap } from './verify.js';
import {
  BODY_LABELS,
  DETECTORS,
  DIFFERENCE_TECHNIQUES,
  kindName,
  type LabelName,
  REASONS,
  VERDICTS,
  wordOf,
} from './vocabulary.js';

type Json = Readonly<Record<string, unknown>>;

/** Runs of missing frames up to this long get an object per frame; longer ones a single object with `last`. */
const LINES_PER_RUN_MAX = 256;

/** `{ device, sequence, kind, verified, keyId, payload }`. `device`: hexadecimal; `signedBy` after a key was replaced. */
export function frameJson(frame: Frame, device: string): Json {
  return {
    device,
    sequence: frame.sequence,
    kind: kindName(frame.kind),
    verified: true,
    keyId: frame.keyId,
    ...(frame.signedBy === frame.keyId ? {} : { signedBy: frame.signedBy }),
    payload: payloadJson(frame),
  };
}

/** `{ error, sequence, keyId }`, one per frame concerned; `sequence` null where it cannot be known. */
export function errorJson({ reason, first, last, keyId }: FrameError): Json[] {
  const base = { error: reason, sequence: first ?? null, ...(keyId === undefined ? {} : { keyId }) };
  if (first === undefined || last === undefined || first === last) return [base];
  if (last - first >= LINES_PER_RUN_MAX) return [{ ...base, last }];
  return Array.from({ length: last - first + 1 }, (_, i) => ({ ...base, sequence: first + i }));
}

/** `{ difference, state, device, channel, ... }`: what a cross-check found. */
export function differenceJson(difference: Difference): Json {
  const what = difference.state === 'open' ? 'reported differs from wire' : 'reported agrees with wire again';
  return {
    difference: what,
    ...difference,
    techniques: { catalogue: 'ATT&CK for ICS', version: CATALOGUE_VERSION, ids: DIFFERENCE_TECHNIQUES },
  };
}

function payloadJson(frame: Frame): Json {
  const { payload, previous } = frame;
  const wallClock = payload.get(LABEL_WALL_CLOCK) as readonly number[] | undefined;
  return {
    version: 1,
    boot: frame.boot,
    uptimeUs: frame.uptimeUs,
    ...(wallClock === undefined ? {} : { wallClock: { unixMs: wallClock[0], uncertaintyMs: wallClock[1] } }),
    ...(previous === undefined ? {} : { previous }),
    body: bodyJson(frame.kind, frame.body),
  };
}

/** A body with its labels in words. */
export function bodyJson(kind: number, body: LabelMap): Json {
  if (kind === KIND_READINGS) return readingsJson(body);
  const labels = BODY_LABELS[kind];
  const json: Record<string, unknown> = Object.fromEntries(
    [...body].map(([label, value]) => {
      const known = typeof label === 'number' ? labels?.[label] : undefined;
      return known === undefined ? [String(label), plain(value)] : [known.name, named(known, value)];
    }),
  );
  if (kind === KIND_MODEL) return modelJson(json);
  if (kind === KIND_HEARTBEAT) return heartbeatJson(json);
  if (kind === KIND_EVIDENCE) return evidenceJson(json, body);
  return kind === KIND_INCIDENT ? incidentJson(json) : json;
}

function named({ words }: LabelName, value: unknown): unknown {
  return Array.isArray(value) ? value.map((item) => plain(wordOf(words, item))) : plain(wordOf(words, value));
}

/** Pairs of an incident get names of their own. */
function incidentJson(json: Record<string, unknown>): Json {
  const { techniques, expected, verdict } = json;
  if (Array.isArray(techniques))
    json.techniques = { catalogue: 'ATT&CK for ICS', version: techniques[0], ids: techniques.slice(1) };
  if (Array.isArray(expected)) json.expected = { low: expected[0], high: expected[1] };
  json.reason ??= REASONS[0];
  if (Array.isArray(verdict)) json.verdict = { pair: verdict[0], verdict: wordOf(VERDICTS, verdict[1]) };
  return json;
}

function heartbeatJson(json: Record<string, unknown>): Json {
  if (Array.isArray(json.convergence)) json.convergence = json.convergence.map(thousandth);
  return json;
}

/** Thousandths as they are meant; what stands in pairs gets names. */
function modelJson(json: Record<string, unknown>): Json {
  const { convergence, falseAlarmsPerDay: alarms, thresholds } = json;
  if (Array.isArray(convergence)) json.convergence = convergence.map(thousandth);
  if (Array.isArray(alarms)) json.falseAlarmsPerDay = { asked: alarms[0], promised: alarms[1] };
  if (Array.isArray(thresholds))
    json.thresholds = thresholds.map((item) =>
      Array.isArray(item) ? { detector: wordOf(DETECTORS, item[0]), thresholds: item.slice(1).map(thousandth) } : item,
    );
  if (Array.isArray(json.pairs)) json.pairs = json.pairs.map(learnedPairJson);
  return json;
}

/** `{ pair, modes: [{ mode, low, high, levels or line }] }`; mode null: all together. */
function learnedPairJson(item: unknown): unknown {
  if (!Array.isArray(item)) return plain(item);
  return { pair: plain(item[0]), modes: item.slice(1).map(learnedModeJson) };
}

function learnedModeJson(item: unknown): unknown {
  if (!Array.isArray(item)) return plain(item);
  const [mode, low, high, ...numbers] = item.map(plain);
  return {
    ...{ mode, low: learnedWayJson(low), high: learnedWayJson(high) },
    ...(numbers.length === 2 ? { levels: { off: numbers[0], on: numbers[1] } } : {}),
    ...(numbers.length === 1 ? { line: learnedLineJson(numbers[0]) } : {}),
  };
}

function learnedLineJson(item: unknown): unknown {
  return Array.isArray(item) ? { gain: item[0], offset: item[1], tolerance: item[2] } : item;
}

function learnedWayJson(item: unknown): unknown {
  if (!Array.isArray(item)) return item;
  const [orders, leastMs, longestMs, boundMs, ...left] = item;
  return {
    ...{ orders, leastMs, longestMs, boundMs },
    ...(left.length > 0 ? { left: { leastMs: left[0], longestMs: left[1], boundMs: left[2] } } : {}),
  };
}

/** With what the packed points say beside them, where they can be read. */
function evidenceJson(json: Record<string, unknown>, body: LabelMap): Json {
  try {
    return { ...json, ...rebuildEvidence(body) };
  } catch {
    return json;
  }
}

function thousandth(value: unknown): unknown {
  return typeof value === 'number' ? value / 1000 : value;
}

const SENML_NAMES: Readonly<Record<string, string>> = Object.freeze({
  '-2': 'bn',
  '-6': 'bs',
  '0': 'n',
  '1': 'u',
  '2': 'v',
  '6': 't',
});

/** A SenML pack with the names of its JSON form (RFC 8428 section 5), or the verdicts on orders. */
function readingsJson(body: LabelMap): Json {
  const counts = body.get(3);
  if (counts !== undefined) {
    const pooled = body.get(4);
    return {
      verdicts: Array.isArray(counts) ? counts.map(verdictsJson) : plain(counts),
      ...(pooled === undefined ? {} : { pooled: Array.isArray(pooled) ? pooled.map(pooledJson) : plain(pooled) }),
    };
  }
  const pack = body.get(1);
  const record = (item: unknown) =>
    item instanceof Map
      ? Object.fromEntries(
          [...item].map(([label, value]) => [SENML_NAMES[String(label)] ?? String(label), plain(value)]),
        )
      : plain(item);
  return { firstChannel: plain(body.get(2)), senml: Array.isArray(pack) ? pack.map(record) : plain(pack) };
}

/** `{ pair, orders }`: held to what all modes took. */
function pooledJson(item: unknown): unknown {
  return Array.isArray(item) ? { pair: plain(item[0]), orders: plain(item[1]) } : plain(item);
}

/** `{ pair, done, late, missing, contradicted, unordered }`. */
function verdictsJson(item: unknown): unknown {
  if (!Array.isArray(item)) return plain(item);
  return { pair: plain(item[0]), ...Object.fromEntries(VERDICTS.map((verdict, i) => [verdict, plain(item[i + 1])])) };
}

/** Anything decoded, as JSON: bytes in hexadecimal, maps as objects. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return Object.fromEntries([...value].map(([label, item]) => [String(label), plain(item)]));
  return value;
}
