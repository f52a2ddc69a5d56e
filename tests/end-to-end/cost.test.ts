/** `npm run bench`: what a block costs on XS, held against the saved baseline. */
import test from 'ava';
import { measure, readBaseline, regressions, SAMPLES_MS } from '../../hosts/bench/measure.js';

test('a block in the steady state allocates no slot and no chunk, and nothing costs more than the baseline', async (t) => {
  const figures = await measure();
  t.is(figures.engine, 'xs');
  t.is(figures.channels, 16);
  t.is(figures.slotsPerBlock, 0);
  t.is(figures.chunkBytesPerBlock, 0);
  t.deepEqual(regressions(figures, readBaseline()), []);
  const { mean, p99, max } = figures.computronsPerBlock;
  t.log(`computrons per block: mean ${mean}, p99 ${p99}, max ${max}`);
  t.log(`arena: ${figures.arenaInUseBytes} of ${figures.arenaBytes} bytes in use, ${figures.arenaPeakBytes} at most`);
});

test('raw samples kept: the step allocates nothing, with an incident neither, and costs as much as without', async (t) => {
  const figures = await measure(SAMPLES_MS);
  t.is(figures.slotsPerBlock, 0);
  t.is(figures.chunkBytesPerBlock, 0);
  t.is(figures.stepSlotsPerBlock, 0);
  t.deepEqual(regressions(figures, readBaseline()), []);
  t.true((figures.rawFrameBytes ?? 0) > 0);
  t.log(
    `${figures.rawFrameBytes} bytes of frames of raw samples; ${figures.computronsPerBlock.mean} computrons a block`,
  );
});
