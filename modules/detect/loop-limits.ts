/**
 * Limits of one analog channel, each block: loop failure by NAMUR NE 43 (a fault), a channel not sampled (a fault),
 * and the alarm limits that the installer stated (score = distance beyond the limit in parts of the span, plus 1).
 * No state: the incident table keeps delays.
 */
import type { AnalogSignal } from '../condition/analog-signal.js';
import { QUALITY_BAD, QUALITY_GOOD } from '../condition/quality.js';
import type { AnalogConfiguration } from '../config/configuration.js';
import { CLASS_ATTACK, CLASS_FAULT, DETECTOR_LIMITS, type Finding } from './finding.js';

/** A failure band must be left for this long before the incident closes. */
const OFF_DELAY_US = 2_000_000;
/** Two blocks on boards, whatever their time stamps' last digit: one partial block is not yet a break. */
const ON_DELAY_US = 5_000;

/** True when there is nothing to say of the channel: a good value within the installer's limits. */
export function isWithinLimits(signal: AnalogSignal): boolean {
  const value = signal.value;
  return signal.quality === QUALITY_GOOD && value >= signal.lowLimit && value <= signal.highLimit;
}

/** Says in `finding` what is wrong with the channel, if anything is. Subject of the incident: the channel. */
export function checkLoop(signal: AnalogSignal, c: AnalogConfiguration, channel: number, finding: Finding): void {
  finding.begin(DETECTOR_LIMITS, channel, channel);
  finding.onDelayUs = ON_DELAY_US;
  finding.offDelayUs = OFF_DELAY_US;
  finding.observed = signal.value;
  if (signal.quality === QUALITY_BAD) {
    finding.isActive = true;
    finding.score = 1;
    finding.incidentClass = CLASS_FAULT;
    finding.expectedLow = c.low;
    finding.expectedHigh = c.high;
  } else if (signal.value < signal.lowLimit) violate(finding, c, signal.lowLimit - signal.value);
  else if (signal.value > signal.highLimit) violate(finding, c, signal.value - signal.highLimit);
}

function violate(finding: Finding, c: AnalogConfiguration, excess: number): void {
  const span = c.high - c.low;
  finding.isActive = true;
  finding.score = 1 + (span > 0 ? excess / span : 0);
  finding.incidentClass = CLASS_ATTACK;
  finding.expectedLow = c.lowLimit === null ? NaN : c.lowLimit;
  finding.expectedHigh = c.highLimit === null ? NaN : c.highLimit;
}
