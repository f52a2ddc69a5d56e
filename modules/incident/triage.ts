/**
 * Triage: of which class a finding is, and why. A detector says what departs; triage knows what else is going on: a
 * channel that has failed, a supply that has fallen, work that was announced. It only ever makes an attack-consistent
 * finding milder, and never silences one: the incident opens all the same and its frame says the reason.
 *
 *     supply failed      24 V lines fell together (detect/supply.ts), or two loops failed within a second: for 10 s
 *                        everything follows from that
 *     follows a fault    a channel of the finding is bad or was within 60 s; a statistical finding that begins within
 *                        60 s of any fault's beginning or end
 *     program stopped    its pulse of life stands still or all its lines have fallen (program-stop.ts): what is
 *                        statistical follows from that, and waits for up to a second until it is known
 *     announced          maintenance by a signed command, and 10 s after it
 *
 * One number per channel and five more.
 */
import {
  CLASS_ATTACK,
  CLASS_FAULT,
  CLASS_PROCESS,
  DETECTOR_CHATTER,
  DETECTOR_DWELL,
  DETECTOR_FLAT,
  DETECTOR_GUARD,
  DETECTOR_INTERLOCK,
  DETECTOR_LIMITS,
  DETECTOR_LINK,
  DETECTOR_NOISE,
  DETECTOR_ORDER,
  DETECTOR_REPLAY,
  DETECTOR_RESIDUAL,
  DETECTOR_SCAN_TIME,
  DETECTOR_SEQUENCE,
  type Finding,
  VERDICT_LATE,
  VERDICT_UNORDERED,
} from '../detect/finding.js';
import type { ProgramStop } from '../detect/program-stop.js';

/** Why an incident is of its class (label 14 of an incident frame). */
export const REASON_PHYSICS = 0;
export const REASON_FORGED = 1;
export const REASON_NOT_EXECUTED = 2;
export const REASON_UNORDERED = 3;
export const REASON_PROGRAM = 4;
export const REASON_LIMIT = 5;
export const REASON_LOOP_FAILED = 6;
export const REASON_STANDS_STILL = 7;
export const REASON_BOUNCES = 8;
export const REASON_LATE = 9;
export const REASON_SUPPLY = 10;
export const REASON_FOLLOWS_FAULT = 11;
export const REASON_ANNOUNCED = 12;
export const REASON_TRIP = 13;
export const REASON_STOPPED = 14;
export const REASON_LINK = 15;

/** What a fault may have caused is taken for its consequence for this long. */
const FAULT_SHADOW_US = 60_000_000;
const SUPPLY_SHADOW_US = 10_000_000;
const MAINTENANCE_SHADOW_US = 10_000_000;
/** Loops that fail within this time of each other have one cause. */
const TOGETHER_US = 1_000_000;

/** Knows the faults and the work under way. */
export class Triage {
  /** Of each channel, when it was bad last; -Infinity: never. */
  private readonly badAtUs: number[] = [];
  /** Beginning or end of the last fault, of any channel. */
  private faultAtUs = -Infinity;
  private loopFailedAtUs = -Infinity;
  private failedLoop = -1;
  private supplyAtUs = -Infinity;
  private maintenanceUntilUs = -Infinity;
  /** Whether the program runs; null: nothing tells. */
  stop: ProgramStop | null = null;

  /** `channels`: analog and digital. */
  constructor(channels: number) {
    for (let i = 0; i < channels; i++) this.badAtUs.push(-Infinity);
  }

  /** Work was announced until this time. */
  announce(untilUs: number): void {
    this.maintenanceUntilUs = untilUs;
  }

  /** True while announced work lasts. */
  isAnnounced(nowUs: number): boolean {
    return nowUs < this.maintenanceUntilUs;
  }

  /** Lines that nothing orders have fallen together. */
  noteSupply(nowUs: number): void {
    this.supplyAtUs = nowUs;
    this.faultAtUs = nowUs;
  }

  /** Gives `finding`, as its detector made it, a reason, and the class that follows from all that is known. */
  judge(finding: Finding, nowUs: number): void {
    finding.reason = reasonOf(finding);
    const isStopped = finding.group === DETECTOR_RESIDUAL && this.judgeStop(finding, nowUs);
    if (!finding.isActive) {
      if (isStopped) soften(finding, CLASS_FAULT, REASON_STOPPED);
      return;
    }
    if (finding.incidentClass === CLASS_FAULT) {
      if (finding.detector === DETECTOR_LIMITS) this.noteLoop(finding.subject, nowUs);
      else if (finding.detector === DETECTOR_DWELL) this.faultAtUs = nowUs;
      if (this.isSupplyDown(nowUs)) finding.reason = REASON_SUPPLY;
      return;
    }
    if (finding.incidentClass !== CLASS_ATTACK) return;
    if (nowUs < this.maintenanceUntilUs + MAINTENANCE_SHADOW_US) soften(finding, CLASS_PROCESS, REASON_ANNOUNCED);
    else if (this.isSupplyDown(nowUs)) soften(finding, CLASS_FAULT, REASON_SUPPLY);
    else if (isStopped) soften(finding, CLASS_FAULT, REASON_STOPPED);
    else if (this.isShadowed(finding, nowUs)) soften(finding, CLASS_FAULT, REASON_FOLLOWS_FAULT);
  }

  /** True where a stopped program explains a statistical finding; held while that is not known. */
  private judgeStop(finding: Finding, nowUs: number): boolean {
    const { stop } = this;
    if (stop === null) return false;
    finding.isHeld = stop.isWaiting(nowUs, isOfContacts(finding.detector));
    return !finding.isHeld && stop.explains(nowUs);
  }

  private isSupplyDown(nowUs: number): boolean {
    return nowUs - this.supplyAtUs < SUPPLY_SHADOW_US;
  }

  private noteLoop(channel: number, nowUs: number): void {
    const { badAtUs } = this;
    const isNew = nowUs - badAtUs[channel] > TOGETHER_US;
    badAtUs[channel] = nowUs;
    if (!isNew) return;
    this.faultAtUs = nowUs;
    if (this.failedLoop !== channel && nowUs - this.loopFailedAtUs < TOGETHER_US) this.supplyAtUs = nowUs;
    this.failedLoop = channel;
    this.loopFailedAtUs = nowUs;
  }

  /** The channel is good again, or bad no more. */
  noteRecovery(nowUs: number): void {
    this.faultAtUs = nowUs;
  }

  private isShadowed(finding: Finding, nowUs: number): boolean {
    for (let i = 0; i < finding.channels; i++)
      if (nowUs - this.badAtUs[finding.channel[i]] < FAULT_SHADOW_US) return true;
    return finding.group === DETECTOR_RESIDUAL && nowUs - this.faultAtUs < FAULT_SHADOW_US;
  }
}

/** True for detectors of when contacts move: an output that drops is all that they need. */
function isOfContacts(detector: number): boolean {
  return (
    detector === DETECTOR_DWELL ||
    detector === DETECTOR_GUARD ||
    detector === DETECTOR_SEQUENCE ||
    detector === DETECTOR_CHATTER ||
    detector === DETECTOR_SCAN_TIME
  );
}

function soften(finding: Finding, incidentClass: number, reason: number): void {
  finding.incidentClass = incidentClass;
  finding.reason = reason;
}

/** The reason that the finding has by itself. */
function reasonOf(finding: Finding): number {
  switch (finding.detector) {
    case DETECTOR_LIMITS:
      return finding.incidentClass === CLASS_FAULT ? REASON_LOOP_FAILED : REASON_LIMIT;
    case DETECTOR_FLAT:
      return REASON_STANDS_STILL;
    case DETECTOR_ORDER:
      if (finding.verdict === VERDICT_LATE) return REASON_LATE;
      return finding.verdict === VERDICT_UNORDERED ? REASON_UNORDERED : REASON_NOT_EXECUTED;
    case DETECTOR_INTERLOCK:
      return REASON_TRIP;
    case DETECTOR_LINK:
      return REASON_LINK;
    case DETECTOR_NOISE:
    case DETECTOR_REPLAY:
      return REASON_FORGED;
    case DETECTOR_CHATTER:
      return finding.incidentClass === CLASS_FAULT ? REASON_BOUNCES : REASON_PROGRAM;
    case DETECTOR_SCAN_TIME:
    case DETECTOR_SEQUENCE:
    case DETECTOR_DWELL:
      return finding.incidentClass === CLASS_FAULT ? REASON_STOPPED : REASON_PROGRAM;
    default:
      return REASON_PHYSICS;
  }
}
