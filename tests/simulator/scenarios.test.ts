import test from 'ava';
import {
  ANALOG_FIELDS,
  ANALOG_MAX,
  ANALOG_MIN,
  ANALOG_SUM,
  Block,
  DIGITAL_EDGES,
  DIGITAL_FIELDS,
  DIGITAL_LAST_EDGE,
  DIGITAL_LEVEL,
} from '../../modules/capture/block.js';
import * as line from '../../simulator/plants/tank-lines.js';
import { SCENARIOS } from '../../simulator/scenarios/index.js';
import { COPY_MS, REPLAY_MS } from '../../simulator/scenarios/sensor-falsified.js';
import { Simulation } from '../../simulator/simulation.js';
import { newBlock, run, textOf } from './run.js';

const SEEDS = [1, 2, 3];
const AT_S = 60;

function reported(simulation: Simulation, name: string): number | undefined {
  return simulation.scada().find((report) => report.name === name)?.value;
}

test('an unknown scenario is refused in one line that names the known ones', (t) => {
  const error = t.throws(() => new Simulation('no-such', 1));
  t.is(error?.message, `unknown scenario 'no-such'; known: ${SCENARIOS.map((known) => known.name).join(', ')}`);
  t.false(error?.message.includes('\n'));
});

test('each entry of the catalogue is named once', (t) => {
  const names = SCENARIOS.map(({ name }) => name);
  t.is(new Set(names).size, names.length);
});

/** The wires go on as before for longer than this, or for good. */
const LATE = new Set([
  'slow-drift',
  'slow-drift-14-days',
  'training-poisoned',
  'season-shift',
  'recipe-change',
  'clock-step',
  'bus-jabber',
]);
/** Seconds until the event has begun, where that takes its time. */
const BEGINS_S: Readonly<Record<string, number>> = {
  'setpoint-shift': 920,
  'dosing-to-clamp': 330,
  'valve-ageing': 100,
};

for (const { name, atS, plant, watchS, shows, isInLearning } of SCENARIOS) {
  const claim = atS === null ? 'has no onset' : 'leaves the wires as they are until its onset';
  const seconds = BEGINS_S[name] ?? 100;
  test(`${name} ${claim}, and is the same each time`, (t) => {
    for (const seed of SEEDS.slice(0, 1)) {
      const [simulation, again] = [1, 2].map(() => new Simulation(name, seed, AT_S));
      const twin = new Simulation('normal', seed, undefined, plant ?? undefined);
      const [twinBlock, againBlock] = [newBlock(), newBlock()];
      let firstDifferenceUs: number | null = null;
      run(simulation, AT_S + seconds, (block) => {
        again.nextBlock(againBlock);
        if (!isSame(block, againBlock)) t.fail(`seed ${seed}: not the same at ${block.timeUs}`);
        if (firstDifferenceUs !== null) return;
        twin.nextBlock(twinBlock);
        if (!isSame(block, twinBlock)) firstDifferenceUs = block.timeUs;
      });
      const { onsetUs } = simulation.truth;
      if (atS === null) {
        t.is(onsetUs, null);
        t.is(firstDifferenceUs, null);
        continue;
      }
      t.true(onsetUs !== null && onsetUs >= AT_S * 1e6, `seed ${seed}: onset ${onsetUs}`);
      t.true(firstDifferenceUs === null || firstDifferenceUs > onsetUs!, `seed ${seed}: ${firstDifferenceUs}`);
      if (LATE.has(name)) continue;
      t.true(firstDifferenceUs !== null, `seed ${seed}: nothing to see`);
      const lateUs = firstDifferenceUs! - onsetUs!;
      t.true(lateUs < (name === 'valve-ageing' ? 60e6 : 100_000), `seed ${seed}: ${lateUs} us late`);
    }
  });

  test(`${name}: what it says of itself`, (t) => {
    const { configuration, scenario } = new Simulation(name, 1);
    const names = [...configuration.analog, ...configuration.digital].map((channel) => channel.name);
    for (const shown of shows) t.true(names.includes(shown), `${shown} is no channel`);
    t.true(watchS > 0);
    if (isInLearning) t.is(atS, 0);
    else if (atS !== null) t.true(atS * 1e6 > configuration.learnBlocks * configuration.blockUs);
    if (scenario.expected === 'attack') t.not(plant, null);
  });
}

/** As `textOf` compares, and faster. */
function isSame(a: Block, b: Block): boolean {
  return (
    a.timeUs === b.timeUs &&
    a.analog.every((v, i) => v === b.analog[i]) &&
    a.digital.every((v, i) => v === b.digital[i])
  );
}

/** How far a value may be told beyond what normal operation told, in parts of span: the noise of transmitters. */
const TOLD_MARGIN = 0.01;
/** Normal operation that says what is usual, and how long the attack is looked at. */
const USUAL_S = 900;
const LIE_S = 120;

for (const { name, expected, plant } of SCENARIOS) {
  if (expected !== 'attack') continue;
  test(`${name}: SCADA is told nothing that normal operation does not tell`, (t) => {
    const usual = new Simulation('normal', 1, undefined, plant ?? undefined);
    const told = new Map<string, { low: number; high: number }>();
    run(usual, USUAL_S, (block) => {
      if (block.sequence % 20 !== 0) return;
      for (const report of usual.scada()) {
        const range = told.get(report.name) ?? { low: report.value, high: report.value };
        told.set(report.name, { low: Math.min(range.low, report.value), high: Math.max(range.high, report.value) });
      }
    });
    const spans = new Map(usual.configuration.analog.map((channel) => [channel.name, channel.high - channel.low]));
    const simulation = new Simulation(name, 1, AT_S);
    let looked = 0;
    run(simulation, AT_S + (BEGINS_S[name] ?? 100) + LIE_S, (block) => {
      if (simulation.truth.onsetUs === null || block.sequence % 20 !== 0) return;
      looked++;
      for (const report of simulation.scada()) {
        const { low, high } = told.get(report.name)!;
        const margin = TOLD_MARGIN * (spans.get(report.name) ?? 0);
        if (report.value < low - margin || report.value > high + margin)
          t.fail(`at ${block.timeUs}: ${report.name} is told as ${report.value}, usual is ${low} to ${high}`);
      }
    });
    t.true(looked > 100);
  });
}

test('a fork goes on as the simulation that it comes from would', (t) => {
  for (const plant of ['tank', 'heating', 'press']) {
    const simulation = new Simulation('normal', 3, undefined, plant);
    const { analog, digital } = simulation.configuration;
    const [block, other] = [1, 2].map(() => new Block(analog.length, digital.length));
    for (let i = 0; i < 3000; i++) simulation.nextBlock(block);
    const forks = [simulation.fork('normal', 0), simulation.fork('normal', 0)];
    // the first fork must leave the second as it was
    for (let i = 0; i < 3000; i++) forks[0].nextBlock(other);
    for (let i = 0; i < 3000; i++) {
      simulation.nextBlock(block);
      forks[1].nextBlock(other);
      if (!isSame(block, other)) t.fail(`${plant}: block ${i} differs`);
    }
    t.is(forks[1].world.sample, simulation.world.sample);
  }
});

test('order-not-executed: at the onset the pump is ordered, and neither auxiliary nor flow nor current follow', (t) => {
  for (const seed of SEEDS) {
    const simulation = new Simulation('order-not-executed', seed, AT_S);
    let orderEdgeUs = 0;
    let orderedBlocks = 0;
    run(simulation, AT_S + 150, (block) => {
      const { onsetUs } = simulation.truth;
      const order = line.PUMP_ORDER * DIGITAL_FIELDS;
      if (onsetUs === null) return;
      if (orderEdgeUs === 0) {
        t.is(block.digital[order + DIGITAL_EDGES], 1);
        const offset = block.digital[order + DIGITAL_LAST_EDGE];
        orderEdgeUs = block.sequence * 10000 + offset * 1000;
      }
      if (block.digital[order + DIGITAL_LEVEL] === 1) orderedBlocks++;
      if (block.digital[line.PUMP_AUXILIARY * DIGITAL_FIELDS + DIGITAL_LEVEL] === 1) t.fail('the auxiliary closed');
      if (meanOf(simulation, block, line.MOTOR_CURRENT) > 0.2) t.fail('the motor took current');
      if (block.timeUs > onsetUs + 3e6 && meanOf(simulation, block, line.INLET_FLOW) > 0.1) t.fail('water flowed');
    });
    t.is(simulation.truth.onsetUs, orderEdgeUs);
    t.true(orderedBlocks > 1000, 'the order stands');
    t.is(reported(simulation, 'pump-auxiliary'), 1, 'SCADA is told that the pump runs');
    t.is(reported(simulation, 'inlet-flow'), 8);
    t.is(simulation.world.tank.overflowL, 0);
  }
});

test('wire-break: from the onset on the inlet flow carries less than 3.6 mA, the other loops are as they were', (t) => {
  for (const seed of SEEDS) {
    const simulation = new Simulation('wire-break', seed, AT_S);
    const perMa = simulation.configuration.analog[line.INLET_FLOW].countsLow / 4;
    const twin = new Simulation('normal', seed);
    const twinBlock = newBlock();
    let highestMa = 0;
    run(simulation, AT_S + 30, (block) => {
      twin.nextBlock(twinBlock);
      const at = line.INLET_FLOW * ANALOG_FIELDS;
      if (simulation.truth.onsetUs === null) return;
      highestMa = Math.max(highestMa, block.analog[at + ANALOG_MAX] / perMa);
      for (let i = 0; i < ANALOG_FIELDS; i++) twinBlock.analog[at + i] = block.analog[at + i];
      if (textOf(block) !== textOf(twinBlock)) t.fail('another channel changed');
    });
    t.is(simulation.truth.onsetUs, AT_S * 1e6);
    t.true(highestMa < 3.6);
    t.is(reported(simulation, 'inlet-flow'), 0);
  }
});

/** Mean engineering value of a block. */
function meanOf(simulation: Simulation, block: Block, channel: number): number {
  const { countsLow, countsHigh, low, high } = simulation.configuration.analog[channel];
  const mean = block.analog[channel * ANALOG_FIELDS + ANALOG_SUM] / 10;
  return low + ((mean - countsLow) / (countsHigh - countsLow)) * (high - low);
}

test('sensor-falsified: the copy has the right mean and less than a third of the noise', (t) => {
  for (const seed of SEEDS) {
    // Second differences of the 20 ms means (a mains period each) are deaf to ramps and to pick-up.
    const noise = { before: 0, copy: 0 };
    let [older, newer, even, error] = [0, 0, 0, 0];
    const simulation = new Simulation('sensor-falsified', seed, AT_S);
    run(simulation, AT_S + COPY_MS / 1000, (block) => {
      const value = meanOf(simulation, block, line.LEVEL);
      if (block.sequence % 2 === 0) {
        even = value;
        return;
      }
      const level = (even + value) / 2;
      const isCopy = simulation.truth.onsetUs !== null && block.timeUs > simulation.truth.onsetUs + 1e5;
      if (block.sequence > 10) noise[isCopy ? 'copy' : 'before'] += (level - 2 * newer + older) ** 2;
      if (isCopy) error = Math.max(error, Math.abs(level - simulation.world.tank.levelM));
      older = newer;
      newer = level;
    });
    t.is(simulation.truth.onsetUs, AT_S * 1e6);
    t.true(error < 0.002, `seed ${seed}: off by ${error} m`);
    t.true(Math.sqrt(noise.copy / noise.before) < 1 / 3, `seed ${seed}: ${Math.sqrt(noise.copy / noise.before)}`);
  }
});

test('sensor-falsified: after the copy the same 21 s of the real transmitter come again and again', (t) => {
  const simulation = new Simulation('sensor-falsified', 1, AT_S);
  run(simulation, AT_S + COPY_MS / 1000);
  const levels: number[] = [];
  const smallest: number[] = [];
  run(simulation, (2 * REPLAY_MS) / 1000, (block) => {
    levels.push(simulation.world.wires.loops[line.LEVEL].currentMa);
    smallest.push(block.analog[line.LEVEL * ANALOG_FIELDS + ANALOG_MIN]);
  });
  const half = levels.length / 2;
  t.deepEqual(levels.slice(half), levels.slice(0, half));
  // The pick-up is not replayed: it is added on the cable.
  t.notDeepEqual(smallest.slice(half), smallest.slice(0, half));
});
