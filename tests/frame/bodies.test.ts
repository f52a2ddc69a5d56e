import test from 'ava';
import { READING_FIELDS } from '../../modules/base/kernel-fields.js';
import { TextTable } from '../../modules/cbor/text.js';
import { CborWriter } from '../../modules/cbor/writer.js';
import { AnalogSignal } from '../../modules/condition/analog-signal.js';
import { ContactSignal } from '../../modules/condition/contact-signal.js';
import { QUALITY_BAD } from '../../modules/condition/quality.js';
import {
  CLASS_ATTACK,
  CLASS_FAULT,
  DETECTOR_ORDER,
  DETECTOR_RESIDUAL,
  VERDICT_MISSING,
} from '../../modules/detect/finding.js';
import type { EvidenceRecorder } from '../../modules/evidence/recorder.js';
import { writeBootBody } from '../../modules/frame/boot-body.js';
import { writeEvidenceBody } from '../../modules/frame/evidence-body.js';
import { Condition, writeHeartbeatBody } from '../../modules/frame/heartbeat-body.js';
import { writeIncidentBody } from '../../modules/frame/incident-body.js';
import {
  KIND_BOOT,
  KIND_EVIDENCE,
  KIND_HEARTBEAT,
  KIND_INCIDENT,
  KIND_LOSS,
  KIND_MODEL,
  KIND_READINGS,
  LOSS_FRAMES,
  RESET_BROWN_OUT,
} from '../../modules/frame/kinds.js';
import { writeLossBody } from '../../modules/frame/loss-body.js';
import { writeModelBody } from '../../modules/frame/model-body.js';
import { beginPayload } from '../../modules/frame/outline.js';
import {
  decimalsOf,
  Reading,
  ReadingTexts,
  writeReadingsBody,
  writeVerdictsBody,
} from '../../modules/frame/readings-body.js';
import { TECHNIQUE_IDS } from '../../modules/incident/attack-techniques.js';
import { Incident, NEWS_CLOSED, NEWS_OPEN, NEWS_UPDATE, withChannel } from '../../modules/incident/incident.js';
import { REASON_NOT_EXECUTED } from '../../modules/incident/triage.js';
import {
  CHANNELS_MAX,
  EVIDENCE_PART_BYTES_MAX,
  INCIDENT_CHANNELS_GAINED_MAX,
  INCIDENT_CHANNELS_MAX,
  NAME_BYTES_MAX,
  PAIRS_MAX,
  PAYLOAD_BYTES_MAX,
  READINGS_CHANNELS_MAX,
  ROW_DETECTORS_MAX,
  TOLD_THRESHOLDS_MAX,
} from '../../modules/limits.js';
import {
  MODEL_DAMAGED,
  MODEL_LEARNED,
  MODEL_LOADED,
  MODEL_NOT_KEPT,
  MODEL_OF_OTHER_CONFIGURATION,
  MODEL_OF_OTHER_FORMAT,
  MODEL_TOO_LONG,
  ModelRecord,
} from '../../modules/model/model-record.js';
import { ResidualChannel } from '../../modules/model/residual-channel.js';
import { ContactPair } from '../../modules/orders/contact-pair.js';
import { contact, direct } from '../sensor/sample-configuration.js';
import { addRow } from './reading-rows.js';
import { decodeDeterministic, type Labels, numberOf } from './strict-cbor.js';

const MOST = Number.MAX_SAFE_INTEGER;
const MOST_U32 = 2 ** 32 - 1;
const TECHNIQUES = new TextTable(TECHNIQUE_IDS);
const ORDER_NOT_EXECUTED = [TECHNIQUE_IDS.indexOf('T1691.001'), TECHNIQUE_IDS.indexOf('T0831')];
const FALSIFIED_SENSOR = [TECHNIQUE_IDS.indexOf('T1692.002'), TECHNIQUE_IDS.indexOf('T0832')];
/** Every detector there is. */
const RUNS = Array.from({ length: ROW_DETECTORS_MAX }, (_, i) => i);
const PREVIOUS = new Uint8Array(32).fill(0xee);
/** COSE_Sign1 around a payload of up to 255 bytes: tag, array, protected header, empty map, two heads, signature. */
const ENVELOPE_BYTES = 1 + 1 + 17 + 1 + 2 + 66;

/** The payload whose body `write` writes, with the longest head: its size, and the body as a stranger decodes it. */
function payloadOf(kind: number, write: (writer: CborWriter) => void): { bytes: number; body: Labels; labels: Labels } {
  const writer = new CborWriter(new Uint8Array(PAYLOAD_BYTES_MAX));
  beginPayload(writer, kind, MOST_U32, MOST_U32, MOST, PREVIOUS);
  write(writer);
  if (writer.isOverflowed) throw new Error(`the payload is longer than ${PAYLOAD_BYTES_MAX} bytes`);
  const labels = decodeDeterministic(writer.buffer.slice(0, writer.position)) as Labels;
  return { bytes: writer.position, labels, body: labels.get(8) as Labels };
}

function incident(over: Partial<Incident> = {}, channels: readonly number[] = [1]): Incident {
  const made = new Incident();
  Object.assign(made, { id: 7, score: 1.5, onsetUs: 4_000_000.7, channels: channels.length, ...over });
  channels.forEach((channel, i) => {
    made.channel[i] = channel;
  });
  return made;
}

test('every payload says version, sequence, kind, boot, uptime and the hash before, in this order', (t) => {
  const { labels } = payloadOf(KIND_LOSS, (writer) => writeLossBody(writer, 0, 1, 2, 3));
  t.deepEqual([...labels.keys()], [1, 2, 3, 4, 5, 7, 8]);
  t.deepEqual([...labels.values()].slice(0, 6), [1, MOST_U32, KIND_LOSS, MOST_U32, MOST, PREVIOUS.slice(0, 16)]);
});

test('the longest evidence frame fits, and a stranger reads its head', (t) => {
  const recorder = {
    memory: { heldBytes: () => EVIDENCE_PART_BYTES_MAX, take: () => {} },
    incidentOf: () => MOST_U32,
    partOf: () => 8,
    partsOf: () => 9,
    channelOf: () => 0,
    blocksOf: () => 100,
    rawOf: () => null,
    fromUsOf: () => MOST,
    pointsOf: () => 256,
  } as unknown as EvidenceRecorder;
  const scale = { countsLow: 13106.123456789, countsHigh: 65535, low: -1000.123456789, high: 1000.123456789 };
  const { bytes, body } = payloadOf(KIND_EVIDENCE, (writer) =>
    writeEvidenceBody(writer, recorder, 0, [{ ...direct('a'), ...scale }], 10_000),
  );
  t.log(`${bytes} bytes`);
  t.deepEqual([...body.keys()], [1, 2, 3, 4, 5, 6, 7, 8]);
  t.deepEqual(body.get(2), [8, 9]);
  t.is((body.get(7) as Uint8Array).length, EVIDENCE_PART_BYTES_MAX);
});

test('the longest evidence frame of raw samples fits, too', (t) => {
  const recorder = {
    memory: { heldBytes: () => EVIDENCE_PART_BYTES_MAX, take: () => {} },
    incidentOf: () => MOST_U32,
    partOf: () => 30,
    partsOf: () => 31,
    channelOf: () => 0,
    rawOf: () => ({ sampleUs: 1000, samples: 750 }),
    fromUsOf: () => MOST,
    pointsOf: () => 400,
  } as unknown as EvidenceRecorder;
  const scale = { countsLow: 13106.123456789, countsHigh: 65535, low: -1000.123456789, high: 1000.123456789 };
  const { bytes, body } = payloadOf(KIND_EVIDENCE, (writer) =>
    writeEvidenceBody(writer, recorder, 0, [{ ...direct('a'), ...scale }], 10_000),
  );
  t.log(`${bytes} bytes`);
  t.deepEqual([...body.keys()], [1, 2, 3, 4, 5, 6, 8, 9, 10]);
  t.deepEqual([body.get(4), body.get(6), body.get(10)], [1000, 400, 350]);
});

test('the first frame ever has no hash before it', (t) => {
  const writer = new CborWriter(new Uint8Array(100));
  beginPayload(writer, KIND_LOSS, 1, 1, 12.9, null);
  writeLossBody(writer, 0, 1, 2, 3);
  const labels = decodeDeterministic(writer.buffer.slice(0, writer.position)) as Labels;
  t.deepEqual([...labels.keys()], [1, 2, 3, 4, 5, 8]);
  t.is(labels.get(5), 12, 'microseconds are whole');
});

test('a boot frame fits, and says who speaks with what', (t) => {
  const identity = {
    deviceId: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
    firmwareVersion: '255.255.255-'.padEnd(32, 'x'),
    firmwareDigest: new Uint8Array(16).fill(2),
    resetReason: RESET_BROWN_OUT,
  };
  const publicKey = Uint8Array.from({ length: 64 }, (_, i) => i);
  const signer = {
    algorithm: -9,
    keyId: new Uint8Array(8),
    publicKey,
    assurance: 1,
    start: () => true,
    poll: () => 0 as const,
  };
  const { bytes, body } = payloadOf(KIND_BOOT, (writer) =>
    writeBootBody(writer, identity, signer, new Uint8Array(16).fill(3), new Uint8Array(32).fill(4), RUNS),
  );
  t.log(`${bytes} bytes`);
  t.deepEqual(
    [...body],
    [
      [1, identity.deviceId],
      [2, identity.firmwareVersion],
      [3, identity.firmwareDigest],
      [4, new Uint8Array(16).fill(3)],
      [5, new Uint8Array(16).fill(4)],
      [6, RESET_BROWN_OUT],
      [7, 1],
      [
        8,
        new Map<number, unknown>([
          [1, 2],
          [-1, 1],
          [-2, publicKey.slice(0, 32)],
          [-3, publicKey.slice(32)],
        ]),
      ],
      [9, RUNS],
    ],
  );
  const without = payloadOf(KIND_BOOT, (writer) =>
    writeBootBody(writer, identity, signer, new Uint8Array(16), null, []),
  ).body;
  t.deepEqual([...without.keys()], [1, 2, 3, 4, 6, 7, 8, 9], 'no model, no digest');
});

/** A record of everything, the largest everywhere. */
function fullRecord(): ModelRecord {
  const record = new ModelRecord();
  record.rows = MOST_U32;
  record.promisedPerDay = 9007199.254740991;
  record.detectors = Array.from({ length: ROW_DETECTORS_MAX }, (_, i) => ({
    id: 240 + i,
    thresholds: Array.from({ length: TOLD_THRESHOLDS_MAX + 1 }, () => 1e9),
  }));
  record.channels = Array.from({ length: CHANNELS_MAX }, () => new ResidualChannel());
  record.convergence.push(...Array.from({ length: CHANNELS_MAX }, () => 1e9));
  return record;
}

test(`a model frame of ${CHANNELS_MAX} channels, none of them watched, with all that can be in it fits`, (t) => {
  const record = fullRecord();
  record.level = 2;
  const { bytes, body } = payloadOf(KIND_MODEL, (writer) =>
    writeModelBody(writer, MODEL_LEARNED, record, new Uint8Array(32).fill(5), 9007199.254740991),
  );
  t.log(`${bytes} bytes`);
  t.deepEqual([...body.keys()], [1, 2, 3, 4, 5, 6, 7, 8]);
  t.deepEqual(body.get(2), new Uint8Array(16).fill(5));
  t.is(body.get(3), MOST_U32);
  t.deepEqual(body.get(5), Array(CHANNELS_MAX).fill(65_535));
  t.deepEqual((body.get(6) as unknown[]).map(numberOf), [9007199.254740991, 9007199.254740991]);
  t.deepEqual((body.get(7) as number[][])[15], [255, ...Array(TOLD_THRESHOLDS_MAX).fill(MOST_U32)]);
  t.deepEqual(body.get(8), [...Array(CHANNELS_MAX).keys()]);
});

test('a model frame leaves out what nothing has judged; thresholds that never are reached are null', (t) => {
  const record = fullRecord();
  record.detectors = [{ id: DETECTOR_RESIDUAL, thresholds: [1.5, Infinity, NaN] }, { id: DETECTOR_ORDER }];
  record.channels[0].isModelled = true;
  for (const why of [MODEL_LEARNED, MODEL_LOADED, MODEL_TOO_LONG, MODEL_NOT_KEPT]) {
    const { body } = payloadOf(KIND_MODEL, (writer) => writeModelBody(writer, why, record, new Uint8Array(32), 24));
    t.deepEqual([...body.keys()], [1, ...(why <= MODEL_LOADED ? [2] : []), 3, 6, 7, 8]);
    t.deepEqual(body.get(7), [[DETECTOR_RESIDUAL, 1500, null, null]]);
    t.is((body.get(8) as number[])[0], 1);
  }
});

test('of a model that was refused a frame says only why', (t) => {
  for (const why of [MODEL_OF_OTHER_CONFIGURATION, MODEL_OF_OTHER_FORMAT, MODEL_DAMAGED]) {
    const { body } = payloadOf(KIND_MODEL, (writer) =>
      writeModelBody(writer, why, fullRecord(), new Uint8Array(32), 24),
    );
    t.deepEqual([...body], [[1, why]]);
  }
});

test(`a heartbeat of ${CHANNELS_MAX} channels with the largest numbers fits, analog qualities before digital ones`, (t) => {
  const condition = new Condition();
  const values = [2, 1000, MOST, MOST, MOST, MOST, MOST, MOST, MOST];
  for (const [i, name] of (
    [
      'phase',
      'learnedPerMille',
      'blocksLost',
      'framesWaiting',
      'framesLost',
      'freeBytes',
      'wear',
      'incidentsOpen',
      'messagesRefused',
    ] as const
  ).entries())
    condition[name] = values[i];
  const signals = Array.from({ length: 40 }, () => new AnalogSignal(direct('a')));
  const contacts = Array.from({ length: CHANNELS_MAX - 40 }, () => new ContactSignal(contact('d')));
  for (const signal of signals) signal.quality = 0;
  const { bytes, body } = payloadOf(KIND_HEARTBEAT, (writer) =>
    writeHeartbeatBody(writer, condition, signals, contacts, LEARNED),
  );
  t.log(`${bytes} bytes`);
  t.deepEqual([...body.keys()], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  t.deepEqual(body.get(8), [...Array(40).fill(0), ...Array(CHANNELS_MAX - 40).fill(QUALITY_BAD)]);
  t.deepEqual(
    [1, 2, 3, 9, 10].map((label) => body.get(label)),
    [2, 1000, MOST, MOST, MOST],
  );
});

/** What learning says when it is over. */
const LEARNED = { convergence: [], modes: 0 };

test('the label numbers of a heartbeat are those of frames.cddl', (t) => {
  const condition = new Condition();
  Object.assign(condition, {
    phase: 1,
    learnedPerMille: 2,
    blocksLost: 3,
    framesWaiting: 4,
    framesLost: 5,
    freeBytes: 6,
    wear: 7,
    incidentsOpen: 9,
    messagesRefused: 10,
  });
  const { body } = payloadOf(KIND_HEARTBEAT, (writer) => writeHeartbeatBody(writer, condition, [], [], LEARNED));
  for (const [label, value] of body) t.deepEqual(value, label === 8 ? [] : label);
});

test('a heartbeat tells of each channel and of the modes how far learning is, and only while it lasts', (t) => {
  const condition = new Condition();
  const learning = { convergence: [NaN, 1.2345, 1e9], modes: 7 };
  const told = () =>
    payloadOf(KIND_HEARTBEAT, (writer) => writeHeartbeatBody(writer, condition, [], [], learning)).body;
  t.deepEqual(told().get(11), [null, 1235, 65535]);
  t.is(told().get(12), 7);
  condition.phase = 1;
  t.false(told().has(11));
  t.false(told().has(12));
});

test('an incident with everything in it fits, and says it under the labels of frames.cddl', (t) => {
  const made = incident(
    {
      id: MOST_U32,
      detector: DETECTOR_ORDER,
      subject: 15,
      verdict: VERDICT_MISSING,
      score: 1e9,
      onsetUs: MOST - 1000,
      closedAtUs: MOST,
      techniques: ORDER_NOT_EXECUTED,
      expectedLow: -9007.19925474098,
      expectedHigh: 9007.19925474098,
      observed: -9007.19925474098,
      incidentClass: CLASS_ATTACK,
      reason: REASON_NOT_EXECUTED,
    },
    Array.from({ length: INCIDENT_CHANNELS_MAX }, (_, i) => CHANNELS_MAX - 1 - i),
  );
  const gained = Array.from({ length: INCIDENT_CHANNELS_GAINED_MAX }, (_, i) => CHANNELS_MAX - 4 - i);
  made.gained = gained.reduce(withChannel, 0);
  const { bytes, body } = payloadOf(KIND_INCIDENT, (writer) =>
    writeIncidentBody(writer, made, NEWS_CLOSED, 12, TECHNIQUES),
  );
  t.log(`payload ${bytes} bytes, frame ${bytes + ENVELOPE_BYTES} bytes`);
  t.deepEqual([...body.keys()], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
  t.deepEqual(
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 14].map((label) => body.get(label)),
    [
      MOST_U32,
      NEWS_CLOSED,
      [63, 62, 61, 60, 59, 58, 57, 56],
      DETECTOR_ORDER,
      1_000_000,
      MOST - 1000,
      3,
      CLASS_ATTACK,
      [19, 'T1691.001', 'T0831'],
      [15, VERDICT_MISSING],
      1,
      REASON_NOT_EXECUTED,
    ],
  );
});

test('an incident says only what there is to say', (t) => {
  const made = incident({ incidentClass: CLASS_FAULT, detector: DETECTOR_RESIDUAL, expectedLow: 1.5 });
  const { body } = payloadOf(KIND_INCIDENT, (writer) => writeIncidentBody(writer, made, NEWS_OPEN, 1, TECHNIQUES));
  t.deepEqual([...body.keys()], [1, 2, 3, 4, 5, 6, 7, 8, 10]);
  t.is(body.get(5), 1500);
  t.is(body.get(6), 4_000_000);
  t.is(body.get(8), CLASS_FAULT);
  const [low, high] = body.get(10) as unknown[];
  t.is(numberOf(low), 1.5);
  t.is(high, null);
});

test('an attack-consistent incident is of medium severity, of high from twice its threshold or with a verdict; a fault is low', (t) => {
  const severity = (over: Partial<Incident>) =>
    payloadOf(KIND_INCIDENT, (writer) =>
      writeIncidentBody(writer, incident(over), NEWS_UPDATE, 0, TECHNIQUES),
    ).body.get(7);
  t.is(severity({ score: 1.99 }), 2);
  t.is(severity({ score: 2 }), 3);
  t.is(severity({ score: 1, verdict: VERDICT_MISSING }), 3);
  t.is(severity({ score: 9, incidentClass: CLASS_FAULT }), 1);
});

test('a closed incident says how long it lasted, never a negative time', (t) => {
  for (const [onsetUs, closedAtUs, ms] of [
    [1_000_000, 3_500_900, 2500],
    [1_000_000, 999_000, 0],
  ]) {
    const made = incident({ onsetUs, closedAtUs });
    const { body } = payloadOf(KIND_INCIDENT, (writer) => writeIncidentBody(writer, made, NEWS_CLOSED, 0, TECHNIQUES));
    t.is(body.get(13), ms);
  }
});

test('an incident as it comes after a day, COSE included, is at most 200 bytes, opened or closed', (t) => {
  const typical = (over: Partial<Incident>, channels: readonly number[], news: number, decimals: number) => {
    const made = incident(
      { id: 12, score: 3.21, onsetUs: 86_400_000_000, closedAtUs: 86_460_000_000, ...over },
      channels,
    );
    made.isTold = news !== NEWS_OPEN;
    const writer = new CborWriter(new Uint8Array(PAYLOAD_BYTES_MAX));
    beginPayload(writer, KIND_INCIDENT, 100_000, 12, 86_400_100_000, PREVIOUS);
    writeIncidentBody(writer, made, news, decimals, TECHNIQUES);
    return writer.position + ENVELOPE_BYTES;
  };
  const order = {
    detector: DETECTOR_ORDER,
    reason: REASON_NOT_EXECUTED,
    verdict: VERDICT_MISSING,
    techniques: ORDER_NOT_EXECUTED,
  };
  const contacts = { expectedLow: 1, expectedHigh: 1, observed: 0 };
  const residual = { detector: DETECTOR_RESIDUAL, techniques: FALSIFIED_SENSOR };
  const range = { expectedLow: 1234.5678, expectedHigh: 1250.1234, observed: 1300.4321 };
  for (const news of [NEWS_OPEN, NEWS_CLOSED]) {
    const orderBytes = typical({ ...order, ...contacts }, [9, 8], news, 0);
    const residualBytes = typical({ ...residual, ...range }, [1, 2, 3], news, 4);
    t.log(`news ${news}: order ${orderBytes} bytes, residual ${residualBytes} bytes`);
    t.true(orderBytes <= 200);
    t.true(residualBytes <= 200);
  }
});

test(`readings of ${READINGS_CHANNELS_MAX} channels with names and units of ${NAME_BYTES_MAX} letters and the largest numbers fit`, (t) => {
  const channels = Array.from({ length: CHANNELS_MAX }, (_, i) =>
    direct(`${i}`.padStart(NAME_BYTES_MAX, 'n'), { unit: 'u'.repeat(NAME_BYTES_MAX), resolution: 1e-11 }),
  );
  const readings = channels.map((channel) => {
    const numbers = new Float64Array(READING_FIELDS);
    addRow(numbers, -9007.199254740981, 1, -9007.199254740981, 9007.199254740981);
    return new Reading(channel, numbers);
  });
  const first = CHANNELS_MAX - READINGS_CHANNELS_MAX;
  const { bytes, body } = payloadOf(KIND_READINGS, (writer) =>
    writeReadingsBody(writer, readings, new ReadingTexts(channels), first, CHANNELS_MAX),
  );
  t.log(`${bytes} bytes`);
  t.is(body.get(2), first);
  const pack = body.get(1) as Labels[];
  t.is(pack.length, 3 * READINGS_CHANNELS_MAX);
  for (const [i, record] of pack.entries()) {
    const { name, unit } = channels[first + Math.floor(i / 3)];
    t.is(record.get(0), name + ['', '/min', '/max'][i % 3]);
    t.is(record.get(1), i % 3 === 0 ? unit : undefined);
    t.true(Math.abs(Math.abs(numberOf(record.get(2))) - 9007.199254740981) < 1e-11);
  }
});

test('a channel that was bad all along has no value in its readings', (t) => {
  const channel = direct('a', { unit: 'm' });
  const { body } = payloadOf(KIND_READINGS, (writer) =>
    writeReadingsBody(writer, [new Reading(channel)], new ReadingTexts([channel]), 0, 1),
  );
  t.deepEqual(body.get(1), [
    new Map<number, unknown>([
      [0, 'a'],
      [1, 'm'],
    ]),
    new Map([[0, 'a/min']]),
    new Map([[0, 'a/max']]),
  ]);
});

test('verdicts of all pairs, each as often as a board can count, fit, and pairs without any are left out', (t) => {
  const pairs = Array.from(
    { length: PAIRS_MAX },
    (_, i) => new ContactPair({ name: 'p', order: 0, execution: 1, isInverted: false }, i, 0, 1000),
  );
  const counts = [2 ** 32 - 1, 2 ** 32 - 2, 2 ** 32 - 3, 2 ** 32 - 4, 2 ** 32 - 5];
  for (const pair of pairs) for (const [i, count] of counts.entries()) pair.verdicts[i] = count;
  const { bytes, body } = payloadOf(KIND_READINGS, (writer) => writeVerdictsBody(writer, pairs, PAIRS_MAX));
  t.log(`${bytes} bytes`);
  t.deepEqual(
    body.get(3),
    pairs.map((_, i) => [i, ...counts]),
  );
  pairs[1].restartVerdicts();
  const rest = payloadOf(KIND_READINGS, (writer) => writeVerdictsBody(writer, pairs, PAIRS_MAX - 1)).body;
  t.deepEqual(
    (rest.get(3) as number[][]).map(([pair]) => pair),
    pairs.map((_, i) => i).filter((i) => i !== 1),
  );
});

test('a reading is mean, smallest and largest since it was restarted', (t) => {
  const numbers = new Float64Array(READING_FIELDS);
  const reading = new Reading(direct('a'), numbers);
  addRow(numbers, 2, 10, -1, 5);
  addRow(numbers, 4, 5, 1, 3);
  t.like(reading, { count: 15, sum: 40, min: -1, max: 5 });
  reading.restart();
  addRow(numbers, 7, 10, 6, 8);
  t.like(reading, { count: 10, sum: 70, min: 6, max: 8 });
});

test('decimal places show a step of the resolution and one place more', (t) => {
  for (const [resolution, decimals] of [
    [10, 1],
    [1, 1],
    [0.5, 2],
    [0.1, 2],
    [0.01, 3],
    [0.003, 4],
    [1e-30, 12],
    [0, 6],
    [Number.NaN, 6],
  ])
    t.is(decimalsOf(resolution), decimals, `${resolution}`);
});

test('a loss says what, how many, from when to when in whole microseconds', (t) => {
  const { bytes, body } = payloadOf(KIND_LOSS, (writer) => writeLossBody(writer, LOSS_FRAMES, MOST, MOST - 1, MOST));
  t.log(`${bytes} bytes`);
  t.deepEqual(
    [...body],
    [
      [1, LOSS_FRAMES],
      [2, MOST],
      [3, MOST - 1],
      [4, MOST],
    ],
  );
  const fractions = payloadOf(KIND_LOSS, (writer) => writeLossBody(writer, 0, 3, 1.9, 2.9)).body;
  t.deepEqual([fractions.get(3), fractions.get(4)], [1, 2]);
});
