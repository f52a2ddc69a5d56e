import test from 'ava';
import { ANALOG_INPUTS, CONFIGURATION, CONFIGURATION_TEXT, DIGITAL_INPUTS } from '../../hosts/esp32/configuration.js';
import { checkConfiguration } from '../../modules/config/check.js';

test('the ESP32 configuration can be used, and every channel has an input', (t) => {
  t.is(checkConfiguration(CONFIGURATION), null);
  t.is(ANALOG_INPUTS.length, CONFIGURATION.analog.length);
  t.is(DIGITAL_INPUTS.length, CONFIGURATION.digital.length);
  t.is(CONFIGURATION.blockUs, CONFIGURATION.blockSamples * 1000);
});

test('the text that the boot frame digests is the configuration', (t) => {
  t.deepEqual(JSON.parse(CONFIGURATION_TEXT), CONFIGURATION);
});

test('the counts are those of the front end on the wiring page', (t) => {
  const counts = (volts: number) => Math.round(((volts * 2) / 2.5) * 4096);
  const current = CONFIGURATION.analog.find(({ kind }) => kind === 'current')!;
  t.deepEqual([current.countsLow, current.countsHigh], [counts(0.004 * 49.9), counts(0.02 * 49.9)]);
  const voltage = CONFIGURATION.analog.find(({ kind }) => kind === 'voltage')!;
  t.deepEqual([voltage.countsLow, voltage.countsHigh], [0, counts((10 * 10) / 100.6)]);
});

test('the configuration is frozen through and through: it lies in ROM', (t) => {
  const visit = (value: unknown) => {
    if (typeof value !== 'object' || value === null) return;
    t.true(Object.isFrozen(value));
    Object.values(value).forEach(visit);
  };
  visit(CONFIGURATION);
});
