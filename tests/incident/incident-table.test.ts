import test from 'ava';
import {
  CLASS_ATTACK,
  CLASS_FAULT,
  DETECTOR_LIMITS,
  DETECTOR_ORDER,
  Finding,
  VERDICT_MISSING,
  VERDICT_UNORDERED,
} from '../../modules/detect/finding.js';
import { TECHNIQUE_IDS } from '../../modules/incident/attack-techniques.js';
import { INCIDENT_OPEN, NEWS_CLOSED, NEWS_OPEN, NEWS_UPDATE } from '../../modules/incident/incident.js';
import { IncidentTable } from '../../modules/incident/incident-table.js';

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
  table.told(incident, news);
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

test('the same subject of two detectors is two incidents', (t) => {
  const table = new IncidentTable(CAPACITY);
  reporter(table, 4, DETECTOR_LIMITS)(true, 10);
  reporter(table, 4, DETECTOR_ORDER)(true, 10);
  t.is(table.open, 2);
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
