/** What pairs of every kind have learned outlives a reset, and what became of orders reaches the frames. */
import test from 'ava';
import { KIND_MODEL, KIND_READINGS } from '../../modules/frame/kinds.js';
import { Simulation } from '../../simulator/simulation.js';
import { MemoryArchive } from '../detect/memory-archive.js';
import { Witness } from '../sensor/witness.js';
import { type Kind, OrderBench } from './order-bench.js';

/** A first-order answer, or a command and its feedback, one order every 3 s. */
function play(bench: OrderBench, kind: Kind, orders: number, isStuck = false): void {
  let value = bench.values[0];
  for (let i = 0; i < orders; i++) {
    if (bench.progress < 1) bench.progress = i / orders;
    bench.levels[0] = 1 - (i % 2);
    bench.values[1] = kind === 'follow' ? [60, 30, 45, 20, 70][i % 5] : 30;
    const target = kind === 'follow' ? bench.values[1] : 30 + 50 * bench.levels[0];
    bench.run(3000, () => {
      if (!isStuck) value += (target - value) / 200;
      bench.values[0] = value;
    });
  }
}

for (const kind of ['level', 'follow'] as const)
  test(`a ${kind} pair that was loaded speaks as the one that learned`, (t) => {
    const learned = new OrderBench(kind, 7);
    play(learned, kind, 40);
    learned.arm();
    const archive = new MemoryArchive();
    learned.pair.archive(0, archive);
    const loaded = new OrderBench(kind, 7);
    loaded.progress = 1;
    archive.load();
    loaded.pair.archive(0, archive);
    t.is(archive.read, archive.stored.length);
    const told = [learned, loaded].map((bench) => {
      bench.run(4000);
      play(bench, kind, 10);
      const { atMs } = bench;
      play(bench, kind, 1, true);
      return [...bench.pair.verdicts, ...bench.said.map((said) => [said.verdict, said.atMs - atMs])];
    });
    t.true((told[0][0] as number) >= 9 && (told[0][2] as number) === 1, JSON.stringify(told[0]));
    t.deepEqual(told[1], told[0]);
  });

test('readings tell the orders of each pair since the last ones, executed orders too', (t) => {
  const simulation = new Simulation('normal', 4);
  const witness = new Witness(simulation.configuration);
  witness.play(simulation, 490);
  const frames = witness.frames();
  const [model, ...learned] = frames.filter(({ kind }) => kind === KIND_MODEL).map(({ body }) => body);
  t.deepEqual(
    learned.flatMap((body) => body.get(9) as [number][]).map(([pair]) => pair),
    simulation.configuration.pairs.map((_, i) => i),
    'what every pair learned is told, once',
  );
  for (const body of learned) t.deepEqual([body.get(1), body.get(2)], [model.get(1), model.get(2)], 'of this model');
  const counts = frames
    .filter(({ kind, body }) => kind === KIND_READINGS && body.has(3))
    .map(({ body }) => body.get(3) as number[][]);
  t.true(counts.length >= 7);
  for (const pairs of counts)
    for (const [, , late, missing, contradicted, unordered] of pairs)
      t.deepEqual([late, missing, contradicted, unordered], [0, 0, 0, 0]);
  const done = simulation.configuration.pairs.map((_, i) =>
    counts.flat().reduce((sum, [pair, orders]) => sum + (pair === i ? orders : 0), 0),
  );
  t.log(`done: ${done.join(', ')}`);
  for (const orders of done) t.true(orders > 5);
  t.is(done[1], done[2], 'both end switches of the valve answer every order');
});
