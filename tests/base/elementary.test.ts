import test from 'ava';
import { exp, ln } from '../../modules/base/elementary.js';
import { Random } from '../../simulator/random.js';

const RELATIVE = 1e-14;

function isNear(value: number, expected: number): boolean {
  return Math.abs(value - expected) <= RELATIVE * Math.abs(expected);
}

test('ln equals Math.log to 1e-14 from the smallest normal double to the largest (seed 1)', (t) => {
  const random = new Random(1, 'ln');
  let worst = 0;
  for (let exponent = -307; exponent <= 308; exponent++) {
    for (let i = 0; i < 50; i++) {
      const x = random.between(0.1, 1) * 10 ** exponent;
      if (!isNear(ln(x), Math.log(x))) t.fail(`ln(${x}) = ${ln(x)}, not ${Math.log(x)}`);
      worst = Math.max(worst, Math.abs(ln(x) / Math.log(x) - 1));
    }
  }
  t.log(`worst ${worst}`);
  t.pass();
});

test('ln near 1 keeps its relative accuracy', (t) => {
  t.is(ln(1), 0);
  for (let e = 1; e < 15; e++)
    for (const x of [1 + 10 ** -e, 1 - 10 ** -e]) t.true(isNear(ln(x), Math.log(x)), `ln(${x}) = ${ln(x)}`);
});

test('ln of the edges of its steps', (t) => {
  for (const x of [Math.SQRT2, Math.SQRT1_2, 2, 0.5, 2 ** 32, 2 ** -32, 2 ** 31, 1e-320, Number.MAX_VALUE, Math.E])
    for (const near of [x * (1 - 2e-16), x, x * (1 + 2e-16)])
      if (Number.isFinite(near)) t.true(isNear(ln(near), Math.log(near)), `ln(${near})`);
});

test('ln of what has no logarithm is -745', (t) => {
  for (const x of [0, -1, Number.NaN, Number.NEGATIVE_INFINITY]) t.is(ln(x), -745);
});

test('ln of infinity comes back, with a number above that of every other', (t) => {
  t.is(ln(Number.POSITIVE_INFINITY), 710);
  t.true(ln(Number.MAX_VALUE) < 710);
});

test('exp equals Math.exp to 1e-14 from -30 to 30 (seed 1)', (t) => {
  const random = new Random(1, 'exp');
  for (let i = 0; i < 20000; i++) {
    const x = random.between(-30, 30) * 10 ** -random.below(12);
    if (!isNear(exp(x), Math.exp(x))) t.fail(`exp(${x}) = ${exp(x)}, not ${Math.exp(x)}`);
  }
  t.is(exp(0), 1);
  t.is(exp(-0), 1);
});

test('exp beyond 700 either way is held', (t) => {
  t.is(exp(701), exp(700));
  t.is(exp(Number.POSITIVE_INFINITY), exp(700));
  t.is(exp(-1e9), exp(-700));
  t.true(exp(-700) > 0 && exp(700) < Number.POSITIVE_INFINITY);
});

test('exp undoes ln (seed 2)', (t) => {
  const random = new Random(2, 'both');
  for (let i = 0; i < 5000; i++) {
    const x = random.between(0.1, 1) * 10 ** (random.below(40) - 20);
    if (Math.abs(exp(ln(x)) / x - 1) > 1e-13) t.fail(`${x}: ${exp(ln(x))}`);
  }
  t.pass();
});
