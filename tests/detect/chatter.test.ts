import test from 'ava';
import { ContactSignal } from '../../modules/condition/contact-signal.js';
import { ChatterDetector } from '../../modules/detect/chatter.js';
import { CLASS_ATTACK, CLASS_FAULT, DETECTOR_CHATTER } from '../../modules/detect/finding.js';
import { LINE_CONTACT, LINE_ORDER, LINE_PULSE } from '../../modules/detect/line-kind.js';
import { Ranking } from '../../modules/detect/ranking.js';
import { PUMP_ORDER, TANK_LOOPS } from '../../simulator/plants/tank-lines.js';
import { Random } from '../../simulator/random.js';
import { contact } from '../sensor/sample-configuration.js';
import { FedRows } from './fed-rows.js';
import { TankRun } from './tank-run.js';

const LEARN_ROWS = 500;
const FIRST_CONTACT = 5;

/** Four contacts: a restless one, an order, one that never moves, a pulse line. */
function learned() {
  const signals = [0, 1, 2, 3].map(() => new ContactSignal(contact('c')));
  const kinds = [LINE_CONTACT, LINE_ORDER, LINE_CONTACT, LINE_PULSE];
  const detector = new ChatterDetector(signals, kinds, FIRST_CONTACT, new Ranking(4));
  const rows = new FedRows(detector, 0, LEARN_ROWS, 1e4);
  const random = new Random(1, 'chatter');
  /** Largest score over `rows` rows, contact `loose` having `edges` more in each. */
  const run = (count: number, loose = -1, edges = 0) => {
    let largest = 0;
    for (let i = 0; i < count; i++) {
      if (random.uniform() < 0.2) signals[0].edges += 1 + random.below(6);
      if (i % 100 === 0) signals[1].edges++;
      signals[3].edges += 8;
      if (loose >= 0) signals[loose].edges += edges;
      const score = rows.feed([]);
      if (score > largest) largest = score;
    }
    return largest;
  };
  run(LEARN_ROWS);
  return { run, rows };
}

test('a contact that bounces as it always did, and a pulse line, are quiet', (t) => {
  t.true(learned().run(5000) < 1);
});

test('a contact that chatters alarms within 40 rows; an order is consistent with an attack, another with a fault', (t) => {
  for (const [loose, edges, incidentClass] of [
    [0, 8, CLASS_FAULT],
    [1, 2, CLASS_ATTACK],
    [2, 1, CLASS_FAULT],
  ]) {
    const { run, rows } = learned();
    run(100);
    t.true(run(40, loose, edges) > 1, `contact ${loose}`);
    const finding = rows.explain();
    t.is(finding.channel[0], FIRST_CONTACT + loose);
    t.is(finding.incidentClass, incidentClass);
    t.true(finding.observed > finding.expectedHigh);
    run(40);
    t.true(run(500) < 1, 'it is over when it is over');
  }
});

test('one move with its bounces, of a contact that never moved before, is no chatter', (t) => {
  const { run } = learned();
  t.true(run(1, 2, 7) < 1);
  t.true(run(100) < 1);
});

test('a gap counts for no chatter', (t) => {
  const { run, rows } = learned();
  run(100);
  rows.feed([], 0, true);
  t.true(run(1, 2, 100) < 1);
  t.true(run(40) < 1);
});

test('an order of the tank that toggles ten times a second alarms within 5 s (seed 1)', (t) => {
  const run = new TankRun(1);
  const { plc } = run.simulation.world;
  run.forge((ms) => {
    plc.outputs[PUMP_ORDER] = Math.floor(ms / 50) % 2;
  });
  const at = run.secondsUntilAlarm(DETECTOR_CHATTER, 5);
  t.true(at > 0, `${at} s`);
  const channels = run.witness.sensor.table.incidents.map((incident) => incident.channel[0]);
  t.true(channels.includes(TANK_LOOPS.length + PUMP_ORDER));
});
