/** Recordings as the blocks that the capture would hand over: one row, one block, time counted from the first row. */
import { ANALOG_FIELDS, type Block } from '../../modules/capture/block.js';
import type { Configuration } from '../../modules/config/configuration.js';
import { MARK_LEARN, MARK_WATCH } from './marks.js';
import { type Recording, signalOf } from './recording.js';

/** What goes through the firmware: recordings to learn from, then recordings to watch. */
export interface ReplayPlan {
  readonly configuration: Configuration;
  readonly learn: readonly Recording[];
  readonly watch: readonly Recording[];
}

/** Rows of some recordings. */
export function rowsOf(recordings: readonly Recording[]): number {
  return recordings.reduce((sum, recording) => sum + recording.time.length, 0);
}

/** Fills `block` with one row after the other; yields the row's mark. A recording, or time that goes back, begins afresh. */
export function* replayBlocks(plan: ReplayPlan, block: Block): Generator<number> {
  let sequence = 0;
  const { analog, blockUs } = plan.configuration;
  for (const recording of [...plan.learn, ...plan.watch]) {
    const mark = sequence < rowsOf(plan.learn) ? MARK_LEARN : MARK_WATCH;
    const signals = analog.map((channel) => signalOf(recording, channel.name));
    const { time } = recording;
    for (let row = 0; row < time.length; row++) {
      block.sequence = sequence++;
      block.timeUs = sequence * blockUs;
      block.isFresh = row === 0 || time[row] < time[row - 1] ? 1 : 0;
      for (let i = 0; i < signals.length; i++) fill(block, i, signals[i][row]);
      yield mark;
    }
  }
}

/** One sample, or none where the value is missing. */
function fill(block: Block, channel: number, value: number): void {
  const isMissing = Number.isNaN(value);
  const held = isMissing ? 0 : value;
  block.analog.splice(channel * ANALOG_FIELDS, ANALOG_FIELDS, isMissing ? 0 : 1, held, held, held, held * held);
}
