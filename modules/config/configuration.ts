/**
 * Wiring and settings: what the installer states. Plain data, JSON-shaped; checked by `check.ts` before use.
 * Channels count analog lines first (0 to A-1), then digital lines (A to A+D-1), in the order of the capture.
 */

/** 4-20 mA with NE 43 bands, 0-10 V, or `direct`: recorded engineering values, scaled by nothing. */
export type AnalogKind = 'current' | 'voltage' | 'direct';

/** A contact has a level; a pulse line is counted. */
export type DigitalKind = 'contact' | 'pulse';

/** An analog line. */
export interface AnalogConfiguration {
  readonly name: string;
  readonly kind: AnalogKind;
  /** Unit of the engineering value, as SenML names it (RFC 8428 section 12.1) where it does. */
  readonly unit: string;
  /** Converter counts at 4 mA (0 V) and at 20 mA (10 V). Ignored for `direct`. */
  readonly countsLow: number;
  readonly countsHigh: number;
  /** Engineering value at 4 mA (0 V) and at 20 mA (10 V). Ignored for `direct`. */
  readonly low: number;
  readonly high: number;
  /** Smallest step of the engineering value: one converter count, or the resolution of a recording. 0: unknown. */
  readonly resolution: number;
  /** Alarm limits stated by the installer in engineering units; null: none. */
  readonly lowLimit: number | null;
  readonly highLimit: number | null;
}

/** A digital line. */
export interface DigitalConfiguration {
  readonly name: string;
  readonly kind: DigitalKind;
  /** A level must hold this long to count, in milliseconds. */
  readonly debounceMs: number;
}

/**
 * A PLC output and the line that must answer it. The lines' kinds say what kind of pair it is: contact to contact,
 * contact to analog value, analog command to analog feedback. An analog order is never answered by a contact.
 */
export interface PairConfiguration {
  readonly name: string;
  /** Channel numbers. */
  readonly order: number;
  readonly execution: number;
  /** True when the execution contact opens as the order closes. Of analog executions the direction is learned. */
  readonly isInverted: boolean;
}

/** A contact that must stand at a level, 0 or 1. */
export interface InterlockOutput {
  readonly channel: number;
  readonly level: number;
}

/**
 * A condition that must bring outputs to levels: "a trip means that these outputs drop". One of `level` (of a contact),
 * `above` and `below` (of an analog channel, engineering units) states the condition; the others are null.
 */
export interface InterlockConfiguration {
  readonly name: string;
  /** The channel of the condition. */
  readonly channel: number;
  readonly level: number | null;
  readonly above: number | null;
  readonly below: number | null;
  readonly outputs: readonly InterlockOutput[];
  /** Time that the outputs have, in milliseconds; null: what was learned, or a second where nothing was. */
  readonly withinMs: number | null;
}

/** A machine cycle starts with every block that does not continue the one before: recordings of single cycles. */
export const CYCLE_AT_GAP = -1;

/** Everything the installer states. */
export interface Configuration {
  readonly analog: readonly AnalogConfiguration[];
  readonly digital: readonly DigitalConfiguration[];
  readonly pairs: readonly PairConfiguration[];
  /** Absent: none. */
  readonly interlocks?: readonly InterlockConfiguration[];
  /**
   * Where a cycle of a cyclic machine starts: the contact whose rising edge orders it (the level must last a row of the
   * models), or CYCLE_AT_GAP; null: the machine has no cycle.
   */
  readonly cycleStart: number | null;
  /** Period of a block, in microseconds: 10000 on boards. */
  readonly blockUs: number;
  /** Samples of a channel in a full block: 10 on boards. */
  readonly blockSamples: number;
  /** Blocks per step of the analog models: 10 on boards (10 Hz). */
  readonly modelBlocks: number;
  /** Blocks of the learning phase. */
  readonly learnBlocks: number;
  /** The alarm budget that thresholds are set for. */
  readonly falseAlarmsPerDay: number;
  /** Neighbours of a channel in the residual model, at most. */
  readonly neighboursMax: number;
  /** Learn which slopes come with which contacts: 2 KB per analog channel, much more while learning. Not for boards. */
  readonly hasOccupancy: boolean;
  /** Period of heartbeat and readings frames, in milliseconds. */
  readonly heartbeatMs: number;
  readonly readingsMs: number;
  /** RS-485 address, 1 to 247. */
  readonly address: number;
  /** One-way: the board hears nothing on any link and sends each frame so many times. Absent or 0: it listens. */
  readonly oneWayTimes?: number;
  /**
   * Samples kept as evidence of each channel of an incident: so many milliseconds before its onset, and after. Absent
   * or 0: none. Not for boards: they have no memory for samples, and what is asked for in vain is told as lost.
   */
  readonly rawBeforeMs?: number;
  readonly rawAfterMs?: number;
}
