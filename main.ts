/**
 * Composition root: board -> Sensor -> timer. The same file runs on every board; the host supplies 'board' and 'timer'.
 */
import { openBoard } from 'board';
import Timer from 'timer';
import { Block } from './modules/capture/block.js';
import { Sensor } from './modules/sensor.js';

const TICK_MS = 10;
/** After a pause blocks are caught up with, but the watchdog and the links are not kept waiting. */
const BLOCKS_PER_TICK_MAX = 64;

const board = openBoard();
const sensor = new Sensor(board);
const block = new Block(board.capture.analogChannels, board.capture.digitalChannels);

Timer.repeat(() => {
  let blocks = 0;
  while (blocks < BLOCKS_PER_TICK_MAX && board.capture.read(block)) {
    sensor.step(block);
    blocks++;
  }
  // a capture that stands still resets the board, and so does a configuration that is to be used from the next start on
  if (blocks > 0 && !sensor.reporter.isRestartDue) board.watchdog.feed();
  // Whoever is behind catches up first: the capture's ring holds a second, and a signature takes most of it.
  if (blocks === BLOCKS_PER_TICK_MAX) return;
  const untilUs = board.clock.nowUs() + TICK_MS * 500;
  while (sensor.idle() && board.clock.nowUs() < untilUs);
}, TICK_MS);
