/**
 * The place of evidence frames (kind 3) in the report: their min/max series, finer than readings, one plot per channel and
 * period. Until the collector rebuilds them they are counted and named by their sequence numbers, and readings are drawn.
 */
import type { Frame } from '../verify.js';

/** What the report says of the evidence frames of an incident. */
export function evidenceText(evidence: readonly Frame[]): string {
  if (evidence.length === 0) return 'No evidence frames of this incident are stored.';
  const sequences = evidence.map(({ sequence }) => sequence).join(', ');
  return `${evidence.length} evidence frames of this incident are stored (sequence numbers ${sequences}).`;
}
