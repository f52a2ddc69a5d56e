/** `npm run bench:m0`: cycles, RAM and flash on an emulated Cortex-M0+, held against the saved baseline. */
import test from 'ava';
import { FLOOD_CYCLES_MAX, floodRegressions, measureFloodCycles, readFloodBaseline } from '../../hosts/m0/flood.js';
import { MissingTool, measure, readBaseline, regressions } from '../../hosts/m0/measure.js';

const TIMEOUT_MS = 600_000;

/** Without the cross compiler the test is not run; with CI=true that is a failure. */
async function whereToolsAre<Result>(log: (line: string) => void, measured: () => Promise<Result>) {
  try {
    return await measured();
  } catch (error) {
    if (!(error instanceof MissingTool) || process.env.CI === 'true') throw error;
    log(`not run: ${error.message}`);
    return undefined;
  }
}

test.serial(
  'the chip goes on where the bench was, loses no block and costs no more cycles than the baseline',
  async (t) => {
    t.timeout(TIMEOUT_MS);
    const log = (line: string) => t.log(line);
    const measured = await whereToolsAre(log, () => measure(log));
    if (measured === undefined) return t.pass();
    const { figures } = measured;
    t.is(figures.lostBlocks, 0);
    t.true(figures.framesVerified > 0);
    t.true(figures.incidentToUnsignedFrameMs > 0, 'the incident of the scenario left as a frame');
    t.deepEqual(regressions(figures, readBaseline()), []);
  },
);

/**
 * A tenth of a block and what of it single blocks may take more: two polls at once, of which the second is told by
 * looking, and the parts in which a command of a known key is read.
 */
const SINGLE_CYCLES_MAX: Readonly<Record<string, number>> = {
  polls: 1.5 * FLOOD_CYCLES_MAX,
  'random characters': 1.05 * FLOOD_CYCLES_MAX,
  'forged, 1 datagram': 2 * FLOOD_CYCLES_MAX,
};

test.serial('no attack on a link takes a tenth of a block, nor more cycles than the baseline', async (t) => {
  t.timeout(TIMEOUT_MS);
  const costs = await whereToolsAre((line) => t.log(line), measureFloodCycles);
  if (costs === undefined) return t.pass();
  t.true(costs.length > 10);
  for (const { name, mean, largest } of costs) {
    t.true(mean < FLOOD_CYCLES_MAX, `${name}: ${mean} cycles a block`);
    const most = SINGLE_CYCLES_MAX[name] ?? FLOOD_CYCLES_MAX;
    t.true(largest < most, `${name}: ${largest} cycles in one block, of ${most}`);
  }
  t.deepEqual(floodRegressions(costs, readFloodBaseline()), []);
});
