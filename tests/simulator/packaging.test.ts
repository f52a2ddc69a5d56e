import test from 'ava';
import { DIGITAL_EDGES, DIGITAL_FIELDS, DIGITAL_FIRST_EDGE, DIGITAL_LEVEL } from '../../modules/capture/block.js';
import { Packaging } from '../../simulator/plants/packaging.js';
import * as line from '../../simulator/plants/packaging-lines.js';
import { Simulation } from '../../simulator/simulation.js';
import { run } from './run.js';

function machineOf(simulation: Simulation): Packaging {
  if (simulation.world.plant instanceof Packaging) return simulation.world.plant;
  throw new Error('not the packaging machine');
}

test('a box is closed about every four seconds, from a receiver that keeps its air, with glue at its temperature', (t) => {
  const simulation = new Simulation('normal', 3, undefined, 'packaging');
  const machine = machineOf(simulation);
  let [lowest, highest, coldest, hottest] = [9, 0, 999, 0];
  run(simulation, 1800, () => {
    lowest = Math.min(lowest, machine.airBar);
    highest = Math.max(highest, machine.airBar);
    coldest = Math.min(coldest, machine.values[line.GLUE_TEMPERATURE]);
    hottest = Math.max(hottest, machine.values[line.GLUE_TEMPERATURE]);
  });
  t.true(machine.closed > 350 && machine.closed < 550, `${machine.closed} boxes in half an hour`);
  t.true(lowest > 5.8 && highest < 7.1, `air from ${lowest} to ${highest} bar`);
  t.true(coldest > 163 && hottest < 167, `glue from ${coldest} to ${hottest} Cel`);
});

test('nothing moves against anything: belt, pusher and press take turns', (t) => {
  const simulation = new Simulation('normal', 2, undefined, 'packaging');
  const { pusher, seal } = machineOf(simulation);
  run(simulation, 600, (block) => {
    const level = (channel: number) => block.digital[channel * DIGITAL_FIELDS + DIGITAL_LEVEL];
    if (!pusher.isBack && level(line.CONVEYOR_RUNNING) === 1 && pusher.travel > 0.1)
      t.fail('the belt runs on the pusher');
    if (pusher.travel > 0.05 && seal.travel > 0.05) t.fail('pusher and press meet');
    if (pusher.isBack && pusher.isOut) t.fail('both ends');
  });
  t.pass();
});

test('the end switches answer the order within half a second, never twice quite alike', (t) => {
  const answers: number[] = [];
  let orderedMs = -1;
  run(new Simulation('normal', 4, undefined, 'packaging'), 300, (block) => {
    const order = line.PUSHER_ORDER * DIGITAL_FIELDS;
    const out = line.PUSHER_OUT * DIGITAL_FIELDS;
    const startMs = block.sequence * 10;
    if (orderedMs >= 0 && block.digital[out + DIGITAL_EDGES] > 0) {
      answers.push(startMs + block.digital[out + DIGITAL_FIRST_EDGE] - orderedMs);
      orderedMs = -1;
    }
    if (block.digital[order + DIGITAL_EDGES] > 0 && block.digital[order + DIGITAL_LEVEL] === 1)
      orderedMs = startMs + block.digital[order + DIGITAL_FIRST_EDGE];
  });
  t.true(answers.length > 50);
  for (const ms of answers) t.true(ms > 200 && ms < 500, `${ms} ms`);
  t.true(new Set(answers).size > 8);
});

test('unordered-move: the pusher goes out and comes back with no order on the wire', (t) => {
  const simulation = new Simulation('unordered-move', 1, 60);
  const machine = machineOf(simulation);
  const seen = { out: 0, ordered: 0 };
  run(simulation, 80, ({ timeUs }) => {
    const { onsetUs } = simulation.truth;
    if (onsetUs === null || timeUs > onsetUs + 650_000) return;
    if (machine.pusher.isOut) seen.out++;
    seen.ordered += simulation.world.plc.outputs[line.PUSHER_ORDER];
  });
  t.true(seen.out > 5, JSON.stringify(seen));
  t.is(seen.ordered, 0);
  t.true(machine.closed > 12, 'and goes on working');
});

test('scan-time-change: from the onset on outputs move on a 13 ms grid, and on it alone', (t) => {
  for (const seed of [1, 2, 3]) {
    const simulation = new Simulation('scan-time-change', seed, 60);
    const before = new Set<number>();
    const after = new Set<number>();
    run(simulation, 120, (block) => {
      for (const output of [line.CONVEYOR_ORDER, line.PUSHER_ORDER, line.SEAL_ORDER]) {
        const at = output * DIGITAL_FIELDS;
        if (block.digital[at + DIGITAL_EDGES] === 0) continue;
        const ms = block.sequence * 10 + block.digital[at + DIGITAL_FIRST_EDGE];
        if (simulation.truth.onsetUs === null) before.add(ms % 10);
        else after.add(ms % 13);
      }
    });
    t.is(before.size, 1);
    t.is(after.size, 1);
  }
});

test('a program loaded leaves the outputs as they are until it has scanned', (t) => {
  const simulation = new Simulation('normal', 1, undefined, 'packaging');
  const { plc } = simulation.world;
  while (plc.outputs[line.CONVEYOR_ORDER] === 0) run(simulation, 0.01);
  plc.load({ scan: (_inputs, outputs) => void outputs.fill(1) }, 20);
  const levels: number[] = [];
  const sink = { addAnalog() {}, addDigital() {}, endSample: () => levels.push(plc.outputs[line.SEAL_ORDER]) };
  for (let ms = 0; ms < 8; ms++) simulation.nextSample(sink);
  t.deepEqual(levels, [0, 0, 0, 0, 1, 1, 1, 1]);
});
