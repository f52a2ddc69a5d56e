/** What SCADA is told while the scenarios of the blower and of the packaging machine are played. */
import test from 'ava';
import type { Block } from '../../modules/capture/block.js';
import { scenarioNamed } from '../../simulator/scenarios/index.js';
import { Simulation } from '../../simulator/simulation.js';
import { newBlock, run } from './run.js';

const NAMES = [
  'drive-overspeed',
  'trip-blocked',
  'trips-at-once',
  'discreet-night-cycle',
  'pulse-minus-5',
  'unordered-move',
  'scan-time-change',
];
const SEEDS = [1, 2];
const AT_S = 60;
const PLAYED_S = 200;

type Ranges = Map<string, [number, number]>;

/** Of each plant and seed. */
const known = new Map<string, Ranges>();

/** Smallest and largest of each channel that SCADA was told of in normal operation. */
function rangesOf(plant: string, seed: number): Ranges {
  const key = `${plant} ${seed}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const ranges: Ranges = new Map();
  known.set(key, ranges);
  const simulation = new Simulation('normal', seed, undefined, plant);
  run(simulation, 600, (block) => {
    if (block.sequence < 100) return;
    for (const { name: channel, value } of simulation.scada()) {
      const [low, high] = ranges.get(channel) ?? [value, value];
      ranges.set(channel, [Math.min(low, value), Math.max(high, value)]);
    }
  });
  return ranges;
}

function isSame(a: Block, b: Block): boolean {
  return a.analog.every((value, i) => value === b.analog[i]) && a.digital.every((value, i) => value === b.digital[i]);
}

for (const name of NAMES) {
  test(`${name}: SCADA is told nothing that normal operation does not show, while the wires differ from the onset on`, (t) => {
    for (const seed of SEEDS) {
      const plant = scenarioNamed(name).plant as string;
      const ranges = rangesOf(plant, seed);
      const simulation = new Simulation(name, seed, AT_S);
      const twin = new Simulation('normal', seed, undefined, plant);
      const twinBlock = newBlock();
      let [differing, told, firstUs] = [0, 0, 0];
      run(simulation, PLAYED_S, (block) => {
        twin.nextBlock(twinBlock);
        if (!isSame(block, twinBlock)) {
          differing++;
          if (firstUs === 0) firstUs = block.timeUs;
        }
        if (simulation.truth.onsetUs === null) return;
        told++;
        for (const { name: channel, value } of simulation.scada()) {
          const [low, high] = ranges.get(channel) as [number, number];
          const margin = 0.1 * (high - low);
          if (value < low - margin || value > high + margin)
            t.fail(`seed ${seed}, ${block.timeUs / 1e6} s: ${channel} ${value}, else ${low} to ${high}`);
        }
      });
      const lateUs = firstUs - (simulation.truth.onsetUs ?? 0);
      t.true(lateUs > 0 && lateUs < 100_000, `seed ${seed}: the wires differ ${lateUs} us after the onset`);
      t.true(told > 1000 && differing > 0.1 * told, `seed ${seed}: ${differing} of ${told} blocks differ`);
    }
  });
}
