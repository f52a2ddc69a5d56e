/** What the wires and the PLC see of any plant. */
export interface Plant {
  /** Measured quantities in engineering units, one per loop. */
  readonly values: readonly number[];
  /** Position of each contact (1 closed, 0 open), one per 24 V line; 0 where the PLC drives the line. */
  readonly contacts: readonly number[];
  /** One millisecond on under the PLC's outputs, one per 24 V line. */
  step(outputs: readonly number[]): void;
}
