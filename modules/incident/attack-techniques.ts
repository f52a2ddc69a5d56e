/**
 * ATT&CK for ICS technique ids (MITRE, catalogue v19, April 2026) by detector and verdict. A witness sees effects: the
 * wording is always "consistent with". Legacy ids in comments.
 */
import {
  DETECTOR_ORDER,
  DETECTOR_PLANT,
  DETECTOR_RESIDUAL,
  VERDICT_UNORDERED,
  CLASS_ATTACK,
  type Incident,
} from './incident.js';

export const CATALOGUE_VERSION = 19;

const ORDER_NOT_EXECUTED = Object.freeze(['T1691.001', 'T0831']); // was T0803
const MOVED_WITHOUT_ORDER = Object.freeze(['T0831', 'T0835']);
const FALSIFIED_SENSOR = Object.freeze(['T1692.002', 'T0832']); // was T0856
const RANGE_SHIFT = Object.freeze(['T0836']);
const NONE: readonly string[] = Object.freeze([]);

/** Techniques that the incident is consistent with; empty unless its class is attack-consistent. */
export function techniquesOf(incident: Incident): readonly string[] {
  if (incident.incidentClass !== CLASS_ATTACK) return NONE;
  if (incident.detector === DETECTOR_ORDER)
    return incident.verdict === VERDICT_UNORDERED ? MOVED_WITHOUT_ORDER : ORDER_NOT_EXECUTED;
  if (incident.detector === DETECTOR_RESIDUAL || incident.detector === DETECTOR_PLANT) return FALSIFIED_SENSOR;
  return RANGE_SHIFT;
}
