/** Main module of a replay on XS: one block per row, and for each watched row alarm and score to the record file. */
import Timer from 'timer';
import { Block } from '../../modules/capture/block.js';
import { Sensor } from '../../modules/sensor.js';
import { openBoard } from './board.js';
import { MARK_WATCH } from './marks.js';

const statistics: number[] = [];
for (let i = 0; i < 8; i++) statistics.push(0);
const bytesInUse = () => {
  bench.collect();
  bench.statistics(statistics);
  return statistics[5];
};

const board = openBoard();
const { capture } = board;
const emptyBytes = bytesInUse();
const sensor = new Sensor(board);
const block = new Block(capture.analogChannels, capture.digitalChannels);
const result = [0, 0];
let incidents = 0;

Timer.repeat(() => {
  while (capture.read(block)) {
    sensor.step(block);
    while (sensor.idle());
    incidents = sensor.table.opened;
    if (capture.mark !== MARK_WATCH) continue;
    result[0] = sensor.isAlarming ? 1 : 0;
    result[1] = sensor.score;
    bench.record(result, 2);
  }
  if (!capture.isEnded) return;
  const stateBytes = bytesInUse() - emptyBytes;
  const { level, varianceRatio } = sensor.model;
  bench.print(JSON.stringify({ incidents, level, varianceRatio, stateBytes }));
  bench.exit(0);
}, board.configuration.blockUs / 1000);
