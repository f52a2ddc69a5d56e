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
  ...['replay', 'dwell', 'chatter', 'guard', 'sequence', 'occupancy', 'phase envelope', 'scan time'],
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
};

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

const LOSS: Labels = {
  1: { name: 'what', words: ['blocks', 'frames'] },
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
  [KIND_HEARTBEAT]: HEARTBEAT,
  [KIND_INCIDENT]: INCIDENT,
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
