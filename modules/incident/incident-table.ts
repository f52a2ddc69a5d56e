/**
 * The incidents that are pending, open or waiting for their last frame. Detectors report findings; the table keeps
 * on-delay and off-delay and says which incident has news for a frame. A full table counts what it could not hold.
 */
import { CLASS_ATTACK, type Finding } from '../detect/finding.js';
import { techniquesOf } from './attack-techniques.js';
import {
  INCIDENT_CLOSED,
  INCIDENT_FREE,
  INCIDENT_OPEN,
  INCIDENT_PENDING,
  Incident,
  NEWS_CLOSED,
  NEWS_NONE,
  NEWS_OPEN,
  NEWS_UPDATE,
  NO_TECHNIQUES,
} from './incident.js';

/** An update is sent when the score has grown by this factor since the last frame. */
const UPDATE_GROWTH = 2;

/** The table; detectors report to it, the reporter empties it. */
export class IncidentTable {
  readonly incidents: Incident[] = [];
  /** Incidents open now. */
  open = 0;
  /** Findings, one a report, that found no place since boot. */
  overflowed = 0;
  /** Incidents opened since boot; the id of the newest. */
  opened = 0;
  private used = 0;

  /** `capacity`: incidents that can be pending or open at a time. */
  constructor(capacity: number) {
    for (let i = 0; i < capacity; i++) this.incidents.push(new Incident());
  }

  /**
   * Takes a detector's word at `nowUs`. True while the incident is pending or open: then the detector's next word is
   * wanted too, also when it is a calm one.
   */
  report(finding: Finding, nowUs: number): boolean {
    if (!finding.isActive && this.used === 0) return false;
    const incident = this.find(finding.group, finding.subject);
    if (finding.isActive) return this.activate(incident, finding, nowUs);
    return incident !== null && this.calm(incident, finding, nowUs);
  }

  /** The incident whose turn it is to be told, null when none has news. */
  nextNews(): Incident | null {
    if (this.used === 0) return null;
    const incidents = this.incidents;
    let next = null;
    for (let i = 0; i < incidents.length; i++) {
      const incident = incidents[i];
      if (incident.news === NEWS_NONE) continue;
      if (next === null || incident.id < next.id) next = incident;
    }
    return next;
  }

  /** Incidents with news that no frame has told yet. */
  waiting(): number {
    if (this.used === 0) return 0;
    let waiting = 0;
    for (let i = 0; i < this.incidents.length; i++) if (this.incidents[i].news !== NEWS_NONE) waiting++;
    return waiting;
  }

  /** A frame is composed: the news that it tells. What changes from now on is news again. */
  tell(incident: Incident): number {
    incident.hasChanged = false;
    return incident.news;
  }

  /** A signed frame has told `news` of the incident. News that came meanwhile are still to be told. */
  told(incident: Incident, news: number): void {
    incident.isTold = true;
    if (incident.news !== news) return;
    incident.news = incident.hasChanged ? NEWS_UPDATE : NEWS_NONE;
    if (incident.state === INCIDENT_CLOSED) this.free(incident);
  }

  private find(group: number, subject: number): Incident | null {
    const incidents = this.incidents;
    for (let i = 0; i < incidents.length; i++) {
      const incident = incidents[i];
      if (incident.state === INCIDENT_FREE || incident.state === INCIDENT_CLOSED) continue;
      if (incident.group === group && incident.subject === subject) return incident;
    }
    return null;
  }

  private activate(known: Incident | null, finding: Finding, nowUs: number): boolean {
    const incident = known === null ? this.begin(finding, nowUs) : known;
    if (incident === null) return false;
    incident.quietSinceUs = -1;
    if (incident.state === INCIDENT_PENDING) {
      this.describe(incident, finding);
      if (finding.isHeld) incident.isHeld = true;
      if (finding.isHeld || nowUs - incident.onsetUs < finding.onDelayUs) return true;
      this.openUp(incident);
    } else if (finding.score >= incident.score * UPDATE_GROWTH || finding.verdict !== incident.verdict) {
      this.describe(incident, finding);
      incident.hasChanged = true;
      if (incident.news === NEWS_NONE) incident.news = NEWS_UPDATE;
    }
    return true;
  }

  private openUp(incident: Incident): void {
    incident.state = INCIDENT_OPEN;
    incident.id = ++this.opened;
    incident.news = NEWS_OPEN;
    this.open++;
  }

  private begin(finding: Finding, nowUs: number): Incident | null {
    const incidents = this.incidents;
    for (let i = 0; i < incidents.length; i++) {
      const incident = incidents[i];
      if (incident.state !== INCIDENT_FREE) continue;
      incident.state = INCIDENT_PENDING;
      incident.group = finding.group;
      incident.subject = finding.subject;
      incident.onsetUs = finding.onsetUs >= 0 ? finding.onsetUs : nowUs;
      incident.news = NEWS_NONE;
      incident.isTold = false;
      incident.isHeld = false;
      incident.hasChanged = false;
      this.used++;
      return incident;
    }
    this.overflowed++;
    return null;
  }

  private describe(incident: Incident, finding: Finding): void {
    incident.detector = finding.detector;
    incident.score = finding.score;
    incident.incidentClass = finding.incidentClass;
    incident.reason = finding.reason;
    incident.verdict = finding.verdict;
    incident.techniques = techniquesOf(finding);
    incident.channels = finding.channels;
    for (let i = 0; i < finding.channels; i++) incident.channel[i] = finding.channel[i];
    incident.expectedLow = finding.expectedLow;
    incident.expectedHigh = finding.expectedHigh;
    incident.observed = finding.observed;
  }

  private calm(incident: Incident, finding: Finding, nowUs: number): boolean {
    if (incident.state === INCIDENT_PENDING) {
      if (finding.isHeld) return true;
      if (!incident.isHeld) {
        this.free(incident);
        return false;
      }
      // it was over before its class was known
      if (finding.incidentClass !== CLASS_ATTACK) {
        incident.incidentClass = finding.incidentClass;
        incident.reason = finding.reason;
        incident.techniques = NO_TECHNIQUES;
      }
      this.openUp(incident);
    }
    if (incident.quietSinceUs < 0) incident.quietSinceUs = nowUs;
    if (nowUs - incident.quietSinceUs < finding.offDelayUs) return true;
    incident.state = INCIDENT_CLOSED;
    incident.closedAtUs = incident.quietSinceUs;
    // an incident whose opening is still untold is told once, as closed: its frame says onset and duration
    incident.news = NEWS_CLOSED;
    this.open--;
    return false;
  }

  private free(incident: Incident): void {
    incident.state = INCIDENT_FREE;
    incident.news = NEWS_NONE;
    this.used--;
  }
}
