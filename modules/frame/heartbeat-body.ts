/** Body of a heartbeat frame (kind 1): the witness's own condition. */
import type { CborWriter } from '../cbor/writer.js';
import type { AnalogSignal } from '../condition/analog-signal.js';
import type { ContactSignal } from '../condition/contact-signal.js';
import { CONVERGENCE_MAX, writeThousandths } from './thousandths.js';

/** Phases of the witness. */
export const PHASE_LEARNING = 0;
export const PHASE_WATCHING = 1;
export const PHASE_MAINTENANCE = 2;

/** What a heartbeat says, gathered by the sensor. Counts are since boot. */
export class Condition {
  phase = PHASE_LEARNING;
  learnedPerMille = 0;
  blocksLost = 0;
  framesWaiting = 0;
  framesLost = 0;
  freeBytes = 0;
  wear = 0;
  incidentsOpen = 0;
  messagesRefused = 0;
  /** Commands refused, by reason (RESULT_CODES of command/results.ts); null: none ever. */
  commandsRefused: Uint16Array | null = null;
}

/** How far learning has come. */
export interface Learning {
  /** Of each analog channel as in a model frame; NaN before half of learning. */
  readonly convergence: readonly number[];
  readonly modes: number;
}

/** Writes the body. */
export function writeHeartbeatBody(
  writer: CborWriter,
  c: Condition,
  signals: readonly AnalogSignal[],
  contacts: readonly ContactSignal[],
  learning: Learning,
): void {
  const isLearning = c.phase === PHASE_LEARNING;
  const reasons = c.commandsRefused === null ? 0 : lengthOf(c.commandsRefused);
  writer.map(10 + (isLearning ? 2 : 0) + (reasons > 0 ? 1 : 0));
  writer.uint(1);
  writer.uint(c.phase);
  writer.uint(2);
  writer.uint(c.learnedPerMille);
  writer.uint(3);
  writer.uint(c.blocksLost);
  writer.uint(4);
  writer.uint(c.framesWaiting);
  writer.uint(5);
  writer.uint(c.framesLost);
  writer.uint(6);
  writer.uint(c.freeBytes);
  writer.uint(7);
  writer.uint(c.wear);
  writer.uint(8);
  writer.array(signals.length + contacts.length);
  for (let i = 0; i < signals.length; i++) writer.uint(signals[i].quality);
  for (let i = 0; i < contacts.length; i++) writer.uint(contacts[i].quality);
  writer.uint(9);
  writer.uint(c.incidentsOpen);
  writer.uint(10);
  writer.uint(c.messagesRefused);
  if (isLearning) {
    writer.uint(11);
    writer.array(learning.convergence.length);
    for (let i = 0; i < learning.convergence.length; i++)
      writeThousandths(writer, learning.convergence[i], CONVERGENCE_MAX);
    writer.uint(12);
    writer.uint(learning.modes);
  }
  if (c.commandsRefused === null || reasons === 0) return;
  writer.uint(13);
  writer.array(reasons);
  for (let i = 0; i < reasons; i++) writer.uint(c.commandsRefused[i]);
}

/** Without the zeros at its end. */
function lengthOf(counts: Uint16Array): number {
  let length = counts.length;
  while (length > 0 && counts[length - 1] === 0) length--;
  return length;
}
