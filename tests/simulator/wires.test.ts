import test from 'ava';
import { Contact, SETTLE_MS_MAX } from '../../simulator/contact.js';
import { CurrentLoop, countsAt } from '../../simulator/current-loop.js';
import { Mains } from '../../simulator/mains.js';
import { TANK_LOOPS, tankConfiguration } from '../../simulator/plants/tank-lines.js';
import { Random } from '../../simulator/random.js';

test('a contact bounces at times, and always for less than the debounce time', (t) => {
  const debounceMs = tankConfiguration().digital[1].debounceMs;
  t.true(SETTLE_MS_MAX < debounceMs);
  const contact = new Contact(0, new Random(3, 'contact'));
  let bounced = 0;
  for (let change = 0; change < 2000; change++) {
    const position = 1 - (change % 2);
    let lastMoveMs = 0;
    let before = 1 - position;
    for (let ms = 0; ms < 50; ms++) {
      const level = contact.step(position);
      if (level !== before) lastMoveMs = ms;
      before = level;
    }
    t.is(before, position);
    if (lastMoveMs > SETTLE_MS_MAX) t.fail(`still moving after ${lastMoveMs} ms`);
    if (lastMoveMs > 0) bounced++;
  }
  t.true(bounced > 1000 && bounced < 2000, `${bounced} of 2000 changes bounced`);
});

test('the mains turn at 50 Hz with a steady amplitude', (t) => {
  const mains = new Mains(1);
  let rising = 0;
  for (let ms = 0; ms < 100000; ms++) {
    const before = mains.sine;
    mains.step();
    if (before < 0 && mains.sine >= 0) rising++;
    if (Math.abs(Math.hypot(mains.sine, mains.cosine) - 1) > 1e-9) t.fail('the amplitude drifts');
  }
  t.true(Math.abs(rising - 5000) < 10, `${rising} periods in 100 s`);
});

test('a loop turns its range into 4 to 20 mA with the noise and correlation of its transmitter', (t) => {
  const line = TANK_LOOPS[0];
  const mains = new Mains(1);
  for (const [value, expectedMa] of [
    [line.low, 4],
    [line.high, 20],
  ]) {
    const loop = new CurrentLoop(line, value, 5);
    let [sum, squares, products, before] = [0, 0, 0, 0];
    const n = 100000;
    for (let i = 0; i < n; i++) {
      loop.step(value, mains);
      const noiseUa = (loop.currentMa - expectedMa) * 1000;
      sum += noiseUa;
      squares += noiseUa ** 2;
      products += noiseUa * before;
      before = noiseUa;
    }
    t.true(Math.abs(sum / n) < 0.3);
    t.true(Math.abs(Math.sqrt(squares / n) / line.signal.noiseUa - 1) < 0.02);
    t.true(Math.abs(products / squares - line.signal.correlation) < 0.02);
    t.true(Math.abs(loop.counts - countsAt(line, expectedMa)) < 150);
  }
});

test('a transmitter saturates as NE 43 says, and counts stay whole and inside the range of the converter', (t) => {
  for (const line of TANK_LOOPS) {
    const mains = new Mains(1);
    const loop = new CurrentLoop(line, line.low, 5);
    const far = line.high + 100 * (line.high - line.low);
    for (let i = 0; i < 100; i++) loop.step(far, mains);
    t.true(Math.abs(loop.currentMa - 20.5) < 0.1);
    loop.source = 'forged';
    for (const [forgedMa, counts] of [
      [1000, 2 ** line.signal.converterBits - 1],
      [-1000, 0],
    ]) {
      loop.forgedMa = forgedMa;
      loop.step(line.low, mains);
      t.is(loop.counts, counts);
    }
    loop.forgedMa = 12;
    loop.step(line.low, mains);
    t.true(Number.isInteger(loop.counts));
  }
});

test('a broken wire carries no current', (t) => {
  const loop = new CurrentLoop(TANK_LOOPS[0], 1, 5);
  loop.source = 'broken';
  loop.step(1, new Mains(1));
  t.is(loop.currentMa, 0);
  t.is(loop.counts, 0);
});
