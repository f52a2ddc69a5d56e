/** `npm run bench:m0`: cycles, RAM and flash on an emulated Cortex-M0+, held against the saved baseline. */
import test from 'ava';
import { MissingTool, measure, readBaseline, regressions } from '../../hosts/m0/measure.js';

const TIMEOUT_MS = 600_000;

/** Without the cross compiler the test is not run; with CI=true that is a failure. */
async function measureWhereToolsAre(log: (line: string) => void) {
  try {
    return await measure(log);
  } catch (error) {
    if (!(error instanceof MissingTool) || process.env.CI === 'true') throw error;
    log(`not run: ${error.message}`);
    return undefined;
  }
}

test('the chip goes on where the bench was, loses no block and costs no more cycles than the baseline', async (t) => {
  t.timeout(TIMEOUT_MS);
  const measured = await measureWhereToolsAre((line) => t.log(line));
  if (measured === undefined) return t.pass();
  const { figures } = measured;
  t.is(figures.lostBlocks, 0);
  t.true(figures.framesVerified > 0);
  t.true(figures.incidentToUnsignedFrameMs > 0, 'the incident of the scenario left as a frame');
  t.deepEqual(regressions(figures, readBaseline()), []);
});
