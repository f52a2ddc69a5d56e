/**
 * ATT&CK for ICS technique ids (MITRE, catalogue v19, April 2026) by detector and verdict. A witness sees effects: the
 * wording is always "consistent with". Legacy ids in comments.
 */
import {
  CLASS_ATTACK,
  DETECTOR_CHATTER,
  DETECTOR_INTERLOCK,
  DETECTOR_NOISE,
  DETECTOR_ORDER,
  DETECTOR_PLANT,
  DETECTOR_REPLAY,
  DETECTOR_RESIDUAL,
  DETECTOR_SCAN_TIME,
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
  'T0837',
  'T0880',
]);

/** Places in TECHNIQUE_IDS. */
const ORDER_NOT_EXECUTED = Object.freeze([0, 1]);
const MOVED_WITHOUT_ORDER = Object.freeze([1, 2]);
const FALSIFIED_SENSOR = Object.freeze([3, 4]);
const RANGE_SHIFT = Object.freeze([5]);
const TRIP_BLOCKED = Object.freeze([6, 7]);

/** Places in TECHNIQUE_IDS of what the finding is consistent with; empty unless its class is attack-consistent. */
export function techniquesOf(finding: Finding): readonly number[] {
  if (finding.incidentClass !== CLASS_ATTACK) return NO_TECHNIQUES;
  if (finding.detector === DETECTOR_ORDER)
    return finding.verdict === VERDICT_UNORDERED ? MOVED_WITHOUT_ORDER : ORDER_NOT_EXECUTED;
  switch (finding.detector) {
    case DETECTOR_RESIDUAL:
    case DETECTOR_PLANT:
    case DETECTOR_NOISE:
    case DETECTOR_REPLAY:
      return FALSIFIED_SENSOR;
    case DETECTOR_SCAN_TIME:
    case DETECTOR_CHATTER:
      return MOVED_WITHOUT_ORDER;
    case DETECTOR_INTERLOCK:
      return TRIP_BLOCKED;
    default:
      return RANGE_SHIFT;
  }
}
