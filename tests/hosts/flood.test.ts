import test from 'ava';
import { measureFlood } from '../../hosts/bench/flood.js';

test('a flood of garbage datagrams costs less than a tenth of a block, and no attack allocates', async (t) => {
  const { most, costs } = await measureFlood();
  const garbage = costs.filter(({ name }) => name.startsWith('garbage'));
  t.is(garbage.length, 2);
  for (const { name, largest, noise } of garbage) {
    t.true(largest <= most, `${name}: ${largest} of ${most} computrons`);
    t.true(noise > 0, name);
  }
  for (const { name, slots, chunkBytes } of costs) t.deepEqual([slots, chunkBytes], [0, 0], name);
});

test('what a jabbering node sends is noise, what the neighbours say is not', async (t) => {
  const { costs } = await measureFlood();
  for (const name of ['random characters', 'one character', 'zeros', 'broken polls'])
    t.true((costs.find((cost) => cost.name === name)?.noise ?? 0) > 100, name);
  for (const name of ['nothing on the line', 'polls of others', 'answers of others'])
    t.true((costs.find((cost) => cost.name === name)?.noise ?? 9) <= 1, name);
});
