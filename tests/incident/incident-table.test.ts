import test from 'ava';
import {
  CLASS_ATTACK,
  CLASS_FAULT,
  DETECTOR_FLAT,
  DETECTOR_GUARD,
  DETECTOR_LIMITS,
  DETECTOR_ORDER,
  DETECTOR_RESIDUAL,
  Finding,
  VERDICT_LATE,
  VERDICT_MISSING,
  VERDICT_UNORDERED,
} from '../../modules/detect/finding.js';
import { TECHNIQUE_IDS } from '../../modules/incident/attack-techniques.js';
import { INCIDENT_OPEN, type Incident, NEWS_CLOSED, NEWS_OPEN, NEWS_UPDATE } from '../../modules/incident/incident.js';
import { IncidentTable } from '../../modules/incident/incident-table.js';
import { REASON_LOOP_FAILED, REASON_SUPPLY } from '../../modules/incident/triage.js';
import { INCIDENT_CHANNELS_GAINED_MAX, INCIDENT_FOLD_US } from '../../modules/limits.js';

const CAPACITY = 24;

/** Reports of a detector on one subject; what is not said is the finding's default. */
function reporter(table: IncidentTable, subject = 0, detector = DETECTOR_LIMITS) {
  const finding = new Finding();
  return (isActive: boolean, nowUs: number, over: Partial<Finding> = {}) => {
    finding.begin(detector, subject, subject);
    Object.assign(finding, { isActive, score: isActive ? 1 : 0, ...over });
    return table.report(finding, nowUs);
  };
}

function isOpen(table: IncidentTable, detector: number, subject: number): boolean {
  return table.incidents.some((i) => i.state === INCIDENT_OPEN && i.detector === detector && i.subject === subject);
}

/** Takes the next news as the reporter does. */
function tell(table: IncidentTable): { id: number; news: number } | null {
  const incident = table.nextNews();
  if (incident === null) return null;
  const { id } = incident;
  const news = table.tell(incident);
  table.told(id, news);
  return { id, news };
}

test('a finding that is held opens when it is no longer, also when it is over by then, as what is known then', (t) => {
  const table = new IncidentTable(CAPACITY);
  const report = reporter(table);
  t.true(report(true, 1000, { isHeld: true, score: 3 }));
  t.true(report(false, 2000, { isHeld: true }));
  t.is(table.open, 0);
  t.true(report(false, 3000, { incidentClass: CLASS_FAULT, reason: 14, offDelayUs: 500 }));
  t.like(table.nextNews(), { onsetUs: 1000, incidentClass: CLASS_FAULT, reason: 14, score: 3, news: NEWS_OPEN });
  t.false(report(false, 3500, { offDelayUs: 500 }));
  const other = reporter(table, 1);
  other(true, 1000, { isHeld: true, reason: 4 });
  t.true(other(true, 2000, { reason: 4 }));
  t.true(isOpen(table, DETECTOR_LIMITS, 1));
  const third = reporter(table, 2);
  third(true, 1000, { isHeld: true, reason: 4 });
  t.true(third(false, 2000, { offDelayUs: 500 }));
  t.true(isOpen(table, DETECTOR_LIMITS, 2), 'nothing came of it, and it is told all the same');
});

test('a quiet finding opens nothing', (t) => {
  const table = new IncidentTable(CAPACITY);
  reporter(table)(false, 1);
  t.is(table.opened, 0);
  t.is(table.nextNews(), null);
  t.is(table.waiting(), 0);
});

test('a finding without on-delay opens at once, with the moment as its onset', (t) => {
  const table = new IncidentTable(CAPACITY);
  reporter(table)(true, 5000);
  t.true(isOpen(table, DETECTOR_LIMITS, 0));
  t.false(isOpen(table, DETECTOR_LIMITS, 1));
  t.is(table.nextNews()!.onsetUs, 5000);
  t.is(table.open, 1);
});

test('with an on-delay it opens once active for that long, and not when it went quiet before', (t) => {
  const table = new IncidentTable(CAPACITY);
  const report = reporter(table);
  const onDelayUs = 30;
  report(true, 100, { onDelayUs });
  report(true, 129, { onDelayUs });
  t.is(table.opened, 0);
  report(false, 130, { onDelayUs });
  report(true, 140, { onDelayUs });
  report(true, 169, { onDelayUs });
  t.is(table.opened, 0);
  report(true, 170, { onDelayUs });
  t.is(table.opened, 1);
  t.is(table.nextNews()!.onsetUs, 140);
});

test('an onset stated by the detector counts for the on-delay', (t) => {
  const table = new IncidentTable(CAPACITY);
  reporter(table)(true, 1000, { onsetUs: 400, onDelayUs: 500 });
  t.is(table.nextNews()!.onsetUs, 400);
});

test('it closes when quiet for its off-delay, dated to the first quiet moment', (t) => {
  const table = new IncidentTable(CAPACITY);
  const report = reporter(table);
  const offDelayUs = 50;
  report(true, 100, { offDelayUs });
  t.deepEqual(tell(table), { id: 1, news: NEWS_OPEN });
  report(false, 200, { offDelayUs });
  report(false, 249, { offDelayUs });
  t.true(isOpen(table, DETECTOR_LIMITS, 0));
  report(true, 249, { offDelayUs });
  report(false, 300, { offDelayUs });
  report(false, 349, { offDelayUs });
  t.true(isOpen(table, DETECTOR_LIMITS, 0), 'the off-delay began anew');
  report(false, 350, { offDelayUs });
  t.false(isOpen(table, DETECTOR_LIMITS, 0));
  t.is(table.open, 0);
  t.is(table.nextNews()!.closedAtUs, 300);
  t.deepEqual(tell(table), { id: 1, news: NEWS_CLOSED });
  t.is(tell(table), null);
});

test('a detector is asked on while its incident is pending or open, and no more once it is closed', (t) => {
  const report = reporter(new IncidentTable(CAPACITY));
  const delays = { onDelayUs: 20, offDelayUs: 20 };
  t.false(report(false, 0, delays));
  t.true(report(true, 10, delays), 'pending');
  t.false(report(false, 20, delays), 'pending no more');
  t.true(report(true, 30, delays));
  t.true(report(true, 50, delays), 'open');
  t.true(report(false, 60, delays), 'its off-delay runs');
  t.false(report(false, 80, delays), 'closed');
});

test('news are told oldest incident first: open, then closed', (t) => {
  const table = new IncidentTable(CAPACITY);
  const [a, b] = [reporter(table, 7), reporter(table, 3)];
  a(true, 10);
  b(true, 20);
  t.is(table.waiting(), 2);
  t.deepEqual(tell(table), { id: 1, news: NEWS_OPEN });
  b(false, 30);
  a(false, 40);
  t.deepEqual(
    [tell(table), tell(table), tell(table)],
    [{ id: 1, news: NEWS_CLOSED }, { id: 2, news: NEWS_CLOSED }, null],
  );
});

test('an incident that closes before its opening was told is told once, as closed', (t) => {
  const table = new IncidentTable(CAPACITY);
  const report = reporter(table);
  report(true, 10);
  report(false, 20);
  t.deepEqual([tell(table), tell(table)], [{ id: 1, news: NEWS_CLOSED }, null]);
});

test('a score that doubled is an update; less is not; an untold opening stays an opening', (t) => {
  const table = new IncidentTable(CAPACITY);
  const report = reporter(table);
  report(true, 10, { score: 1.5 });
  report(true, 20, { score: 3 });
  t.is(table.nextNews()!.score, 3);
  t.deepEqual(tell(table), { id: 1, news: NEWS_OPEN });
  report(true, 30, { score: 5.9 });
  t.is(tell(table), null);
  report(true, 40, { score: 6 });
  t.deepEqual(tell(table), { id: 1, news: NEWS_UPDATE });
  report(true, 50, { score: 1 });
  t.is(tell(table), null);
});

test('another verdict is an update', (t) => {
  const table = new IncidentTable(CAPACITY);
  const report = reporter(table, 0, DETECTOR_ORDER);
  report(true, 10, { verdict: VERDICT_MISSING });
  tell(table);
  report(true, 20, { verdict: VERDICT_UNORDERED });
  t.is(table.nextNews()!.verdict, VERDICT_UNORDERED);
  t.deepEqual(tell(table), { id: 1, news: NEWS_UPDATE });
});

test('an event that comes back after closing is a new incident with the next id, even while the first is untold', (t) => {
  const table = new IncidentTable(CAPACITY);
  const report = reporter(table);
  report(true, 10);
  report(false, 20);
  report(true, 30);
  t.is(table.opened, 2);
  t.deepEqual(
    [tell(table), tell(table)],
    [
      { id: 1, news: NEWS_CLOSED },
      { id: 2, news: NEWS_OPEN },
    ],
  );
});

test('the same subject of two detectors is two incidents where they share no channel', (t) => {
  const table = new IncidentTable(CAPACITY);
  reporter(table, 4, DETECTOR_LIMITS)(true, 10);
  reporter(table, 4, DETECTOR_ORDER)(true, 10, { channels: 1, channel: [5] });
  t.is(table.open, 2);
});

/** Reports of a detector on these channels. */
function speaker(table: IncidentTable, detector: number, channel: readonly number[], subject = channel[0]) {
  const report = reporter(table, subject, detector);
  return (isActive: boolean, nowUs: number, over: Partial<Finding> = {}) =>
    report(isActive, nowUs, { channels: channel.length, channel: [...channel], ...over });
}

function channelsOf(incident: Incident): number[] {
  return Array.from({ length: incident.toldChannels() }, (_, i) => incident.toldChannel(i));
}

function open(table: IncidentTable): Incident[] {
  return table.incidents.filter(({ state }) => state === INCIDENT_OPEN);
}

const MISSING = { verdict: VERDICT_MISSING };

test("a finding of an open incident's class that shares a channel is folded into it, and an update tells its channels", (t) => {
  const table = new IncidentTable(CAPACITY);
  speaker(table, DETECTOR_ORDER, [5, 4], 0)(true, 10, MISSING);
  t.deepEqual(tell(table), { id: 1, news: NEWS_OPEN });
  t.true(speaker(table, DETECTOR_ORDER, [1, 4], 1)(true, 700, MISSING), 'it is asked on');
  t.deepEqual(tell(table), { id: 1, news: NEWS_UPDATE });
  speaker(table, DETECTOR_GUARD, [5, 0], 0)(true, 900);
  t.deepEqual(tell(table), { id: 1, news: NEWS_UPDATE });
  t.deepEqual([table.opened, table.open, table.waiting()], [1, 1, 0]);
  t.deepEqual(channelsOf(open(table)[0]), [5, 4, 1, 0]);
  t.like(open(table)[0], { detector: DETECTOR_ORDER, subject: 0, onsetUs: 10 });
  speaker(table, DETECTOR_FLAT, [1], 1)(true, 950);
  t.is(tell(table), null, 'nothing that it does not name yet');
});

test('another class, no channel in common, or another time: not folded', (t) => {
  const table = new IncidentTable(CAPACITY);
  speaker(table, DETECTOR_FLAT, [1])(true, 10, { incidentClass: CLASS_FAULT });
  speaker(table, DETECTOR_RESIDUAL, [1, 2])(true, 20);
  t.deepEqual(
    open(table).map(({ incidentClass }) => incidentClass),
    [CLASS_FAULT, CLASS_ATTACK],
    'an attack is not folded into a fault',
  );
  speaker(table, DETECTOR_LIMITS, [2])(true, 30, { incidentClass: CLASS_FAULT });
  speaker(table, DETECTOR_GUARD, [7])(true, 40);
  t.is(table.open, 4);
  speaker(table, DETECTOR_ORDER, [2, 3], 9)(true, 20 + INCIDENT_FOLD_US + 1);
  t.is(table.open, 5);
  speaker(table, DETECTOR_ORDER, [8, 7], 8)(true, 40 + INCIDENT_FOLD_US);
  t.is(table.open, 5);
});

test('what follows from one failed supply is one incident, whatever its channels; what has another reason is not', (t) => {
  const table = new IncidentTable(CAPACITY);
  const fault = (channel: number, reason: number) =>
    speaker(table, DETECTOR_LIMITS, [channel])(true, 10 + channel, { incidentClass: CLASS_FAULT, reason });
  for (let channel = 0; channel < 4; channel++) fault(channel, REASON_SUPPLY);
  t.deepEqual(channelsOf(open(table)[0]), [0, 1, 2, 3]);
  t.is(table.opened, 1);
  fault(6, REASON_LOOP_FAILED);
  fault(7, REASON_LOOP_FAILED);
  t.is(table.opened, 3);
});

test('an order speaks before statistics that were first, with their id, their onset and its techniques', (t) => {
  const table = new IncidentTable(CAPACITY);
  const statistics = speaker(table, DETECTOR_GUARD, [5, 0], 0);
  const order = speaker(table, DETECTOR_ORDER, [5, 4], 0);
  statistics(true, 10, { score: 7 });
  tell(table);
  order(true, 60, MISSING);
  const [incident] = open(table);
  t.like(incident, { id: 1, detector: DETECTOR_ORDER, verdict: VERDICT_MISSING, onsetUs: 10, isTold: false });
  t.deepEqual(channelsOf(incident), [5, 4, 0]);
  t.deepEqual(tell(table), { id: 1, news: NEWS_UPDATE });
  t.true(incident.isTold);
  statistics(true, 70, { score: 20 });
  t.is(tell(table), null, 'statistics do not speak again');
  order(false, 80);
  t.is(table.open, 1);
  statistics(false, 90);
  t.like(table.nextNews(), { id: 1, news: NEWS_CLOSED, closedAtUs: 90, verdict: VERDICT_MISSING });
  tell(table);
  t.true(table.incidents.every(({ state }) => state === 0));
});

test('of two of a kind the one that is twice as sure speaks', (t) => {
  const table = new IncidentTable(CAPACITY);
  speaker(table, DETECTOR_RESIDUAL, [1, 2], 0)(true, 10, { score: 1.5 });
  const flat = speaker(table, DETECTOR_FLAT, [2], 2);
  flat(true, 20, { score: 1.4 });
  tell(table);
  t.is(open(table)[0].detector, DETECTOR_RESIDUAL);
  flat(true, 30, { score: 3 });
  t.is(open(table)[0].detector, DETECTOR_FLAT);
  t.deepEqual([tell(table), table.open], [{ id: 1, news: NEWS_UPDATE }, 1]);
});

test('the incident closes when all of it is over, whichever ends first, dated to the last quiet moment', (t) => {
  const offDelayUs = 50;
  for (const order of [
    [0, 1, 2],
    [2, 1, 0],
    [1, 0, 2],
  ]) {
    const table = new IncidentTable(CAPACITY);
    const speakers = [
      speaker(table, DETECTOR_ORDER, [5, 4], 0),
      speaker(table, DETECTOR_ORDER, [1, 4], 1),
      speaker(table, DETECTOR_GUARD, [5], 0),
    ];
    for (const speak of speakers) speak(true, 10);
    tell(table);
    order.forEach((which, i) => {
      t.is(table.open, 1);
      t.true(speakers[which](false, 100 * (i + 1), { offDelayUs }));
      t.false(speakers[which](false, 100 * (i + 1) + 50, { offDelayUs }));
    });
    t.is(table.open, 0);
    t.like(table.nextNews(), { id: 1, news: NEWS_CLOSED, closedAtUs: 300 });
    t.deepEqual([tell(table), tell(table)], [{ id: 1, news: NEWS_CLOSED }, null]);
    t.true(table.incidents.every(({ state, lead }) => state === 0 && lead === null));
  }
});

test('a lead that is over and comes back keeps the incident open', (t) => {
  const table = new IncidentTable(CAPACITY);
  const first = speaker(table, DETECTOR_ORDER, [5, 4], 0);
  const second = speaker(table, DETECTOR_ORDER, [1, 4], 1);
  first(true, 10);
  second(true, 20);
  t.false(first(false, 30));
  first(true, 40);
  second(false, 50);
  t.is(table.open, 1);
  first(false, 60);
  t.like(table.nextNews(), { id: 1, news: NEWS_CLOSED, closedAtUs: 60 });
});

test('what becomes graver while it is folded speaks, and what becomes milder speaks no more', (t) => {
  const table = new IncidentTable(CAPACITY);
  const fault = { verdict: VERDICT_LATE, incidentClass: CLASS_FAULT };
  const [a, b] = [speaker(table, DETECTOR_ORDER, [5, 4], 0), speaker(table, DETECTOR_ORDER, [1, 4], 1)];
  a(true, 10, fault);
  b(true, 20, fault);
  tell(table);
  b(true, 30, MISSING);
  t.like(open(table)[0], { id: 1, subject: 1, incidentClass: CLASS_ATTACK });
  t.deepEqual(tell(table), { id: 1, news: NEWS_UPDATE });
  a(true, 40, MISSING);
  b(true, 50, fault);
  t.like(open(table)[0], { id: 1, subject: 0, incidentClass: CLASS_ATTACK });
  t.is(table.open, 1);
});

test('a graver verdict on a later order is an incident of its own, not the end of a long fault', (t) => {
  const offDelayUs = 10 * INCIDENT_FOLD_US;
  const late = { verdict: VERDICT_LATE, incidentClass: CLASS_FAULT, offDelayUs };
  const later = 10 + 2 * INCIDENT_FOLD_US;
  for (const isFull of [false, true]) {
    const table = new IncidentTable(2);
    const pair = speaker(table, DETECTOR_ORDER, [5, 4], 0);
    pair(true, 10, { ...late, onsetUs: 10 });
    if (isFull) speaker(table, DETECTOR_LIMITS, [9])(true, 10);
    while (tell(table) !== null);
    pair(false, 20, { offDelayUs });
    pair(true, later, { ...MISSING, onsetUs: later });
    const attack = open(table).find(({ verdict }) => verdict === VERDICT_MISSING);
    t.like(attack, { id: isFull ? 1 : 2, incidentClass: CLASS_ATTACK, onsetUs: isFull ? 10 : later });
    if (!isFull) t.like(table.nextNews(), { id: 1, news: NEWS_CLOSED, closedAtUs: 20 });
    t.is(table.overflowed, 0, 'in a full table it is an update: it is told all the same');
  }
});

test('a graver verdict of the one that leads leaves what was folded to another', (t) => {
  const table = new IncidentTable(CAPACITY);
  const late = { verdict: VERDICT_LATE, incidentClass: CLASS_FAULT };
  const [a, b] = [speaker(table, DETECTOR_ORDER, [5, 4], 0), speaker(table, DETECTOR_ORDER, [1, 4], 1)];
  a(true, 10, late);
  b(true, 20, late);
  const later = 20 + 2 * INCIDENT_FOLD_US;
  a(true, later, { ...MISSING, onsetUs: later });
  t.deepEqual(
    open(table)
      .map(({ id, subject, incidentClass }) => [id, subject, incidentClass])
      .sort(),
    [
      [1, 1, CLASS_FAULT],
      [2, 0, CLASS_ATTACK],
    ],
  );
  a(false, later + 1);
  b(false, later + 2);
  t.is(table.open, 0);
});

test('a frame under way while another takes over tells what it told, and the update follows with techniques', (t) => {
  const table = new IncidentTable(CAPACITY);
  const statistics = speaker(table, DETECTOR_GUARD, [5, 0], 0);
  statistics(true, 10);
  const { id } = table.nextNews()!;
  const news = table.tell(table.nextNews()!);
  speaker(table, DETECTOR_ORDER, [5, 4], 0)(true, 20, MISSING);
  statistics(false, 30);
  table.told(id, news);
  t.like(table.nextNews(), { id: 1, news: NEWS_UPDATE, detector: DETECTOR_ORDER, isTold: false });
});

test('a full table folds what is pending already; channels beyond the limit are left out', (t) => {
  const table = new IncidentTable(CAPACITY);
  for (let i = 0; i < CAPACITY; i++) speaker(table, DETECTOR_FLAT, [50, i], i)(true, 10);
  t.deepEqual([table.opened, table.open, table.overflowed], [1, 1, 0]);
  t.is(channelsOf(open(table)[0]).length, 2 + INCIDENT_CHANNELS_GAINED_MAX);
  speaker(table, DETECTOR_FLAT, [50, 60], 60)(true, 10);
  t.is(table.overflowed, 1);
  for (let i = 0; i < CAPACITY; i++) speaker(table, DETECTOR_FLAT, [50, i], i)(false, 20);
  t.deepEqual([tell(table), tell(table)], [{ id: 1, news: NEWS_CLOSED }, null]);
  t.true(table.incidents.every(({ state }) => state === 0));
});

test('a full table counts what it cannot hold, and has room again when an incident was told as closed', (t) => {
  const table = new IncidentTable(CAPACITY);
  for (let i = 0; i < CAPACITY; i++) reporter(table, i)(true, 10);
  t.is(table.overflowed, 0);
  reporter(table, 100)(true, 20);
  t.true(table.overflowed > 0);
  t.is(table.opened, CAPACITY);
  t.false(isOpen(table, DETECTOR_LIMITS, 100));
  reporter(table, 0)(false, 30);
  t.deepEqual(tell(table), { id: 1, news: NEWS_CLOSED });
  reporter(table, 100)(true, 40);
  t.true(isOpen(table, DETECTOR_LIMITS, 100));
  t.is(table.opened, CAPACITY + 1);
});

test('ids count up by one over many incidents, and none is told twice', (t) => {
  const table = new IncidentTable(CAPACITY);
  for (let i = 1; i <= 500; i++) {
    const report = reporter(table, i % 30);
    report(true, 10 * i);
    t.deepEqual(tell(table), { id: i, news: NEWS_OPEN });
    report(false, 10 * i + 5);
    t.deepEqual(tell(table), { id: i, news: NEWS_CLOSED });
  }
  t.is(table.overflowed, 0);
  t.true(table.incidents.every((incident) => incident.state !== INCIDENT_OPEN));
});

test('only what is consistent with an attack names techniques', (t) => {
  for (const [detector, incidentClass, verdict, techniques] of [
    [DETECTOR_LIMITS, CLASS_FAULT, -1, []],
    [DETECTOR_LIMITS, CLASS_ATTACK, -1, ['T0879', 'T0836']],
    [DETECTOR_ORDER, CLASS_ATTACK, VERDICT_MISSING, ['T1691.001', 'T0831']],
    [DETECTOR_ORDER, CLASS_ATTACK, VERDICT_UNORDERED, ['T0831', 'T0835']],
  ] as const) {
    const table = new IncidentTable(CAPACITY);
    reporter(table, 0, detector)(true, 1, { incidentClass, verdict });
    t.deepEqual(
      table.nextNews()!.techniques.map((place) => TECHNIQUE_IDS[place]),
      [...techniques],
    );
  }
});

test('a finding that is held again and again opens after a second in all', (t) => {
  const table = new IncidentTable(CAPACITY);
  const report = reporter(table);
  for (let nowUs = 0; nowUs < 1_000_000; nowUs += 100_000) report(true, nowUs, { isHeld: true });
  t.is(table.open, 0);
  report(true, 1_000_000, { isHeld: true });
  t.is(table.open, 1);
  const calm = reporter(table, 1);
  calm(true, 0, { isHeld: true });
  t.true(calm(false, 900_000, { isHeld: true, offDelayUs: 500 }));
  t.is(table.open, 1);
  calm(false, 1_000_000, { isHeld: true, offDelayUs: 500 });
  t.is(table.open, 2, 'also one that is over');
});
