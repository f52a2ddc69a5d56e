/** hosts/native/kernels.c against modules/base/kernels.ts on XS: the same numbers in, the same bits out. */
import test from 'ava';
import { benchOutput, spawnBench, temporaryFolder } from '../../hosts/bench/bench-process.js';
import { encodeHeader } from '../../simulator/block-stream.js';
import { Simulation } from '../../simulator/simulation.js';

for (const offset of [0, 1, 2])
  test(`every kernel is equal to its reference, to the bit (${offset + 1})`, async (t) => {
    const seed = (Date.now() + offset) % 1e6;
    t.log(`seed ${seed}`);
    const { configuration } = new Simulation('normal', 1);
    const options = ['--virtual', '--arena', `${8 << 20}`, '--argument', `seed=${seed}`];
    const bench = spawnBench(temporaryFolder(), { main: 'tests/native/kernels-main.js', configuration, options });
    const output = benchOutput(bench);
    bench.stdin?.on('error', () => {});
    bench.stdin?.end(encodeHeader(configuration.analog.length, configuration.digital.length, configuration.blockUs));
    const told = JSON.parse(await output);
    t.is(told.differing, -1, `round ${told.differing}`);
    t.true(told.returned.every(Number.isFinite), `${told.returned}`);
    t.true(told.returned[2] !== 0 && told.hash !== 0);
  });
