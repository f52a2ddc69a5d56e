/**
 * ATT&CK for ICS technique ids (MITRE, catalogue v19, April 2026) by detector and verdict. A witness sees effects: the
 * wording is always "consistent with". Legacy ids in comments.
 */
import {
  CLASS_ATTACK,
  DETECTOR_CHATTER,
  DETECTOR_DRIFT,
  DETECTOR_DWELL,
  DETECTOR_INTERLOCK,
  DETECTOR_LIMITS,
  DETECTOR_LINK,
  DETECTOR_NOISE,
  DETECTOR_ORDER,
  DETECTOR_PLANT,
  DETECTOR_REPLAY,
  DETECTOR_RESIDUAL,
  DETECTOR_SCAN_TIME,
  DETECTOR_SEQUENCE,
  type Finding,
  VERDICT_UNORDERED,
} from '../detect/finding.js';
import { NO_TECHNIQUES } from './incident.js';

/** Version of the catalogue that the ids are of. */
export const CATALOGUE_VERSION = 19;

/** The techniques that this firmware can name. */
export const TECHNIQUE_IDS = Object.freeze([
  'T1691.001', // was T0803
  'T0831',
  'T0835',
  'T1692.002', // was T0856
  'T0832',
  'T0836',
  'T1692.001', // was T0855
  'T0806',
  'T0889',
  'T0843',
  'T0821',
  'T0837',
  'T0880',
  'T0879',
  'T0829',
  'T1695',
]);

/** Places in TECHNIQUE_IDS. */
const ORDER_NOT_EXECUTED = Object.freeze([0, 1]);
const MOVED_WITHOUT_ORDER = Object.freeze([1, 2]);
const FALSIFIED_SENSOR = Object.freeze([3, 4]);
const RANGE_SHIFT = Object.freeze([5]);
const OUT_OF_CONTEXT = Object.freeze([6]);
const RAPID_TOGGLING = Object.freeze([7]);
const PROGRAM_CHANGE = Object.freeze([8, 9, 10]);
const TRIP_BLOCKED = Object.freeze([11, 12]);
const DAMAGING_REGION = Object.freeze([13, 5]);
const SILENCED_BUS = Object.freeze([14, 15]);

/** Places in TECHNIQUE_IDS of what the finding is consistent with; empty unless its class is attack-consistent. */
export function techniquesOf(finding: Finding): readonly number[] {
  if (finding.incidentClass !== CLASS_ATTACK) return NO_TECHNIQUES;
  switch (finding.detector) {
    case DETECTOR_ORDER:
      return finding.verdict === VERDICT_UNORDERED ? MOVED_WITHOUT_ORDER : ORDER_NOT_EXECUTED;
    case DETECTOR_RESIDUAL:
    case DETECTOR_PLANT:
    case DETECTOR_NOISE:
    case DETECTOR_REPLAY:
    case DETECTOR_DRIFT:
      return FALSIFIED_SENSOR;
    case DETECTOR_INTERLOCK:
      return TRIP_BLOCKED;
    case DETECTOR_LIMITS:
      return DAMAGING_REGION;
    case DETECTOR_LINK:
      return SILENCED_BUS;
    case DETECTOR_CHATTER:
      return RAPID_TOGGLING;
    case DETECTOR_DWELL:
      return OUT_OF_CONTEXT;
    case DETECTOR_SCAN_TIME:
    case DETECTOR_SEQUENCE:
      return PROGRAM_CHANGE;
    default:
      return RANGE_SHIFT;
  }
}
