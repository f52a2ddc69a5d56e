/**
 * Main module of `npm run bench`: the firmware over a simulated plant, and per block what step and idle cost:
 * [phase, computrons of step, slots and chunk bytes of step, computrons, slots and chunk bytes of idle, bytes in use].
 */
import Timer from 'timer';
import { Block } from '../../modules/capture/block.js';
import { Sensor } from '../../modules/sensor.js';
import { openBoard } from './board.js';

const COMPUTRONS = 0;
const SLOTS = 1;
const CHUNK_BYTES = 2;
const IN_USE = 5;
const TICK_MS = 10;

const zeros = (length: number) => {
  const numbers: number[] = [];
  for (let i = 0; i < length; i++) numbers.push(0);
  return numbers;
};

const board = openBoard();
const { capture } = board;
const sensor = new Sensor(board);
const block = new Block(capture.analogChannels, capture.digitalChannels);
const before = zeros(8);
const stepped = zeros(8);
const idled = zeros(8);
const result = zeros(8);

Timer.repeat(() => {
  while (capture.read(block)) {
    bench.statistics(before);
    sensor.step(block);
    bench.statistics(stepped);
    while (sensor.idle());
    bench.statistics(idled);
    result[0] = sensor.condition.phase;
    result[1] = stepped[COMPUTRONS] - before[COMPUTRONS];
    result[2] = stepped[SLOTS] - before[SLOTS];
    result[3] = stepped[CHUNK_BYTES] - before[CHUNK_BYTES];
    result[4] = idled[COMPUTRONS] - stepped[COMPUTRONS];
    result[5] = idled[SLOTS] - stepped[SLOTS];
    result[6] = idled[CHUNK_BYTES] - stepped[CHUNK_BYTES];
    result[7] = idled[IN_USE];
    bench.record(result, result.length);
  }
  if (!capture.isEnded) return;
  bench.collect();
  bench.statistics(idled);
  bench.print(JSON.stringify({ arenaBytes: idled[4], inUseBytes: idled[5], slotBytes: idled[7] }));
  bench.exit(0);
}, TICK_MS);
