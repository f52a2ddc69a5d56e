/** Body of an incident frame (kind 2). Reads the incident record of the stage before; knows no detector. */
import type { TextTable } from '../cbor/text.js';
import type { CborWriter } from '../cbor/writer.js';
import { CLASS_ATTACK, VERDICT_NONE } from '../detect/finding.js';
import { CATALOGUE_VERSION } from '../incident/attack-techniques.js';
import { type Incident, NEWS_CLOSED } from '../incident/incident.js';
import { REASON_PHYSICS } from '../incident/triage.js';

const SEVERITY_LOW = 1;
const SEVERITY_MEDIUM = 2;
const SEVERITY_HIGH = 3;
/** Steps that the expected range is told in, at least. */
const RANGE_STEPS = 100;
/** Scores beyond this are held to it: the frame tells thresholds apart, not catastrophes. */
const SCORE_PER_MILLE_MAX = 1_000_000;

/** Writes the body. `decimals`: places after the point at most; `techniqueIds`: TECHNIQUE_IDS as UTF-8. */
export function writeIncidentBody(
  writer: CborWriter,
  incident: Incident,
  news: number,
  decimals: number,
  techniqueIds: TextTable,
): void {
  const techniques = incident.techniques;
  const hasTechniques = techniques.length > 0 && !incident.isTold;
  const hasRange = !Number.isNaN(incident.expectedLow) || !Number.isNaN(incident.expectedHigh);
  const hasObserved = !Number.isNaN(incident.observed);
  const hasVerdict = incident.verdict !== VERDICT_NONE;
  const isClosed = news === NEWS_CLOSED;
  const hasReason = incident.reason !== REASON_PHYSICS;
  const places = placesFor(incident.expectedHigh - incident.expectedLow, decimals);
  writer.map(
    8 +
      (hasTechniques ? 1 : 0) +
      (hasRange ? 1 : 0) +
      (hasObserved ? 1 : 0) +
      (hasVerdict ? 1 : 0) +
      (isClosed ? 1 : 0) +
      (hasReason ? 1 : 0),
  );
  writer.uint(1);
  writer.uint(incident.id);
  writer.uint(2);
  writer.uint(news);
  writer.uint(3);
  const channels = incident.toldChannels();
  writer.array(channels);
  for (let i = 0; i < channels; i++) writer.uint(incident.toldChannel(i));
  writer.uint(4);
  writer.uint(incident.detector);
  writer.uint(5);
  const perMille = incident.score * 1000;
  writer.uint(perMille < SCORE_PER_MILLE_MAX ? Math.round(perMille) : SCORE_PER_MILLE_MAX);
  writer.uint(6);
  writer.uint(Math.floor(incident.onsetUs));
  writer.uint(7);
  writer.uint(severityOf(incident));
  writer.uint(8);
  writer.uint(incident.incidentClass);
  if (hasTechniques) writeTechniques(writer, techniques, techniqueIds);
  if (hasRange) {
    writer.uint(10);
    writer.array(2);
    writer.decimal(incident.expectedLow, places);
    writer.decimal(incident.expectedHigh, places);
  }
  if (hasObserved) {
    writer.uint(11);
    writer.decimal(incident.observed, places);
  }
  if (hasVerdict) {
    writer.uint(12);
    writer.array(2);
    writer.uint(incident.subject);
    writer.uint(incident.verdict);
  }
  if (isClosed) {
    writer.uint(13);
    const durationUs = incident.closedAtUs - incident.onsetUs;
    writer.uint(durationUs > 0 ? Math.floor(durationUs / 1000) : 0);
  }
  if (hasReason) {
    writer.uint(14);
    writer.uint(incident.reason);
  }
}

function writeTechniques(writer: CborWriter, techniques: readonly number[], techniqueIds: TextTable): void {
  writer.uint(9);
  writer.array(1 + techniques.length);
  writer.uint(CATALOGUE_VERSION);
  for (let i = 0; i < techniques.length; i++) writer.textAt(techniqueIds, techniques[i]);
}

/** Decimal places, at most `decimals`, that show a hundredth of the expected range: finer ones say nothing. */
function placesFor(range: number, decimals: number): number {
  let places = 0;
  for (let width = range; places < decimals && !(width >= RANGE_STEPS); width *= 10) places++;
  return places;
}

function severityOf(incident: Incident): number {
  if (incident.incidentClass !== CLASS_ATTACK) return SEVERITY_LOW;
  return incident.score >= 2 || incident.verdict !== VERDICT_NONE ? SEVERITY_HIGH : SEVERITY_MEDIUM;
}
