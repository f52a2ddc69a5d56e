/** Rebuilds the samples that an evidence frame holds (frames.cddl, label 9 of evidence-body). */
import { varints } from './varints.js';

const STATES = 3;

/** Samples of an analog channel in converter counts; null: none was taken. Throws when the bytes are not as they should. */
export function rawAnalog(bytes: Uint8Array, samples: number): (number | null)[] {
  const from = varints(bytes);
  const counts: (number | null)[] = [];
  let last = 0;
  for (let i = 0; i < samples; i++) {
    const step = from.next() - 1;
    if (step >= 0) last += step % 2 === 0 ? step / 2 : -(step + 1) / 2;
    counts.push(step < 0 ? null : last);
  }
  if (!from.isAtEnd()) throw new Error('evidence: more than its samples');
  return counts;
}

/** An edge of a contact: the sample that has the new level first, counted from 0; null: from here on there are none. */
export interface RawEdge {
  readonly sample: number;
  readonly level: number | null;
}

/** Level of a contact at each sample, and its edges. Throws when the bytes are not as they should. */
export function rawContact(bytes: Uint8Array, samples: number): { samples: (number | null)[]; edges: RawEdge[] } {
  const from = varints(bytes);
  const levelOf = (state: number) => (state === 0 ? null : state - 1);
  const first = from.next();
  if (first >= STATES) throw new Error('evidence: a contact in no state');
  const levels: (number | null)[] = new Array(samples).fill(levelOf(first));
  const edges: RawEdge[] = [];
  let sample = 0;
  while (!from.isAtEnd()) {
    const change = from.next();
    const level = levelOf(change % STATES);
    sample += Math.floor(change / STATES);
    if (change < STATES || sample >= samples) throw new Error('evidence: an edge outside its samples');
    edges.push({ sample, level });
    levels.fill(level, sample);
  }
  return { samples: levels, edges };
}
