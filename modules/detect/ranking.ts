/**
 * Ranks the channels of an incident: those that tell more than their thresholds, the most telling first. One for all
 * detectors, that fill `telling` when they have something to say. 8 bytes per channel.
 */
import { INCIDENT_CHANNELS_MAX } from '../limits.js';
import type { Finding } from './finding.js';

/** A place to rank channels in. */
export class Ranking {
  /** How much each of a detector's subjects tells; 1 is the threshold. */
  readonly telling: Float64Array;

  /** `subjects`: the most that a detector has. */
  constructor(subjects: number) {
    this.telling = new Float64Array(subjects);
  }

  /**
   * Names in `finding` up to INCIDENT_CHANNELS_MAX of the first `subjects` that tell more than 1, and the most telling
   * in any case; their channels count from `firstChannel`. The most telling subject.
   */
  name(finding: Finding, subjects: number, firstChannel: number): number {
    const { telling } = this;
    const { channel } = finding;
    let first = 0;
    finding.channels = 0;
    while (finding.channels < INCIDENT_CHANNELS_MAX) {
      let worst = -1;
      let most = finding.channels === 0 ? -1 : 1;
      for (let i = 0; i < subjects; i++) {
        if (!(telling[i] > most) || isNamed(finding, i + firstChannel)) continue;
        most = telling[i];
        worst = i;
      }
      if (worst < 0) break;
      if (finding.channels === 0) first = worst;
      channel[finding.channels++] = worst + firstChannel;
    }
    return first;
  }
}

function isNamed(finding: Finding, channel: number): boolean {
  const { channels } = finding;
  for (let i = 0; i < channels; i++) if (finding.channel[i] === channel) return true;
  return false;
}
