/** The numbers of the frame contract (frames.cddl) in words: kinds, labels of bodies, codes. */
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
} from '../../modules/frame/kinds.js';

export const KIND_NAMES: Readonly<Record<number, string>> = Object.freeze({
  [KIND_BOOT]: 'boot',
  [KIND_HEARTBEAT]: 'heartbeat',
  [KIND_INCIDENT]: 'incident',
  [KIND_EVIDENCE]: 'evidence',
  [KIND_READINGS]: 'readings',
  [KIND_MODEL]: 'model',
  [KIND_CONFIGURATION]: 'configuration',
  [KIND_COMMAND_RESULT]: 'command result',
  [KIND_LOSS]: 'loss',
  [KIND_KEY]: 'key',
});

const QUALITIES = ['good', 'uncertain', 'bad'];

/** A label's name and the words for its codes, if it has them. */
export interface LabelName {
  readonly name: string;
  readonly words?: readonly string[];
}

type Labels = Readonly<Record<number, LabelName>>;

/** Detectors by number. */
export const DETECTORS: readonly string[] = Object.freeze([
  ...['limits', 'flat', 'residual', 'plant', 'order', 'rate', 'drift', 'noise'],
  ...['replay', 'dwell', 'chatter', 'guard', 'sequence', 'occupancy', 'phase envelope', 'scan time', 'interlock'],
  'link',
]);

const BOOT: Labels = {
  1: { name: 'deviceId' },
  2: { name: 'firmwareVersion' },
  3: { name: 'firmwareDigest' },
  4: { name: 'configurationDigest' },
  5: { name: 'modelDigest' },
  6: { name: 'resetReason', words: ['unknown', 'power-on', 'watchdog', 'software', 'brown-out'] },
  7: { name: 'keyAssurance', words: ['software', 'secure element'] },
  8: { name: 'publicKey' },
  9: { name: 'detectors', words: DETECTORS },
};

const HEARTBEAT: Labels = {
  1: { name: 'phase', words: ['learning', 'watching', 'maintenance'] },
  2: { name: 'learnedPerMille' },
  3: { name: 'blocksLost' },
  4: { name: 'framesWaiting' },
  5: { name: 'framesLost' },
  6: { name: 'freeBytes' },
  7: { name: 'flashWear' },
  8: { name: 'quality', words: QUALITIES },
  9: { name: 'incidentsOpen' },
  10: { name: 'messagesRefused' },
  11: { name: 'convergence' },
  12: { name: 'modes' },
  13: { name: 'commandsRefused' },
};

/** Why an incident is of its class (label 14 of an incident); the first where the label is absent. */
export const REASONS: readonly string[] = Object.freeze([
  ...['physics', 'forged signal', 'order not executed', 'move without order', 'program', 'limit', 'loop failed'],
  ...[
    'stands still',
    'bounces',
    'late',
    'supply failed',
    'follows a fault',
    'announced',
    'trip blocked',
    'program stopped',
    'link disturbed',
  ],
]);

const INCIDENT: Labels = {
  1: { name: 'id' },
  2: { name: 'state', words: ['open', 'update', 'closed'] },
  3: { name: 'channels' },
  4: { name: 'detector', words: DETECTORS },
  5: { name: 'scorePerMille' },
  6: { name: 'onsetUs' },
  7: { name: 'severity', words: ['notice', 'low', 'medium', 'high'] },
  8: { name: 'class', words: ['attack-consistent', 'fault', 'process'] },
  9: { name: 'techniques' },
  10: { name: 'expected' },
  11: { name: 'observed' },
  12: { name: 'verdict' },
  13: { name: 'durationMs' },
  14: { name: 'reason', words: REASONS },
};

const EVIDENCE: Labels = {
  1: { name: 'incident' },
  2: { name: 'part' },
  3: { name: 'channel' },
  4: { name: 'periodUs' },
  5: { name: 'fromUs' },
  6: { name: 'points' },
  7: { name: 'packed' },
  8: { name: 'scale' },
  9: { name: 'packedSamples' },
  10: { name: 'missing' },
};

const MODEL: Labels = {
  1: {
    name: 'why',
    words: [
      'learned',
      'loaded',
      'refused: of another configuration',
      'refused: of another format',
      'refused: damaged',
      'not stored: too long',
      'not stored: the flash did not keep it',
    ],
  },
  2: { name: 'digest' },
  3: { name: 'rows' },
  4: { name: 'level', words: ['not learned', 'provisional', 'sufficient'] },
  5: { name: 'convergence' },
  6: { name: 'falseAlarmsPerDay' },
  7: { name: 'thresholds' },
  8: { name: 'unwatched' },
};

/** Commands, and what became of one, by number. */
const COMMANDS = [
  ...['learn', 'arm', 'maintenance', 'feedback', 'set-time'],
  ...['set-configuration', 'rotate-key', 'self-test', 'identify'],
];
export const COMMAND_RESULTS: readonly string[] = Object.freeze([
  ...['accepted', 'malformed', 'oversized', 'unknown key', 'for others', 'replayed', 'not valid now', 'time not set'],
  ...['too soon after a forged one', 'busy', 'forged', 'unknown command', 'wrong arguments', 'not now', 'not kept'],
  ...['not supported', 'failed'],
]);

const COMMAND_RESULT: Labels = {
  1: { name: 'operatorKeyId' },
  2: { name: 'commandSequence' },
  3: { name: 'command', words: COMMANDS },
  4: { name: 'result', words: COMMAND_RESULTS },
  5: { name: 'deviceId' },
  6: { name: 'arguments' },
};

const CONFIGURATION: Labels = {
  1: { name: 'digest' },
  2: { name: 'configurationSequence' },
  3: { name: 'state', words: ['kept for the next start', 'in use', 'refused at start'] },
};

const KEY: Labels = { 1: { name: 'publicKey' } };

const LOSS: Labels = {
  1: { name: 'what', words: ['blocks', 'frames', 'parts of evidence'] },
  2: { name: 'count' },
  3: { name: 'fromUs' },
  4: { name: 'toUs' },
};

/** What a report that differs from the wire is consistent with: Manipulation of View, Manipulate I/O Image. */
export const DIFFERENCE_TECHNIQUES: readonly string[] = Object.freeze(['T0832', 'T0835']);

/** Verdicts on an order (label 12 of an incident). */
export const VERDICTS: readonly string[] = Object.freeze(['done', 'late', 'missing', 'contradicted', 'unordered']);

/** Names of the labels of a body, by kind; kinds that are not here keep their numbers. */
export const BODY_LABELS: Readonly<Record<number, Labels>> = Object.freeze({
  [KIND_BOOT]: BOOT,
  [KIND_EVIDENCE]: EVIDENCE,
  [KIND_HEARTBEAT]: HEARTBEAT,
  [KIND_INCIDENT]: INCIDENT,
  [KIND_COMMAND_RESULT]: COMMAND_RESULT,
  [KIND_CONFIGURATION]: CONFIGURATION,
  [KIND_KEY]: KEY,
  [KIND_LOSS]: LOSS,
  [KIND_MODEL]: MODEL,
});

export function kindName(kind: number): string {
  return KIND_NAMES[kind] ?? `kind ${kind}`;
}

/** The word for a code; the code itself where there is none. */
export function wordOf(words: readonly string[] | undefined, code: unknown): unknown {
  return typeof code === 'number' ? (words?.[code] ?? code) : code;
}
