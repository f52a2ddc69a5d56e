import test from 'ava';
import { Mcp3208 } from '../../hosts/drivers/mcp3208.js';
import { SimulatedMcp3208 } from './simulated-mcp3208.js';

function open(): { sensor: Mcp3208; part: SimulatedMcp3208 } {
  const sensor = new Mcp3208({ sensor: { io: SimulatedMcp3208, hz: 500_000 } });
  return { sensor, part: SimulatedMcp3208.opened! };
}

test.serial('every input is read, each bit of its value', (t) => {
  const { sensor, part } = open();
  for (let shift = 0; shift < 12; shift++) {
    for (let i = 0; i < 8; i++) part.inputs[i] = ((1 << shift) + i * 257) & 4095;
    t.deepEqual(sensor.sample().counts, part.inputs);
  }
  part.inputs.fill(4095);
  t.deepEqual(sensor.sample().counts, part.inputs);
  t.is(part.conversions, 8 * 13);
});

test.serial('SPI is opened in mode 0, at the rate asked for, else at what the part can do at 2.7 V', (t) => {
  t.like(open().part.options, { mode: 0, hz: 500_000 });
  new Mcp3208({ sensor: { io: SimulatedMcp3208 } });
  t.like(SimulatedMcp3208.opened!.options, { mode: 0, hz: 1_000_000 });
});

test.serial('only the inputs that were configured are converted, in their order', (t) => {
  const { sensor, part } = open();
  part.inputs[2] = 22;
  part.inputs[7] = 77;
  sensor.configure({ inputs: [7, 2] });
  t.deepEqual(sensor.sample(), { counts: [77, 22] });
  t.deepEqual(sensor.configuration, { inputs: [7, 2] });
  t.is(part.conversions, 2);
  sensor.configure({});
  t.deepEqual(sensor.configuration, { inputs: [7, 2] });
});

test.serial('an input that does not exist is refused and changes nothing', (t) => {
  const { sensor } = open();
  for (const input of [8, -1, 1.5, Number.NaN]) {
    t.throws(() => sensor.configure({ inputs: [0, input] }), { instanceOf: RangeError });
  }
  t.is(sensor.sample().counts.length, 8);
});

test.serial('a part that is not fitted is no value', (t) => {
  const { sensor, part } = open();
  part.isFitted = false;
  t.throws(() => sensor.sample(), { message: 'no answer' });
});

test.serial('closing gives the bus back, once', (t) => {
  const { sensor, part } = open();
  sensor.close();
  sensor.close();
  t.true(part.isClosed);
  t.throws(() => sensor.sample(), { message: 'closed' });
});
