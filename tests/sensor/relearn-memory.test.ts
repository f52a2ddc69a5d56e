/** Learning anew: what was learned and what is learned do not fit into a board's memory together. */
import test from 'ava';
import { NodeBoard } from '../../hosts/bench/node-board.js';
import { Sensor } from '../../modules/sensor.js';
import { sampleConfiguration } from './sample-configuration.js';
import { newFlash } from './witness.js';

/** Every object that can be reached from `root`. */
function reachable(root: object): Set<object> {
  const found = new Set<object>([root]);
  for (const object of found)
    if (!ArrayBuffer.isView(object))
      for (const value of Object.values(object)) if (typeof value === 'object' && value !== null) found.add(value);
  return found;
}

test('before anything new is learned nothing of the old detectors is kept alive', (t) => {
  const sensor = new Sensor(new NodeBoard(sampleConfiguration(), newFlash(), new Uint8Array(32).fill(0x21)));
  const old = [...sensor.detectors, sensor.model];
  t.true(old.length > 2);
  const kept: string[] = [];
  const create = Reflect.get(sensor, 'createLearned') as () => void;
  Reflect.set(sensor, 'createLearned', () => {
    const alive = reachable(sensor);
    for (const each of old) if (alive.has(each)) kept.push(each.constructor.name);
    create.call(sensor);
  });
  sensor.relearn();
  t.deepEqual(kept, []);
});
