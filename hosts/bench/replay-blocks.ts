/** Recordings as the blocks that the capture would hand over: one row, one block, time counted from the first row. */
import { ANALOG_FIELDS, type Block, DIGITAL_FIELDS } from '../../modules/capture/block.js';
import type { Configuration } from '../../modules/config/configuration.js';
import { MARK_LEARN, MARK_WATCH } from './marks.js';
import { fewValues, type Recording, signalOf } from './recording.js';

/** A contact that does not have two values is closed above this. */
const CLOSED = 0.5;

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
  const { analog, digital, blockUs } = plan.configuration;
  const levels = digital.map(() => -1);
  const closed = digital.map((channel) => closedAbove(plan.learn, channel.name));
  for (const recording of [...plan.learn, ...plan.watch]) {
    const mark = sequence < rowsOf(plan.learn) ? MARK_LEARN : MARK_WATCH;
    const signals = analog.map((channel) => signalOf(recording, channel.name));
    const contacts = digital.map((channel) => signalOf(recording, channel.name));
    const { time } = recording;
    for (let row = 0; row < time.length; row++) {
      block.sequence = sequence++;
      block.timeUs = sequence * blockUs;
      block.isFresh = row === 0 || time[row] < time[row - 1] ? 1 : 0;
      for (let i = 0; i < signals.length; i++) fill(block, i, signals[i][row]);
      for (let i = 0; i < contacts.length; i++)
        levels[i] = fillContact(block, i, contacts[i][row], closed[i], levels[i]);
      yield mark;
    }
  }
}

/** Between the two values that a contact has in the learning rows. */
function closedAbove(learn: readonly Recording[], name: string): number {
  const values = fewValues(learn, name);
  return values.length === 2 ? (values[0] + values[1]) / 2 : CLOSED;
}

/** One sample, or none where the value is missing. */
function fill(block: Block, channel: number, value: number): void {
  const isMissing = Number.isNaN(value);
  const held = isMissing ? 0 : value;
  block.analog.splice(channel * ANALOG_FIELDS, ANALOG_FIELDS, isMissing ? 0 : 1, held, held, held, held * held);
}

/** The one sample of a contact; its level, -1 where the value is missing. */
function fillContact(block: Block, channel: number, value: number, closed: number, before: number): number {
  const level = Number.isNaN(value) ? -1 : value > closed ? 1 : 0;
  const isEdge = before >= 0 && level >= 0 && level !== before;
  const at = isEdge ? 0 : -1;
  block.digital.splice(channel * DIGITAL_FIELDS, DIGITAL_FIELDS, level, isEdge ? 1 : 0, level === 1 ? 1 : 0, at, at);
  return level;
}
