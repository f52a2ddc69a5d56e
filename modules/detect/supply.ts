/**
 * A supply that falls: 24 V lines that open together, within less time than any contactor needs to follow its order.
 * At least half of the lines that were closed, three at least, and half of the closed contacts that the PLC does not
 * drive, one at least: a PLC that drops its outputs takes at most a contact with them that is as quick.
 * What falls shortly after an order does is its answer. No state.
 */
import type { ContactSignal } from '../condition/contact-signal.js';
import { LINE_ORDER } from './line-kind.js';

/** A contactor's auxiliary follows its coil after 8 ms at the earliest (IEC 60947-4-1 devices: 8 to 50 ms). */
const TOGETHER_US = 5_000;
/** Contactors and drives answer within this. */
const ANSWER_US = 100_000;
const LINES_MIN = 3;

/** True when lines have fallen together; asked in a block in which a debounced level has changed. */
export function hasSupplyFallen(contacts: readonly ContactSignal[], kinds: readonly number[]): boolean {
  let newestUs = -Infinity;
  for (let i = 0; i < contacts.length; i++) {
    const contact = contacts[i];
    if (contact.hasChanged === 1 && contact.level === 0 && contact.changedAtUs > newestUs)
      newestUs = contact.changedAtUs;
  }
  if (newestUs === -Infinity) return false;
  let fallen = 0;
  let closed = 0;
  let undriven = 0;
  let undrivenClosed = 0;
  for (let i = 0; i < contacts.length; i++) {
    const contact = contacts[i];
    const distanceUs = contact.changedAtUs - newestUs;
    if (contact.level === 1) {
      closed++;
      if (kinds[i] !== LINE_ORDER) undrivenClosed++;
    } else if (contact.level === 0 && distanceUs <= TOGETHER_US && distanceUs >= -TOGETHER_US) {
      fallen++;
      if (kinds[i] !== LINE_ORDER) undriven++;
    } else if (contact.level === 0 && kinds[i] === LINE_ORDER && distanceUs < 0 && distanceUs > -ANSWER_US)
      return false;
  }
  return fallen >= LINES_MIN && fallen >= closed && undriven > 0 && undriven >= undrivenClosed;
}
