/** Which configuration a board starts with after one came by command: restarts, losses of power, and power cuts. */
import test from 'ava';
import { NodeBoard } from '../../hosts/bench/node-board.js';
import { configurationParts, encodeConfiguration } from '../../hosts/config/encode-configuration.js';
import { ConfigurationStore, PART_LAST } from '../../modules/command/configuration-store.js';
import { openConfiguration } from '../../modules/command/open-configuration.js';
import { CONFIGURATION_IN_USE, CONFIGURATION_REFUSED } from '../../modules/command/results.js';
import type { Configuration } from '../../modules/config/configuration.js';
import { Sensor } from '../../modules/sensor.js';
import type { SimulatedFlash } from '../../simulator/flash.js';
import { NODE_DIGEST } from '../keys/node-digest.js';
import { sampleConfiguration } from '../sensor/sample-configuration.js';
import { newFlash, Witness } from '../sensor/witness.js';
import { newSettings } from './attack.js';

const OWN = sampleConfiguration({ address: 1 });
const OWN_DIGEST = new Uint8Array(16).fill(7);
const [FIRST, SECOND] = [2, 3].map((address) => sampleConfiguration({ address }));

/** As the commands of one configuration do it. */
function keep(settings: SimulatedFlash, configuration: Configuration, sequence: number): void {
  const store = new ConfigurationStore(settings, new Uint8Array(64));
  let answer = -1;
  for (const [number, total, offset, digest, part] of configurationParts(
    encodeConfiguration(configuration),
    sequence,
  )) {
    const bytes = Buffer.concat([digest as Uint8Array, part as Uint8Array]);
    const [n, all, at] = [number, total, offset].map(Number);
    answer = store.take(n, all, at, bytes, 16, bytes.length - 16, 0);
  }
  if (answer !== PART_LAST) throw new Error('not kept');
}

const open = (settings: SimulatedFlash, isRestart: boolean) =>
  openConfiguration(settings, NODE_DIGEST, OWN, OWN_DIGEST, isRestart);

test('a configuration that restarts the board again and again gives way to the one before it', (t) => {
  const settings = newSettings();
  t.like(open(settings, true), { configuration: OWN, configurationNews: -1 });
  keep(settings, FIRST, 10);
  t.like(open(settings, true), { configuration: FIRST, configurationNews: CONFIGURATION_IN_USE });
  new ConfigurationStore(settings, new Uint8Array(64)).prove();
  keep(settings, SECOND, 11);
  for (const start of [1, 2, 3, 4])
    t.like(open(settings, true), { configuration: SECOND, configurationNews: CONFIGURATION_IN_USE }, `start ${start}`);
  t.like(open(settings, true), { configuration: FIRST, configurationNews: CONFIGURATION_REFUSED });
  t.like(open(settings, true), { configuration: FIRST, configurationNews: CONFIGURATION_REFUSED });
  keep(settings, SECOND, 12);
  t.like(open(settings, true), { configuration: SECOND, configurationNews: CONFIGURATION_IN_USE }, 'sent again');
});

test('without one before it the board goes back to its own', (t) => {
  const settings = newSettings();
  keep(settings, FIRST, 10);
  for (let i = 0; i < 4; i++) t.is(open(settings, true).configuration.address, 2);
  t.like(open(settings, true), { configuration: OWN, configurationNews: CONFIGURATION_REFUSED });
});

test('a loss of power is no failed try', (t) => {
  const settings = newSettings();
  keep(settings, FIRST, 10);
  for (let i = 0; i < 20; i++) t.is(open(settings, false).configuration.address, 2);
});

test('a configuration with which the board has learned is on trial no more', (t) => {
  const settings = newSettings();
  keep(settings, FIRST, 10);
  const opened = open(settings, true);
  const board = new NodeBoard(FIRST, newFlash(), new Uint8Array(32).fill(1), undefined, settings);
  const sensor = new Sensor({ ...board, ...opened });
  const witness = new Witness(FIRST);
  const step = () => {
    witness.takeValues([Math.sin(witness.nowUs / 1e6), Math.cos(witness.nowUs / 1e6)]);
    sensor.step(witness.block);
    while (sensor.idle());
  };
  for (let i = 0; i < 4200; i++) step();
  for (let i = 0; i < 20; i++) t.is(open(settings, true).configuration.address, 2, `restart ${i}`);
});

test('a board that starts with a stored model and that configuration has learned before', (t) => {
  const settings = newSettings();
  keep(settings, FIRST, 10);
  const models = newFlash();
  const start = () => {
    const board = new NodeBoard(FIRST, newFlash(), new Uint8Array(32).fill(1), models, settings);
    return new Sensor({ ...board, ...open(settings, true) });
  };
  const witness = new Witness(FIRST);
  const first = start();
  for (let i = 0; i < 4200; i++) {
    witness.takeValues([Math.sin(witness.nowUs / 1e6), Math.cos(witness.nowUs / 1e6)]);
    first.step(witness.block);
    while (first.idle());
  }
  keep(settings, FIRST, 11);
  t.is(start().condition.learnedPerMille, 1000);
  for (let i = 0; i < 20; i++) t.is(open(settings, true).configuration.address, 2, `restart ${i}`);
});

test('learning that ends while another configuration waits for its restart proves nothing of that one', (t) => {
  const settings = newSettings();
  keep(settings, FIRST, 10);
  const store = new ConfigurationStore(settings, new Uint8Array(64));
  for (const [n, all, at, digest, part] of configurationParts(encodeConfiguration(SECOND), 11)) {
    const bytes = Buffer.concat([digest as Uint8Array, part as Uint8Array]);
    store.take(Number(n), Number(all), Number(at), bytes, 16, bytes.length - 16, 0);
  }
  t.is(store.sequence, 11);
  store.prove();
  for (let i = 0; i < 4; i++) t.is(open(settings, true).configuration.address, 3);
  t.is(open(settings, true).configuration.address, 2);
});
