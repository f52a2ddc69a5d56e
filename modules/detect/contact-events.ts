/** What the detectors of contacts have in common: how long an event is told, and how large it can be. */

/** Rows for which what happened in one row is told. */
export const EVENT_ROWS = 10;
/** Distances count up to this. */
export const EVENT_SCORE_MAX = 8;
/** Contacts in one unit of work: as costly as a channel of the residual model. */
export const CONTACTS_PER_UNIT = 1;
/** Part of learning after which tails are collected. */
const SETTLED = 0.4;

/** True when enough was learned for distances from it to say something about those to come. */
export function isSettled(progress: number): boolean {
  return progress > SETTLED;
}
