import test from 'ava';
import {
  ANALOG_FIELDS,
  ANALOG_MAX,
  ANALOG_MIN,
  ANALOG_SUM,
  type Block,
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

test('the catalogue holds the first four scenarios, each named once', (t) => {
  const names = SCENARIOS.map((scenario) => scenario.name);
  t.deepEqual(names, ['normal', 'order-not-executed', 'sensor-falsified', 'wire-break']);
});

for (const { name, atS } of SCENARIOS) {
  const claim =
    atS === null ? 'has no onset' : 'differs from normal on the wires within 100 ms of its onset, and not before';
  test(`${name} ${claim}`, (t) => {
    for (const seed of SEEDS) {
      const simulation = new Simulation(name, seed, AT_S);
      const twin = new Simulation('normal', seed);
      const twinBlock = newBlock();
      let firstDifferenceUs: number | null = null;
      run(simulation, AT_S + 100, (block) => {
        twin.nextBlock(twinBlock);
        if (firstDifferenceUs === null && textOf(block) !== textOf(twinBlock)) firstDifferenceUs = block.timeUs;
      });
      const { onsetUs } = simulation.truth;
      if (atS === null) {
        t.is(onsetUs, null);
        t.is(firstDifferenceUs, null);
      } else {
        t.true(onsetUs !== null && onsetUs >= AT_S * 1e6, `seed ${seed}: onset ${onsetUs}`);
        t.true(firstDifferenceUs !== null && firstDifferenceUs > onsetUs!, `seed ${seed}: ${firstDifferenceUs}`);
        t.true(firstDifferenceUs! - onsetUs! < 100000, `seed ${seed}: ${firstDifferenceUs! - onsetUs!} us late`);
      }
    }
  });

  if (atS === null) continue;
  test(`${name}: by default the event begins well after the learning phase`, (t) => {
    const simulation = new Simulation(name, 1);
    const { learnBlocks, blockUs } = simulation.configuration;
    run(simulation, 500);
    t.true(simulation.truth.onsetUs! >= 400e6);
    t.true(simulation.truth.onsetUs! > learnBlocks * blockUs);
  });
}

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
