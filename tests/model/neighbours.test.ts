import test from 'ava';
import { Moments } from '../../modules/model/moments.js';
import { NeighbourSearch } from '../../modules/model/neighbours.js';
import { Random } from '../../simulator/random.js';

/** A search over inputs whose rows `next` makes. */
function search(rows: number, inputs: number, next: (random: Random) => number[], seed: number): NeighbourSearch {
  const random = new Random(seed, 'neighbours');
  const moments = new Moments(inputs);
  for (let r = 0; r < rows; r++) {
    next(random).forEach((value, i) => {
      moments.put(i, value);
    });
    for (let i = 0; i < inputs; i++) moments.accumulate(i, r === 0);
    moments.end();
  }
  const scales = Array.from({ length: inputs }, (_, i) => Math.sqrt(Math.max(moments.variance(i), 0)));
  return new NeighbourSearch(moments, scales, new Array(inputs).fill(0), rows);
}

function found(neighbours: NeighbourSearch): number[] {
  return neighbours.neighbours.slice(0, neighbours.found);
}

for (const seed of [1, 2, 3, 4, 5])
  test(`the inputs that a channel depends on are found before any decoy, the stronger one first (seed ${seed})`, (t) => {
    // Channel 0 = 0.9 x5 + 0.5 x9 + noise; eight others are decoys.
    const neighbours = search(
      800,
      11,
      (random) => {
        const row = Array.from({ length: 11 }, () => random.gaussian());
        row[0] = 0.9 * row[5] + 0.5 * row[9] + 0.2 * row[0];
        return row;
      },
      seed,
    );
    neighbours.begin(0);
    t.true(neighbours.advance());
    t.true(neighbours.advance());
    t.deepEqual(found(neighbours), [5, 9]);
    const scale = Math.sqrt(0.81 + 0.25 + 0.04);
    const [own, first, second] = neighbours.weights;
    t.true(Math.abs(own) < 0.05, `own lag ${own}`);
    t.true(Math.abs(first - 0.9 / scale) < 0.1 && Math.abs(second - 0.5 / scale) < 0.1, `${first}, ${second}`);
  });

test('a copy of a neighbour already chosen adds nothing: the other cause is found next (seed 6)', (t) => {
  const neighbours = search(
    1000,
    5,
    (random) => {
      const [a, b] = [random.gaussian(), random.gaussian()];
      return [a + 0.5 * b, a, a + 0.05 * random.gaussian(), b, random.gaussian()];
    },
    6,
  );
  neighbours.begin(0);
  neighbours.advance();
  neighbours.advance();
  t.is(found(neighbours)[1], 3, `${found(neighbours)}`);
});

test('what the own past explains needs no neighbour: the cause of the rest is found first (seed 7)', (t) => {
  let [x, slow] = [0, 0];
  const neighbours = search(
    4000,
    4,
    (random) => {
      const push = random.gaussian();
      x = 0.98 * x + 0.2 * push;
      slow = 0.98 * slow + 0.2 * random.gaussian();
      return [x, push, slow, random.gaussian()];
    },
    7,
  );
  neighbours.begin(0);
  t.true(neighbours.weights[0] > 0.9, 'own lag');
  neighbours.advance();
  t.deepEqual(found(neighbours), [1]);
});

test('inputs that do not move are never chosen, nor is the channel itself, and each is chosen once (seed 8)', (t) => {
  const neighbours = search(300, 5, (random) => [random.gaussian(), 4, random.gaussian(), random.gaussian(), 4], 8);
  neighbours.begin(2);
  while (neighbours.found < 5 && neighbours.advance());
  t.deepEqual(found(neighbours).sort(), [0, 3]);
  t.false(neighbours.advance());
});

test('a new channel begins with its own lag alone', (t) => {
  const neighbours = search(300, 3, (random) => [random.gaussian(), random.gaussian(), random.gaussian()], 9);
  neighbours.begin(0);
  neighbours.advance();
  neighbours.begin(1);
  t.is(neighbours.found, 0);
});

for (const seed of [1, 2, 3])
  test(`a count goes with the flow that it counts and with nothing else, whatever tells its news (seed ${seed})`, (t) => {
    // the flow wanders; 0 counts it, 1 measures it, 2 tells the flow's steps, 3 is a decoy
    let flow = 0;
    const neighbours = search(
      20_000,
      4,
      (random) => {
        const step = 0.1 * random.gaussian();
        flow = 0.99 * flow + step;
        return [flow + 0.02 * random.gaussian(), flow + 0.02 * random.gaussian(), step, random.gaussian()];
      },
      seed,
    );
    neighbours.beginRelation(0);
    t.true(neighbours.advanceRelation());
    t.deepEqual(found(neighbours), [1]);
    t.true(Math.abs(neighbours.weights[0] - 1) < 0.02, `weight ${neighbours.weights[0]}`);
    t.false(neighbours.advanceRelation(), 'what is left is noise');
    neighbours.beginRelation(3);
    t.false(neighbours.advanceRelation(), 'the decoy goes with nothing');
  });

test('a relation takes an input that tells little beside a strong one, and no decoy that tells nothing (seed 8)', (t) => {
  const neighbours = search(
    6000,
    5,
    (random) => {
      const [a, b] = [random.gaussian(), random.gaussian()];
      return [a + 0.03 * b + 0.1 * random.gaussian(), a, b, random.gaussian(), random.gaussian()];
    },
    8,
  );
  neighbours.beginRelation(0);
  while (neighbours.advanceRelation());
  t.deepEqual(found(neighbours), [1, 2]);
});
