/**
 * Main module of `npm run flood`: what a block's worth of attack on a link costs the real BoardLink on XS. Prints, per attack,
 * computrons of the costliest block and of the mean one, slots and chunk bytes. The port costs nothing: what comes lies
 * in the link's buffer already.
 */
import type { Port } from '../../modules/board.js';
import { BoardLink, type FrameSource } from '../../modules/link/board-link.js';
import { openBoard } from './board.js';
import { ATTACKS, type Attack, BLOCK_US, floodPiece } from './flood-attacks.js';
import { openFloodDesk } from './flood-desk.js';

const COMPUTRONS = 0;
const SLOTS = 1;
const CHUNK_BYTES = 2;
const BLOCKS = 400;
const WARM_UP = 20;
const ADDRESS = 17;

/** Nothing is in the log: what a poll costs is not what is asked here. */
const nothing: FrameSource = { tail: 1, head: 1, read: () => 0 };

class FloodPort implements Port {
  readonly carrier: Port['carrier'];
  /** Datagrams, or bytes of a line, still to come in this block. */
  left = 0;
  length = 0;
  /** The link's own buffer, once it has shown it. */
  into: Uint8Array | null = null;

  constructor(carrier: Port['carrier']) {
    this.carrier = carrier;
  }

  trySend(): boolean {
    return true;
  }

  receive(into: Uint8Array): number {
    this.into = into;
    if (this.left === 0) return 0;
    this.left--;
    return this.length;
  }
}

const board = openBoard();
const statistics: number[] = [];
for (let i = 0; i < 8; i++) statistics.push(0);

/** What it costs to read the statistics. */
const meter = meterCost();

function meterCost(): number {
  bench.statistics(statistics);
  const computrons = statistics[COMPUTRONS];
  bench.statistics(statistics);
  return statistics[COMPUTRONS] - computrons;
}

function measure(attack: Attack): void {
  const port = new FloodPort(attack.carrier);
  const desk = openFloodDesk(board);
  const link = new BoardLink(port, nothing, ADDRESS, desk);
  let [sum, largest, slots, chunkBytes] = [0, 0, 0, 0];
  for (let i = 0; i < BLOCKS + WARM_UP; i++) {
    const piece = floodPiece(attack, i);
    port.into?.set(piece);
    port.length = port.into === null ? 0 : piece.length;
    port.left = attack.perBlock;
    desk.nowUs = i * BLOCK_US;
    bench.statistics(statistics);
    const computrons = statistics[COMPUTRONS];
    const slotsBefore = statistics[SLOTS];
    const bytesBefore = statistics[CHUNK_BYTES];
    let isBusy = link.step();
    while (isBusy) isBusy = link.step(false);
    while (desk.idle(desk.nowUs));
    bench.statistics(statistics);
    if (i < WARM_UP) continue;
    const spent = statistics[COMPUTRONS] - computrons - meter;
    sum += spent;
    largest = spent > largest ? spent : largest;
    slots += statistics[SLOTS] - slotsBefore;
    chunkBytes += statistics[CHUNK_BYTES] - bytesBefore;
  }
  const { name } = attack;
  const result = { name, mean: Math.round(sum / BLOCKS), largest, slots, chunkBytes, noise: link.noise };
  bench.print(JSON.stringify(result));
}

for (let i = 0; i < ATTACKS.length; i++) measure(ATTACKS[i]);
bench.exit(0);
