/** What the witness made of a scenario: its incidents as its frames tell them, and the judgement of the catalogue. */
import type { Configuration } from '../../modules/config/configuration.js';
import { bodyJson } from '../collector/frame-json.js';
import type { Frame } from '../collector/verify.js';
import type { Played } from './scenario-play.js';

export type IncidentClass = 'attack' | 'fault' | 'process';

/** The gravest first. */
const CLASSES: readonly IncidentClass[] = ['attack', 'fault', 'process'];

/** An incident, put together from its frames. */
export interface ToldIncident {
  /** When its first frame was composed. */
  readonly openedUs: number;
  /** The gravest that a frame said, and when the first did. */
  incidentClass: IncidentClass;
  classedUs: number;
  readonly detector: string;
  readonly verdict: string | null;
  readonly reason: string | null;
  readonly techniques: readonly string[];
  /** Names, most telling first; those that it gained later last. */
  readonly channels: string[];
  readonly score: number;
}

/** What is read of an incident frame. */
interface IncidentBody {
  readonly id: number;
  readonly class: string;
  readonly detector: string;
  readonly channels: readonly number[];
  readonly scorePerMille: number;
  readonly verdict?: { readonly verdict: string };
  readonly techniques?: { readonly ids: readonly string[] };
  readonly reason?: string;
}

/** One line of `npm run scenarios -- --json`. */
export interface Result {
  readonly name: string;
  readonly seed: number;
  readonly expected: string;
  readonly detected: boolean;
  readonly class: IncidentClass | null;
  readonly verdict: string | null;
  readonly delayMs: number | null;
  readonly incidents: number;
  readonly falseIncidents: number;
  readonly plant: string;
  readonly detector: string | null;
  readonly reason: string | null;
  readonly technique: string | null;
  readonly channels: readonly string[];
  /** Plant time over time taken. */
  readonly speed: number;
}

function classOf(word: unknown): IncidentClass {
  const found = CLASSES.find((name) => String(word).startsWith(name));
  if (found === undefined) throw new Error(`an incident of class '${word}'`);
  return found;
}

function textOrNull(value: unknown): string | null {
  return value === undefined || value === null ? null : String(value);
}

/** `frames`: incident frames in order. */
export function toldIncidents(frames: readonly Frame[], { analog, digital }: Configuration): ToldIncident[] {
  const names = [...analog, ...digital].map(({ name }) => name);
  const known = new Map<number, ToldIncident>();
  for (const { kind, body, uptimeUs } of frames) {
    const json = bodyJson(kind, body) as unknown as IncidentBody;
    const incidentClass = classOf(json.class);
    const channels = json.channels.map((channel: number) => names[channel] ?? `${channel}`);
    const incident = known.get(json.id);
    if (incident === undefined) {
      known.set(json.id, {
        ...{ openedUs: uptimeUs, incidentClass, classedUs: uptimeUs, detector: String(json.detector) },
        verdict: textOrNull(json.verdict?.verdict),
        reason: textOrNull(json.reason),
        techniques: json.techniques?.ids ?? [],
        channels,
        score: json.scorePerMille / 1000,
      });
      continue;
    }
    for (const name of channels) if (!incident.channels.includes(name)) incident.channels.push(name);
    if (CLASSES.indexOf(incidentClass) < CLASSES.indexOf(incident.incidentClass)) {
      incident.incidentClass = incidentClass;
      incident.classedUs = uptimeUs;
    }
  }
  return [...known.values()];
}

/**
 * Detected: an incident opened at the onset or later. Class, verdict, detector and delay are those of the first incident
 * of the gravest class. False are incidents before the onset, and attack-consistent ones where none is expected.
 */
export function resultOf({ scenario, seed, plant, onsetUs, incidents, speed }: Played): Result {
  const { name, expected } = scenario;
  const fromUs = onsetUs ?? Number.POSITIVE_INFINITY;
  const after = incidents.filter(({ openedUs }) => openedUs >= fromUs);
  const gravest = CLASSES.find((known) => after.some(({ incidentClass }) => incidentClass === known)) ?? null;
  const first = after.find(({ incidentClass }) => incidentClass === gravest);
  const attacks = after.filter(({ incidentClass }) => incidentClass === 'attack').length;
  return {
    ...{ name, seed, expected, detected: after.length > 0, class: gravest },
    verdict: first?.verdict ?? null,
    delayMs: first === undefined ? null : (first.classedUs - fromUs) / 1000,
    incidents: incidents.length,
    falseIncidents: incidents.length - after.length + (expected === 'quiet' ? attacks : 0),
    ...{ plant, detector: first?.detector ?? null, reason: first?.reason ?? null },
    technique: first?.techniques[0] ?? null,
    channels: first?.channels ?? [],
    speed: Math.round(speed),
  };
}
