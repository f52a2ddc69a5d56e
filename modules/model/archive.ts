/**
 * Carries what was learned to flash and back. The same walk over the same fields serves both directions: each call
 * returns its argument when saving and what was stored when loading, so that the two cannot disagree.
 *
 *     this.mean = archive.number(this.mean);
 */
export interface Archive {
  /** True while stored values are being read back. */
  readonly isLoading: boolean;
  /** A number, to the bit (binary64, NaN canonical). */
  number(value: number): number;
  /** Whole numbers 0 to 65535, and flags as 0 or 1. */
  uint16(value: number): number;
  /** Every element of a plain array, whose length stays (put it in the archive first where it is learned). */
  numbers(values: number[]): void;
  /** Every byte of an array of fixed length. */
  bytes(values: Uint8Array): void;
}
