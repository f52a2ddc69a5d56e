/**
 * One block: what the capture saw on every tapped line during one block period (10 ms at 1 kS/s).
 *
 * Plain arrays with a fixed stride: native code stores numbers into them more cheaply than into a typed array.
 * Analog counts are whatever the converter gives: integers on a board, engineering values for recorded signals.
 * A block without samples of a channel has count 0: its value is of bad quality, never zero.
 */

/** Fields of one analog channel: samples, smallest, largest, sum, sum of squares. */
export const ANALOG_FIELDS = 5;
export const ANALOG_COUNT = 0;
export const ANALOG_MIN = 1;
export const ANALOG_MAX = 2;
export const ANALOG_SUM = 3;
export const ANALOG_SUM_SQUARES = 4;

/**
 * Fields of one digital channel: level at the end (0, 1; -1 when not sampled), edges, samples high,
 * index of the sample with the first and with the last edge (-1 without an edge).
 */
export const DIGITAL_FIELDS = 5;
export const DIGITAL_LEVEL = 0;
export const DIGITAL_EDGES = 1;
export const DIGITAL_HIGH = 2;
export const DIGITAL_FIRST_EDGE = 3;
export const DIGITAL_LAST_EDGE = 4;

/** A block; reused from one read to the next. */
export class Block {
  /** Number of the block since the capture started; lost blocks are counted in it. */
  sequence = 0;
  /** Hardware time one sample period after the block's last sample, in microseconds of the board's clock. */
  timeUs = 0;
  /** Blocks lost directly before this one. */
  lost = 0;
  /** 1 when the samples do not continue the block before (start, loss, another recording); else 0. */
  isFresh = 1;
  readonly analog: number[];
  readonly digital: number[];

  constructor(analogChannels: number, digitalChannels: number) {
    this.analog = [];
    for (let i = 0; i < analogChannels * ANALOG_FIELDS; i++) this.analog.push(0);
    this.digital = [];
    for (let i = 0; i < digitalChannels * DIGITAL_FIELDS; i++) this.digital.push(0);
  }
}
