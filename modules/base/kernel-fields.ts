/** How the numbers lie that the kernels (`kernels.ts`) work on. */

/** What is kept of an analog line: quiet between these counts; since the row began sum of means, smallest, largest. */
export const LINE_FIELDS = 6;
export const LINE_QUIET_LOW = 0;
export const LINE_QUIET_HIGH = 1;
export const LINE_SUM = 2;
export const LINE_LOWEST = 3;
export const LINE_HIGHEST = 4;
/** Mean of the block. */
export const LINE_MEAN = 5;

/** What is kept of a contact: the level while it is settled, else -2; samples that were high since the row began. */
export const CONTACT_FIELDS = 2;
export const CONTACT_SETTLED = 0;
export const CONTACT_HIGH = 1;

/** Bins of a histogram, its largest count, and fields of its state: samples, the quantile's bin, samples below it. */
export const HISTOGRAM_BINS = 80;
export const HISTOGRAM_COUNT_MAX = 65_535;
export const HISTOGRAM_FIELDS = 3;
