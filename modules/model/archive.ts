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
  /** What was read back cannot be: the whole model is refused once the walk is over. */
  refuse(): void;
}

/** What has learned something that must survive a reset. Once learned, it stays as it is. */
export interface Archived {
  /** Pieces of bounded size; the same number before and after. */
  readonly archiveUnits: number;
  /** Carries piece `unit` to or from the archive, the same walk both ways. */
  archive(unit: number, archive: Archive): void;
}

/** A learned number of things, at most `most` (below 65536): what is read back can serve as a length or an index. */
export function archiveCount(archive: Archive, value: number, most: number): number {
  const count = archive.uint16(value);
  if (count <= most) return count;
  archive.refuse();
  return 0;
}

/** A number (0 to 65535) that must be read back as it is now. */
export function archiveSame(archive: Archive, value: number): void {
  if (archive.uint16(value) !== value) archive.refuse();
}
