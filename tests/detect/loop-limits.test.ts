import test from 'ava';
import { AnalogSignal } from '../../modules/condition/analog-signal.js';
import { QUALITY_BAD, QUALITY_GOOD, QUALITY_UNCERTAIN } from '../../modules/condition/quality.js';
import type { AnalogConfiguration } from '../../modules/config/configuration.js';
import { CLASS_ATTACK, CLASS_FAULT, DETECTOR_LIMITS, Finding } from '../../modules/detect/finding.js';
import { checkLoop, isWithinLimits } from '../../modules/detect/loop-limits.js';
import { direct } from '../sensor/sample-configuration.js';

const CHANNEL = 6;

function check(value: number, over: Partial<AnalogConfiguration> = {}, quality = QUALITY_GOOD) {
  const c = direct('a', { low: 0, high: 10, ...over });
  const signal = new AnalogSignal(c);
  signal.mean = value;
  signal.quality = quality;
  const finding = new Finding();
  checkLoop(signal, c, CHANNEL, finding);
  return { finding, isWithin: isWithinLimits(signal) };
}

test('a value within its limits, or on them, is quiet; beyond them it is an attack-consistent finding', (t) => {
  const limits = { lowLimit: 2, highLimit: 8 };
  for (const value of [2, 5, 8]) {
    const { finding, isWithin } = check(value, limits);
    t.false(finding.isActive, `${value}`);
    t.true(isWithin);
  }
  for (const [value, score] of [
    [1.999, 1.0001],
    [0, 1.2],
    [8.001, 1.0001],
    [13, 1.5],
  ]) {
    const { finding, isWithin } = check(value, limits);
    t.false(isWithin);
    t.like(finding, {
      isActive: true,
      detector: DETECTOR_LIMITS,
      subject: CHANNEL,
      incidentClass: CLASS_ATTACK,
      expectedLow: 2,
      expectedHigh: 8,
      observed: value,
    });
    t.true(Math.abs(finding.score - score) < 1e-9, `${finding.score}`);
    t.is(finding.channel[0], CHANNEL);
  }
});

test('a limit that is not stated is not watched', (t) => {
  t.false(check(1e9).finding.isActive);
  t.false(check(1e9, { lowLimit: 2 }).finding.isActive);
  const { finding } = check(1, { lowLimit: 2 });
  t.true(finding.isActive);
  t.true(Number.isNaN(finding.expectedHigh));
});

test('a bad value is a fault whatever it is, with the range as what was expected', (t) => {
  for (const value of [5, 100]) {
    const { finding, isWithin } = check(value, { highLimit: 8 }, QUALITY_BAD);
    t.false(isWithin);
    t.like(finding, { isActive: true, score: 1, incidentClass: CLASS_FAULT, expectedLow: 0, expectedHigh: 10 });
  }
});

test('an uncertain value is no fault, and is held to the limits', (t) => {
  t.false(check(5, { highLimit: 8 }, QUALITY_UNCERTAIN).finding.isActive);
  t.is(check(9, { highLimit: 8 }, QUALITY_UNCERTAIN).finding.incidentClass, CLASS_ATTACK);
  t.true(check(9, { highLimit: 8 }, QUALITY_UNCERTAIN).finding.isActive);
});
