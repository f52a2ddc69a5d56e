/** The example configurations of the boards against the currents that the emulated front end gives: 4 mA and 20 mA. */
import test from 'ava';
import { converterCounts } from '../../hosts/emulator/tank-wires.js';
import { CONFIGURATION as ESP32 } from '../../hosts/esp32/configuration.js';
import { CONFIGURATION as PICO } from '../../hosts/pico/configuration.js';
import { countsAt } from '../../simulator/current-loop.js';
import { TANK_LOOPS } from '../../simulator/plants/tank-lines.js';

test('a loop at 4 mA and at 20 mA reads as the ends of its range', (t) => {
  for (const loop of TANK_LOOPS)
    for (const channel of [...PICO.analog, ...ESP32.analog].filter(({ kind }) => kind === 'current')) {
      t.is(converterCounts(loop, countsAt(loop, 4)), channel.countsLow, loop.name);
      t.is(converterCounts(loop, countsAt(loop, 20)), channel.countsHigh, loop.name);
    }
});

test("the pico's example has the ranges of the emulated tank", (t) => {
  const ranges = (lines: readonly { name: string; unit: string; low: number; high: number }[]) =>
    lines.map(({ name, unit, low, high }) => ({ name, unit, low, high }));
  t.deepEqual(ranges(PICO.analog), ranges(TANK_LOOPS));
});
