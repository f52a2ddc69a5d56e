import test from 'ava';
import { Gaussians, Random } from '../../simulator/random.js';

test('the same seed and stream give the same numbers, another seed or stream gives others', (t) => {
  const take = (seed: number, stream: string) => {
    const random = new Random(seed, stream);
    return Array.from({ length: 20 }, () => random.word());
  };
  t.deepEqual(take(1, 'a'), take(1, 'a'));
  t.notDeepEqual(take(1, 'a'), take(2, 'a'));
  t.notDeepEqual(take(1, 'a'), take(1, 'b'));
  t.notDeepEqual(take(1, 'a'), take(1 + 2 ** 32, 'a'));
});

test('uniform numbers lie inside (0, 1) and are flat', (t) => {
  const random = new Random(7, 'uniform');
  const bins = Array.from({ length: 10 }, () => 0);
  for (let i = 0; i < 100000; i++) {
    const value = random.uniform();
    if (!(value > 0 && value < 1)) t.fail(`${value}`);
    bins[Math.floor(value * 10)]++;
  }
  const chiSquare = bins.reduce((sum, n) => sum + (n - 10000) ** 2 / 10000, 0);
  t.true(chiSquare < 27.9, `chi square ${chiSquare}, 0.1 % point at 9 degrees of freedom is 27.9`);
});

test('gaussian numbers have the moments and the tails of the normal distribution', (t) => {
  const random = new Random(7, 'gaussian');
  const n = 1000000;
  let [sum, squares, fourths, beyond2, beyond35] = [0, 0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    const value = random.gaussian();
    sum += value;
    squares += value ** 2;
    fourths += value ** 4;
    if (Math.abs(value) > 2) beyond2++;
    if (Math.abs(value) > 3.5) beyond35++;
  }
  t.true(Math.abs(sum / n) < 0.004);
  t.true(Math.abs(squares / n - 1) < 0.006);
  t.true(Math.abs(fourths / n - 3) < 0.04);
  t.true(Math.abs(beyond2 / n - 0.0455) < 0.001);
  // 3.5 lies beyond the ziggurat's last layer: only the tail gives it.
  t.true(Math.abs(beyond35 / n - 0.000465) < 0.0001);
});

test('many gaussian numbers at a time are those that come one by one', (t) => {
  const one = new Random(9, 'gaussian');
  const many = new Random(9, 'gaussian');
  const buffered = new Gaussians(9, 'gaussian');
  const values = new Float64Array(70);
  for (let round = 0; round < 1000; round++) {
    const count = round % 71;
    many.gaussians(values, count);
    for (let i = 0; i < count; i++) {
      const value = one.gaussian();
      if (values[i] !== value || buffered.next() !== value) t.fail(`round ${round}, value ${i}`);
    }
  }
  t.is(many.word(), one.word());
});
