/**
 * The incidents that are pending, open or waiting for their last frame. Detectors report findings; the table keeps
 * on-delay and off-delay and says which incident has news for a frame. A full table counts what it could not hold.
 *
 * One event, one incident: a finding that would open an incident while one of the same class is open that shares a
 * channel with it, or follows from the same failed supply, and began within INCIDENT_FOLD_US of it, is folded into that
 * one, which gains its channels. The incident closes when all that is folded into it is over. Of those the gravest
 * class leads, that is, speaks; then who knows what should have been (orders, interlocks, limits); then who is
 * UPDATE_GROWTH times as sure.
 */
import {
  CLASS_ATTACK,
  DETECTOR_INTERLOCK,
  DETECTOR_LIMITS,
  DETECTOR_ORDER,
  type Finding,
  VERDICT_NONE,
} from '../detect/finding.js';
import { INCIDENT_FOLD_US, INCIDENT_HELD_US_MAX } from '../limits.js';
import { techniquesOf } from './attack-techniques.js';
import {
  INCIDENT_CLOSED,
  INCIDENT_FOLDED,
  INCIDENT_FREE,
  INCIDENT_OPEN,
  INCIDENT_PENDING,
  Incident,
  NEWS_CLOSED,
  NEWS_NONE,
  NEWS_OPEN,
  NEWS_UPDATE,
  NO_TECHNIQUES,
  withChannel,
} from './incident.js';
import { REASON_SUPPLY } from './triage.js';

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
  /** Times since boot that an incident gained channels. */
  joined = 0;
  /** What the frame under way names. */
  private techniques = NO_TECHNIQUES;
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
    this.techniques = incident.techniques;
    return incident.news;
  }

  /** A signed frame has told `news` of the incident of this id. News that came meanwhile are still to be told. */
  told(id: number, news: number): void {
    const incident = this.byId(id);
    if (incident === null) return;
    incident.isTold = incident.techniques === this.techniques;
    if (incident.news !== news) return;
    incident.news = incident.hasChanged ? NEWS_UPDATE : NEWS_NONE;
    if (incident.state === INCIDENT_CLOSED) this.free(incident);
  }

  private byId(id: number): Incident | null {
    const incidents = this.incidents;
    for (let i = 0; i < incidents.length; i++)
      if (incidents[i].id === id && incidents[i].news !== NEWS_NONE) return incidents[i];
    return null;
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
    const isNew = known === null || (isAnotherEvent(known, finding) && this.makeWay(known, nowUs));
    const incident = isNew ? this.begin(finding, nowUs) : known;
    if (incident === null) return false;
    incident.quietSinceUs = -1;
    incident.isOver = false;
    if (incident.state === INCIDENT_PENDING) {
      this.describe(incident, finding);
      if (finding.isHeld && incident.heldSinceUs < 0) incident.heldSinceUs = nowUs;
      if (isKeptBack(incident, finding, nowUs) || nowUs - incident.onsetUs < finding.onDelayUs) return true;
      this.openUp(incident);
    } else if (finding.score >= incident.score * UPDATE_GROWTH || finding.verdict !== incident.verdict) {
      this.describe(incident, finding);
      this.change(incident);
    }
    return true;
  }

  /** What an incident says has changed: of itself, or of the one that leads. */
  private change(incident: Incident): void {
    const { lead } = incident;
    if (lead !== null) {
      this.contribute(incident, lead);
      return;
    }
    this.announce(incident);
    let leading = incident;
    const incidents = this.incidents;
    for (let i = 0; i < incidents.length; i++) {
      const other = incidents[i];
      if (other.lead !== leading || !outranks(other, leading)) continue;
      this.takeOver(other, leading);
      leading = other;
    }
  }

  private announce(incident: Incident): void {
    incident.hasChanged = true;
    if (incident.news === NEWS_NONE) incident.news = NEWS_UPDATE;
  }

  /** The open incident of the same event, null where there is none. */
  private leadFor(incident: Incident): Incident | null {
    const incidents = this.incidents;
    let lead = null;
    for (let i = 0; i < incidents.length; i++) {
      const other = incidents[i];
      if (other.state !== INCIDENT_OPEN || other.incidentClass !== incident.incidentClass) continue;
      const apartUs = incident.onsetUs - other.onsetUs;
      if (apartUs > INCIDENT_FOLD_US || apartUs < -INCIDENT_FOLD_US) continue;
      const hasOneSupply = incident.reason === REASON_SUPPLY && other.reason === REASON_SUPPLY;
      if (!hasOneSupply && !other.shares(incident)) continue;
      if (lead === null || other.id < lead.id) lead = other;
    }
    return lead;
  }

  /** What is folded has something to say: its channels, or all of it. */
  private contribute(incident: Incident, lead: Incident): void {
    let isMore = false;
    for (let i = 0; i < incident.channels; i++) {
      const channel = incident.channel[i];
      if (lead.names(channel)) continue;
      const gained = withChannel(lead.gained, channel);
      if (gained === lead.gained) break;
      lead.gained = gained;
      lead.fresh = withChannel(lead.fresh, channel);
      isMore = true;
    }
    if (isMore) this.joined++;
    if (outranks(incident, lead)) this.takeOver(incident, lead);
    else if (isMore) this.announce(lead);
  }

  /** What was folded into `old` speaks for the incident from now on. */
  private takeOver(incident: Incident, old: Incident): void {
    const incidents = this.incidents;
    for (let i = 0; i < incidents.length; i++) if (incidents[i].lead === old) incidents[i].lead = incident;
    incident.lead = null;
    incident.state = INCIDENT_OPEN;
    incident.id = old.id;
    incident.news = old.news;
    // techniques that no frame has told are told with the update
    incident.isTold = old.isTold && incident.techniques === old.techniques;
    if (old.onsetUs < incident.onsetUs) incident.onsetUs = old.onsetUs;
    incident.closedAtUs = old.closedAtUs;
    incident.gained = old.gained;
    incident.fresh = old.fresh;
    for (let i = 0; i < old.channels; i++)
      if (!incident.names(old.channel[i])) incident.gained = withChannel(incident.gained, old.channel[i]);
    this.announce(incident);
    this.subordinate(old, incident);
    if (old.isOver) this.endFolded(old, incident);
  }

  private subordinate(incident: Incident, lead: Incident): void {
    incident.state = INCIDENT_FOLDED;
    incident.lead = lead;
    incident.id = 0;
    incident.news = NEWS_NONE;
    incident.hasChanged = false;
    incident.gained = 0;
    incident.fresh = 0;
  }

  /** Ends an incident whose pair has a graver event to tell; false where the table has no place for that. */
  private makeWay(incident: Incident, nowUs: number): boolean {
    if (this.used >= this.incidents.length) return false;
    if (incident.quietSinceUs < 0) incident.quietSinceUs = nowUs;
    const heir = this.firstFolded(incident);
    incident.isOver = heir !== null;
    if (heir !== null) this.takeOver(heir, incident);
    else this.end(incident);
    return true;
  }

  private firstFolded(lead: Incident): Incident | null {
    const incidents = this.incidents;
    for (let i = 0; i < incidents.length; i++) if (incidents[i].lead === lead) return incidents[i];
    return null;
  }

  private openUp(incident: Incident): void {
    const lead = this.leadFor(incident);
    if (lead !== null) {
      this.subordinate(incident, lead);
      if (incident.onsetUs < lead.onsetUs) lead.onsetUs = incident.onsetUs;
      this.contribute(incident, lead);
      return;
    }
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
      incident.heldSinceUs = -1;
      incident.hasChanged = false;
      incident.isOver = false;
      incident.lead = null;
      incident.id = 0;
      incident.closedAtUs = -1;
      incident.gained = 0;
      incident.fresh = 0;
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
      if (isKeptBack(incident, finding, nowUs)) return true;
      if (incident.heldSinceUs < 0) {
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
    if (incident.isOver) return false;
    if (incident.quietSinceUs < 0) incident.quietSinceUs = nowUs;
    if (nowUs - incident.quietSinceUs < finding.offDelayUs) return true;
    this.end(incident);
    return false;
  }

  /** The finding of this incident is over. */
  private end(incident: Incident): void {
    const { lead } = incident;
    if (lead !== null) this.endFolded(incident, lead);
    else if (this.firstFolded(incident) !== null) incident.isOver = true;
    else this.close(incident);
  }

  private endFolded(incident: Incident, lead: Incident): void {
    if (incident.quietSinceUs > lead.closedAtUs) lead.closedAtUs = incident.quietSinceUs;
    if (incident.closedAtUs > lead.closedAtUs) lead.closedAtUs = incident.closedAtUs;
    this.free(incident);
    if (lead.isOver && this.firstFolded(lead) === null) this.close(lead);
  }

  private close(incident: Incident): void {
    incident.state = INCIDENT_CLOSED;
    if (incident.quietSinceUs > incident.closedAtUs) incident.closedAtUs = incident.quietSinceUs;
    // an incident whose opening is still untold is told once, as closed: its frame says onset and duration
    incident.news = NEWS_CLOSED;
    this.open--;
  }

  private free(incident: Incident): void {
    incident.state = INCIDENT_FREE;
    incident.lead = null;
    incident.fresh = 0;
    incident.news = NEWS_NONE;
    this.used--;
  }
}

/** True where what is folded should speak. */
function outranks(folded: Incident, lead: Incident): boolean {
  if (folded.incidentClass !== lead.incidentClass) return folded.incidentClass < lead.incidentClass;
  const known = isOfTheKnown(folded.detector);
  if (known !== isOfTheKnown(lead.detector)) return known;
  return folded.score >= lead.score * UPDATE_GROWTH;
}

/** True for detectors that know what should have been; all others know what is usual. */
function isOfTheKnown(detector: number): boolean {
  return detector === DETECTOR_ORDER || detector === DETECTOR_INTERLOCK || detector === DETECTOR_LIMITS;
}

/** A verdict on a later order, of a graver class: no attack is told as the end of a long fault. */
function isAnotherEvent(incident: Incident, finding: Finding): boolean {
  if (finding.verdict === VERDICT_NONE || finding.incidentClass >= incident.incidentClass) return false;
  return incident.state !== INCIDENT_PENDING && finding.onsetUs - incident.onsetUs > INCIDENT_FOLD_US;
}

/** True while its class is waited for: not longer than that takes, however often the reason to wait begins anew. */
function isKeptBack(incident: Incident, finding: Finding, nowUs: number): boolean {
  return finding.isHeld && (incident.heldSinceUs < 0 || nowUs - incident.heldSinceUs < INCIDENT_HELD_US_MAX);
}
