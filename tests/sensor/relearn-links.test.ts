/** Learning anew on a board whose links were noisy long ago. */
import test from 'ava';
import { NodeBoard } from '../../hosts/bench/node-board.js';
import { Block } from '../../modules/capture/block.js';
import { DETECTOR_LINK } from '../../modules/detect/finding.js';
import { Sensor } from '../../modules/sensor.js';
import { MemoryPort } from '../link/memory-port.js';
import { direct, sampleConfiguration } from './sample-configuration.js';
import { newFlash } from './witness.js';

test('noise on the links from before learning anew is not learned, and is no incident', (t) => {
  const configuration = sampleConfiguration({ analog: [direct('a')] });
  const board = new NodeBoard(configuration, newFlash(), new Uint8Array(32).fill(0x21));
  const port = new MemoryPort('datagram');
  const sensor = new Sensor({ ...board, ports: [port] });
  const block = new Block(1, configuration.digital.length);
  const run = (seconds: number, noisePerSecond: number) => {
    for (let i = 0; i < seconds * 100; i++) {
      block.isFresh = block.sequence++ === 0 ? 1 : 0;
      block.timeUs += configuration.blockUs;
      const n = configuration.blockSamples;
      block.analog.splice(0, 5, n, i % 7, i % 7, n * (i % 7), n * (i % 7) ** 2);
      if (i % 100 < noisePerSecond) port.arrive(Uint8Array.of(0xff));
      board.nowUs = block.timeUs;
      sensor.step(block);
      while (sensor.idle());
    }
  };
  const links = () => sensor.table.incidents.filter(({ detector, state }) => detector === DETECTOR_LINK && state !== 0);
  // in the course of ten minutes more than any healthy bus brings in ten seconds
  run(600, 1);
  t.is(links().length, 0);
  sensor.relearn();
  run(10, 0);
  t.is(links().length, 0);
});
