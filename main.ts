/**
 * Composition root: board -> Sensor -> timer. The same file runs on every board; the host supplies 'board' and 'timer'.
 */
import { openBoard } from 'board';
import Timer from 'timer';
import { Block } from './modules/capture/block.js';
import { Sensor } from './modules/sensor.js';

const TICK_MS = 10;

const board = openBoard();
const sensor = new Sensor(board);
const block = new Block(board.capture.analogChannels, board.capture.digitalChannels);

Timer.repeat(() => {
  while (board.capture.read(block)) sensor.step(block);
  const untilUs = board.clock.nowUs() + TICK_MS * 500;
  while (sensor.idle() && board.clock.nowUs() < untilUs);
  board.watchdog.feed();
}, TICK_MS);
