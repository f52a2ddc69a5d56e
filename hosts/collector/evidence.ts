/** Rebuilds what an evidence frame holds (frames.cddl, evidence-body): for the collector, for plots and for tests. */
import { type RawEdge, rawAnalog, rawContact } from './raw-evidence.js';
import { varints } from './varints.js';
import type { LabelMap } from './verify.js';

/**
 * Extremes of an analog channel in one point, or level and edges of a contact; or the samples of either, a point each, whose
 * smallest and largest are one. Null: no samples.
 */
export interface Stretch {
  readonly channel: number;
  readonly periodUs: number;
  readonly fromUs: number;
  readonly min?: readonly (number | null)[];
  readonly max?: readonly (number | null)[];
  /** The same in converter counts. */
  readonly minCounts?: readonly (number | null)[];
  readonly maxCounts?: readonly (number | null)[];
  readonly level?: readonly (number | null)[];
  readonly edges?: readonly (number | null)[];
  /** Where it is of samples: how many are missing of those that were wanted. */
  readonly missing?: number;
  /** Where it is of a contact's samples. */
  readonly edgeTimes?: readonly RawEdge[];
}

type Numbers = (number | null)[];

/** No frame has room for more; a contact's are few bytes, however many it claims. */
const RAW_SAMPLES_MAX = 65536;

/** Throws when the body is not as the contract says. */
export function rebuildEvidence(body: LabelMap): Stretch {
  const [channel, periodUs, fromUs, points] = [3, 4, 5, 6].map((label) => whole(body.get(label)));
  const head = { channel, periodUs, fromUs };
  const scaled = scaleOf(body.get(8));
  if (body.has(9)) return { ...head, missing: whole(body.get(10)), ...rawOf(bytesOf(body.get(9)), points, scaled) };
  const bytes = bytesOf(body.get(7));
  if (scaled === undefined) return { ...head, ...contactOf(bytes, points) };
  const { minCounts, maxCounts } = analogOf(bytes, points);
  return { ...head, min: scaled(minCounts), max: scaled(maxCounts), minCounts, maxCounts };
}

function bytesOf(value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new Error('evidence: no points');
  return value;
}

/** From counts to engineering values; undefined: it is of a contact. */
function scaleOf(scale: unknown): ((all: Numbers) => Numbers) | undefined {
  if (scale === undefined) return undefined;
  if (!Array.isArray(scale) || scale.length !== 4) throw new Error('evidence: no scale');
  const [counts, counts2, value, value2] = scale as number[];
  return (all) => all.map((n) => (n === null ? null : value + ((n - counts) * (value2 - value)) / (counts2 - counts)));
}

function rawOf(bytes: Uint8Array, points: number, scaled: ((all: Numbers) => Numbers) | undefined) {
  if (points > RAW_SAMPLES_MAX) throw new Error('evidence: more samples than a frame has');
  if (scaled === undefined) {
    const { samples: level, edges: edgeTimes } = rawContact(bytes, points);
    return { level, edgeTimes };
  }
  const counts = rawAnalog(bytes, points);
  const values = scaled(counts);
  return { min: values, max: values, minCounts: counts, maxCounts: counts };
}

function whole(value: unknown): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw new Error('evidence: a label is no number');
  return value as number;
}

function analogOf(bytes: Uint8Array, points: number): { minCounts: Numbers; maxCounts: Numbers } {
  const from = varints(bytes);
  const minCounts: Numbers = [];
  const maxCounts: Numbers = [];
  let min = 0;
  for (let i = 0; i < points; i++) {
    const width = from.next() - 1;
    if (width >= 0) {
      const step = from.next();
      min += step % 2 === 0 ? step / 2 : -(step + 1) / 2;
    }
    minCounts.push(width < 0 ? null : min);
    maxCounts.push(width < 0 ? null : min + width);
  }
  if (!from.isAtEnd()) throw new Error('evidence: more than its points');
  return { minCounts, maxCounts };
}

function contactOf(bytes: Uint8Array, points: number): { level: Numbers; edges: Numbers } {
  const from = varints(bytes);
  const level: Numbers = [];
  const edges: Numbers = [];
  while (level.length < points) {
    const run = from.next();
    const code = from.next() - 1;
    if (run === 0 || run > points - level.length) throw new Error('evidence: a run too long');
    for (let i = 0; i < run; i++) {
      level.push(code < 0 ? null : code % 2);
      edges.push(code < 0 ? null : Math.floor(code / 2));
    }
  }
  if (!from.isAtEnd()) throw new Error('evidence: more than its points');
  return { level, edges };
}
