/** Quality of a value, as OPC UA and NAMUR NE 107 grade it: it travels with the value through every stage. */
export const QUALITY_GOOD = 0;
/** Usable to look at, not to learn from. */
export const QUALITY_UNCERTAIN = 1;
/** No measurement: wire break, short, nothing sampled. */
export const QUALITY_BAD = 2;
