/** What a digital line is to the detectors of contacts, as the wiring states it. */
import type { Configuration } from '../config/configuration.js';

/** A contact in the field, an order of the PLC (the first of a pair), a line whose pulses are counted. */
export const LINE_CONTACT = 0;
export const LINE_ORDER = 1;
export const LINE_PULSE = 2;

/** True for every digital line that is an order or its execution. @offStep runs once at start. */
export function pairedLines(c: Configuration): boolean[] {
  const first = c.analog.length;
  return c.digital.map((_, i) => c.pairs.some((pair) => pair.order === first + i || pair.execution === first + i));
}

/** LINE_* of every digital line. @offStep runs once at start. */
export function lineKinds(c: Configuration): number[] {
  const kinds = c.digital.map((line) => (line.kind === 'pulse' ? LINE_PULSE : LINE_CONTACT) as number);
  for (let i = 0; i < c.pairs.length; i++) {
    const line = c.pairs[i].order - c.analog.length;
    if (line >= 0) kinds[line] = LINE_ORDER;
  }
  return kinds;
}
