import test from 'ava';
import { Accumulator } from '../../modules/capture/accumulate.js';
import { DIGITAL_EDGES, DIGITAL_FIELDS, DIGITAL_LEVEL } from '../../modules/capture/block.js';
import { checkConfiguration } from '../../modules/config/check.js';
import { Heating } from '../../simulator/plants/heating.js';
import * as heating from '../../simulator/plants/heating-lines.js';
import { PLANTS } from '../../simulator/plants/index.js';
import type { Press } from '../../simulator/plants/press.js';
import * as press from '../../simulator/plants/press-lines.js';
import { Simulation } from '../../simulator/simulation.js';
import { newBlock, run, textOf } from './run.js';

const NAMES = PLANTS.map(({ name }) => name);

/** Readings that the PLC reports, by name. */
function reported(simulation: Simulation): Record<string, number> {
  return Object.fromEntries(simulation.scada().map(({ name, value }) => [name, value]));
}

test('an unknown plant is refused in one line that names the known ones, as is a scenario of another plant', (t) => {
  t.is(
    t.throws(() => new Simulation('normal', 1, undefined, 'no-such'))?.message,
    `unknown plant 'no-such'; known: ${NAMES.join(', ')}`,
  );
  t.is(
    t.throws(() => new Simulation('wire-break', 1, undefined, 'press'))?.message,
    "scenario 'wire-break' is played at the plant 'tank'",
  );
});

for (const name of NAMES) {
  test(`${name}: blocks made several milliseconds at a time are those made sample by sample, to the bit`, (t) => {
    for (const seed of [1, 2]) {
      const ahead = new Simulation('normal', seed, undefined, name);
      const slow = new Simulation('normal', seed, undefined, name);
      const accumulator = new Accumulator(8, 8, 10);
      const block = newBlock();
      let number = 0;
      run(ahead, 40, (given) => {
        while (!accumulator.isFull()) slow.nextSample(accumulator);
        accumulator.take(block, ++number * 10000);
        if (textOf(given) !== textOf(block)) t.fail(`seed ${seed}, block ${number}`);
      });
      t.is(number, 4000);
    }
  });

  test(`${name}: the same seed gives the same blocks, another seed gives others`, (t) => {
    const blocksOf = (seed: number) => {
      const blocks: string[] = [];
      run(new Simulation('normal', seed, undefined, name), 10, (block) => blocks.push(textOf(block)));
      return blocks;
    };
    t.deepEqual(blocksOf(5), blocksOf(5));
    t.notDeepEqual(blocksOf(5), blocksOf(6));
  });

  test(`${name}: 8 loops and 8 lines with names of their own, a configuration that the firmware takes`, (t) => {
    const { configuration, world } = new Simulation('normal', 1, undefined, name);
    t.is(checkConfiguration(configuration), null);
    t.is(new Set([...configuration.analog, ...configuration.digital].map((channel) => channel.name)).size, 16);
    t.is(world.plant.values.length, 8);
    t.is(world.plant.contacts.length, 8);
  });

  test(`${name}: over half an hour every loop carries a current that its transmitter can mean`, (t) => {
    const simulation = new Simulation('normal', 6, undefined, name);
    const { analog } = simulation.configuration;
    const lowest = analog.map(() => Number.POSITIVE_INFINITY);
    const highest = analog.map(() => Number.NEGATIVE_INFINITY);
    run(simulation, 1800, () => {
      simulation.world.wires.loops.forEach(({ currentMa }, i) => {
        lowest[i] = Math.min(lowest[i], currentMa);
        highest[i] = Math.max(highest[i], currentMa);
      });
    });
    analog.forEach(({ name: channel }, i) => {
      t.true(lowest[i] > 3.8 && highest[i] < 20.5, `${channel}: ${lowest[i]} to ${highest[i]} mA`);
      t.true(highest[i] - lowest[i] > 0.02, `${channel} does not move`);
    });
  });
}

test('heating: the flow follows the weather, and the network gives the heat that the circuit takes', (t) => {
  const simulation = new Simulation('normal', 3, undefined, 'heating');
  let [given, taken, looks, off] = [0, 0, 0, 0];
  run(simulation, 3600, (block) => {
    if (block.sequence < 60000 || block.sequence % 100 !== 0) return;
    const now = reported(simulation);
    const plant = simulation.world.plant as Heating;
    given += plant.networkLps * (now['network-supply'] - now['network-return']);
    taken += now['circuit-flow'] * (now['flow-temperature'] - now['return-temperature']);
    looks++;
    if (Math.abs(now['valve-position'] - now['valve-command']) > 3) off++;
  });
  t.true(looks > 2000);
  t.true(Math.abs(given / taken - 1) < 0.05, `${given / taken}`);
  t.true(off < 0.05 * looks, `the valve was away from its command in ${off} of ${looks} seconds`);
});

test('heating: the thermostat calls, the charge pump runs, the flow gets hot, and the call ends', (t) => {
  const simulation = new Simulation('normal', 3, undefined, 'heating');
  const seen = { calls: 0, ends: 0, hottest: 0 };
  let before = 0;
  run(simulation, 3600, (block) => {
    const calls = block.digital[heating.TANK_THERMOSTAT * DIGITAL_FIELDS + DIGITAL_LEVEL];
    if (calls > before) seen.calls++;
    if (calls < before) {
      seen.ends++;
      seen.hottest = Math.max(seen.hottest, reported(simulation)['flow-temperature']);
    }
    before = calls;
  });
  t.true(seen.calls > 0 && seen.ends > 0, JSON.stringify(seen));
  t.true(seen.hottest > 60 && seen.hottest < 75, JSON.stringify(seen));
});

test('heating: it is coldest in the small hours and warmest in the afternoon, whatever the weather', (t) => {
  let [night, day] = [0, 0];
  for (let seed = 1; seed <= 20; seed++) {
    night += new Heating(seed, 4).outsideC / 20;
    day += new Heating(seed, 16).outsideC / 20;
  }
  t.true(Math.abs(day - night - 8) < 1e-9, `${night} and ${day}`);
});

test('press: the ram moves only on a clamped part, and the belt stands while it is down', (t) => {
  const simulation = new Simulation('normal', 2, undefined, 'press');
  const plant = simulation.world.plant as Press;
  run(simulation, 900, (block) => {
    const level = (line: number) => block.digital[line * DIGITAL_FIELDS + DIGITAL_LEVEL];
    if (plant.ramMm > 10 && level(press.CLAMPED) === 0) t.fail('the ram moves on a loose part');
    if (level(press.RAM_DOWN) === 1 && level(press.CONVEYOR_RUNNING) === 1) t.fail('the belt runs under the ram');
    if (level(press.RAM_DOWN) === 1 && level(press.RAM_UP) === 1) t.fail('both ends');
  });
  t.true(plant.pressed > 80 && plant.pressed < 130, `${plant.pressed} parts in 15 min`);
});

test('press: every two hours the parts stay away for some ten minutes', (t) => {
  const simulation = new Simulation('normal', 1, undefined, 'press');
  let [edgeAt, longest] = [0, 0];
  run(simulation, 7300, (given) => {
    if (given.digital[press.PART_PRESENT * DIGITAL_FIELDS + DIGITAL_EDGES] === 0) return;
    longest = Math.max(longest, given.sequence - edgeAt);
    edgeAt = given.sequence;
  });
  t.true(longest > 53000 && longest < 70000, `${longest / 100} s`);
});
