/** What a wiring file states of contacts and pairs reaches the firmware. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { InputError, readRecording } from '../../hosts/bench/recording.js';
import { replayBlocks } from '../../hosts/bench/replay-blocks.js';
import { replayOnNode } from '../../hosts/bench/replay-engines.js';
import { readWiring, replayConfiguration, type Wiring } from '../../hosts/bench/replay-wiring.js';
import { Block, DIGITAL_LEVEL } from '../../modules/capture/block.js';
import { CYCLE_AT_GAP } from '../../modules/config/configuration.js';
import { Random } from '../../simulator/random.js';

const folder = mkdtempSync(join(tmpdir(), 'wirewitness-wiring-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const FIRST_LOST_S = 700;
const LAST_LOST_S = 760;

/** An order every 15 s, answered after 1 or 2 s; closings between FIRST_LOST_S and LAST_LOST_S are not answered. */
function plant(): string {
  const random = new Random(1, 'plant');
  const lines = ['t_s,order,auxiliary,flow'];
  let [order, auxiliary, answerAt] = [0, 0, -1];
  for (let t = 0; t < 900; t++) {
    if (t % 15 === 0) {
      order = 1 - order;
      answerAt = t + 1 + random.below(2);
    }
    if (t === answerAt && !(order === 1 && t > FIRST_LOST_S && t < LAST_LOST_S)) auxiliary = order;
    lines.push(`${t},${order},${auxiliary},${(5 * auxiliary + 0.1 * random.gaussian()).toFixed(3)}`);
  }
  return file('plant.csv', lines.join('\n'));
}

const WIRING = JSON.stringify({
  kinds: { order: 'contact', auxiliary: 'contact' },
  units: { flow: 'l/s' },
  pairs: [{ order: 'order', execution: 'auxiliary' }],
});

test('a stated pair is learned, and orders that are not executed alarm', (t) => {
  const path = plant();
  const [learn, watch] = [[readRecording(`${path}:0-400`)], [readRecording(`${path}:400-`)]];
  const configuration = replayConfiguration(learn, watch, readWiring(file('wiring.json', WIRING)), 1);
  t.deepEqual(configuration.pairs, [{ name: 'order -> auxiliary', order: 1, execution: 2, isInverted: false }]);
  t.is(configuration.analog[0].unit, 'l/s');
  const { rows } = replayOnNode({ configuration, learn, watch });
  const isAlarm = (second: number) => rows[2 * (second - 400)] === 1;
  const seconds = Array.from({ length: 500 }, (_, i) => 400 + i).filter(isAlarm);
  t.true(seconds.some((second) => second > FIRST_LOST_S && second < FIRST_LOST_S + 30));
  t.false(seconds.some((second) => second > LAST_LOST_S + 30));
});

test('a cycle starts with the stated contact, or where time goes back three times in the learning rows', (t) => {
  const contacts = { kinds: { order: 'contact', auxiliary: 'contact' } } as const;
  const whole = [readRecording(plant())];
  const start = (wiring: Wiring, learn = whole) => replayConfiguration(learn, learn, wiring, 1).cycleStart;
  t.is(start({}), null);
  t.is(start({ ...contacts, cycleStart: 'auxiliary' }), 2);
  const cycles = (count: number) => {
    const rows = Array.from({ length: 40 * count }, (_, i) => `${i % 40},${i % 7}`);
    return [readRecording(file(`cycles-${count}.csv`, ['t_s,a', ...rows].join('\n')))];
  };
  t.is(start({}, cycles(4)), CYCLE_AT_GAP);
  t.is(start({}, cycles(3)), null, 'time that goes back twice may be a clock that was set');
});

test('a wiring that cannot be used is told in one line', (t) => {
  const recording = [readRecording(`${plant()}:0-400`)];
  const cases: [unknown, RegExp][] = [
    [{ kinds: { order: 'switch' } }, /kinds: direct or contact/],
    [{ units: [] }, /units: a unit by name/],
    [{ pairs: [{ order: 'order' }] }, /pairs: a list of/],
    [{ kinds: { pump: 'contact' } }, /the wiring names pump, which is no signal/],
    [{ pairs: [{ order: 'flow', execution: 'order' }] }, /order is a contact and cannot answer a value/],
    [{ pairs: [{ order: 'order', execution: 'nothing' }] }, /nothing is no signal/],
    [{ cycleStart: 1 }, /cycleStart: the name of a contact/],
    [{ cycleStart: 'flow', kinds: { order: 'contact' } }, /starts a cycle with flow, which is no contact/],
    [[], /not a wiring object/],
    [{ relays: 1 }, /unknown key relays/],
  ];
  for (const [wiring, message] of cases) {
    const path = file('wrong.json', JSON.stringify(wiring));
    const error = t.throws(() => replayConfiguration(recording, recording, readWiring(path), 1), {
      instanceOf: InputError,
      message,
    });
    t.false(error.message.includes('\n'));
  }
});

test('a signal of two values is a contact, a constant 0 or 1 beside one is too, and what is stated wins', (t) => {
  const lines = ['t_s,pump,flow,spare,heater,level,setpoint'];
  for (let i = 0; i < 20; i++) lines.push(`${i},${i % 7 < 3 ? 1 : 0},${i % 7 < 3 ? 4000 : 0},0,1,${i * i},5`);
  const learn = [readRecording(file('kinds.csv', lines.join('\n')))];
  const names = (wiring: object) => {
    const { analog, digital } = replayConfiguration(learn, learn, wiring, 1);
    return [analog.map(({ name }) => name).join(' '), digital.map(({ name }) => name).join(' ')];
  };
  t.deepEqual(names({}), ['level setpoint', 'pump flow spare heater']);
  t.deepEqual(names({ kinds: { flow: 'direct', setpoint: 'contact' } }), ['flow level', 'pump spare heater setpoint']);
  t.deepEqual(
    names({ signals: ['spare', 'heater', 'level'] }),
    ['spare heater level', ''],
    'constants alone are no contacts',
  );
});

test('a contact is closed above the middle of the two values that it had while learning', (t) => {
  const rows = (flows: readonly number[]) => flows.map((flow, i) => `${i},${flow},${i}`);
  const learn = [
    readRecording(file('a.csv', ['t_s,flow,level', ...rows([0, 4000, 0, 4000, 0, 0, 4000, 0])].join('\n'))),
  ];
  const watch = [readRecording(file('b.csv', ['t_s,flow,level', ...rows([1, 1999, 2001, 2800])].join('\n')))];
  const configuration = replayConfiguration(learn, watch, {}, 1);
  const block = new Block(configuration.analog.length, configuration.digital.length);
  const levels: number[] = [];
  for (const _ of replayBlocks({ configuration, learn, watch }, block)) levels.push(block.digital[DIGITAL_LEVEL]);
  t.deepEqual(levels, [0, 1, 0, 1, 0, 0, 1, 0, 0, 0, 1, 1]);
});
