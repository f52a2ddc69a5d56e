/** Bodies of the test vectors, written by the firmware's own writers from fixed inputs: each label of each kind at least once. */
import { READING_FIELDS } from '../../../modules/base/kernel-fields.js';
import { TextTable } from '../../../modules/cbor/text.js';
import type { CborWriter } from '../../../modules/cbor/writer.js';
import { COMMAND_MAINTENANCE, COMMAND_SET_CONFIGURATION } from '../../../modules/command/command.js';
import { COMMAND_ARGUMENTS, CONFIGURATION_KEPT, RESULT_ACCEPTED } from '../../../modules/command/results.js';
import { AnalogSignal } from '../../../modules/condition/analog-signal.js';
import { ContactSignal } from '../../../modules/condition/contact-signal.js';
import { QUALITY_BAD, QUALITY_GOOD, QUALITY_UNCERTAIN } from '../../../modules/condition/quality.js';
import {
  CLASS_FAULT,
  DETECTOR_DRIFT,
  DETECTOR_LIMITS,
  DETECTOR_ORDER,
  DETECTOR_RESIDUAL,
  VERDICT_MISSING,
} from '../../../modules/detect/finding.js';
import { writeBootBody } from '../../../modules/frame/boot-body.js';
import { writeCommandResultBody } from '../../../modules/frame/command-result-body.js';
import { writeConfigurationBody } from '../../../modules/frame/configuration-body.js';
import { Condition, PHASE_WATCHING, writeHeartbeatBody } from '../../../modules/frame/heartbeat-body.js';
import { writeIncidentBody } from '../../../modules/frame/incident-body.js';
import { writeKeyBody } from '../../../modules/frame/key-body.js';
import {
  KIND_BOOT,
  KIND_COMMAND_RESULT,
  KIND_CONFIGURATION,
  KIND_EVIDENCE,
  KIND_HEARTBEAT,
  KIND_INCIDENT,
  KIND_KEY,
  KIND_LOSS,
  KIND_MODEL,
  KIND_READINGS,
  LOSS_BLOCKS,
  LOSS_FRAMES,
  RESET_POWER_ON,
  RESET_WATCHDOG,
} from '../../../modules/frame/kinds.js';
import { writeLossBody } from '../../../modules/frame/loss-body.js';
import { writeModelBody } from '../../../modules/frame/model-body.js';
import { Reading, ReadingTexts, writeReadingsBody, writeVerdictsBody } from '../../../modules/frame/readings-body.js';
import { TECHNIQUE_IDS } from '../../../modules/incident/attack-techniques.js';
import { Incident, NEWS_CLOSED, NEWS_OPEN, NEWS_UPDATE } from '../../../modules/incident/incident.js';
import { REASON_LOOP_FAILED, REASON_NOT_EXECUTED } from '../../../modules/incident/triage.js';
import { MODEL_DAMAGED, MODEL_LEARNED, MODEL_NOT_KEPT, ModelRecord } from '../../../modules/model/model-record.js';
import { ResidualChannel } from '../../../modules/model/residual-channel.js';
import { ContactPair } from '../../../modules/orders/contact-pair.js';
import { addRow } from '../../frame/reading-rows.js';
import { contact, direct } from '../../sensor/sample-configuration.js';
import { analogStretch, contactStretch, rawAnalogStretch, rawContactStretch, writeStretch } from './stretches.js';
import { FIRST_KEY, OPERATOR_KEY, SECOND_KEY, signerOf } from './test-keys.js';

/** One frame to come: `write` writes its body. */
export interface Statement {
  readonly name: string;
  readonly kind: number;
  readonly write: (writer: CborWriter) => void;
  readonly uptimeUs: number;
  /** Wall clock, where it is known. */
  readonly unixMs?: number;
  readonly uncertaintyMs?: number;
}

const DEVICE_ID = Uint8Array.from({ length: 8 }, (_, i) => 0xd0 + i);
const MODEL_DIGEST = new Uint8Array(32).fill(0x33);
const LEVEL = direct('level', { unit: 'm', resolution: 0.001 });
const FLOW = direct('inlet-flow', { unit: 'l/s', resolution: 0.01 });
const COUNTER = direct('pieces', { resolution: 1 });
const TECHNIQUES = new TextTable(TECHNIQUE_IDS);
const INCIDENT: Partial<Incident> = { id: 1, score: 1, onsetUs: 411_736_000 };

function boot(resetReason: number, modelDigest: Uint8Array | null, writer: CborWriter): void {
  const identity = {
    deviceId: DEVICE_ID,
    firmwareVersion: '0.1.0',
    firmwareDigest: new Uint8Array(16).fill(0x11),
    resetReason,
  };
  writeBootBody(writer, identity, signerOf(FIRST_KEY), new Uint8Array(16).fill(0x22), modelDigest, [0, 1, 2, 4, 16]);
}

function heartbeat(over: Partial<Condition>, writer: CborWriter): void {
  const condition = Object.assign(new Condition(), { freeBytes: 40_960, wear: 3, ...over });
  const signals = [LEVEL, FLOW].map((channel) => new AnalogSignal(channel));
  signals[0].quality = QUALITY_GOOD;
  signals[1].quality = QUALITY_UNCERTAIN;
  const contacts = [new ContactSignal(contact('pump-order'))];
  contacts[0].quality = QUALITY_BAD;
  writeHeartbeatBody(writer, condition, signals, contacts, { convergence: [1.25, NaN], modes: 4 });
}

function readings(writer: CborWriter): void {
  const channels = [LEVEL, FLOW, COUNTER];
  const numbers = channels.map(() => new Float64Array(READING_FIELDS));
  const means = channels.map((channel, i) => new Reading(channel, numbers[i]));
  addRow(numbers[0], 1.0118, 100, 0.8365, 1.1557);
  addRow(numbers[2], 250, 100, 0, 9007199254740991);
  writeReadingsBody(writer, means, new ReadingTexts(channels), 0, channels.length);
}

function verdicts(writer: CborWriter): void {
  const pairs = [0, 1].map(
    (i) => new ContactPair({ name: 'pump', order: 0, execution: 1, isInverted: false }, i, 0, 1000),
  );
  [7, 1, 2, 0, 300].forEach((count, verdict) => {
    pairs[1].verdicts[verdict] = count;
  });
  writeVerdictsBody(writer, pairs, 1);
}

function model(why: number, writer: CborWriter): void {
  const record = new ModelRecord();
  record.rows = 3000;
  record.level = why === MODEL_LEARNED ? 1 : -1;
  record.promisedPerDay = 2.88;
  record.convergence.push(1.25, NaN);
  record.channels = [new ResidualChannel(), new ResidualChannel()];
  record.channels[0].isModelled = true;
  record.detectors = [{ id: DETECTOR_RESIDUAL, thresholds: [12.345, Infinity] }, { id: DETECTOR_ORDER }];
  writeModelBody(writer, why, record, MODEL_DIGEST, 1);
}

function incident(over: Partial<Incident>, channels: readonly number[], news: number, writer: CborWriter): void {
  const made = Object.assign(new Incident(), INCIDENT, { channels: channels.length }, over);
  channels.forEach((channel, i) => {
    made.channel[i] = channel;
  });
  writeIncidentBody(writer, made, news, 4, TECHNIQUES);
}

function commandResult(code: number, result: number, numbers: readonly number[], writer: CborWriter): void {
  const { keyId } = signerOf(OPERATOR_KEY);
  const [first = 0, second = 0, third = 0] = numbers;
  const { length } = numbers;
  writeCommandResultBody(writer, keyId, 0, 41, code, result, DEVICE_ID, length, first, second, third);
}

/** An order that was not carried out, as its first frame tells it. */
const NOT_EXECUTED = {
  detector: DETECTOR_ORDER,
  verdict: VERDICT_MISSING,
  subject: 0,
  reason: REASON_NOT_EXECUTED,
  techniques: [TECHNIQUE_IDS.indexOf('T1691.001'), TECHNIQUE_IDS.indexOf('T0831')],
  expectedLow: 1,
  expectedHigh: 1,
  observed: 0,
};

const FAILED_LOOP = {
  id: 2,
  detector: DETECTOR_LIMITS,
  incidentClass: CLASS_FAULT,
  reason: REASON_LOOP_FAILED,
  score: 2.5,
  isTold: true,
  onsetUs: 412_000_000,
  closedAtUs: 415_250_000,
};

/** What the first key signs, in the order in which it is said. */
export const FIRST_STATEMENTS: readonly Statement[] = [
  {
    name: 'the first frame ever: no hash of a previous one, no model',
    kind: KIND_BOOT,
    uptimeUs: 10_000,
    write: (writer) => boot(RESET_POWER_ON, null, writer),
  },
  {
    name: 'a heartbeat while learning',
    kind: KIND_HEARTBEAT,
    uptimeUs: 10_000_000,
    write: (writer) => heartbeat({ learnedPerMille: 33 }, writer),
  },
  {
    name: 'readings: decimals, a channel that was bad all along, one without a unit',
    kind: KIND_READINGS,
    uptimeUs: 60_100_000,
    write: readings,
  },
  { name: 'readings: verdicts on the orders of a pair', kind: KIND_READINGS, uptimeUs: 60_200_000, write: verdicts },
  {
    name: 'a model learned and stored',
    kind: KIND_MODEL,
    uptimeUs: 300_100_000,
    write: (writer) => model(MODEL_LEARNED, writer),
  },
  {
    name: 'a model in use, not stored',
    kind: KIND_MODEL,
    uptimeUs: 300_200_000,
    write: (writer) => model(MODEL_NOT_KEPT, writer),
  },
  {
    name: 'a model refused',
    kind: KIND_MODEL,
    uptimeUs: 300_300_000,
    write: (writer) => model(MODEL_DAMAGED, writer),
  },
  {
    name: 'an order not executed: techniques, expected, observed, verdict, reason',
    kind: KIND_INCIDENT,
    uptimeUs: 411_840_000,
    write: (writer) => incident(NOT_EXECUTED, [5, 4], NEWS_OPEN, writer),
  },
  {
    name: 'an update: a range open to one side, no reason but physics',
    kind: KIND_INCIDENT,
    uptimeUs: 412_000_000,
    write: (writer) => {
      const over = { id: 3, detector: DETECTOR_DRIFT, expectedLow: -0.125, observed: -12.5, isTold: true };
      incident(over, [0], NEWS_UPDATE, writer);
    },
  },
  {
    name: 'a fault that is over',
    kind: KIND_INCIDENT,
    uptimeUs: 415_260_000,
    write: (writer) => incident(FAILED_LOOP, [1], NEWS_CLOSED, writer),
  },
  {
    name: 'evidence of an analog channel, a gap in it',
    kind: KIND_EVIDENCE,
    uptimeUs: 420_000_000,
    write: (writer) => writeStretch(writer, analogStretch()),
  },
  {
    name: 'evidence of a contact',
    kind: KIND_EVIDENCE,
    uptimeUs: 420_100_000,
    write: (writer) => writeStretch(writer, contactStretch()),
  },
  {
    name: 'raw samples of an analog channel, one of them missing',
    kind: KIND_EVIDENCE,
    uptimeUs: 420_200_000,
    write: (writer) => writeStretch(writer, rawAnalogStretch()),
  },
  {
    name: 'raw samples of a contact that bounces',
    kind: KIND_EVIDENCE,
    uptimeUs: 420_300_000,
    write: (writer) => writeStretch(writer, rawContactStretch()),
  },
  {
    name: 'blocks lost',
    kind: KIND_LOSS,
    uptimeUs: 430_000_000,
    write: (writer) => writeLossBody(writer, LOSS_BLOCKS, 12, 429_100_000, 429_220_000),
  },
  {
    name: 'numbers of every length, up to the largest there is',
    kind: KIND_LOSS,
    uptimeUs: 9007199254740991,
    write: (writer) => writeLossBody(writer, LOSS_FRAMES, 256, 65536, 4294967296),
  },
];

/** After a reset: the second boot, to the frame that announces the next key. */
export const SECOND_STATEMENTS: readonly Statement[] = [
  {
    name: 'a boot with a model, after the watchdog',
    kind: KIND_BOOT,
    uptimeUs: 12_000,
    write: (writer) => boot(RESET_WATCHDOG, MODEL_DIGEST, writer),
  },
  {
    name: 'a command accepted, its argument; the wall clock is set',
    kind: KIND_COMMAND_RESULT,
    uptimeUs: 20_000_000,
    unixMs: 1_800_000_000_000,
    uncertaintyMs: 250,
    write: (writer) => commandResult(COMMAND_MAINTENANCE, RESULT_ACCEPTED, [1_800_000], writer),
  },
  {
    name: 'a command refused',
    kind: KIND_COMMAND_RESULT,
    uptimeUs: 21_000_000,
    unixMs: 1_800_000_001_000,
    uncertaintyMs: 251,
    write: (writer) => commandResult(COMMAND_SET_CONFIGURATION, COMMAND_ARGUMENTS, [], writer),
  },
  {
    name: 'a configuration kept for the next start',
    kind: KIND_CONFIGURATION,
    uptimeUs: 22_000_000,
    write: (writer) => writeConfigurationBody(writer, new Uint8Array(16).fill(0x44), 7, CONFIGURATION_KEPT),
  },
  {
    name: 'a new key, signed by the old one',
    kind: KIND_KEY,
    uptimeUs: 23_000_000,
    write: (writer) => writeKeyBody(writer, signerOf(SECOND_KEY).publicKey),
  },
];

/** What the second key signs. */
export const THIRD_STATEMENTS: readonly Statement[] = [
  {
    name: 'a heartbeat while watching, by the new key, with ES256: commands were refused',
    kind: KIND_HEARTBEAT,
    uptimeUs: 30_000_000,
    write: (writer) =>
      heartbeat(
        {
          phase: PHASE_WATCHING,
          learnedPerMille: 1000,
          blocksLost: 12,
          framesWaiting: 1,
          framesLost: 256,
          incidentsOpen: 2,
          messagesRefused: 5,
          commandsRefused: Uint16Array.of(0, 2, 0, 65535, 0, 0),
        },
        writer,
      ),
  },
];
