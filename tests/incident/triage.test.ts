import test from 'ava';
import {
  CLASS_ATTACK,
  CLASS_FAULT,
  CLASS_PROCESS,
  DETECTOR_LIMITS,
  DETECTOR_ORDER,
  DETECTOR_RESIDUAL,
  Finding,
  VERDICT_MISSING,
} from '../../modules/detect/finding.js';
import {
  REASON_ANNOUNCED,
  REASON_FOLLOWS_FAULT,
  REASON_LOOP_FAILED,
  REASON_NOT_EXECUTED,
  REASON_PHYSICS,
  REASON_SUPPLY,
  Triage,
} from '../../modules/incident/triage.js';

const S = 1e6;

/** Class and reason that a finding about `channels` gets at `nowUs`. */
function judge(triage: Triage, nowUs: number, over: Partial<Finding>, channels = [0]): number[] {
  const finding = new Finding();
  finding.begin(over.detector ?? DETECTOR_RESIDUAL, channels[0], channels[0]);
  Object.assign(finding, { isActive: true, channels: channels.length, ...over });
  for (const [i, channel] of channels.entries()) finding.channel[i] = channel;
  triage.judge(finding, nowUs);
  return [finding.incidentClass, finding.reason];
}

const missing = { detector: DETECTOR_ORDER, group: DETECTOR_ORDER, verdict: VERDICT_MISSING };
const departed = { detector: DETECTOR_RESIDUAL, group: DETECTOR_RESIDUAL };
const failed = { detector: DETECTOR_LIMITS, group: DETECTOR_LIMITS, incidentClass: CLASS_FAULT };

test('a finding alone keeps its class and has its own reason', (t) => {
  const triage = new Triage(4);
  t.deepEqual(judge(triage, S, missing), [CLASS_ATTACK, REASON_NOT_EXECUTED]);
  t.deepEqual(judge(triage, S, departed), [CLASS_ATTACK, REASON_PHYSICS]);
  t.deepEqual(judge(triage, S, failed), [CLASS_FAULT, REASON_LOOP_FAILED]);
});

test('what departs within a minute of a loop failure follows from it; an order that is not executed does not', (t) => {
  const triage = new Triage(4);
  judge(triage, 100 * S, failed, [2]);
  t.deepEqual(judge(triage, 130 * S, departed, [1]), [CLASS_FAULT, REASON_FOLLOWS_FAULT]);
  t.deepEqual(judge(triage, 130 * S, missing, [3]), [CLASS_ATTACK, REASON_NOT_EXECUTED]);
  t.deepEqual(judge(triage, 130 * S, missing, [3, 2]), [CLASS_FAULT, REASON_FOLLOWS_FAULT]);
  t.deepEqual(judge(triage, 161 * S, departed, [1]), [CLASS_ATTACK, REASON_PHYSICS]);
});

test('a loop that stays broken does not hide what another channel does an hour later', (t) => {
  const triage = new Triage(4);
  for (let s = 0; s < 3600; s++) judge(triage, s * S, failed, [2]);
  t.deepEqual(judge(triage, 3600 * S, departed, [1]), [CLASS_ATTACK, REASON_PHYSICS]);
  t.deepEqual(judge(triage, 3600 * S, departed, [2]), [CLASS_FAULT, REASON_FOLLOWS_FAULT]);
});

test('two loops that fail together are a supply that fails, and orders fail with it for ten seconds', (t) => {
  const triage = new Triage(4);
  judge(triage, 10 * S, failed, [0]);
  t.deepEqual(judge(triage, 10.02 * S, failed, [1]), [CLASS_FAULT, REASON_SUPPLY]);
  t.deepEqual(judge(triage, 11 * S, missing, [3]), [CLASS_FAULT, REASON_SUPPLY]);
  t.deepEqual(judge(triage, 21 * S, missing, [3]), [CLASS_ATTACK, REASON_NOT_EXECUTED]);
});

test('announced work makes everything a change of the process, until ten seconds after its end; faults stay', (t) => {
  const triage = new Triage(4);
  triage.announce(100 * S);
  t.true(triage.isAnnounced(99 * S));
  t.deepEqual(judge(triage, 50 * S, missing), [CLASS_PROCESS, REASON_ANNOUNCED]);
  t.deepEqual(judge(triage, 50 * S, failed), [CLASS_FAULT, REASON_LOOP_FAILED]);
  t.deepEqual(judge(triage, 109 * S, missing), [CLASS_PROCESS, REASON_ANNOUNCED]);
  t.deepEqual(judge(triage, 111 * S, missing, [3]), [CLASS_ATTACK, REASON_NOT_EXECUTED]);
});
