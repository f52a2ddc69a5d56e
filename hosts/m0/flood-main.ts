/**
 * Main module of `npm run flood:m0`: two links as a board has them, of which one is worked at a time: first the one for
 * datagrams, later the line. Every tick of the timer is a block's turn of that link and nothing else.
 */
import { BoardLink, type FrameSource } from '../../modules/link/board-link.js';
import { openBoard } from '../bench/board.js';
import { openFloodDesk } from '../bench/flood-desk.js';
import Timer from '../bench/timer.js';

const TICK_MS = 10;
const ADDRESS = 17;
/** As in flood.ts. */
const TICKS_OF_DATAGRAMS = 1000;

/** Nothing is in the log: what a poll costs is not what is asked here. */
const nothing: FrameSource = { tail: 1, head: 1, read: () => 0 };

const board = openBoard();
const desk = openFloodDesk(board);
const links = board.ports.map((port) => new BoardLink(port, nothing, ADDRESS, desk));
let ticks = 0;

Timer.repeat(() => {
  const link = links[ticks < TICKS_OF_DATAGRAMS ? 0 : 1];
  // what is left of loading the modules points to the bench's C
  if (++ticks === 1) bench.collect();
  desk.nowUs = bench.nowUs();
  // it hears once a block, as Sensor has it
  let isBusy = link.step();
  while (isBusy) isBusy = link.step(false);
  while (desk.idle(desk.nowUs));
}, TICK_MS);
