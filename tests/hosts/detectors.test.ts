/** `npm run bench -- --detectors`: every detector is in the table, and what all of them cost grows with the channels. */
import test from 'ava';
import { detectorTable, growthTable, measureDetectors, measureGrowth } from '../../hosts/bench/detectors.js';
import { DETECTORS } from '../../hosts/collector/vocabulary.js';

/** Enough for every stage, not for figures: 30 s of learning. */
const LEARN_BLOCKS = 3000;
const WATCHED_ROWS = 100;
/** Told with the residuals, and with the orders; and what works on no line and costs a comparison a second. */
const WITH_OTHERS = ['plant', 'interlock', 'link'];
/**
 * Twice the channels cost twice as much while watching, but for pairs of contacts when one of them moves. While learning,
 * moments are gathered and guards are sought over pairs of inputs: those parts grow four times.
 */
const WATCHING = 2.1;
const GATHERING = 3;
const FITTING = 2.5;

test('the table has every detector, with computrons and bytes above zero', async (t) => {
  const costs = await measureDetectors(LEARN_BLOCKS, WATCHED_ROWS);
  const table = detectorTable(costs);
  for (const name of DETECTORS.filter((detector) => !WITH_OTHERS.includes(detector)))
    t.regex(table, new RegExp(`^\\| ${name}[ ,]`, 'm'), name);
  for (const { parts, partBytesByStage } of [costs.tank, costs.press, costs.host])
    for (const { name, watching } of parts) {
      t.true(watching.mean > 0, `${name}: ${watching.mean} computrons`);
      t.true(partBytesByStage[name].watching > 0, `${name}: ${partBytesByStage[name].watching} bytes`);
    }
  const named = costs.tank.parts.filter(({ name }) => !/limits|flat|order/.test(name));
  const sum = named.reduce((bytes, { name }) => bytes + costs.tank.partBytes[name], 0);
  // collections leave little that no part owns
  t.true(Math.abs(costs.tank.bytes.watching - sum) < 500, `${costs.tank.bytes.watching} bytes, of the parts ${sum}`);
});

test('from 16 to 32 channels detectors cost about twice as much, learning more', async (t) => {
  const costs = await measureGrowth([16, 32]);
  const [few, many] = costs;
  t.log(`\n${growthTable(costs)}`);
  t.true(many.watching.mean < WATCHING * few.watching.mean);
  t.true(many.bytes.watching < WATCHING * few.bytes.watching);
  t.true(many.gathering.mean < GATHERING * few.gathering.mean);
  t.true(many.fitting.mean < FITTING * few.fitting.mean);
  t.true(many.bytes.fitting < FITTING * few.bytes.fitting);
  // rows of both were worked on: what does not grow was not measured
  t.true(many.watching.mean > 1.5 * few.watching.mean);
});
