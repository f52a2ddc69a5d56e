/** Rebuilds what an evidence frame holds (frames.cddl, evidence-body): for the collector, for plots and for tests. */
import type { LabelMap } from './verify.js';

/** Extremes of an analog channel in one point, or level and edges of a contact; null: no samples. */
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
}

type Numbers = (number | null)[];

/** Throws when the body is not as the contract says. */
export function rebuildEvidence(body: LabelMap): Stretch {
  const [channel, periodUs, fromUs, points] = [3, 4, 5, 6].map((label) => whole(body.get(label)));
  const bytes = body.get(7);
  if (!(bytes instanceof Uint8Array)) throw new Error('evidence: no points');
  const scale = body.get(8);
  const head = { channel, periodUs, fromUs };
  if (scale === undefined) return { ...head, ...contactOf(bytes, points) };
  if (!Array.isArray(scale) || scale.length !== 4) throw new Error('evidence: no scale');
  const [counts, counts2, value, value2] = scale as number[];
  const scaled = (all: Numbers) =>
    all.map((n) => (n === null ? null : value + ((n - counts) * (value2 - value)) / (counts2 - counts)));
  const { minCounts, maxCounts } = analogOf(bytes, points);
  return { ...head, min: scaled(minCounts), max: scaled(maxCounts), minCounts, maxCounts };
}

function whole(value: unknown): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw new Error('evidence: a label is no number');
  return value as number;
}

/** Reads varints one after the other; throws behind the end. */
function reader(bytes: Uint8Array): { next(): number; isAtEnd(): boolean } {
  let at = 0;
  return {
    next() {
      let value = 0;
      for (let factor = 1; ; factor *= 128) {
        if (at >= bytes.length || factor > 2 ** 28) throw new Error('evidence: the points are cut short');
        const byte = bytes[at++];
        value += (byte & 127) * factor;
        if (byte < 128) return value;
      }
    },
    isAtEnd: () => at === bytes.length,
  };
}

function analogOf(bytes: Uint8Array, points: number): { minCounts: Numbers; maxCounts: Numbers } {
  const from = reader(bytes);
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
  const from = reader(bytes);
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
