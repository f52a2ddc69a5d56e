/** A PLC with two orders and a pulse of life, in rows of 100 ms: what shows that its program has stopped. */
import test from 'ava';
import { ContactSignal } from '../../modules/condition/contact-signal.js';
import { DwellDetector } from '../../modules/detect/dwell.js';
import {
  CLASS_ATTACK,
  CLASS_FAULT,
  DETECTOR_DWELL,
  DETECTOR_ORDER,
  DETECTOR_RESIDUAL,
  Finding,
} from '../../modules/detect/finding.js';
import { LINE_CONTACT, LINE_ORDER } from '../../modules/detect/line-kind.js';
import { ProgramStop } from '../../modules/detect/program-stop.js';
import { REASON_STOPPED, Triage } from '../../modules/incident/triage.js';
import { ContactHistory } from '../../modules/model/contact-history.js';
import { FedRows } from './fed-rows.js';
import { MemoryArchive } from './memory-archive.js';

const ROW_US = 100_000;
const LEARN_ROWS = 4000;
/** The pulse's states last so many rows; the orders' many more, of many lengths. */
const PULSE_ROWS = 5;
const [PUMP, VALVE, PULSE] = [0, 1, 2];

class Plc {
  readonly contacts = ['pump', 'valve', 'pulse'].map(
    (name) => new ContactSignal({ name, kind: 'contact', debounceMs: 0 }),
  );
  readonly levels = [0, 0, 0];
  readonly dwell = new DwellDetector(new ContactHistory(0, 3), ROW_US / 1e6, [true, false, false]);
  readonly stop: ProgramStop;
  readonly triage = new Triage(3);
  score = 0;
  nowUs = 0;
  pulseRows = PULSE_ROWS;
  private readonly rows: FedRows;
  private at = 0;

  private readonly hasPulse: boolean;

  constructor(hasPulse = true) {
    this.hasPulse = hasPulse;
    this.rows = new FedRows(this.dwell, 3, LEARN_ROWS, 10_000);
    this.stop = new ProgramStop(this.contacts, [LINE_ORDER, LINE_ORDER, LINE_CONTACT], this.dwell);
    this.triage.stop = this.stop;
  }

  /** Rows in which the pulse goes on, unless it stands still; `each` sets the orders before a row. */
  run(rows: number, isPulsing = true, each: (row: number) => void = () => {}): this {
    for (let i = 0; i < rows; i++) {
      each(this.at);
      if (isPulsing && this.hasPulse) this.levels[PULSE] = Math.floor(this.at / this.pulseRows) % 2;
      this.at++;
      let hasChanged = false;
      this.contacts.forEach((contact, line) => {
        contact.hasChanged = contact.level === this.levels[line] ? 0 : 1;
        if (contact.hasChanged === 1) {
          contact.level = this.levels[line];
          contact.changedAtUs = this.nowUs;
          hasChanged = true;
        }
      });
      if (hasChanged) this.stop.note(this.nowUs, this.at <= LEARN_ROWS);
      this.nowUs += ROW_US;
      this.score = this.rows.feed(this.levels);
    }
    return this;
  }

  /** Learns; the two orders never fall together, unless `areTied`. Ends with both closed and the pulse just up. */
  learn(areTied = false): this {
    this.run(LEARN_ROWS, true, (row) => {
      this.levels[PUMP] = row % 397 < 150 ? 1 : 0;
      this.levels[VALVE] = areTied ? this.levels[PUMP] : row % 267 < 120 ? 1 : 0;
    });
    this.stop.watch();
    this.drop().run(2 * PULSE_ROWS);
    this.levels[PUMP] = 1;
    this.levels[VALVE] = 1;
    return this.run(PULSE_ROWS + 2);
  }

  drop(): this {
    this.levels.fill(0);
    return this;
  }

  /** Class and reason of a statistical finding now, and whether it waits. */
  judge(detector = DETECTOR_DWELL, isActive = true): { incidentClass: number; reason: number; isHeld: boolean } {
    const finding = new Finding();
    finding.begin(detector, 0, 0);
    if (detector !== DETECTOR_ORDER) finding.group = DETECTOR_RESIDUAL;
    finding.isActive = isActive;
    this.triage.judge(finding, this.nowUs);
    return finding;
  }
}

test('a pulse of life that stands still is told by its dwell, as a fault', (t) => {
  const plc = new Plc().learn();
  t.true(plc.dwell.isPulse(PULSE));
  t.false(plc.dwell.isPulse(PUMP));
  t.false(plc.dwell.isStill(PULSE));
  plc.run(3 * PULSE_ROWS, false);
  t.true(plc.dwell.isStill(PULSE));
  t.true(plc.score > 1, `${plc.score}`);
  const finding = new Finding();
  finding.begin(DETECTOR_DWELL, 0, 0);
  plc.dwell.explain(finding);
  t.is(finding.incidentClass, CLASS_FAULT);
  t.deepEqual(finding.channel.slice(0, finding.channels), [PULSE]);
  t.true(Math.abs(finding.observed - 1.5) < 0.35, `${finding.observed} s`);
  t.like(plc.judge(), { incidentClass: CLASS_FAULT, reason: REASON_STOPPED });
});

test('a pulse that beats faster, and another contact that stands still, are no program that stopped', (t) => {
  const fast = new Plc().learn();
  fast.pulseRows = 2;
  fast.run(20);
  t.true(fast.score > 1, `${fast.score}`);
  const finding = new Finding();
  finding.begin(DETECTOR_DWELL, 0, 0);
  fast.dwell.explain(finding);
  t.is(finding.incidentClass, CLASS_ATTACK);
  t.like(fast.judge(), { incidentClass: CLASS_ATTACK });
  const stuck = new Plc().learn().run(1500);
  t.true(stuck.score > 1, `${stuck.score}`);
  t.like(stuck.judge(), { incidentClass: CLASS_ATTACK });
});

test('all driven lines that fall together are a program that stopped, once they have stayed so for a second', (t) => {
  const plc = new Plc().learn().drop().run(3, false);
  t.true(plc.judge().isHeld);
  t.true(plc.judge(DETECTOR_RESIDUAL).isHeld);
  t.like(plc.judge(DETECTOR_ORDER), { isHeld: false, incidentClass: CLASS_ATTACK });
  plc.run(8, false);
  t.like(plc.judge(), { isHeld: false, incidentClass: CLASS_FAULT, reason: REASON_STOPPED });
  t.like(plc.judge(DETECTOR_DWELL, false), { isHeld: false, incidentClass: CLASS_FAULT, reason: REASON_STOPPED });
  t.like(plc.judge(DETECTOR_ORDER), { incidentClass: CLASS_ATTACK });
  plc.run(600, false);
  t.like(plc.judge(), { incidentClass: CLASS_ATTACK }, 'a stop explains a minute, not an hour');
  plc.run(2 * PULSE_ROWS);
  t.like(plc.judge(), { incidentClass: CLASS_FAULT, reason: REASON_STOPPED }, 'and what comes as it starts again');
});

test('orders dropped while the pulse goes on are waited for, then an attack', (t) => {
  const plc = new Plc().learn();
  plc.levels[PUMP] = 0;
  plc.levels[VALVE] = 0;
  plc.run(1);
  let heldRows = 0;
  for (let i = 0; i < 20; i++) {
    plc.run(1);
    t.false(plc.judge(DETECTOR_RESIDUAL).isHeld);
    if (plc.judge().isHeld) heldRows++;
    else t.like(plc.judge(), { incidentClass: CLASS_ATTACK }, `${i} rows after the orders`);
  }
  t.true(heldRows <= 10 + PULSE_ROWS, `${heldRows} rows`);
});

test('one line that falls with the other still closed is waited for by nobody', (t) => {
  const plc = new Plc().learn();
  plc.levels[PUMP] = 0;
  plc.run(1);
  t.like(plc.judge(), { isHeld: false, incidentClass: CLASS_ATTACK });
});

test('without a pulse all orders that fall together show it, unless the program lets them as a rule; both is stored', (t) => {
  const plc = new Plc(false).learn().drop().run(3);
  t.true(plc.judge().isHeld);
  plc.run(8);
  t.like(plc.judge(), { incidentClass: CLASS_FAULT, reason: REASON_STOPPED });
  const tied = new Plc(false).learn(true).drop().run(3);
  t.like(tied.judge(), { isHeld: false, incidentClass: CLASS_ATTACK });
  for (const [{ stop }, isUsual] of [[plc, 0] as const, [tied, 1] as const]) {
    const archive = new MemoryArchive();
    stop.archive(0, archive);
    t.deepEqual(archive.stored, [isUsual]);
  }
});

test('a stop explains what comes in the minute after the lines fell, whenever that is asked first', (t) => {
  for (const hasPulse of [true, false]) {
    const late = new Plc(hasPulse).learn().drop().run(590, false);
    t.like(late.judge(), { incidentClass: CLASS_FAULT, reason: REASON_STOPPED });
    const later = new Plc(hasPulse).learn().drop().run(620, false);
    t.like(later.judge(), { incidentClass: CLASS_ATTACK }, `pulse: ${hasPulse}`);
  }
});
