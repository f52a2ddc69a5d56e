import test from 'ava';
import {
  ANALOG_COUNT,
  ANALOG_FIELDS,
  ANALOG_MAX,
  ANALOG_MIN,
  ANALOG_SUM,
  DIGITAL_EDGES,
  DIGITAL_FIELDS,
  DIGITAL_FIRST_EDGE,
  DIGITAL_LAST_EDGE,
  DIGITAL_LEVEL,
} from '../../modules/capture/block.js';
import * as line from '../../simulator/plants/tank-lines.js';
import { Simulation } from '../../simulator/simulation.js';
import { newBlock, run, textOf } from './run.js';

function blocksOf(seed: number, seconds: number): string[] {
  const blocks: string[] = [];
  run(new Simulation('normal', seed), seconds, (block) => blocks.push(textOf(block)));
  return blocks;
}

test('the same seed gives the same blocks, another seed gives others', (t) => {
  const blocks = blocksOf(11, 60);
  t.deepEqual(blocksOf(11, 60), blocks);
  t.notDeepEqual(blocksOf(12, 60), blocks);
});

test('blocks follow one another every 10 ms with 10 samples of every channel', (t) => {
  let next = 0;
  run(new Simulation('normal', 1), 20, (block) => {
    if (block.sequence !== next || block.timeUs !== (next + 1) * 10000 || block.isFresh !== (next === 0 ? 1 : 0)) {
      t.fail(`block ${next}: ${textOf(block)}`);
    }
    for (let at = 0; at < block.analog.length; at += ANALOG_FIELDS) {
      if (block.analog[at + ANALOG_COUNT] !== 10) t.fail(`block ${next} misses samples`);
    }
    next++;
  });
  t.is(next, 2000);
});

test('over an hour the tank neither overflows nor runs dry, and no water is lost or made', (t) => {
  const simulation = new Simulation('normal', 21);
  const { tank } = simulation.world;
  const startL = tank.waterL;
  let [lowest, highest, pumpStarts] = [9, 0, 0];
  run(simulation, 3600, (block) => {
    lowest = Math.min(lowest, tank.levelM);
    highest = Math.max(highest, tank.levelM);
    const pump = line.PUMP_ORDER * DIGITAL_FIELDS;
    if (block.digital[pump + DIGITAL_EDGES] === 1 && block.digital[pump + DIGITAL_LEVEL] === 1) pumpStarts++;
  });
  t.true(lowest > 0.8 && highest < 1.2, `level from ${lowest} to ${highest} m`);
  t.is(tank.overflowL, 0);
  t.true(tank.filledL > 10000);
  t.true(Math.abs(startL + tank.filledL - tank.drainedL - tank.waterL) < 1e-6 * tank.filledL);
  t.true(pumpStarts >= 60 && pumpStarts <= 120, `${pumpStarts} pump cycles in an hour`);
});

test('the outputs of the PLC move only on its 10 ms scan grid, at a phase that depends on the seed', (t) => {
  const phases = new Set<number>();
  for (let seed = 1; seed <= 8; seed++) {
    const ofThisRun = new Set<number>();
    run(new Simulation('normal', seed), 120, (block) => {
      for (const output of [line.PUMP_ORDER, line.VALVE_ORDER, line.PLC_RUNNING]) {
        const at = output * DIGITAL_FIELDS;
        if (block.digital[at + DIGITAL_EDGES] === 0) continue;
        ofThisRun.add(block.digital[at + DIGITAL_FIRST_EDGE]);
        ofThisRun.add(block.digital[at + DIGITAL_LAST_EDGE]);
      }
    });
    t.is(ofThisRun.size, 1, `seed ${seed}`);
    for (const phase of ofThisRun) phases.add(phase);
  }
  t.true(phases.size > 2);
});

/** Times from each edge of an order to the first edge of its answer, in milliseconds. */
function answersMs(seed: number, seconds: number, order: number, orderLevel: number, execution: number): number[] {
  const answers: number[] = [];
  let orderedMs = -1;
  run(new Simulation('normal', seed), seconds, (block) => {
    const o = order * DIGITAL_FIELDS;
    const e = execution * DIGITAL_FIELDS;
    const startMs = block.sequence * 10;
    if (orderedMs >= 0 && block.digital[e + DIGITAL_EDGES] > 0) {
      answers.push(startMs + block.digital[e + DIGITAL_FIRST_EDGE] - orderedMs);
      orderedMs = -1;
    }
    if (block.digital[o + DIGITAL_EDGES] > 0) {
      orderedMs =
        block.digital[o + DIGITAL_LEVEL] === orderLevel ? startMs + block.digital[o + DIGITAL_FIRST_EDGE] : -1;
    }
  });
  return answers;
}

test('the contactor answers an order within 30 to 60 ms, never twice quite alike', (t) => {
  const answers = answersMs(4, 900, line.PUMP_ORDER, 1, line.PUMP_AUXILIARY);
  t.true(answers.length > 15);
  for (const ms of answers) t.true(ms >= 30 && ms <= 61, `${ms} ms`);
  t.true(new Set(answers).size > 5);
});

test('the valve takes about 2 s from limit to limit, and leaves a limit soon after the order', (t) => {
  const opened = answersMs(4, 900, line.VALVE_ORDER, 1, line.VALVE_OPENED);
  const left = answersMs(4, 900, line.VALVE_ORDER, 1, line.VALVE_CLOSED);
  const closed = answersMs(4, 900, line.VALVE_ORDER, 0, line.VALVE_CLOSED);
  t.true(opened.length > 15 && left.length > 15 && closed.length > 15);
  for (const ms of [...opened, ...closed]) t.true(ms > 1850 && ms < 2250, `${ms} ms`);
  for (const ms of left) t.true(ms > 50 && ms < 150, `${ms} ms`);
});

test('the limit switches of the valve are never both closed, and agree with its position', (t) => {
  const simulation = new Simulation('normal', 5);
  const { valve } = simulation.world.tank;
  run(simulation, 300, () => {
    const { levels } = simulation.world.wires;
    if (levels[line.VALVE_OPENED] === 1 && levels[line.VALVE_CLOSED] === 1) t.fail('both limits');
    if (valve.position === 1 && levels[line.VALVE_CLOSED] === 1) t.fail('closed limit while open');
    if (valve.position > 0.1 && valve.position < 0.9 && levels[line.VALVE_OPENED] + levels[line.VALVE_CLOSED] > 0) {
      t.fail('a limit between the ends');
    }
  });
  t.pass();
});

test('the flow through the open valve grows with the root of the head above it', (t) => {
  // Equal consumer, two levels: the ratio of the flows is that of the roots of the heads.
  const flowAt = (levelM: number) => {
    const simulation = new Simulation('normal', 5);
    const { tank } = simulation.world;
    const outputs = [0, 0, 1, 0, 0, 0, 0, 0];
    let flow = 0;
    for (let ms = 0; ms < 5000; ms++) {
      tank.levelM = levelM;
      tank.step(outputs);
      if (ms >= 4000) flow += tank.values[line.OUTLET_FLOW] / 1000;
    }
    return flow;
  };
  t.true(Math.abs(flowAt(1.8) / flowAt(0.6) - Math.sqrt(3.3 / 2.1)) < 0.005);
});

test('every quantity stays inside the range of its loop, and every channel but the dry-run switch moves', (t) => {
  const { configuration } = new Simulation('normal', 6);
  const lows = configuration.analog.map(() => Number.POSITIVE_INFINITY);
  const highs = configuration.analog.map(() => Number.NEGATIVE_INFINITY);
  const edges = configuration.digital.map(() => 0);
  run(new Simulation('normal', 6), 300, (block) => {
    for (let i = 0; i < lows.length; i++) {
      lows[i] = Math.min(lows[i], block.analog[i * ANALOG_FIELDS + ANALOG_MIN]);
      highs[i] = Math.max(highs[i], block.analog[i * ANALOG_FIELDS + ANALOG_MAX]);
    }
    for (let i = 0; i < edges.length; i++) edges[i] += block.digital[i * DIGITAL_FIELDS + DIGITAL_EDGES];
  });
  configuration.analog.forEach((channel, i) => {
    const perMa = (channel.countsHigh - channel.countsLow) / 16;
    t.true(lows[i] / perMa > 3.8, `${channel.name}: ${lows[i] / perMa} mA`);
    t.true(highs[i] / perMa < 20.5, `${channel.name}: ${highs[i] / perMa} mA`);
    t.true(highs[i] - lows[i] > 5, channel.name);
  });
  configuration.digital.forEach((channel, i) => {
    t.is(edges[i] === 0, channel.name === 'low-level', channel.name);
  });
});

test('the configuration names every channel once and one count is its resolution', (t) => {
  const { analog, digital, pairs } = new Simulation('normal', 1).configuration;
  const names = [...analog, ...digital].map((channel) => channel.name);
  t.is(new Set(names).size, 16);
  for (const channel of analog) {
    t.true(Number.isInteger(channel.countsLow) && Number.isInteger(channel.countsHigh));
    const counts = (channel.high - channel.low) / channel.resolution;
    t.true(Math.abs(counts - (channel.countsHigh - channel.countsLow)) < 1e-6);
  }
  const named = pairs.map((pair) => [names[pair.order], names[pair.execution], pair.isInverted]);
  t.deepEqual(named, [
    ['pump-order', 'pump-auxiliary', false],
    ['valve-order', 'valve-opened', false],
    ['valve-order', 'valve-closed', true],
    ['pump-order', 'inlet-flow', false],
    ['valve-order', 'valve-position', false],
  ]);
});

test('without an attack SCADA is told what is on the wires', (t) => {
  const simulation = new Simulation('normal', 2);
  const block = newBlock();
  for (let i = 0; i < 3000; i++) simulation.nextBlock(block);
  const { analog, digital } = simulation.configuration;
  const reports = simulation.scada();
  t.deepEqual(
    reports.map((report) => report.name),
    [...analog, ...digital].map((channel) => channel.name),
  );
  analog.forEach((channel, i) => {
    const mean = block.analog[i * ANALOG_FIELDS + ANALOG_SUM] / 10;
    const share = (mean - channel.countsLow) / (channel.countsHigh - channel.countsLow);
    const value = channel.low + share * (channel.high - channel.low);
    t.true(Math.abs(reports[i].value - value) < 0.02 * (channel.high - channel.low), channel.name);
  });
  digital.forEach((channel, i) => {
    t.is(reports[analog.length + i].value, block.digital[i * DIGITAL_FIELDS + DIGITAL_LEVEL], channel.name);
  });
});
